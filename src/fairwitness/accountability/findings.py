"""What an audit finds: one thing that is not as it must be, with a stable code."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        part: which part of the audit: `log`, `rows`, `vault`, `keys`, `deletion` or `figures`.
        code: stable, `area.what`.
        about: the custody subject or blob that it is about; empty when about no single one.
        message: a sentence for the person who has to look.
        lost: it means that a living recording can't be opened whole.
        deep: only reading the bytes back has shown it.
    """

    part: str
    code: str
    about: str
    message: str
    lost: bool = False
    deep: bool = False
