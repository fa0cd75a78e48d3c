"""What an audit of the custody log finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be.

    Attributes:
        check: the number of the check, as in `audit`.
        code: stable, `custody.what`.
        message: a sentence for the person who has to look.
        index: the leaf, where the finding is about one.
        subject: the subject, where it is about one.
    """

    check: int
    code: str
    message: str
    index: int | None = None
    subject: str | None = None
