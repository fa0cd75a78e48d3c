"""What happened to a recording: its custody history, for people and entry by entry.

The wearer sees what colleagues did, never what professional standards or oversight did: an inquiry
must not announce itself. For the same reason the wearer's history ends with the day that the wearer
knows, whether the footage is truly gone or a silent hold keeps it, and its entries are numbered as
they are shown. Nothing is taken out of the log for that, only out of what is shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from fairwitness.custody import erasure, ledger, reading
from fairwitness.custody.reading import HistoryRow
from fairwitness.evidence import apart_from_force, wording
from fairwitness.evidence.access import VISIT
from fairwitness.evidence.models import Recording
from fairwitness.evidence.wording import Told
from fairwitness.force import authority
from fairwitness.force.asking import Role
from fairwitness.force.models import Camera, Dock, Officer, RoleGrant
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject

_QUIET = (Role.PROFESSIONAL_STANDARDS, Role.INDEPENDENT_INVESTIGATOR)


@dataclass(frozen=True, slots=True)
class Line:
    """One act in plain words, and when."""

    at: datetime
    text: str
    refused: bool


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry as the log has it: its number in this history, its public name and its place.

    What oversight did in a critical incident has a number and a name for the force, no act or time.
    """

    sequence: int
    act: str
    at: datetime | None
    leaf: str
    index: int | None


_ENDING = frozenset(
    {
        Act.RECORDING_DISPOSED,
        Act.KEY_DESTRUCTION_PENDING,
        Act.KEY_DESTROYED,
        Act.DISPOSAL_CERTIFIED,
        Act.LOG_BODY_ERASED,
    }
)
"""What is not shown to a wearer, for whom footage kept silently must end like any other."""


def in_words(
    *, recording: Recording, to_wearer: bool, at: datetime, officer: Officer | None = None
) -> list[Line]:
    """The whole history in plain words, oldest first.

    Args:
        recording: whose.
        to_wearer: leave out what its wearer must not see, and the wearer's own looks at this.
        at: now.
        officer: who reads it, where it may be oversight; None for somebody of the force, who is
            not told what oversight did in a critical incident.
    """
    rows = shown(recording, to_wearer=to_wearer)
    if to_wearer:
        rows = [row for row in rows if not _own_look(row, recording)]
    if _over(recording, officer, to_wearer=to_wearer, at=at):
        # Whether it is deleted or a silent hold keeps it, its arrival is told alike.
        rows = [
            row.without_body() if row.entry.act in erasure.WITH_FOOTAGE else row for row in rows
        ]
    apart = withheld(rows, officer, at)
    return _told([row for row in rows if row.entry_id not in apart])


def _over(recording: Recording, reader: Officer | None, *, to_wearer: bool, at: datetime) -> bool:
    """Whether it has reached the day that this reader knows."""
    end = recording.shown_gone_by if to_wearer else recording.force_gone_by
    if end is None or at < end:
        return False
    return to_wearer or reader is None or not apart_from_force.is_oversight(reader.pk, at)


def before_registration(*, recording: UUID, officer: Officer, at: datetime) -> list[Line]:
    """The history of what is, or was, in quarantine; that it was read is written down first.

    Whether the officer may is for the caller to have asked.
    """
    _note_reading(recording, officer, at)
    return _told(reading.history(recording_subject(recording)))


def _told(rows: list[HistoryRow]) -> list[Line]:
    called = names(rows)
    return [_line(row, called) for row in rows]


def entries(
    *, recording: Recording, officer: Officer, to_wearer: bool, at: datetime
) -> list[EntryRow]:
    """The entries with their public names; that it was read is itself written down, first.

    Whether the officer may is for the caller to have asked.
    """
    _write_reading(recording.pk, officer, at)
    rows = shown(recording, to_wearer=to_wearer)
    apart = withheld(rows, officer, at)
    return [
        EntryRow(
            sequence=number if to_wearer else row.entry.sequence,
            act=row.entry.act.value if row.entry_id not in apart else "",
            at=row.entry.at if row.entry_id not in apart else None,
            leaf=row.leaf_hash.hex(),
            index=row.index,
        )
        for number, row in enumerate(rows, 1)
    ]


def withheld(rows: list[HistoryRow], reader: Officer | None, at: datetime) -> set[int]:
    """What this reader is not told of these."""
    apart = apart_from_force.oversights(rows)
    if apart and reader is not None and apart_from_force.is_oversight(reader.pk, at):
        return set()
    return apart


def _own_look(row: HistoryRow, recording: Recording) -> bool:
    return (
        row.entry.act is Act.RECORDING_HISTORY_READ
        and _officer_id(_actor(row)) == recording.wearer_id
    )


def note_reading(*, recording: Recording, officer: Officer, at: datetime) -> None:
    """Write down that an officer read the history in words; once a visit is enough."""
    _note_reading(recording.pk, officer, at)


def _note_reading(recording: UUID, officer: Officer, at: datetime) -> None:
    before = ledger.search(
        actor=authority.text(officer),
        act=Act.RECORDING_HISTORY_READ,
        subject=recording_subject(recording),
        since=at - VISIT,
        limit=1,
    )
    if not before:
        _write_reading(recording, officer, at)


def _write_reading(recording: UUID, officer: Officer, at: datetime) -> None:
    with transaction.atomic():
        ledger.append(
            subject=recording_subject(recording),
            act=Act.RECORDING_HISTORY_READ,
            actor=authority.text(officer),
            at=at,
        )


def shown(recording: Recording, *, to_wearer: bool) -> list[HistoryRow]:
    """The entries of a recording that its reader may know of, oldest first."""
    rows = reading.history(recording_subject(recording.pk))
    if not to_wearer:
        return rows
    quiet = _quiet(rows)
    quiet |= _let_in_quietly(rows, quiet)
    end = recording.shown_gone_by
    return [
        row
        for row in rows
        if not _is_quiet(row, quiet)
        and row.entry.act not in _ENDING
        and (end is None or row.entry.at < end)
    ]


def _quiet(rows: Iterable[HistoryRow]) -> dict[UUID, datetime]:
    """Officers of oversight among the actors, and since when they are."""
    actors = {actor for row in rows if (actor := _officer_id(_actor(row))) is not None}
    grants = RoleGrant.objects.filter(officer__in=actors, role__in=[role.value for role in _QUIET])
    since: dict[UUID, datetime] = {}
    for officer, begins_at in grants.values_list("officer_id", "begins_at"):
        since[officer] = min(begins_at, since.get(officer, begins_at))
    return since


def _let_in_quietly(
    rows: Iterable[HistoryRow], quiet: dict[UUID, datetime]
) -> dict[UUID, datetime]:
    """Whom an inquiry let in, by name or for a whole case, and since when."""
    since: dict[UUID, datetime] = {}
    for row in rows:
        if row.entry.act is not Act.RECORDING_ACCESS_GRANTED or not _is_quiet(row, quiet):
            continue
        officer = _officer_id(str(row.body.detail.get("officer"))) if row.body else None
        if officer is not None:
            since.setdefault(officer, row.entry.at)
    return since


def _is_quiet(row: HistoryRow, quiet: dict[UUID, datetime]) -> bool:
    officer = _officer_id(_actor(row))
    return officer is not None and officer in quiet and row.entry.at >= quiet[officer]


def _line(row: HistoryRow, names: dict[str, str]) -> Line:
    if row.body is None:
        how = "was erased" if row.body_state.value == "erased" else "is lost"
        text = f"{row.entry.act.verb.replace('_', ' ').capitalize()}. Who and why {how}."
        return Line(row.entry.at, text, row.entry.act.is_refusal)

    def name(of: object) -> str:
        return names.get(str(of), "somebody")

    told = Told(
        who=names.get(row.body.actor, _unnamed(row.body.actor)),
        reason=row.body.reason,
        detail=row.body.detail,
        name=name,
    )
    return Line(row.entry.at, wording.sentence(row.entry.act, told), row.entry.act.is_refusal)


def _unnamed(actor: str) -> str:
    return "An Axis system" if actor.startswith("axis:") else "The system"


def names(rows: Iterable[HistoryRow]) -> dict[str, str]:
    """What people call everyone and everything that the entries name, in three queries."""
    said: set[str] = set()
    for row in rows:
        if row.body is not None:
            values = (value for value in row.body.detail.values() if isinstance(value, str))
            said.update((row.body.actor, *values))
    called: dict[str, str] = {}
    for officer in Officer.objects.filter(pk__in=_ids(said, "officer")):
        called[f"officer:{officer.pk}"] = officer.title
    for dock in Dock.objects.filter(pk__in=_ids(said, "dock")):
        called[f"dock:{dock.pk}"] = f"Dock {dock.serial}"
    for camera in Camera.objects.filter(pk__in=_ids(said, "camera")):
        called[f"camera:{camera.pk}"] = f"Camera {camera.serial}"
    return called


def _ids(said: Iterable[str], kind: str) -> list[UUID]:
    found = (_id(text, kind) for text in said)
    return [each for each in found if each is not None]


def _id(text: str, kind: str) -> UUID | None:
    prefix = f"{kind}:"
    if not text.startswith(prefix):
        return None
    try:
        return UUID(text.removeprefix(prefix))
    except ValueError:
        return None


def _officer_id(actor: str) -> UUID | None:
    return _id(actor, "officer")


def _actor(row: HistoryRow) -> str:
    return row.body.actor if row.body is not None else ""
