"""Dip samples for programs: how each was drawn, what waits for a look, and the form of a look.

A machine account looks at nothing: the form takes a person who watched it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db.models import Count, Q

from fairwitness.api.machines import cursors, named
from fairwitness.api.machines.operation import Call, Operation, not_here
from fairwitness.evidence import circle
from fairwitness.force.asking import Action, Subject
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import desk_sight, sampling
from fairwitness.retention.models import DipSample, Drawn
from fairwitness.retention.samples import Conduct, Listed, Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRow:
    """A unit's draw for a month; `sha256` is of its list, the seed is the tree's size and root."""

    id: UUID
    unit: str
    month: date
    listed_at: datetime
    listed: int
    sha256: str
    leaf: str
    drawn_at: datetime | None
    tree_size: int | None
    root: str
    drawn: int
    looked_at: int


@dataclass(frozen=True, slots=True)
class SamplePage:
    """One page of samples, those listed last first."""

    items: tuple[SampleRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnRow:
    """A recording that was drawn, and by whom it was looked at."""

    id: UUID
    sample: UUID
    recording: UUID
    reference: str
    lot: str
    looked_at: datetime | None
    looked_by: str | None


@dataclass(frozen=True, slots=True)
class SampleWhole:
    """A sample, what was drawn, what was passed over, and the list that it was drawn from."""

    sample: SampleRow
    drawn: tuple[DrawnRow, ...]
    passed_over: tuple[UUID, ...]
    population: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """One page of what waits for a look."""

    items: tuple[DrawnRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one saw: people told, started in time, ran to the end; conduct, and what to learn."""

    told: Seen
    in_time: Seen
    to_the_end: Seen
    conduct: Conduct
    learning: str = ""


def _row(sample: DipSample) -> SampleRow:
    return SampleRow(
        id=sample.pk,
        unit=sample.unit.code,
        month=sample.month,
        listed_at=sample.listed_at,
        listed=int(getattr(sample, "listed", 0)),
        sha256=sample.digest,
        leaf=sample.leaf,
        drawn_at=sample.drawn_at,
        tree_size=sample.tree_size,
        root=sample.root,
        drawn=int(getattr(sample, "total", 0)),
        looked_at=int(getattr(sample, "done", 0)),
    )


_COUNTED: Final = DipSample.objects.select_related("unit").annotate(
    listed=Listed(),
    total=Count("drawn"),
    done=Count("drawn", filter=Q(drawn__looked_at__isnull=False)),
)


def _drawn(each: Drawn) -> DrawnRow:
    return DrawnRow(
        id=each.pk,
        sample=each.sample_id,
        recording=each.recording_id,
        reference=each.recording.reference,
        lot=each.lot,
        looked_at=each.looked_at,
        looked_by=named.collar(each.looked_by),
    )


def _listing(call: Call) -> SamplePage:
    units = call.reach(Action.CHECK_SAMPLE)
    rows = _COUNTED.defer("population")
    if units is not None:
        rows = rows.filter(unit__code__in=units)
    found, after = cursors.by_time(rows, call, "listed_at")
    return SamplePage(tuple(map(_row, found)), after)


def _show(call: Call) -> SampleWhole:
    sample = _COUNTED.filter(pk=call.id).first()
    subject = Subject(unit=sample.unit.code if sample else None)
    seen = call.allows(Action.CHECK_SAMPLE, about=f"sample:{call.id}", subject=subject)
    if sample is None or not seen:
        raise not_here()
    drawn = sample.drawn.select_related("recording", "looked_by").order_by("lot")
    return SampleWhole(
        _row(sample),
        tuple(map(_drawn, drawn)),
        tuple(map(UUID, sample.passed_over)),
        tuple(map(UUID, sample.population)),
    )


def _waiting(call: Call) -> DrawnPage:
    call.reach(Action.CHECK_SAMPLE)
    rows = desk_sight.drawn(call.facts).select_related("recording", "looked_by")
    found, after = cursors.by_key(rows, call)
    call.note(of="dip sample", shown=len(found))
    return DrawnPage(tuple(map(_drawn, found)), after)


def _look(call: Call) -> DrawnRow:
    call.demand_person()
    said = call.taken(Look)
    rows = Drawn.objects.select_related("recording__unit", "hold", "looked_by")
    drawn = rows.filter(pk=call.id).first()
    subject, about = Subject(), "force"
    if drawn is not None:
        about = recording_subject(drawn.recording_id)
        subject = circle.subject_of(recording=drawn.recording, at=call.at, asking=call.officer.pk)
    if not call.allows(Action.CHECK_SAMPLE, about=about, subject=subject) or drawn is None:
        raise not_here()
    form = sampling.Form(said.told, said.in_time, said.to_the_end, said.conduct, said.learning)
    sampling.fill_in(drawn=drawn, form=form, officer=call.officer, at=call.at)
    return _drawn(rows.get(pk=call.id))


_READ: Final = Scope.RECORDINGS_READ

OPERATIONS: Final = (
    Operation(
        name="listSamples",
        method="GET",
        path="/samples",
        says="List the dip samples of the units that one supervises.",
        scope=_READ,
        run=_listing,
        gives=SamplePage,
        query=cursors.PARAMETERS,
    ),
    Operation(
        name="showSample",
        method="GET",
        path="/samples/{id}",
        says="Tell how a sample was drawn, so that anybody can draw it again.",
        scope=_READ,
        run=_show,
        gives=SampleWhole,
    ),
    Operation(
        name="listDrawn",
        method="GET",
        path="/drawn",
        says="List what was drawn and waits for this account's look.",
        scope=_READ,
        run=_waiting,
        gives=DrawnPage,
        query=cursors.PARAMETERS,
        writes=Act.RECORDING_LISTED,
    ),
    Operation(
        name="lookAtDrawn",
        method="POST",
        path="/drawn/{id}/look",
        says="Say what one saw in a recording that was drawn; its hold lifts with that.",
        scope=Scope.RECORDINGS_WRITE,
        run=_look,
        takes=Look,
        gives=DrawnRow,
        writes=Act.RECORDING_REVIEWED,
    ),
)
