"""Deletion runs: what was deleted, what will be, and the record of each deletion."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from fairwitness.evidence.models import Recording
from fairwitness.force.asking import AccessClass, Action, Subject
from fairwitness.force.models import Unit
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import deletion_sight, week_ahead
from fairwitness.retention.models import Disposal, DisposalRun
from fairwitness.web import (
    consulting,
    figure_tables,
    going,
    life_line,
    page,
    showing,
    times,
    visits,
)

_SHOWN: Final = 10
_RELATED: Final = tuple(
    f"recording__{related}" for related in ("unit", "station", "review", "disposal")
)


@dataclass(frozen=True, slots=True)
class Run:
    """One run for the table."""

    when: str
    state: str
    due: int
    disposed: int
    problem: str


@dataclass(frozen=True, slots=True)
class Gone:
    """One deletion for the table."""

    id: str
    reference: str
    when: str
    because: str
    status: str
    confirmed: bool
    opens: bool
    line: life_line.LifeLine


def _may_open(visit: visits.SignedVisit, recording: Recording) -> bool:
    """Whether its page is for this visitor: an auditor, say, sees that it went, not what it was."""
    subject = Subject(
        unit=recording.unit.code if recording.unit else None,
        wearer=recording.wearer_id,
        access_class=AccessClass(recording.access_class),
        locked=recording.locked,
    )
    return visits.may(visit, Action.SEE_RECORDING, subject)


def _week(units: frozenset[str] | None) -> dict[str, object] | None:
    """What goes within a week, as counted last: by day, unit and category."""
    found = week_ahead.counted()
    if found is None:
        return None
    week = found.within(units)
    named = dict(Unit.objects.values_list("code", "name"))
    categories = showing.category_names()
    days = week.by_day()
    return {
        "counted": times.short_moment(week.counted_at),
        "total": f"{week.total:,}",
        "bars": figure_tables.bars([(f"{day:%a} {day.day}", many, many) for day, many in days]),
        "days": [(times.long_date(day), f"{number:,}") for day, number in days],
        "units": _numbers(week.by(lambda line: named.get(line.unit, line.unit or "No unit"))),
        "categories": _numbers(
            week.by(lambda line: categories.get(line.category, line.category) or "Not categorised")
        ),
    }


def _numbers(rows: list[tuple[str, int]]) -> list[tuple[str, str]]:
    return [(name, f"{number:,}") for name, number in rows]


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """What goes this week, what stops it, the latest deletions, and the runs."""
    units = visits.reach(visit, Action.SEE_DISPOSALS)
    if units is not None and not units:
        return going.refuse(request)
    disposals = Disposal.objects.select_related(*_RELATED).filter(
        deletion_sight.within(visit.facts)
    )
    if units is not None:
        disposals = disposals.filter(recording__unit__code__in=units)
    runs = [
        Run(
            when=times.short_moment(run.started_at),
            state=run.get_state_display(),
            due=run.due,
            disposed=run.disposed,
            problem=run.problem,
        )
        for run in DisposalRun.objects.order_by("-started_at")[:_SHOWN]
    ]
    gone = [
        Gone(
            id=str(row.recording_id),
            reference=row.recording.reference,
            when=times.short_moment(row.disposed_at),
            because=row.because,
            status=row.get_status_display(),
            confirmed=row.status == "confirmed",
            opens=_may_open(visit, row.recording),
            line=showing.line_for(row.recording, facts=visit.facts, at=visit.at),
        )
        for row in disposals.prefetch_related("recording__bindings__hold").order_by("-disposed_at")[
            :_SHOWN
        ]
    ]
    consulting.note(visit, of="deletions", shown=len(gone))
    context = {
        "runs": runs,
        "gone": gone,
        "week": _week(units),
        "stops": going.stops(visit.at),
        "may_stop": going.may_stop(visit),
    }
    return page.render(request, "pages/deletions.html", context)


@require_safe
@visits.signed_in
def record(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """The signed record of deletion, as a file to keep and check.

    Not for the wearer as such: that there is none would tell of a silent hold.
    """
    seen = Disposal.objects.filter(deletion_sight.within(visit.facts))
    found = seen.select_related("recording__unit").filter(pk=pk).first()
    about = recording_subject(pk)
    unit = found.recording.unit.code if found and found.recording.unit else None
    if (
        found is None
        or not found.statement
        or not visits.allowed(visit, Action.SEE_DISPOSALS, about=about, subject=Subject(unit=unit))
    ):
        return page.refuse(
            request,
            title="No record",
            sentence="There is no record of deletion here that you may see.",
            detail="A record is signed once the key is destroyed; try again in a minute.",
            back="/recordings",
            status=404,
        )
    answer = HttpResponse(found.statement, content_type="application/json")
    name = found.recording.reference.replace("/", "-")
    answer["Content-Disposition"] = f'attachment; filename="deletion-{name}.dsse.json"'
    return answer
