"""Recordings as the facts that `rules.decide` takes: one `Activation` for all parts of one press.

A handful of queries for any number of recordings. Only living parts count: what was deleted can't
be decided on again.

The order of locks, for every transaction that takes more than one (ADR 0070). Who waits for a lock
holds none that comes later in it, so that nobody waits in a ring:

1. What an act begins with: an upload, a quarantine case, a case, a dip sample, a camera.
2. The turn of arrivals and standing holds (`evidence.turns`).
3. Recordings, all that the act is about, with their parts, by id: `lock`.
4. What bears on them, by id: events, holds (`lock_with_hold`), early deletions, disposals.
5. Their subjects in the custody log: first those of 1 and 4, then the recordings'.

Rows of one kind are locked in the order of their ids, by one statement.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, Max, Model, OuterRef, Q

from fairwitness.evidence import beside
from fairwitness.evidence.models import Provenance, Recording, State
from fairwitness.retention import categories, rules
from fairwitness.retention.event_rows import SILENT, EventKind, EventMatch
from fairwitness.retention.models import (
    CategoryMark,
    EarlyDeletion,
    EarlyState,
    Hold,
    HoldBinding,
    Release,
)
from fairwitness.retention.rules import Dispose, Facts, HeldBy, Origin, Part, ToLookAt

_CHUNK = 500
_FROM_ELSEWHERE = frozenset({Provenance.IMPORTED, Provenance.VOLUME})


@dataclass(frozen=True, slots=True)
class Activation:
    """The living parts of one press of the button, in order, and what bears on their dates."""

    parts: tuple[Recording, ...]
    facts: Facts


def lock(recordings: Iterable[UUID]) -> list[Recording]:
    """Lock recordings and all living parts of their activations, always in the order of ids.

    It is the lock that both a hold and a deletion take, so that one of them comes first. Must run
    in a transaction, which on SQLite is itself the lock. A part that is committed while we wait for
    the others' locks is locked as well: those are let go first, so that the order stays.
    """
    wanted = _with_siblings(list(recordings))
    while connection.features.has_select_for_update:
        before = transaction.savepoint()
        found = _locked(wanted)
        grown = _with_siblings([recording.pk for recording in found])
        if set(grown) <= set(wanted):
            transaction.savepoint_commit(before)
            return found
        transaction.savepoint_rollback(before)
        wanted = sorted({*wanted, *grown})
    return _locked(wanted)


def lock_with_hold(hold: UUID) -> tuple[Hold, list[UUID]]:
    """Lock what a hold binds, then the hold; returns it as it stands, and all that it binds.

    Whoever binds what arrives has locked that first. Must run in a transaction.
    """
    bindings = HoldBinding.objects.filter(hold=hold).values_list("recording_id", flat=True)
    while True:
        bound = list(bindings)
        before = transaction.savepoint()
        lock(bound)
        row = Hold.objects.select_for_update().get(pk=hold)
        if set(bindings) == set(bound):  # nothing came under it while we waited
            transaction.savepoint_commit(before)
            return row, bound
        transaction.savepoint_rollback(before)


def _locked(wanted: list[UUID]) -> list[Recording]:
    found: list[Recording] = []
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        found.extend(
            Recording.objects.select_for_update()
            .filter(pk__in=chunk, state=State.LIVE)
            .order_by("pk")
        )
    return found


def gather(recordings: Sequence[Recording]) -> list[Activation]:
    """Group parts into activations and read what bears on their dates.

    Args:
        recordings: living recordings, complete with the parts of their activations, as `lock`
            returns them.
    """
    groups: dict[tuple[UUID | str | None, int | UUID], list[Recording]] = defaultdict(list)
    for recording in recordings:
        groups[_activation(recording)].append(recording)
    facts_of = _reader(recordings)
    return [facts_of(each) for parts in groups.values() for each in _in_time(parts, facts_of)]


def again(activations: Sequence[Activation]) -> list[Activation]:
    """The same locked parts, still judged together, with what bears on their dates now.

    An act that lets footage go must not part what was together when it began: a part that came in
    time because another was held is in time when the hold is lifted.
    """
    rows = {
        row.pk: row for row in _locked([part.pk for each in activations for part in each.parts])
    }
    facts_of = _reader(list(rows.values()))
    return [facts_of([rows[part.pk] for part in each.parts]) for each in activations]


def activations_of(recordings: Iterable[UUID]) -> list[Activation]:
    """Lock living recordings and gather those, with the parts that they are judged together with.

    Parts of the same press that had reached their day before are locked too, and left out.
    """
    wanted = set(recordings)
    return [
        each
        for each in gather(lock(wanted))
        if not wanted.isdisjoint(part.pk for part in each.parts)
    ]


def _reader(recordings: Sequence[Recording]) -> Callable[[list[Recording]], Activation]:
    """Reads what bears on the dates of these; gives what makes an activation of some of them."""
    ids = [recording.pk for recording in recordings]
    there = beside.tables((CategoryMark, HoldBinding, EventMatch, Release, EarlyDeletion), ids)

    def of(model: type[Model]) -> list[UUID]:
        return ids if model in there else []

    read = _Read(
        marks=_marks(of(CategoryMark)),
        holds=_holds(of(HoldBinding)),
        to_look_at=_to_look_at(of(EventMatch)),
        releases=_releases(of(Release)),
        early=_early(of(EarlyDeletion)),
    )
    return lambda parts: _one(sorted(parts, key=_order), read)


def _in_time(
    parts: list[Recording], facts_of: Callable[[list[Recording]], Activation]
) -> list[list[Recording]]:
    """The parts of one press, apart from those that arrived when the others had reached their day.

    Else a part that comes late would let footage be opened again that nobody could open any more.
    """
    first, *later = sorted(parts, key=lambda part: (part.received_at, _order(part)))
    together = [[first]]
    surely = rules.Policy().grace - rules.Policy().slow_link  # no day comes sooner after receipt
    for part in later:
        if part.received_at - together[-1][0].received_at > surely:
            decision = rules.decide(
                facts_of(together[-1]).facts, categories.policy(), part.received_at
            )
            end = decision.due if isinstance(decision, Dispose) else decision.gone_by
            if not rules.readable(end, part.received_at):
                together.append([part])
                continue
        together[-1].append(part)
    return together


def microseconds(count: int) -> timedelta:
    """A stored number of microseconds as a length of time."""
    return timedelta(microseconds=count)


def _activation(recording: Recording) -> tuple[UUID | str | None, int | UUID]:
    if recording.provenance == Provenance.AXIS:
        return (recording.source, 0)
    if recording.camera_id is None or recording.activation is None:
        return (None, recording.pk)
    return (recording.camera_id, recording.activation)


def _order(recording: Recording) -> tuple[int, UUID]:
    return (recording.part, recording.pk)


def _with_siblings(ids: list[UUID]) -> list[UUID]:
    wanted = set(ids)
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        activations, sources = _several(chunk)
        if activations:
            siblings = Recording.objects.filter(
                camera__in={camera for camera, _ in activations},
                activation__in={activation for _, activation in activations},
            ).values_list("pk", "camera_id", "activation")
            wanted.update(pk for pk, *rest in siblings if tuple(rest) in activations)
        if sources:
            clips = Recording.objects.filter(provenance=Provenance.AXIS, source__in=sources)
            wanted.update(clips.values_list("pk", flat=True))
    return sorted(wanted)


def _several(ids: list[UUID]) -> tuple[set[tuple[UUID, int]], set[str]]:
    """Of which presses and of which Axis containers these are parts, where there may be others."""
    one = Q(part=1, last_part=True) | Q(camera__isnull=True) | Q(activation__isnull=True)
    rows = Recording.objects.filter(pk__in=ids).filter(~one | Q(provenance=Provenance.AXIS))
    activations: set[tuple[UUID, int]] = set()
    sources: set[str] = set()
    columns = ("camera_id", "activation", "provenance", "source")
    for camera, activation, provenance, source in rows.values_list(*columns):
        if provenance == Provenance.AXIS:
            sources.add(source)
        if camera is not None and activation is not None:
            activations.add((camera, activation))
    return activations, sources


@dataclass(frozen=True, slots=True)
class _Read:
    """What the database says of some recordings besides their rows, by their ids."""

    marks: dict[UUID, list[str]]
    holds: dict[UUID, list[HeldBy]]
    to_look_at: dict[UUID, list[ToLookAt]]
    releases: dict[tuple[UUID, bool, bool], datetime]
    early: dict[UUID, tuple[datetime, bool]]


def _one(parts: list[Recording], read: _Read) -> Activation:
    evidential = [part for part in parts if part.evidential]
    early = max((read.early[part.pk] for part in parts if part.pk in read.early), default=None)
    facts = Facts(
        origin=Origin.IMPORT if parts[0].provenance in _FROM_ELSEWHERE else Origin.CAMERA,
        parts=tuple(_part(part) for part in parts),
        categories=tuple(sorted({code for part in parts for code in read.marks[part.pk]})),
        evidential=evidential[0].incident if evidential else None,
        holds=tuple(dict.fromkeys(hold for part in parts for hold in read.holds[part.pk])),
        to_look_at=tuple(
            dict.fromkeys(each for part in parts for each in read.to_look_at[part.pk])
        ),
        locked=any(part.locked for part in parts),
        released_at=_latest(parts, read.releases, silent=False),
        silently_released_at=_latest(parts, read.releases, silent=True),
        apart_released_at=_latest(parts, read.releases, silent=True, oversight=True),
        early_at=early[0] if early else None,
        early_noticed=early is not None and early[1],
    )
    return Activation(tuple(parts), facts)


def _latest(
    parts: list[Recording],
    releases: dict[tuple[UUID, bool, bool], datetime],
    *,
    silent: bool,
    oversight: bool = False,
) -> datetime | None:
    found = (releases.get((part.pk, silent, oversight)) for part in parts)
    return max(filter(None, found), default=None)


def _part(recording: Recording) -> Part:
    least, most = recording.clock_ahead_us_min, recording.clock_ahead_us_max
    bounds = None
    if least is not None and most is not None:
        bounds = (microseconds(least), microseconds(most))
    return Part(
        number=recording.part,
        received_at=recording.received_at,
        ended_at=recording.ended_at,
        docked_at=recording.docked_at,
        ahead=bounds,
        clock_checked=recording.clock_checked,
    )


def _marks(ids: list[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    for start in range(0, len(ids), _CHUNK):
        rows = CategoryMark.objects.filter(recording__in=ids[start : start + _CHUNK])
        for pk, code in rows.values_list("recording_id", "code"):
            found[pk].append(code)
    return found


def _holds(ids: list[UUID]) -> dict[UUID, list[HeldBy]]:
    found: dict[UUID, list[HeldBy]] = defaultdict(list)
    for start in range(0, len(ids), _CHUNK):
        rows = HoldBinding.objects.filter(
            recording__in=ids[start : start + _CHUNK], hold__lifted_at__isnull=True
        ).order_by("hold__placed_at", "hold_id")
        told = ("hold__kind", "hold__reference", "hold__silent", "hold__oversight")
        for pk, *held in rows.values_list("recording_id", *told):
            found[pk].append(HeldBy(*held))
    return found


def _to_look_at(ids: list[UUID]) -> dict[UUID, list[ToLookAt]]:
    found: dict[UUID, list[ToLookAt]] = defaultdict(list)
    for start in range(0, len(ids), _CHUNK):
        rows = EventMatch.objects.filter(
            recording__in=ids[start : start + _CHUNK], looked_at__isnull=True
        ).order_by("matched_at", "pk")
        columns = ("recording_id", "event__kind", "event__reference")
        for pk, kind, reference in rows.values_list(*columns):
            found[pk].append(ToLookAt(EventKind(kind).label, reference, kind in SILENT))
    return found


def _releases(ids: list[UUID]) -> dict[tuple[UUID, bool, bool], datetime]:
    """The latest release of each recording; open ones, silent ones and oversight's silent apart."""
    found: dict[tuple[UUID, bool, bool], datetime] = {}
    for start in range(0, len(ids), _CHUNK):
        rows = Release.objects.filter(recording__in=ids[start : start + _CHUNK])
        columns = ("recording_id", "silent", "oversight")
        latest = rows.values(*columns).annotate(latest=Max("at"))
        for pk, silent, oversight, at in latest.values_list(*columns, "latest"):
            found[pk, silent, oversight] = at
    return found


def _early(ids: list[UUID]) -> dict[UUID, tuple[datetime, bool]]:
    """When it was agreed, last, and whether after notice, of those that are to be deleted early.

    A category that was given later says that somebody needs it after all.
    """
    since = CategoryMark.objects.filter(
        recording=OuterRef("recording"), at__gt=OuterRef("agreed_at")
    )
    found: dict[UUID, tuple[datetime, bool]] = {}
    for start in range(0, len(ids), _CHUNK):
        rows = EarlyDeletion.objects.filter(
            recording__in=ids[start : start + _CHUNK], state=EarlyState.AGREED
        ).exclude(Exists(since))
        agreed = rows.order_by("agreed_at").values_list("recording_id", "agreed_at", "after_notice")
        found |= {pk: (at, noticed) for pk, at, noticed in agreed if at is not None}
    return found
