"""Bringing in a list of events: each line is done whole, or told why not.

The format is in docs/specs/event-list.md. A line that says what was said before changes nothing;
one that says something new of a record already here is its next version. Nothing is done of a list
that can't be read as a whole. A list is kept as it came until all its lines are done, so that a
sweeper does the rest when whoever brought it was cut.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.force import authority, permissions
from fairwitness.force.asking import Action, Subject
from fairwitness.force.authority import Actor
from fairwitness.force.models import Camera, Officer, Station, Unit
from fairwitness.formats.acts import Act
from fairwitness.retention import event_list, events
from fairwitness.retention.event_list import Line, LineRefused, Listed, ListRefused
from fairwitness.retention.event_rows import Event, EventList, EventVersion
from fairwitness.retention.list_rows import ListInHand

MATCHED: Final = "matched"
AMBIGUOUS: Final = "ambiguous"
NONE: Final = "none"
UNCHANGED: Final = "unchanged"
REFUSED: Final = "refused"
CUT: Final = timedelta(hours=1)
"""A list not done so long after it came was cut."""
_CHUNK: Final = 400

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one line.

    Attributes:
        line: its number in the list.
        reference: the record's own.
        outcome: matched, ambiguous, none, unchanged or refused.
        code: of a refusal.
        message: in words.
        event: the event's id; empty for a refusal.
    """

    line: int
    reference: str
    outcome: str
    message: str
    code: str = ""
    event: str = ""


@dataclass(frozen=True, slots=True)
class _Named:
    """The people and things that a list may name, and the units that its bringer may speak of."""

    officers: Mapping[str, Officer]
    cameras: Mapping[str, Camera]
    units: Mapping[str, Unit]
    stations: Mapping[str, Station]
    reach: frozenset[str] | None


def bring_in(
    *,
    data: bytes,
    name: str,
    actor: Actor,
    at: datetime,
    most_lines: int = event_list.MOST_LINES,
) -> EventList:
    """Take a list in and mark what its records are of.

    Args:
        data: the bytes of the list.
        name: what it is called.
        actor: who brings it, or the nightly feed.
        at: now.
        most_lines: how many it may have.

    Raises:
        NotAllowed: this officer may not.
        ListRefused: it can't be read as a whole; that is written down, and nothing is done.
    """
    reach = None
    if isinstance(actor, Officer):
        known = authority.facts(officer=actor, at=at)
        reach = permissions.units_where(known, Action.BRING_EVENTS)
        where = actor.unit.code if not reach or actor.unit.code in reach else min(reach)
        subject = Subject(unit=where)
        authority.demand(
            actor=actor, action=Action.BRING_EVENTS, subject=subject, about="events", at=at
        )
    try:
        listed = event_list.read(data, at=at, most_lines=most_lines)
    except ListRefused as refusal:
        _refuse(data, refusal, authority.text(actor), at)
        raise
    in_hand = ListInHand.objects.create(
        name=name[:120],
        sha256=listed.sha256,
        data=data,
        brought_by=authority.text(actor),
        reach=None if reach is None else sorted(reach),
        at=at,
    )
    return _finish(in_hand, listed, at)


def finish_cut(*, at: datetime) -> int:
    """Do the rest of the lists whose bringing in was cut; returns how many those are."""
    cut = list(ListInHand.objects.filter(at__lte=at - CUT).order_by("at"))
    for in_hand in cut:
        data = bytes(in_hand.data)
        try:
            listed = event_list.read(data, at=in_hand.at)
        except ListRefused as refusal:  # by an edition that reads more strictly than its own
            _refuse(data, refusal, in_hand.brought_by, at)
            in_hand.delete()
            continue
        _finish(in_hand, listed, at)
    return len(cut)


def _finish(in_hand: ListInHand, listed: Listed, at: datetime) -> EventList:
    named = _named(listed, None if in_hand.reach is None else frozenset(in_hand.reach))
    told = [_take(line, named, at, since=in_hand.at) for line in listed.lines]
    told += [
        Outcome(each.number, each.reference, REFUSED, each.message, code=each.code)
        for each in listed.refused
    ]
    told.sort(key=lambda each: each.line)
    return _keep(in_hand, told, at)


def _refuse(data: bytes, refusal: ListRefused, actor: str, at: datetime) -> None:
    digest = hashlib.sha256(data).hexdigest()
    ledger.refuse(
        subject="events",
        act=Act.EVENT_LIST_REFUSED,
        actor=actor,
        at=at,
        reason=refusal.message,
        detail={"code": refusal.stable_code, "sha256": digest},
    )


def _take(line: Line, named: _Named, at: datetime, since: datetime) -> Outcome:
    """Do one line, in a transaction of its own; `since` is when its list came."""
    try:
        fields = _fields(line, named)
        with transaction.atomic():
            return _do(line, fields, at, since)
    except LineRefused as refusal:
        return Outcome(
            line.number, line.reference, REFUSED, refusal.message, code=refusal.stable_code
        )


def _do(line: Line, fields: Mapping[str, object], at: datetime, since: datetime) -> Outcome:
    named = dict(zip(("kind", "reference", "officer_key", "camera_key"), line.key, strict=True))
    same = {f"event__{field}": value for field, value in named.items()}
    versions = EventVersion.objects.select_related("event").filter(digest=line.digest)
    if (known := versions.filter(**same).first()) is not None:
        return _known(line, known, since)
    sought = events.seek(Event(**named, **fields), at=at)
    event, fresh = Event.objects.get_or_create(**named, defaults={**fields, "received_at": at})
    event = (
        Event.objects.select_for_update(of=("self",))
        .select_related("unit", "station")
        .get(pk=event.pk)
    )
    if (known := versions.filter(event=event).first()) is not None:
        return _known(line, known, since)
    for name, value in fields.items():
        setattr(event, name, value)
    event.version = 1 if fresh else event.version + 1
    EventVersion.objects.create(
        event=event, number=event.version, content=line.content, digest=line.digest, at=at
    )
    ledger.append(
        subject=f"event:{event.pk}",
        act=Act.EVENT_RECEIVED,
        actor=events.BY_RECORD,
        at=at,
        detail={
            "kind": event.kind,
            "reference": event.reference,
            "version": event.version,
            "digest": line.digest,
        },
    )
    surely, maybe, gone = events.mark(event, sought, at=at)
    event.look_again_at = at + events.SOON
    event.save()
    return _said(line, event, surely, maybe, gone)


def _known(line: Line, version: EventVersion, since: datetime) -> Outcome:
    """What is known already, unless it was this list that said it, before it was cut."""
    event, marked = version.event, version.event.matches.count()
    if version.at >= since:
        surely = event.matches.filter(certain=True).count()
        return _said(line, event, surely, marked - surely, 0)
    words = f"Known already; it marks {_many(marked)}." if marked else "Known already."
    return Outcome(line.number, line.reference, UNCHANGED, words, event=str(event.pk))


def _said(line: Line, event: Event, surely: int, maybe: int, gone: int) -> Outcome:
    outcome = MATCHED if surely else AMBIGUOUS if maybe else NONE
    said = []
    if surely:
        said.append(f"Marks {_many(surely)}.")
    if maybe:
        said.append(f"{_many(maybe)[:1].upper()}{_many(maybe)[1:]} may be of it, and kept.")
    if gone:
        said.append(
            f"{_many(gone)} docked after it {'is' if gone == 1 else 'are'} deleted already."
        )
    if not said:
        said.append("No recording is of it; the supervisor sees it.")
    if event.version > 1:
        said.append(f"Version {event.version} of this record.")
    return Outcome(line.number, line.reference, outcome, " ".join(said), event=str(event.pk))


def _many(number: int) -> str:
    return "1 recording" if number == 1 else f"{number} recordings"


def _fields(line: Line, named: _Named) -> dict[str, object]:
    officer = _find(named.officers, line.officer, "officer", "event.officer_unknown")
    camera = _find(named.cameras, line.camera, "camera", "event.camera_unknown")
    unit = _find(named.units, line.unit, "unit", "event.unit_unknown")
    station = _find(named.stations, line.station, "station", "event.station_unknown")
    unit = unit or (officer.unit if officer else camera.unit if camera else None)
    if named.reach is not None and (unit is None or unit.code not in named.reach):
        raise LineRefused("It is of a unit that is not yours.", code="event.not_your_unit")
    return {
        "officer": officer,
        "camera": camera,
        "unit": unit,
        "station": station,
        "incident": line.incident,
        "begins_at": line.begins_at,
        "ends_at": line.ends_at,
        "call_type": line.call_type,
        "place": line.place,
    }


def _find(there: Mapping[str, _T], text: str, what: str, code: str) -> _T | None:
    if not text:
        return None
    if text not in there:
        raise LineRefused(f"There is no {what} {text}.", code=code)
    return there[text]


def _named(listed: Listed, reach: frozenset[str] | None) -> _Named:
    def asked(field: str) -> list[str]:
        return sorted({getattr(line, field) for line in listed.lines} - {""})

    return _Named(
        officers={
            row.collar_number.upper(): row
            for chunk in _chunks(asked("officer"))
            for row in Officer.objects.select_related("unit").filter(collar_number__in=chunk)
        },
        cameras={
            row.serial: row
            for chunk in _chunks(asked("camera"))
            for row in Camera.objects.select_related("unit").filter(serial__in=chunk)
        },
        units={row.code: row for row in Unit.objects.filter(code__in=asked("unit"))},
        stations={row.code: row for row in Station.objects.filter(code__in=asked("station"))},
        reach=reach,
    )


def _chunks(wanted: list[str]) -> list[list[str]]:
    return [wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK)]


def _keep(in_hand: ListInHand, told: list[Outcome], at: datetime) -> EventList:
    """Keep what came of it; the same list again, which changed nothing, is the one kept before."""
    counts = Counter(each.outcome for each in told)
    with transaction.atomic():
        before = EventList.objects.filter(sha256=in_hand.sha256).order_by("-at").first()
        if not ListInHand.objects.filter(pk=in_hand.pk).delete()[0] and before is not None:
            return before  # a sweeper took it for cut, and was quicker
        if before is not None and set(counts) <= {UNCHANGED, REFUSED}:
            refused = [row for row in before.lines if row["outcome"] == REFUSED]
            if len(refused) == counts[REFUSED]:
                return before
        kept = EventList.objects.create(
            pk=in_hand.pk,
            name=in_hand.name,
            sha256=in_hand.sha256,
            brought_by=in_hand.brought_by,
            at=in_hand.at,
            counts=dict(counts),
            lines=[asdict(each) for each in told],
        )
        ledger.append(
            subject=f"event_list:{kept.pk}",
            act=Act.EVENT_LISTED,
            actor=kept.brought_by,
            at=at,
            detail={"sha256": kept.sha256, **{key: counts[key] for key in sorted(counts)}},
        )
    return kept
