"""The recordings that somebody may see, as conditions on rows: what `may` answers, for a query.

`permissions.may` decides about one recording. A search over a million can't ask it a million times,
so what it answers for `SEE_RECORDING` is written here a second time, in terms of columns. That both
say the same is a test's to show: it asks `may` about every recording of random worlds.

Design rules:

1. `grounds` are the ways in which somebody may have to do with a recording. Each is a condition
   that an index leads, so that a search can walk each from the newest on and merge them.
2. `obstacles` is what may stand in the way nevertheless, on every ground alike.
3. No task is given: what only a request opens, a search does not show.
4. No obstacle may lead a query: what most recordings are is no way to find one. So it is *not
   deleted* that is asked, for which no index can be walked, and never *live*.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from fairwitness.evidence import knowing
from fairwitness.evidence.circle import AROUND
from fairwitness.evidence.models import AccessClass, CircleMember, Recording, Standing, State
from fairwitness.force.asking import Action, OfficerFacts, Role
from fairwitness.force.models import Unit
from fairwitness.force.permissions import units_where

MOST_NAMED: Final = 5000
"""So many recordings or incidents are named in a query one by one."""


def grounds(facts: OfficerFacts, at: datetime) -> tuple[Q, ...]:
    """One condition for each ground on which this officer may see recordings.

    A role for the whole force is the only ground that is needed: it takes in all others.
    """
    return (*walked(facts), *named(facts, at))


def walked(facts: OfficerFacts) -> tuple[Q, ...]:
    """The grounds that may hold very many recordings: an index leads through each in time."""
    if not facts.active:
        return ()
    codes = units_where(facts, Action.SEE_RECORDING)
    if codes is None:
        return (Q(),)
    units = Unit.objects.filter(code__in=codes).values_list("pk", flat=True)
    return (Q(wearer=facts.officer), *(Q(unit=pk) for pk in units))


def named(facts: OfficerFacts, at: datetime) -> tuple[Q, ...]:
    """The grounds that name recordings or incidents one by one: nothing else need lead there."""
    if not facts.active or units_where(facts, Action.SEE_RECORDING) is None:
        return ()
    return (*_circle(facts, at), *_present(facts))


def obstacles(facts: OfficerFacts, at: datetime) -> Q:
    """What must hold besides a ground: not gone, and lock, class and bin open to this officer."""
    mine = Q(wearer=facts.officer)
    standards = _where(facts, Role.PROFESSIONAL_STANDARDS)
    manager = _where(facts, Role.EVIDENCE_MANAGER)
    lock_owner = _among(facts, Standing.LOCK)
    independent = _where(facts, Role.INDEPENDENT_INVESTIGATOR)
    overseen = Exists(_locks().filter(oversight=True))
    unlocked = Q(locked=False) | lock_owner | mine & _released(facts)
    unlocked |= ~mine & (standards & ~overseen | independent & overseen)
    named = _among(facts, Standing.NAMED, until=at)
    broken = _among(facts, Standing.GLASS, until=at)
    restricted = Q(access_class=AccessClass.RESTRICTED)
    opened = Q(access_class=AccessClass.OPEN) | mine | named | lock_owner
    opened |= standards | (manager | broken) & restricted
    shown = mine | manager | broken | _among(facts, Standing.HOLD)
    for column in sorted({"force_hidden_from", knowing.columns(facts).hidden_from}):
        shown |= _later(column, at)
    return not_gone(facts, at) & unlocked & opened & shown


def not_gone(facts: OfficerFacts, at: datetime) -> Q:
    """Recordings that are still there, as far as this officer may know."""
    known = knowing.columns(facts)
    over = _later("shown_gone_by", at) & _later("force_gone_by", at)
    there = ~Q(state=State.DISPOSED) & _later("gone_by", at)
    there &= ~Q(wearer=facts.officer) | over
    if known.gone_by != "gone_by":
        there &= _later(known.gone_by, at)
    return there


def _later(column: str, at: datetime) -> Q:
    return Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__gt": at})


def _where(facts: OfficerFacts, role: Role) -> Q:
    """Recordings where this officer has the role."""
    if role in facts.force_wide:
        return Q(state=State.LIVE)  # always so here: a condition that says yes
    codes = [unit for held, unit in facts.by_unit if held is role]
    return Q(unit__in=Unit.objects.filter(code__in=codes).values("pk")) if codes else Q(pk__in=())


def _among(facts: OfficerFacts, standing: Standing, *, until: datetime | None = None) -> Q:
    """Recordings in whose circle this officer is for that reason, and still is at a moment."""
    members = CircleMember.objects.filter(
        recording=OuterRef("pk"), officer=facts.officer, standing=standing
    )
    return Q(Exists(members if until is None else members.filter(until__gt=until)))


def _locks() -> QuerySet[CircleMember]:
    return CircleMember.objects.filter(
        recording=OuterRef("pk"), standing__in=[Standing.LOCK, Standing.INCIDENT]
    )


def _released(facts: OfficerFacts) -> Q:
    """Recordings that this officer may look at although they are locked: each lock is released."""
    released = CircleMember.objects.filter(officer=facts.officer, standing=Standing.RELEASED)
    of_same = released.filter(recording=OuterRef("recording"), reference=OuterRef("reference"))
    standing = _locks().exclude(Exists(of_same), standing=Standing.INCIDENT)
    return Q(Exists(released.filter(recording=OuterRef("pk")))) & Q(~Exists(standing))


def _circle(facts: OfficerFacts, at: datetime) -> Iterable[Q]:
    """Recordings on which this officer owns a hold or a lock, or has leave for a time."""
    owned = Q(standing__in=[Standing.HOLD, Standing.LOCK])
    for_now = Q(standing__in=[Standing.NAMED, Standing.GLASS], until__gt=at)
    members = CircleMember.objects.filter(owned | for_now, officer=facts.officer)
    yield from _named("pk", members.order_by().values_list("recording", flat=True).distinct())


def _present(facts: OfficerFacts) -> Iterable[Q]:
    """Recordings of an incident at which this officer recorded at the same time: see `circle`."""
    mine = Recording.objects.filter(wearer=facts.officer).exclude(incident="")
    around = mine.filter(
        incident=OuterRef("incident"),
        started_at__lte=ExpressionWrapper(OuterRef("ended_at") + AROUND, DateTimeField()),
        ended_at__gte=ExpressionWrapper(OuterRef("started_at") - AROUND, DateTimeField()),
    ).exclude(pk=OuterRef("pk"))
    incidents = mine.order_by().values_list("incident", flat=True).distinct()
    for those in _named("incident", incidents):
        yield those & Q(Exists(around))


def _named(column: str, values: QuerySet[Any, Any]) -> Iterable[Q]:
    """Rows with one of these values: named one by one, so that a database walks no other index.

    No condition at all where there are no values; the query itself where there are too many.
    """
    found = list(values[: MOST_NAMED + 1])
    if found:
        yield Q(**{f"{column}__in": found if len(found) <= MOST_NAMED else values})
