"""Finding recordings: one search, the same on every database, and nothing that one may not see.

Design rules:

1. What somebody may see is part of each query (`evidence.sight`): there is no list that is thinned
   out afterwards, and so no count and no page that tells of what was left out. How many there are
   in all is not counted: a page says whether there are more.
2. **Each ground is walked by itself**, from the newest on, along an index, and stops when it has a
   page; the walks are merged here. One condition with *or* between grounds has no index.
3. A page begins after the last recording of the page before, by its time and id; no page is
   counted off.
4. What few recordings have (a word, an exhibit) is looked up first. When it turns out to be common,
   the walk asks for it instead: what is common is met soon.
"""

import heapq
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import and_, or_
from typing import Final
from uuid import UUID

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    Max,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from fairwitness.accountability import walking
from fairwitness.accountability.search import UNCATEGORISED, Around, Near, Place, Sought
from fairwitness.cases import sight as case_sight
from fairwitness.cases.models import Case as CourtCase
from fairwitness.cases.models import Exhibit
from fairwitness.evidence import knowing, places, sight, words
from fairwitness.evidence.models import AccessClass, Provenance, Recording, State, Word
from fairwitness.force.asking import OfficerFacts
from fairwitness.force.models import Camera, Officer, Station, Unit
from fairwitness.retention.models import HoldBinding
from fairwitness.vault.keyring import KeyRing

PAGE: Final = 25
SOON: Final = timedelta(days=7)
LONGEST: Final = timedelta(days=1)
"""A recording that is longer is found by the first day of it."""
FEW: Final = 1000
"""So many are looked up one by one; a word that more have is asked of each as it is met."""
MOST_NAMED: Final = 1500
"""So many that were near a place are looked up one by one; more are met soon on the walk."""
NAMESAKES: Final = 500
"""Officers of one name, and recordings of one number, that a search takes in at most."""

_NOTHING: Final = Q(pk__in=())
_RELATED: Final = ("wearer", "unit", "station", "review", "disposal")


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search, the newest first; `after` begins the next, if there is one."""

    recordings: tuple[Recording, ...]
    after: Place | None


@dataclass(frozen=True, slots=True)
class Walked:
    """Which recordings a page has, the newest first; `after` begins the next, if there is one."""

    recordings: tuple[UUID, ...]
    after: Place | None


def find(
    *, sought: Sought, facts: OfficerFacts, at: datetime, ring: KeyRing, limit: int = PAGE
) -> Found:
    """One page of what this officer may see of what is sought; asked for like a `walk`."""
    page = walk(sought=sought, facts=facts, at=at, ring=ring, limit=limit)
    holds = Prefetch("bindings", HoldBinding.objects.select_related("hold"))
    known = Recording.objects.select_related(*_RELATED).prefetch_related(holds)
    found = known.in_bulk(page.recordings)
    return Found(tuple(found[pk] for pk in page.recordings if pk in found), page.after)


def walk(
    *, sought: Sought, facts: OfficerFacts, at: datetime, ring: KeyRing, limit: int = PAGE
) -> Walked:
    """Which recordings one page has of what this officer may see of what is sought.

    Args:
        sought: read from the address.
        facts: who asks.
        at: now.
        ring: has the keys that a search by place needs.
        limit: how many at most.
    """
    there = _near(sought, ring)
    wanted = _wanted(sought, facts, at, there)
    if wanted is None:
        return Walked((), None)
    known_ends = Recording.objects.alias(over=Coalesce("ended_at", "began_at"))
    rows: QuerySet[Recording] = known_ends.filter(*wanted)
    if sought.after is not None:
        rows = walking.after(rows, sought.after)
    narrowed, open_to = _narrowed(sought, facts, at, there), sight.obstacles(facts, at)
    if there is not None and len(there) > MOST_NAMED:
        passed = [walking.passed_near(rows.filter(*by), there) for by in narrowed]
    elif _of_several(wanted) or (there is not None and sight.walked(facts) == (Q(),)):
        passed = [walking.passed(rows.filter(*by)) for by in narrowed]
    else:
        open_ones = rows.filter(open_to)  # made once: that takes milliseconds
        walks = [walking.first(open_ones.filter(*by), limit + 1) for by in narrowed]
        return _page(walks, limit)
    return _page(walking.met(passed, Recording.objects.filter(open_to), limit + 1), limit)


def _page(walks: list[list[tuple[datetime, UUID]]], limit: int) -> Walked:
    order = list(dict.fromkeys(heapq.merge(*walks, reverse=True)))
    more = Place(*order[limit - 1]) if len(order) > limit else None
    return Walked(tuple(pk for _began_at, pk in order[:limit]), more)


def _any_of(ways: Iterable[Q]) -> Q:
    """One of these grounds, in words by which no index leads: what is named one by one leads."""
    return _leading_nowhere(reduce(or_, ways))


def _leading_nowhere(condition: Q) -> Q:
    """The same in words by which no index leads. PostgreSQL would take two and read both whole."""
    said = Case(When(condition, then=True), default=False, output_field=BooleanField())
    return Q(Exact(said, Value(value=True)))


def _of_several(wanted: list[Q]) -> bool:
    """Whether namesakes lead: each has an order of their own, so all of theirs is sorted."""
    said = [each for one in wanted for each in one.children if isinstance(each, tuple)]
    return any(name == "wearer__in" for name, _keys in said)


def _narrowed(
    sought: Sought, facts: OfficerFacts, at: datetime, there: frozenset[bytes] | None
) -> list[list[Q]]:
    """What must hold on each ground, besides what is `_wanted` on all."""
    common = _common(sought, facts, at)
    if any(one is _NOTHING for one in common):
        return []
    ways, named = sight.walked(facts), sight.named(facts, at)
    if there is not None and len(there) <= MOST_NAMED and len(ways) + len(named) > 1:
        ways, named = (_any_of((*ways, *named)),), ()
    beside = [_leading_nowhere(one) for one in common]
    return [*([way, *common] for way in ways), *([one, *beside] for one in named)]


def visible(*, recordings: Collection[UUID], facts: OfficerFacts, at: datetime) -> list[Recording]:
    """Those of these recordings that this officer may see, the newest first."""
    ways = sight.grounds(facts, at)
    if not ways:
        return []
    rows = Recording.objects.filter(
        reduce(or_, ways), sight.obstacles(facts, at), pk__in=recordings
    )
    return list(rows.select_related(*_RELATED).order_by("-began_at", "-pk"))


def _near(sought: Sought, ring: KeyRing) -> frozenset[bytes] | None:
    """Whatever was near the place or the station that is sought; None where none is."""
    near = around(sought.around) if sought.around else sought.near
    if near is None:
        return frozenset() if sought.around else None
    return places.near(
        latitude=near.latitude, longitude=near.longitude, metres=near.metres, ring=ring
    )


def around(sought: Around) -> Near | None:
    """The place of a station that is searched around; None when nobody has said where it is."""
    station = Station.objects.filter(code=sought.station).first()
    place = station.place if station else None
    return Near(place.latitude, place.longitude, sought.metres) if place else None


def _wanted(
    sought: Sought, facts: OfficerFacts, at: datetime, there: frozenset[bytes] | None
) -> list[Q] | None:
    """What is sought but for what is `_common`; None when it can be true of nothing."""
    conditions = [
        *_whose(sought),
        *_when(sought),
        *((Q(incident=sought.incident),) if sought.incident else ()),
        *(_soon(facts, at) if "soon" in sought.flags else ()),
        *_exhibit(sought.exhibit, facts),
        *_words(sought.words),
        *_there(there),
    ]
    return None if any(one is _NOTHING for one in conditions) else conditions


def _common(sought: Sought, facts: OfficerFacts, at: datetime) -> list[Q]:
    """What very many recordings have of what is sought."""
    return [
        *((_coded("unit", Unit, sought.unit),) if sought.unit else ()),
        *((_coded("station", Station, sought.station),) if sought.station else ()),
        *_category(sought.category),
        *(_flag(flag, facts, at) for flag in sorted(sought.flags)),
    ]


def _there(there: frozenset[bytes] | None) -> Iterable[Q]:
    if there is not None and len(there) <= MOST_NAMED:
        yield Q(pk__in=[UUID(bytes=each) for each in there]) if there else _NOTHING


def _whose(sought: Sought) -> Iterable[Q]:
    if sought.officer:
        yield _ids("wearer", _officers(sought.officer))
    if sought.camera:
        yield _ids("camera", Camera.objects.filter(serial=sought.camera).values_list("pk"))


def _ids(column: str, keys: Iterable[tuple[object]]) -> Q:
    """Rows that name one of these, by key and not by a join: an index can lead them."""
    found = [key for (key,) in keys]
    if not found:
        return _NOTHING
    return Q(**{column: found[0]}) if len(found) == 1 else Q(**{f"{column}__in": found})


def _coded(column: str, model: type[Unit | Station], code: str) -> Q:
    """Rows of the unit or the station that has this code."""
    return _ids(column, model.objects.filter(code=code).values_list("pk"))


def _officers(text: str) -> Iterable[tuple[object]]:
    """Whoever has this collar number; else all whose names have these words."""
    by_number = Officer.objects.filter(collar_number=text.upper()).values_list("pk")
    named = reduce(and_, (Q(name__icontains=word) for word in text.split()))
    return list(by_number) or list(Officer.objects.filter(named).values_list("pk")[:NAMESAKES])


def _when(sought: Sought) -> Iterable[Q]:
    if sought.ends_at is not None:
        yield Q(began_at__lt=sought.ends_at)
    if sought.begins_at is not None:
        yield Q(began_at__gte=sought.begins_at - LONGEST)
        yield Q(over__gte=sought.begins_at)


def _category(code: str) -> Iterable[Q]:
    if code:
        yield Q(category="" if code == UNCATEGORISED else code)


def _flag(flag: str, facts: OfficerFacts, at: datetime) -> Q:
    """A flag as this officer may know it: without the silent holds that are not for them."""
    mine = Q(wearer=facts.officer)
    gone, soon = knowing.columns(facts).gone_by, at + SOON
    return {
        "evidential": Q(evidential=True),
        "kept": mine & knowing.kept("shown_gone_by") | ~mine & knowing.kept(gone),
        "soon": mine & Q(shown_gone_by__lte=soon) | ~mine & Q(**{f"{gone}__lte": soon}),
        "late": Q(late=True),
        "locked": Q(locked=True),
        "restricted": ~Q(access_class=AccessClass.OPEN),
        "unassigned": Q(wearer__isnull=True),
        "uncategorised": Q(category=""),
        "unsigned": ~Q(provenance=Provenance.SIGNED),
    }[flag]


def _soon(facts: OfficerFacts, at: datetime) -> Iterable[Q]:
    """Where a walk to what is deleted soon may begin: what came since is kept for longer.

    They are counted too, so that PostgreSQL does not look for the newest from the newest on.
    """
    rows = Recording.objects.filter(state=State.LIVE)
    gone = knowing.columns(facts).gone_by
    ends = rows.filter(**{f"{gone}__gt": at, f"{gone}__lte": at + SOON})
    mine = rows.filter(wearer=facts.officer, shown_gone_by__gt=at, shown_gone_by__lte=at + SOON)
    told = [each.aggregate(newest=Max("began_at"), all=Count("*")) for each in (ends, mine)]
    known = [each["newest"] for each in told if each["all"]]
    yield Q(began_at__lte=max(known)) if known else _NOTHING


def _exhibit(reference: str, facts: OfficerFacts) -> Iterable[Q]:
    """What the exhibits of this reference keep, in cases that this officer may see."""
    if not reference:
        return
    standing = Exhibit.objects.filter(reference=reference, withdrawn_at__isnull=True)
    cases = CourtCase.objects.filter(case_sight.within(facts))
    standing = standing.filter(case__in=cases.values("pk"))
    bound = standing.filter(hold__bindings__recording__isnull=False)
    found = list(bound.values_list("hold__bindings__recording", flat=True))
    yield Q(pk__in=found) if found else _NOTHING


def _words(text: str) -> Iterable[Q]:
    """Recordings with each of the words; or of this number."""
    if not text:
        return
    numbered = Recording.objects.filter(reference=text).values_list("pk", flat=True)
    keys = set(numbered[:NAMESAKES])
    sought = sorted(words.split(text))
    common, few = _by_commonness(sought)
    if common and few is None:
        yield Q(pk__in=keys) | reduce(and_, common)
        return
    if few:
        yield (
            Q(pk__in=keys) | reduce(and_, common, Q(pk__in=few)) if common else Q(pk__in=keys | few)
        )
        return
    yield Q(pk__in=keys) if keys else _NOTHING


def _by_commonness(sought: list[str]) -> tuple[list[Q], set[UUID] | None]:
    """For words that many have, what to ask of each recording; of the others, who has them all."""
    common: list[Q] = []
    few: set[UUID] | None = None
    for word in sought:
        having = Word.objects.filter(word=word)
        keys = set(having.values_list("recording_id", flat=True)[: FEW + 1])
        if len(keys) > FEW:
            common.append(Q(Exists(having.filter(recording=OuterRef("pk")))))
        else:
            few = keys if few is None else few & keys
    return common, few
