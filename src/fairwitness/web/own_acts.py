"""What somebody did last, from the entries that they left in the custody log."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fairwitness.custody import ledger
from fairwitness.custody.reading import HistoryRow
from fairwitness.evidence import history, wording
from fairwitness.evidence.models import Recording
from fairwitness.evidence.wording import Told
from fairwitness.force import authority
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.web import seen_rows, times, visits

SHOWN: Final = 6
_LOOKED_AT: Final = 60
_QUIET: Final = frozenset(
    {
        Act.RECORDING_HISTORY_READ,
        Act.RECORDING_LISTED,
        Act.RECORDING_SEARCHED,
        Act.SESSION_SIGNED_IN,
        Act.SESSION_SIGNED_OUT,
    }
)
"""What comes with nearly every visit, and would hide the rest."""

_SAID_NO: Final = frozenset({Act.RECORDING_DELETION_REFUSED, Act.REQUEST_REFUSED})
"""Refusals that somebody gave, not got."""


@dataclass(frozen=True, slots=True)
class Done:
    """One act in words.

    Attributes:
        iso: when, for machines.
        moment: when.
        words: what.
        label: of what, where it has a page.
        href: that page.
        refused: it was asked for and not given.
    """

    iso: str
    moment: str
    words: str
    label: str
    href: str
    refused: bool


def last(visit: visits.SignedVisit) -> list[Done]:
    """The last things this visitor did, newest first; a few queries."""
    rows = ledger.search(actor=authority.text(visit.officer), limit=_LOOKED_AT)
    rows = [row for row in rows if row.entry.act not in _QUIET][:SHOWN]
    references, open_to = _recordings(visit, rows)
    names = history.names(rows)
    done = []
    for row in rows:
        label, href = _page(row, references, open_to)
        done.append(
            Done(
                iso=row.entry.at.isoformat(),
                moment=times.near_moment(row.entry.at, at=visit.at),
                words=_words(row, names),
                label=label,
                href=href,
                refused=row.entry.act.is_refusal and row.entry.act not in _SAID_NO,
            )
        )
    return done


def _recordings(
    visit: visits.SignedVisit, rows: Iterable[HistoryRow]
) -> tuple[dict[str, str], set[str]]:
    """The numbers of the recordings that these are about, and which of them open to the visitor."""
    subjects = [row.entry.subject for row in rows if row.entry.subject.startswith("recording:")]
    ids = [UUID(subject.partition(":")[2]) for subject in subjects]
    found = list(Recording.objects.filter(pk__in=ids).only("reference", "wearer"))
    seen = seen_rows.of(visit, ids)
    mine = {row.pk for row in found if row.wearer_id == visit.officer.pk}
    open_to = {recording_subject(pk) for pk in seen | mine}
    return {recording_subject(row.pk): row.reference for row in found}, open_to


def _page(row: HistoryRow, references: dict[str, str], open_to: set[str]) -> tuple[str, str]:
    """What it was about, and where that is; of what does not open any more, its number alone."""
    subject = row.entry.subject
    kind, _, pk = subject.partition(":")
    if subject in open_to:
        return references[subject], f"/recordings/{pk}"
    if subject in references:
        return "" if row.entry.act.is_refusal else references[subject], ""
    places = {"hold": ("Holds", "/holds"), "case": ("The case", f"/cases/{pk}")}
    return places.get(kind, ("", ""))


def _words(row: HistoryRow, names: dict[str, str]) -> str:
    act = row.entry.act
    if row.body is None:
        return f"{_name(act)}."
    if act.is_refusal and act not in _SAID_NO:
        return f"You were refused: {row.body.reason}"
    told = Told(
        who="You",
        reason=row.body.reason,
        detail=row.body.detail,
        name=lambda of: names.get(str(of), "somebody"),
    )
    if wording.tells(act):
        return wording.sentence(act, told)
    reason = row.body.reason.strip().rstrip(".")
    return f"{_name(act)}." + (f" Reason: {reason}." if reason else "")


def _name(act: Act) -> str:
    return f"{act.subject} {act.verb}".replace("_", " ").capitalize()
