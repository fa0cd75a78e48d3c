"""The list: one's own recordings, each with the day it is deleted; or a unit's, for those who may.

One's own list needs no reason. Looking through other people's is a consultation: it is asked for,
narrowed to the units where the role is held, and written down.
"""

import functools
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from fairwitness.evidence import knowing, sight
from fairwitness.evidence.models import AccessClass, CircleMember, Recording, Standing, State
from fairwitness.force import authority, obstacles, permissions
from fairwitness.force.asking import Action, OfficerFacts, Role
from fairwitness.force.models import Unit
from fairwitness.web import (
    consulting,
    incidents,
    life_line,
    page,
    quarantine,
    showing,
    times,
    unit_list,
    visits,
    volumes,
)

PAGE: Final = unit_list.PAGE
SOON: Final = timedelta(days=7)
_SEERS: Final = frozenset(
    {
        Role.SUPERVISOR,
        Role.INVESTIGATOR,
        Role.DISCLOSURE_OFFICER,
        Role.EVIDENCE_MANAGER,
        Role.PROFESSIONAL_STANDARDS,
    }
)


@dataclass(frozen=True, slots=True)
class Row:
    """One recording in the list."""

    href: str
    title: str
    when: str
    reference: str
    length: str
    category: str
    remark: str
    wearer: str
    line: life_line.LifeLine


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading."""

    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Filters:
    """What the visitor asked for, as the form shows it again."""

    words: str
    category: str
    since: str
    until: str
    scope: str
    when: tuple[str, ...]


_OWN_DAYS: Final = knowing.Columns("shown_gone_by", "shown_hidden_from")
_WHEN: Final = ("soon", "later", "kept", "gone")


def _filters(request: HttpRequest) -> Filters:
    when = tuple(w for w in request.GET.getlist("when") if w in _WHEN) or _WHEN[:3]
    return Filters(
        words=consulting.words(request.GET.get("words", "")),
        category=consulting.words(request.GET.get("category", "")),
        since=request.GET.get("since", ""),
        until=request.GET.get("until", ""),
        scope="unit" if request.GET.get("scope") == "unit" else "mine",
        when=when,
    )


def _scope(visit: visits.SignedVisit, scope: str) -> QuerySet[Recording]:
    """Whose recordings: one's own, or those that others wore in the units where one may look.

    One's own are left out there: their days are other ones to their wearer, and no index has both.
    What a critical incident locks shows in nobody's list but its wearer's.
    """
    if scope == "mine":
        return Recording.objects.filter(wearer=visit.officer)
    locked = CircleMember.objects.filter(recording=OuterRef("pk"), standing=Standing.INCIDENT)
    found = Recording.objects.exclude(Exists(locked), locked=True).exclude(wearer=visit.officer)
    if visit.facts.force_wide & _SEERS:
        return found
    codes = {unit for role, unit in visit.facts.by_unit if role in _SEERS}
    units = list(Unit.objects.filter(code__in=codes).values_list("pk", flat=True))
    return found.filter(unit=units[0]) if len(units) == 1 else found.filter(unit__in=units)


def _kinds(
    filters: Filters, days: knowing.Columns, facts: OfficerFacts, at: datetime
) -> dict[str, Q]:
    """The kinds that are wanted, by what becomes of them; of a unit's, what one may see."""
    gone = days.gone_by
    live, soon = Q(state=State.LIVE), at + SOON
    every = {
        "soon": live & Q(**{f"{gone}__gt": at, f"{gone}__lte": soon}),
        "later": live & Q(**{f"{gone}__gt": soon}),
        "kept": live & Q(**{f"{gone}__isnull": True}),
        "gone": ~live | Q(**{f"{gone}__lte": at}),
    }
    if filters.scope == "unit":  # not what is in the bin: that is its manager's
        there = Q(**{f"{days.hidden_from}__isnull": True}) | Q(**{f"{days.hidden_from}__gt": at})
        seen = sight.obstacles(facts, at)
        every["soon"] &= there & seen
        every["later"] &= there & seen
        every["kept"] = live & knowing.kept(gone) & seen
        every["gone"] &= Q(access_class=AccessClass.OPEN)
    return {name: every[name] for name in filters.when}


def _narrowed(found: QuerySet[Recording], filters: Filters, at: datetime) -> QuerySet[Recording]:
    if filters.words and filters.scope == "mine":
        live = Q(state=State.LIVE) & (Q(shown_gone_by__isnull=True) | Q(shown_gone_by__gt=at))
        found = found.filter(
            Q(reference__icontains=filters.words)
            | live & Q(incident__icontains=filters.words)
            | Q(wearer__collar_number__iexact=filters.words)
        )
    if filters.category:
        found = found.filter(category="" if filters.category == "none" else filters.category)
    since, until = times.typed_day(filters.since), times.typed_day(filters.until)
    if since:
        found = found.filter(docked_at__gte=times.begins(since))
    if until:
        found = found.filter(docked_at__lt=times.ends(until))
    return found


def _own(found: QuerySet[Recording], kinds: Mapping[str, Q], at: datetime) -> QuerySet[Recording]:
    """One's own, all of them in order: nobody has so many that they can't be counted."""
    gone = ~Q(state=State.LIVE) | Q(shown_gone_by__lte=at)
    over = Case(When(gone, then=Value(1)), default=Value(0))
    soonest = F("shown_gone_by").asc(nulls_last=True)
    wanted = functools.reduce(operator.or_, kinds.values())
    return found.filter(wanted).order_by(over, soonest, "-docked_at", "id")


def row(
    recording: Recording, *, names: Mapping[str, str], facts: OfficerFacts, at: datetime
) -> Row:
    """One recording as a list shows it: to its wearer, to the force, or to oversight."""
    to = showing.reader(recording, facts)
    known = showing.dates(recording, to=to)
    if showing.gone(recording, known=known, at=at):
        recording = showing.without_footage(recording)
    lanes = showing.lanes(recording)
    muted = f"Muted {', '.join(m.at for m in lanes.mutes)}" if lanes.mutes else ""
    return Row(
        href=f"/recordings/{recording.pk}",
        title=showing.title(recording, names),
        when=times.near_moment(showing.began(recording), at=at),
        reference=recording.reference,
        length=times.counter(recording.duration_ms),
        category=showing.category(recording, names),
        remark=muted,
        wearer=recording.wearer.title if recording.wearer else "nobody yet",
        line=showing.line(recording, known=known, at=at, to=to),
    )


def _heading(recording: Recording, *, facts: OfficerFacts, at: datetime) -> str:
    known = showing.dates(recording, to=showing.reader(recording, facts))
    if showing.gone(recording, known=known, at=at):
        return "Deleted"
    if known.gone_by is None:
        return "Kept"
    return "Deleted within 7 days" if known.gone_by <= at + SOON else "Deleted later"


def _groups(
    found: list[Recording], *, names: Mapping[str, str], facts: OfficerFacts, at: datetime
) -> list[Group]:
    grouped: dict[str, list[Row]] = {}
    for recording in found:
        heading = _heading(recording, facts=facts, at=at)
        grouped.setdefault(heading, []).append(row(recording, names=names, facts=facts, at=at))
    return [Group(heading, tuple(rows)) for heading, rows in grouped.items()]


def _numbers(visit: visits.SignedVisit) -> dict[str, int]:
    mine = Recording.objects.filter(wearer=visit.officer, state=State.LIVE)
    soon = mine.filter(shown_gone_by__gt=visit.at, shown_gone_by__lte=visit.at + SOON)
    return {
        "soon": soon.count(),
        "later": mine.filter(shown_gone_by__gt=visit.at + SOON).count(),
        "kept": mine.filter(shown_gone_by__isnull=True).count(),
    }


def _sought(filters: Filters) -> dict[str, str]:
    """What narrows the list, as its entry in the log says it."""
    return {
        "words": filters.words,
        "category": filters.category,
        "since": filters.since if times.typed_day(filters.since) else "",
        "until": filters.until if times.typed_day(filters.until) else "",
    }


def _counted_page(
    request: HttpRequest, found: QuerySet[Recording]
) -> tuple[list[Recording], int, str]:
    """A page by its number, how many there are in all, and the number of the next page."""
    asked = request.GET.get("page", "1")
    number = max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1  # noqa: PLR2004 - nobody has so many
    related = ("wearer", "unit", "station", "review", "disposal")
    start, total = (number - 1) * PAGE, found.count()
    page_of = found.select_related(*related).prefetch_related("bindings__hold")
    following = str(number + 1) if start + PAGE < total else ""
    return list(page_of[start : start + PAGE]), total, following


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """My recordings, deleted soonest first; or my unit's."""
    filters = _filters(request)
    mine = filters.scope == "mine"
    may_see_unit = bool(visit.roles & _SEERS)
    if not mine and not may_see_unit:
        sentence = "You can look through your own recordings only."
        authority.note_refusal(
            actor=visit.officer,
            action=Action.SEE_RECORDING,
            refused=obstacles.refuse("role", sentence),
            about="force",
            at=visit.at,
        )
        return page.refuse(
            request,
            title="Only your own recordings",
            sentence=sentence,
            detail="Looking through a unit’s needs a supervisor’s or an investigator’s role.",
            back="/recordings",
        )
    days = _OWN_DAYS if mine else knowing.columns(visit.facts)
    found, too_many = _narrowed(_scope(visit, filters.scope), filters, visit.at), False
    if filters.words and not mine:
        looked_up = unit_list.typed(
            found, words=filters.words, days=days, dead="gone" in filters.when, at=visit.at
        )
        found, days, too_many = looked_up.found, looked_up.days, looked_up.more
    kinds = _kinds(filters, days, visit.facts, visit.at)
    query = request.GET.copy()
    if mine:
        shown, total, following = _counted_page(request, _own(found, kinds, visit.at))
        query["page"] = following
    else:
        after = request.GET.get("after", "")
        shown, following = unit_list.page_of(found, kinds, days.gone_by, after)
        total, query["after"] = len(shown), following
    if not mine:
        consulting.note(visit, of="unit", shown=len(shown), sought=_sought(filters))
    names = showing.category_names()
    context = {
        "groups": _groups(shown, names=names, facts=visit.facts, at=visit.at),
        "total": total,
        "shown": len(shown),
        "today": times.long_day(visit.at),
        "numbers": _numbers(visit),
        "incidents": incidents.unseen(visit),
        "volumes": volumes.waiting(visit.facts),
        "quarantined": quarantine.waiting_long(visit.facts, visit.at),
        "filters": filters,
        "too_many": too_many,
        "mine": mine,
        "may_see_unit": may_see_unit,
        "may_import": permissions.units_where(visit.facts, Action.IMPORT_FOOTAGE) != frozenset(),
        "categories": sorted(names.items(), key=lambda item: item[1]),
        "next_page": f"?{urlencode(list(query.lists()), doseq=True)}" if following else "",
    }
    return page.render(request, "pages/recordings.html", context)
