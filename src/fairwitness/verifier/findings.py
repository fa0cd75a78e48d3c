"""What a check finds: that something holds, has been changed, or can't be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from fairwitness.formats.checkpoint import LogUnknown
from fairwitness.formats.errors import FormatError
from fairwitness.formats.keys import KeyUnknown
from fairwitness.formats.note import NoteUnsigned

TITLES: Final[Mapping[int, str]] = MappingProxyType(
    {
        1: "All files are here, and no others",
        2: "Each file is the one listed",
        3: "The list is signed by the force",
        4: "The master is what its camera signed",
        5: "The receipt is for these bytes, and in the log",
        6: "The history is whole, and in the log",
        7: "The log is signed, and seen by its witnesses",
        8: "The working copy was made from the master",
        9: "The page and its facts agree with what was signed",
        10: "The signatures inside the video hold",
    }
)
"""The numbered checks. A number is never given to another check."""

_RECEIPT_KEY: Final = "receipt.key"


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    CHANGED = "changed"
    UNKNOWN = "cannot_be_checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one numbered check found, of the whole bundle or of one exhibit.

    Attributes:
        number: which check.
        outcome: how it ended.
        sentence: that in words.
        exhibit: reference of the exhibit; None when it is about the whole bundle.
        where: the files that the finding is about.
        notes: what a reader should know though it changes nothing.
    """

    number: int
    outcome: Outcome
    sentence: str
    exhibit: str | None = None
    where: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a check did not pass."""

    outcome: Outcome
    sentence: str
    where: tuple[str, ...] = ()


def day(at: datetime) -> str:
    """A day in words, `9 June 2017`."""
    return f"{at.day} {at:%B %Y}"


def changed(sentence: str, *where: str) -> Fault:
    """Something is not what was signed."""
    return Fault(Outcome.CHANGED, sentence, where)


def unknown(sentence: str, *where: str) -> Fault:
    """Something can't be told, with what the reader was given."""
    return Fault(Outcome.UNKNOWN, sentence, where)


def from_error(error: FormatError, *where: str) -> Fault:
    """What a format's refusal means for its reader.

    A signer that the trust list does not know, or knows as no longer valid, can't be told; all else
    that a reader refuses has been changed, since nobody signs what does not read.
    """
    stranger = isinstance(error, KeyUnknown | NoteUnsigned | LogUnknown)
    if stranger or error.stable_code == _RECEIPT_KEY:
        return unknown(error.message, *where)
    return changed(error.message, *where)


def conclude(
    number: int,
    faults: list[Fault],
    *,
    passed: str,
    exhibit: str | None = None,
    notes: tuple[str, ...] = (),
) -> Finding:
    """The finding of a check from its faults: the worst of them counts, all are told."""
    if not faults:
        return Finding(
            number=number, outcome=Outcome.PASSED, sentence=passed, exhibit=exhibit, notes=notes
        )
    worst = Outcome.UNKNOWN
    if any(fault.outcome is Outcome.CHANGED for fault in faults):
        worst = Outcome.CHANGED
    return Finding(
        number=number,
        outcome=worst,
        sentence=" ".join(dict.fromkeys(fault.sentence for fault in faults)),
        exhibit=exhibit,
        where=tuple(dict.fromkeys(path for fault in faults for path in fault.where)),
        notes=notes,
    )
