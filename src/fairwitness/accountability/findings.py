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
    """

    part: str
    code: str
    about: str
    message: str
