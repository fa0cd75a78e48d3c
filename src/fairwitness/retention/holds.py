"""Placing holds: on named recordings, or standing, on whatever matches now or arrives later.

Design rules:

1. A hold takes the same row lock as a deletion: one of them comes first, and whoever comes second
   sees what the other did. What was deleted first is reported, never silently left out.
2. Binding one part of an activation binds them all.
3. A silent hold leaves no trace under the recording: its entries are under `hold:<id>`.
4. After binding, every recording is read and a picture decoded, at once: see `playable`.
"""

import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import circle, turns
from fairwitness.evidence.models import Provenance, Recording
from fairwitness.force import authority
from fairwitness.force.asking import Action, Role, Subject
from fairwitness.force.models import Officer
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import (
    dates,
    gathering,
    hold_entries,
    hold_kinds,
    narrowing,
    playable,
    rules,
    standing,
)
from fairwitness.retention.binding import bind
from fairwitness.retention.gathering import Activation
from fairwitness.retention.models import Hold, HoldBinding, HoldKind
from fairwitness.retention.playable import Check, Unplayable
from fairwitness.retention.rules import Policy
from fairwitness.retention.standing import Criteria

BY_DRAW = hold_entries.BY_DRAW


class HoldInvalid(FairwitnessError):
    """A hold that names nothing, has no basis or no date to look at it again."""

    code = "hold.invalid"


class NothingToHold(FairwitnessError):
    """All that the hold named is gone already."""

    code = "hold.nothing_left"


@dataclass(frozen=True, slots=True)
class Placed:
    """A hold that stands.

    Attributes:
        hold: its id.
        bound: the recordings that it keeps, all parts included.
        gone: those named that had reached their day before; nobody can bring them back.
        unplayable: those bound that can't be played.
    """

    hold: UUID
    bound: tuple[UUID, ...]
    gone: tuple[UUID, ...]
    unplayable: tuple[Unplayable, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a hold is about.

    Attributes:
        kind: why.
        reference: what people call it: a case number, an exhibit, a claim.
        basis: in words, on what ground footage is kept.
        review_on: when somebody looks whether it is still needed.
        silent: the wearer must not learn of it.
        locks: it locks what it binds, for a critical incident: oversight's, whoever declares it.
        release_when: what ends the need for it; as its kind says when nothing is said.
    """

    kind: HoldKind
    reference: str
    basis: str
    review_on: date
    silent: bool = False
    locks: bool = False
    release_when: str = ""


def place(
    *,
    terms: Terms,
    owner: Officer,
    at: datetime,
    recordings: Sequence[UUID] = (),
    criteria: Criteria | None = None,
    check: Check | None = None,
) -> Placed:
    """Keep recordings until the hold is lifted.

    Args:
        terms: what it is about.
        owner: who answers for it and may lift it.
        at: now.
        recordings: named ones.
        criteria: makes it standing: it also binds what matches, now and on arrival.
        check: how to find out whether footage can be played (`playable.checker`); None leaves it
            to the sweeper.

    Raises:
        HoldInvalid: terms that can't stand.
        NotAllowed: the owner may not hold one of them; nothing is bound then.
        NothingToHold: all named recordings are gone and nothing stands.
    """
    hold = begun(terms, owner, recordings, at, criteria)
    demand(owner, recordings, at, _standing_act(terms) if criteria else None)
    with transaction.atomic():
        if criteria:
            turns.before_arrivals()
        wanted = [*recordings, *(row.pk for row in matching_now(criteria))]
        activations, gone = still_there(wanted, owner, at)
        if not activations and criteria is None:
            raise NothingToHold("All of these recordings have reached their day.")
        hold.save(force_insert=True)
        named = set(recordings)
        ledger.append_many([hold_entries.placed(hold, [pk for pk in gone if pk in named], at)])
        bound = bind(hold, [part for each in activations for part in each.parts], at)
        dates.recompute_many(bound, at)
    unplayable = _check(hold, check, owner, at) if check else ()
    return Placed(hold.id, tuple(bound), tuple(pk for pk in gone if pk in named), unplayable)


def begun(
    terms: Terms,
    owner: Officer,
    recordings: Sequence[UUID],
    at: datetime,
    criteria: Criteria | None = None,
) -> Hold:
    """The row of a hold that is to be placed, once its terms were found good."""
    oversight = _validate(terms, owner, recordings, criteria, at)
    return Hold(
        id=uuid.uuid4(),
        kind=terms.kind,
        reference=terms.reference,
        basis=terms.basis,
        owner=owner,
        oversight=oversight,
        silent=terms.silent,
        locks=terms.locks,
        standing=criteria is not None,
        criteria=criteria.to_json() if criteria else {},
        release_when=terms.release_when.strip()[:200] or hold_kinds.RELEASE[terms.kind],
        review_on=terms.review_on,
        placed_at=at,
    )


def _check(hold: Hold, check: Check, owner: Officer, at: datetime) -> tuple[Unplayable, ...]:
    bindings = HoldBinding.objects.select_related("recording", "hold").filter(hold=hold)
    actor = authority.text(owner)
    return tuple(playable.check_bindings(list(bindings), check=check, actor=actor, at=at))


def extend(
    *, hold: Hold, recordings: Sequence[UUID], officer: Officer, at: datetime
) -> tuple[UUID, ...]:
    """Bring more recordings under one's own hold that stands; those bound already stay so.

    Raises:
        HoldInvalid: it was lifted, or is another's.
        NotAllowed: this officer may not hold one of them, or not lock.
        NothingToHold: all of them are gone.
    """
    demand(officer, recordings, at, Action.DECLARE_INCIDENT if hold.locks else None)
    with transaction.atomic():
        activations, _gone = still_there(recordings, officer, at)
        hold = Hold.objects.select_for_update().get(pk=hold.pk)
        if hold.lifted_at is not None:
            raise HoldInvalid("This hold was lifted. Place a new one.", code="hold.lifted")
        if hold.owner_id != officer.pk:
            raise HoldInvalid("Only its owner brings more under a hold.", code="hold.not_yours")
        if not activations:
            raise NothingToHold("All of these recordings have reached their day.")
        bound = bind(hold, [part for each in activations for part in each.parts], at)
        dates.recompute_many(bound, at)
    return tuple(bound)


def bind_arrivals(recording: Recording, at: datetime) -> list[UUID]:
    """Bind a recording that just arrived to what it belongs under; returns the holds.

    Standing holds that match it, and the holds that bind other parts of its activation. Runs in
    the transaction of its registration; `dates.recompute` comes after it.
    """
    ledger.demand_transaction()
    (activation,) = gathering.activations_of([recording.pk])
    parts = activation.parts
    siblings = {part.pk for part in parts} - {recording.pk}
    holds = Hold.objects.filter(lifted_at__isnull=True).filter(
        Q(standing=True) | Q(bindings__recording__in=siblings)
    )
    bound = []
    for hold in holds.distinct().order_by("placed_at", "pk"):
        if _concerns(hold, recording, siblings):
            bind(hold, parts, at)
            bound.append(hold.pk)
    return bound


def any_standing() -> bool:
    """Whether any hold binds what arrives."""
    return Hold.objects.filter(standing=True, lifted_at__isnull=True).exists()


def bind_missed(activations: Sequence[Activation], policy: Policy, at: datetime) -> list[UUID]:
    """Bind locked recordings that a standing hold matches and does not bind; returns their ids.

    On PostgreSQL a recording and a standing hold may be committed side by side without seeing each
    other. Whoever is about to dispose asks here first. A hold that was placed when a recording had
    reached its day came too late for it: what nobody could read any more does not come back.
    """
    bound: list[UUID] = []
    ends = [dates.ends(each, policy, at) for each in activations]
    parts = [part for each in activations for part in each.parts]
    for hold in Hold.objects.filter(standing=True, lifted_at__isnull=True).order_by("placed_at"):
        criteria = standing.criteria_from(hold.criteria)
        known = set(
            hold.bindings.filter(recording__in=parts).values_list("recording_id", flat=True)
        )
        for each, end in zip(activations, ends, strict=True):
            missed = any(
                part.pk not in known and standing.matches(criteria, seen(part))
                for part in each.parts
            )
            theirs = hold.oversight and not hold.locks  # a lock is declared by the force
            if missed and rules.readable(end[theirs], hold.placed_at):
                bound += bind(hold, each.parts, at)
    return bound


def may_concern(
    unregistered: standing.Seen, *, before: datetime, since: datetime | None = None
) -> bool:
    """Whether a standing hold, placed before a moment, may be about footage not yet registered.

    With `since`, one that was placed at that time or later.
    """
    holds = Hold.objects.filter(standing=True, lifted_at__isnull=True, placed_at__lt=before)
    if since is not None:
        holds = holds.filter(placed_at__gte=since)
    return any(
        standing.matches(standing.criteria_from(hold.criteria), unregistered) for hold in holds
    )


def _concerns(hold: Hold, recording: Recording, siblings: set[UUID]) -> bool:
    if hold.standing and standing.matches(standing.criteria_from(hold.criteria), seen(recording)):
        return True
    return hold.bindings.filter(recording__in=siblings).exists()


def seen(recording: Recording) -> standing.Seen:
    """What is known of a recording that a standing hold may ask for."""
    began = ended = None
    least, most = recording.clock_ahead_us_min, recording.clock_ahead_us_max
    if recording.clock_checked and least is not None and most is not None:
        if recording.started_at is not None:
            with suppress(OverflowError):  # a clock so wrong that the calendar ends says nothing
                began = recording.started_at - gathering.microseconds(most)
        ended = recording.clock_started_at
    return standing.Seen(
        officer=recording.wearer_id,
        camera=recording.camera_id,
        unit=recording.unit.code if recording.unit else None,
        station=recording.station.code if recording.station else None,
        began=began,
        ended=ended or recording.docked_at,
        worn=recording.provenance != Provenance.IMPORTED,
    )


def _validate(
    terms: Terms,
    owner: Officer,
    recordings: Sequence[UUID],
    criteria: Criteria | None,
    at: datetime,
) -> bool:
    """Whether the hold is oversight's own."""
    if not terms.reference.strip() or not terms.basis.strip():
        raise HoldInvalid("A hold needs a reference and a basis, in words.")
    if terms.review_on <= at.date():
        raise HoldInvalid("A hold needs a day, later than today, on which it is looked at again.")
    if not recordings and criteria is None:
        raise HoldInvalid("Say which recordings to keep.")
    if terms.locks or terms.kind is not HoldKind.OVERSIGHT:
        return terms.locks
    if not _is_oversight(owner, at):
        raise HoldInvalid("Only an independent investigator places a hold of oversight.")
    return True


def _is_oversight(officer: Officer, at: datetime) -> bool:
    return authority.facts(officer=officer, at=at).holds_anywhere(Role.INDEPENDENT_INVESTIGATOR)


def _standing_act(terms: Terms) -> Action:
    return Action.DECLARE_INCIDENT if terms.locks else Action.PLACE_STANDING_HOLD


def demand(
    officer: Officer,
    recordings: Iterable[UUID],
    at: datetime,
    standing_act: Action | None = None,
) -> None:
    """Go on only when this officer may hold each of these that is not gone."""
    if standing_act:
        authority.demand(
            actor=officer,
            action=standing_act,
            subject=Subject(unit=officer.unit.code),
            about="retention",
            at=at,
        )
    rows = Recording.objects.select_related("unit").filter(pk__in=list(recordings))
    gone = circle.is_gone if _is_oversight(officer, at) else circle.is_over
    live = [row for row in rows if not gone(row, at)]
    authority.demand_all(
        actor=officer,
        action=Action.PLACE_HOLD,
        questions=zip(
            circle.subjects_of(recordings=live, at=at, asking=officer.pk),
            (recording_subject(row.pk) for row in live),
            strict=True,
        ),
        at=at,
    )


def matching_now(criteria: Criteria | None) -> list[Recording]:
    """The living recordings that a standing hold with these criteria would bind now."""
    if criteria is None:
        return []
    return [row for row in narrowing.living(criteria) if standing.matches(criteria, seen(row))]


def still_there(
    recordings: Iterable[UUID], officer: Officer, at: datetime
) -> tuple[list[Activation], list[UUID]]:
    """Lock what is wanted; what can still be read, as this officer may know, and what can't."""
    wanted = list(dict.fromkeys(recordings))
    activations = dates.still_there(wanted, at, for_force=not _is_oversight(officer, at))
    found = {part.pk for each in activations for part in each.parts}
    return activations, [pk for pk in wanted if pk not in found]
