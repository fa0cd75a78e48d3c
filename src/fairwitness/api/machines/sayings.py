"""What officers say, for programs: of a recording, and of what they did not record; the lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fairwitness.api.exchange import RequestRefused
from fairwitness.api.machines import cursors, recordings
from fairwitness.api.machines.operation import Call, Operation
from fairwitness.force import permissions
from fairwitness.force.asking import Action
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.retention import categories, desk_sight, not_recording, reasons, saying
from fairwitness.retention.categories import CategoryFacts
from fairwitness.retention.models import NotRecorded, Said
from fairwitness.retention.saying_rows import Matter


@dataclass(frozen=True, slots=True)
class Choice:
    """A code, and what it says to people."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class FieldAsked:
    """One thing that a category asks to be typed."""

    code: str
    name: str
    kind: str
    needed: bool
    hint: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRow:
    """A category: how many days it keeps, null until a review decides, and what it asks."""

    code: str
    name: str
    days: int | None
    review_days: int | None
    fields: tuple[FieldAsked, ...]


@dataclass(frozen=True, slots=True)
class Lists:
    """What one chooses from: categories, and the reasons for each matter, `other` with words."""

    categories: tuple[CategoryRow, ...]
    told: tuple[Choice, ...]
    late: tuple[Choice, ...]
    early: tuple[Choice, ...]
    muted: tuple[Choice, ...]
    not_recorded: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SayingRow:
    """One thing said of a recording; `stands`: nothing was said of the same since.

    `field` is `category.field` where a field of a category is meant; an empty answer took back
    what was said before.
    """

    matter: str
    field: str
    answer: str
    words: str
    by: str
    at: datetime
    stands: bool


@dataclass(frozen=True, slots=True)
class Sayings:
    """All that was said of a recording, the last first."""

    recording: UUID
    items: tuple[SayingRow, ...]


@dataclass(frozen=True, slots=True)
class ReasonSaid:
    """A code of the list, and words; `other` needs them."""

    code: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class FieldSaid:
    """What is typed into a field of the recording's category."""

    field: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSayings:
    """What is said: people told, why late, early or muted, and the category's fields.

    What is left out stays as it was said; of the fields, all or none are given.
    """

    told: ReasonSaid | None = None
    late: ReasonSaid | None = None
    early: ReasonSaid | None = None
    muted: ReasonSaid | None = None
    fields: tuple[FieldSaid, ...] = ()


@dataclass(frozen=True, slots=True)
class NonUse:
    """That one recorded nothing at an incident: when, a code of the list, and one's own words.

    `instead_of` is what of one's own it corrects.
    """

    incident: str
    happened_at: datetime
    reason: str
    words: str = ""
    instead_of: UUID | None = None


@dataclass(frozen=True, slots=True)
class NonUseNoted:
    """That it was written down."""

    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NonUseRow:
    """That an officer recorded nothing at an incident, and why."""

    id: UUID
    officer: str
    incident: str
    happened_at: datetime
    reason: str
    words: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class NonUsePage:
    """One page of what stands, the last first."""

    items: tuple[NonUseRow, ...]
    next: str | None


def _lists(_call: Call) -> Lists:
    known = reasons.lists()
    of = {name: tuple(Choice(*each) for each in listed.items()) for name, listed in known.items()}
    table = sorted(categories.current().values(), key=lambda line: line.code)
    return Lists(
        categories=tuple(map(_category, table)),
        told=of[Matter.TOLD.value],
        late=of[Matter.LATE.value],
        early=of[Matter.EARLY.value],
        muted=of[Matter.MUTED.value],
        not_recorded=of[reasons.NOT_RECORDED],
    )


def _category(line: CategoryFacts) -> CategoryRow:
    return CategoryRow(
        code=line.code,
        name=line.name,
        days=line.days,
        review_days=line.review_days,
        fields=tuple(
            FieldAsked(each.code, each.name, each.kind, each.needed, each.hint, each.choices)
            for each in line.fields
        ),
    )


def _listing(call: Call) -> Sayings:
    found = recordings.alive(call, call.id)
    rows = saying.everything(found.pk)
    now = {row.pk for row in saying.newest(rows) if row.answer}
    return Sayings(found.pk, tuple(_row(row, stands=row.pk in now) for row in reversed(rows)))


def _row(row: Said, *, stands: bool) -> SayingRow:
    return SayingRow(
        matter=row.matter,
        field=row.field,
        answer=row.answer,
        words=row.words,
        by=row.by.collar_number,
        at=row.at,
        stands=stands,
    )


def _say(call: Call) -> Sayings:
    said = call.taken(NewSayings)
    found = recordings.alive(call, call.id)
    chosen: Mapping[Matter, ReasonSaid | None] = {
        Matter.TOLD: said.told,
        Matter.LATE: said.late,
        Matter.EARLY: said.early,
        Matter.MUTED: said.muted,
    }
    sayings = saying.of_reasons(
        {matter: (each.code, each.words) for matter, each in chosen.items() if each}
    )
    if said.fields:
        sayings += saying.of_fields(found.category, _typed(said, found.category))
    saying.say(recordings=[found.pk], sayings=sayings, officer=call.officer, at=call.at)
    return _listing(call)


def _typed(said: NewSayings, category: str) -> Mapping[str, str]:
    """What was typed, by field; a field that the category has not is no typing slip."""
    (line,) = categories.named((category,))
    unknown = {each.field for each in said.fields} - {field.code for field in line.fields}
    if unknown:
        raise RequestRefused(f"{line.name} has no field {min(unknown)[:40]}.", code="request.body")
    return {each.field: each.answer for each in said.fields}


def _not_recorded(call: Call) -> NonUsePage:
    rows = not_recording.mine(call.officer)
    if permissions.units_where(call.facts, Action.CHECK_SAMPLE) != frozenset():
        rows = rows | desk_sight.not_recorded(call.facts)
    found, after = cursors.by_time(rows.select_related("officer"), call, "at")
    return NonUsePage(tuple(map(_non_use, found)), after)


def _non_use(row: NotRecorded) -> NonUseRow:
    return NonUseRow(
        id=row.pk,
        officer=row.officer.collar_number,
        incident=row.incident,
        happened_at=row.happened_at,
        reason=row.reason,
        words=row.words,
        said_at=row.at,
    )


def _note(call: Call) -> NonUseNoted:
    call.demand_person()
    said = call.taken(NonUse)
    row = not_recording.note(
        officer=call.officer,
        incident=said.incident,
        happened_at=said.happened_at,
        reason=said.reason,
        words=said.words,
        at=call.at,
        instead_of=said.instead_of,
    )
    return NonUseNoted(row.pk)


_READ, _WRITE = Scope.RECORDINGS_READ, Scope.RECORDINGS_WRITE

OPERATIONS: Final = (
    Operation(
        name="readLists",
        method="GET",
        path="/lists",
        says="Give the categories with their fields, and the reasons to choose from.",
        scope=_READ,
        run=_lists,
        gives=Lists,
    ),
    Operation(
        name="listSayings",
        method="GET",
        path="/recordings/{id}/sayings",
        says="Tell what officers said of a recording, before and now.",
        scope=_READ,
        run=_listing,
        gives=Sayings,
    ),
    Operation(
        name="say",
        method="POST",
        path="/recordings/{id}/sayings",
        says="Say of a recording whether people were told, why late, early or muted, and what its"
        " category asks.",
        scope=_WRITE,
        run=_say,
        takes=NewSayings,
        gives=Sayings,
        status=201,
        writes=Act.RECORDING_ANNOTATED,
    ),
    Operation(
        name="listNotRecorded",
        method="GET",
        path="/not-recorded",
        says="List what one said of incidents that one did not record, and those one supervises.",
        scope=_READ,
        run=_not_recorded,
        gives=NonUsePage,
        query=cursors.PARAMETERS,
    ),
    Operation(
        name="noteNotRecorded",
        method="POST",
        path="/not-recorded",
        says="Say why one recorded nothing at an incident.",
        scope=_WRITE,
        run=_note,
        takes=NonUse,
        gives=NonUseNoted,
        status=201,
        writes=Act.OFFICER_NON_USE_NOTED,
    ),
)
