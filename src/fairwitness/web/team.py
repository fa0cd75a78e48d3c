"""My team: what goes soon, missing numbers on cameras, footage without a wearer, the dip sample.

Looking through it is a consultation and written down, like any list of others' recordings. One's
own are not in it: they are on one's own pages, where a silent hold changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from fairwitness.evidence import reaching, unassigned
from fairwitness.evidence.models import Recording, State
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Camera
from fairwitness.ingest import counter_gaps
from fairwitness.retention import desk_sight, saying
from fairwitness.retention.models import DipSample, Said
from fairwitness.retention.samples import Listed
from fairwitness.retention.saying_rows import Matter
from fairwitness.web import (
    acting,
    consulting,
    life_line,
    missing_numbers,
    needs,
    not_recorded,
    page,
    showing,
    times,
    visits,
)

SHOWN: Final = 25
_SAMPLES: Final = 12
_UNFOLDED: Final = 3
"""So many draws stand open on the page; of more, each is opened by whoever wants it."""
_OVER: Final = When(drawn_at__isnull=False, total=F("done"), then=Value(1))
_COUNTED: Final = 1000
_DRAWN: Final = (
    *("sample", "lot", "recording__reference", "recording__started_at", "recording__docked_at"),
    *("recording__wearer__rank", "recording__wearer__name"),
)
"""What is shown of a drawn recording, and so all that is read of it."""


@dataclass(frozen=True, slots=True)
class Going:
    """A recording that goes soon unless somebody marks it."""

    href: str
    reference: str
    when: str
    wearer: str
    line: life_line.LifeLine


@dataclass(frozen=True, slots=True)
class Sample:
    """A month's draw of a unit, as far as it has come."""

    href: str
    month: str
    unit: str
    drawn: bool
    listed: int
    rows: tuple[Mapping[str, str], ...]
    done: int
    total: int


def refuse(request: HttpRequest) -> HttpResponse:
    """The one answer to whoever has no team."""
    return page.refuse(
        request,
        title="My team",
        sentence="You can’t see a team’s page.",
        detail="It is for supervisors and evidence managers.",
        back="/today",
    )


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The team's page."""
    units = visits.reach(visit, Action.CHECK_SAMPLE)
    if units is not None and not units:
        return refuse(request)
    going = _going(visit, units)
    shown = list(
        going.select_related("wearer", "station", "review", "disposal").prefetch_related(
            "bindings__hold"
        )[:SHOWN]
    )
    consulting.note(visit, of="team", shown=len(shown))
    missing = missing_numbers.of(visit, after=request.GET.get("after", ""))
    going_total = going.order_by()[:_COUNTED].count() if len(shown) == SHOWN else len(shown)
    samples = _samples(visit, units)
    context = {
        "going": [_row(each, visit) for each in shown],
        "going_total": going_total,
        "going_more": going_total == _COUNTED,
        "missing": missing,
        "unassigned": unassigned.waiting()
        .filter(reaching.there(visit.at), reaching.rare_within(units))
        .count(),
        "samples": samples[:_SAMPLES],
        "samples_more": len(samples) > _SAMPLES,
        "samples_fold": len(samples) > _UNFOLDED,
        "unrecorded": not_recorded.of_team(visit),
        "explained": _explained(visit, units),
        "month": f"{times.london(visit.at):%B %Y}",
    }
    return page.render(request, "pages/team.html", context)


def _going(visit: visits.SignedVisit, units: frozenset[str] | None) -> QuerySet[Recording]:
    visible = Q(force_hidden_from__isnull=True) | Q(force_hidden_from__gt=visit.at)
    return (
        Recording.objects.filter(reaching.within(units), reaching.plain(), visible)
        .filter(evidential=False, category="", wearer__isnull=False, state=State.LIVE)
        .filter(force_gone_by__gt=visit.at, force_gone_by__lte=visit.at + needs.SOON)
        .exclude(wearer=visit.officer)
        .order_by("force_gone_by", "pk")
    )


def _row(recording: Recording, visit: visits.SignedVisit) -> Going:
    known = showing.dates(recording, to=showing.Reader.FORCE)
    return Going(
        href=f"/recordings/{recording.pk}",
        reference=recording.reference,
        when=times.near_moment(showing.began(recording), at=visit.at),
        wearer=recording.wearer.title if recording.wearer else "nobody yet",
        line=showing.line(recording, known=known, at=visit.at, to=showing.Reader.FORCE),
    )


def _explained(visit: visits.SignedVisit, units: frozenset[str] | None) -> list[dict[str, str]]:
    """What was last said of recordings of the team: late, early, muted; one query.

    What must hold of the recording is asked row by row: else all that the team keeps is walked.
    """
    shown = Q(force_hidden_from__isnull=True) | Q(force_hidden_from__gt=visit.at)
    open_ones = Recording.objects.filter(reaching.within(units), reaching.plain(), shown)
    said = (
        Said.objects.filter(Exists(open_ones.filter(pk=OuterRef("recording"))))
        .filter(matter__in=[Matter.LATE, Matter.EARLY, Matter.MUTED])
        .exclude(Q(answer="") | Q(recording__wearer=visit.officer))
        .select_related("recording", "by")
        .order_by("-at", "-pk")[:SHOWN]
    )
    return [
        {
            "href": f"/recordings/{row.recording_id}",
            "reference": row.recording.reference,
            "by": row.by.title,
            "words": saying.in_words(row),
        }
        for row in said
    ]


def _samples(visit: visits.SignedVisit, units: frozenset[str] | None) -> list[Sample]:
    """Draws of which something waits come first, each lot with the latest month first."""
    found = (
        DipSample.objects.filter(reaching.within(units))
        .select_related("unit")
        .defer("population")
        .annotate(
            listed=Listed(),
            total=Count("drawn"),
            done=Count("drawn", filter=Q(drawn__looked_at__isnull=False)),
        )
        .annotate(over=Case(_OVER, default=Value(0)))
        .order_by("over", "-month", "unit__name")[: _SAMPLES + 1]
    )
    listed = list(found)
    waiting: dict[UUID, list[Mapping[str, str]]] = {}
    drawn = desk_sight.drawn(visit.facts).filter(sample__in=[each.pk for each in listed])
    for each in drawn.select_related("recording__wearer").only(*_DRAWN).order_by("lot"):
        recording = each.recording
        waiting.setdefault(each.sample_id, []).append(
            {
                "href": f"/team/drawn/{each.pk}",
                "reference": recording.reference,
                "when": times.near_moment(showing.began(recording), at=visit.at),
                "wearer": recording.wearer.title if recording.wearer else "",
            }
        )
    return [
        Sample(
            href=f"/team/samples/{each.pk}",
            month=f"{each.month:%B %Y}",
            unit=each.unit.name,
            drawn=each.drawn_at is not None,
            listed=each.listed,
            rows=tuple(waiting.get(each.pk, ())),
            done=each.done,
            total=each.total,
        )
        for each in listed
    ]


@require_POST
@visits.signed_in
def explain(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Say why numbers of a camera's counter never came."""
    camera = Camera.objects.select_related("unit").filter(pk=pk).first()
    subject = Subject(unit=camera.unit.code if camera and camera.unit else None)
    known = visits.allowed(visit, Action.EXPLAIN_GAP, about=f"camera:{pk}", subject=subject)
    if camera is None or not known:
        return refuse(request)
    typed = request.POST.getlist("counter")[: missing_numbers.MANY]
    counters = [int(each) for each in typed if each.isdecimal() and len(each) < 19]  # noqa: PLR2004 - as a counter has

    def act() -> str:
        number = counter_gaps.explain(
            camera=camera,
            counters=counters,
            reason=request.POST.get("reason", ""),
            officer=visit.officer,
            at=visit.at,
        )
        what = "1 missing number" if number == 1 else f"{number} missing numbers"
        return f"Written down: why {what} of camera {camera.serial} never came."

    return acting.attempt(request, act, then="/team#gaps", back="/team#gaps")
