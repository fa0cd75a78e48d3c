"""The one error that readers of our formats raise, whatever the input."""

from fairwitness.errors import FairwitnessError


class FormatError(FairwitnessError):
    """Bytes that are not what their format's specification allows.

    Every reader in `formats` raises this, or a subclass beside it, and nothing else. A subclass
    narrows the code: `format.statement`, `format.proof`, ...
    """

    code = "format.invalid"
