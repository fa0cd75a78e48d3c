"""One line of *About it*, for whoever has something to say about a recording."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of *About it*."""

    name: str
    value: str
    note: str = ""
    code: str = ""
