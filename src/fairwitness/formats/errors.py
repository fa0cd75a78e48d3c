"""What every reader of a format raises, whatever the input: `FormatError`, and nothing else."""

from typing import ClassVar

from fairwitness.errors import FairwitnessError


class FormatError(FairwitnessError):
    """Bytes or values that are not what the format says they must be.

    The code is narrowed per format where it is raised: `format.statement`, `format.custody` ...
    """

    code: ClassVar[str] = "format.invalid"
