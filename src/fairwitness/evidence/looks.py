"""Who looked at a recording: its viewings, told person by person.

The wearer is told of colleagues, never of professional standards or oversight; the rest of the
force not of what oversight did apart from it. The same entries are left out here as in the history,
by the same functions.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fairwitness.custody import ledger
from fairwitness.evidence import history
from fairwitness.evidence.models import Recording
from fairwitness.force import authority
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import Body, recording_subject

_LOOKS = (Act.RECORDING_VIEWED, Act.RECORDING_VIEW_REFUSED)


@dataclass(frozen=True, slots=True)
class Look:
    """One time that somebody watched it, or asked to and was refused.

    Attributes:
        at: when.
        who: in words.
        what_for: the task and its reference, or why it was refused.
        refused: it was not shown.
    """

    at: datetime
    who: str
    what_for: str
    refused: bool


def of(*, recording: Recording, reader: Officer, at: datetime) -> list[Look]:
    """Every look that this reader is told of, newest first.

    Whether they may read the history at all is for the caller to have asked.
    """
    told = history.shown(recording, to_wearer=recording.wearer_id == reader.pk)
    rows = [row for row in told if row.entry.act in _LOOKS and row.body is not None]
    apart = history.withheld(rows, reader, at)
    rows = [row for row in rows if row.entry_id not in apart]
    called = history.names(rows)
    return [
        Look(
            at=row.entry.at,
            who=called.get(row.body.actor, "somebody") if row.body else "",
            what_for=_what_for(row.body) if row.body else "",
            refused=row.entry.act.is_refusal,
        )
        for row in reversed(rows)
    ]


def watched(*, recording: UUID, officer: Officer, since: datetime) -> bool:
    """Whether this officer has watched it since then; a still in a list is not watching."""
    found = ledger.search(
        actor=authority.text(officer),
        act=Act.RECORDING_VIEWED,
        subject=recording_subject(recording),
        since=since,
        limit=100,
    )
    return any(row.body is None or "only" not in row.body.detail for row in found)


def _what_for(body: Body) -> str:
    return f"{body.reason} (a still in a list)" if "only" in body.detail else body.reason
