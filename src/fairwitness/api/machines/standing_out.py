"""What stands out, for programs: the questions that wait, those that were closed; closing one.

Nobody is given a question about themselves, nor one about who looks at what they recorded. Closing
one takes a person, who looked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fairwitness.accountability import log_reading, standing_out
from fairwitness.accountability.anomaly_rows import Anomaly
from fairwitness.api.exchange import RequestRefused
from fairwitness.api.machines import cursors, named
from fairwitness.api.machines.operation import Call, Operation, Parameter, not_here
from fairwitness.force.models import Camera, Officer
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """A question about an officer or a camera, or about the force where neither is named.

    `concerns` is whose footage it is about.
    """

    number: int
    kind: str
    officer: str | None
    camera: str | None
    concerns: str | None
    counted: int
    found_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    note: str


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """One page of questions, the oldest first."""

    items: tuple[QuestionRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Note:
    """What one looked at, and what one found."""

    note: str


def _rows(found: Iterable[Anomaly]) -> tuple[QuestionRow, ...]:
    rows = tuple(found)
    ids = {each for row in rows for each in (row.about, row.concerns) if each}
    people = {one.pk: one.collar_number for one in Officer.objects.filter(pk__in=ids)}
    cameras = {one.pk: one.serial for one in Camera.objects.filter(pk__in=ids - people.keys())}
    return tuple(_row(row, people, cameras) for row in rows)


def _row(row: Anomaly, people: Mapping[UUID, str], cameras: Mapping[UUID, str]) -> QuestionRow:
    return QuestionRow(
        number=row.pk,
        kind=row.kind,
        officer=people.get(row.about),
        camera=cameras.get(row.about),
        concerns=people.get(row.concerns) if row.concerns else None,
        counted=row.number,
        found_at=row.found_at,
        closed_at=row.closed_at,
        closed_by=named.collar(row.closed_by),
        note=row.note,
    )


def _listing(call: Call) -> QuestionPage:
    which = call.one("which") or "open"
    if which not in {"open", "closed"}:
        raise RequestRefused("which is open or closed.", code="request.query")
    log_reading.demand(officer=call.officer, at=call.at)
    asked = standing_out.open_ones if which == "open" else standing_out.closed_ones
    rows = asked(reader=call.officer, at=call.at).select_related("closed_by")
    found, after = cursors.by_number(rows, call)
    standing_out.note_reading(reader=call.officer, shown=len(found), at=call.at)
    return QuestionPage(_rows(found), after)


def _close(call: Call) -> QuestionRow:
    call.demand_person()
    log_reading.demand(officer=call.officer, at=call.at)
    waiting = standing_out.open_ones(reader=call.officer, at=call.at)
    if not waiting.filter(pk=call.number).exists():
        raise not_here()
    note = call.taken(Note).note
    standing_out.close(anomaly=call.number, officer=call.officer, note=note, at=call.at)
    (row,) = _rows([Anomaly.objects.select_related("closed_by").get(pk=call.number)])
    return row


OPERATIONS: Final = (
    Operation(
        name="listStandsOut",
        method="GET",
        path="/stands-out",
        says="List what stands out: questions for whoever reads the whole force's log.",
        scope=Scope.STANDS_OUT_READ,
        run=_listing,
        gives=QuestionPage,
        query=(
            Parameter("which", "open, or closed; open when not said"),
            *cursors.PARAMETERS,
        ),
        writes=Act.LOG_READ,
    ),
    Operation(
        name="closeStandsOut",
        method="POST",
        path="/stands-out/{number}/close",
        says="As a person, say what one found; it is not asked again while the same counts.",
        scope=Scope.STANDS_OUT_WRITE,
        run=_close,
        takes=Note,
        gives=QuestionRow,
        writes=Act.AUDIT_FINDING_CLOSED,
    ),
)
