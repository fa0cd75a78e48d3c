"""Figures for those who work here: by month, unit and category, with charts, tables and a file.

They are those that `accountability.counting` counted last, and the page says when. Nothing here
counts a recording.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_safe

from fairwitness.accountability import counting, figures, firearms
from fairwitness.accountability.models import FigureCell, FiguresCount, Outcome
from fairwitness.accountability.months import month_of
from fairwitness.force.asking import Action
from fairwitness.force.models import Unit
from fairwitness.retention import categories
from fairwitness.web import figure_tables as tables
from fairwitness.web import page, spoken_figures, times, visits

if TYPE_CHECKING:
    from django.db.models import QuerySet

_SHOWN: Final = 12
"""Months that the page begins with."""

_NONE: Final = "none"
_REASONS: Final = {
    "own recording": "Own recording, or named for it",
    "case": "A case",
    "incident": "An incident",
    "review": "A review",
    "request": "A request",
    "not known": "Not known",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which figures: of one unit or category, from one month on; codes, or empty for all."""

    unit: str
    category: str
    since: date

    def choose(self, count: FiguresCount) -> "QuerySet[FigureCell]":
        cells = FigureCell.objects.filter(count=count, month__gte=self.since)
        if self.unit:
            cells = cells.filter(unit=self.unit)
        if self.category:
            cells = cells.filter(category="" if self.category == _NONE else self.category)
        return cells


@require_safe
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The figures, with what they are asked to be about."""
    if not visits.allowed(visit, Action.SEE_FIGURES):
        return _refused(request)
    count = counting.latest(at=visit.at)
    asked = _asked(request.GET, count)
    units = dict(Unit.objects.order_by("name").values_list("code", "name"))
    names = {code: line.name for code, line in categories.current().items()}
    cells = asked.choose(count)
    months = tables.by(cells, "month")
    whole = tables.together(months.values())
    by_unit = tables.by(cells, "unit")
    kept = _kept(count, asked)
    unit_names = {**units, figures.NO_UNIT: "No unit yet"}
    context = {
        "when": times.long_moment(count.at),
        "problems": count.problems,
        "in_log": f"{count.in_log:,}",
        "total": tables.row("All", whole),
        "heads": [head for _, head in tables.PLACES],
        "apart_heads": [head for _, head in tables.APART],
        "by_month": [tables.row(_month_name(key), each) for key, each in months.items()],
        "by_unit": _rows(by_unit, unit_names),
        "by_category": _rows(tables.by(cells, "category"), {**names, "": "No category"}),
        "kept": tables.told_pairs(sorted(kept.items())),
        "kept_sum": f"{sum(kept.values()):,}",
        "kept_of": units.get(asked.unit, ""),
        "query": request.GET.urlencode(),
        "choice": _choice(asked, count, units, names),
        **_charts(months),
        **_apart(months, whole),
        **spoken_figures.rows(
            months, by_unit, whole, month_name=_month_name, unit_names=unit_names
        ),
        "firearms": _firearms(asked, visit),
        "whole_force": not asked.category,
    }
    return page.render(request, "pages/staff_figures.html", context)


@require_safe
@visits.signed_in
def download(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The same figures as a file of comma-separated values."""
    if not visits.allowed(visit, Action.SEE_FIGURES):
        return _refused(request)
    count = counting.latest(at=visit.at)
    text = tables.as_csv(_asked(request.GET, count).choose(count))
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    mark = "training-" if visit.works.training else ""
    name = f"{mark}figures-{times.day(count.at).isoformat()}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _refused(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request, title="You can't see the figures", sentence="You hold no role here any more."
    )


def _asked(query: QueryDict, count: FiguresCount) -> _Asked:
    month = month_of(count.at)
    back = month.year * 12 + month.month - _SHOWN
    first = date(back // 12, back % 12 + 1, 1)
    return _Asked(
        unit=query.get("unit", ""),
        category=query.get("category", ""),
        since=tables.month(query.get("since", "")) or first,
    )


def _choice(
    asked: _Asked, count: FiguresCount, units: Mapping[str, str], names: Mapping[str, str]
) -> dict[str, object]:
    """What the filters offer, with what is chosen."""
    months = FigureCell.objects.filter(count=count).order_by("month")
    days = {*months.values_list("month", flat=True).distinct(), asked.since}
    return {
        "units": [(code, name, code == asked.unit) for code, name in units.items()],
        "categories": [
            (code, name, code == asked.category)
            for code, name in [(_NONE, "No category"), *sorted(names.items(), key=lambda n: n[1])]
        ],
        "months": [
            (f"{day:%Y-%m}", _month_name(day.isoformat()), day == asked.since)
            for day in sorted(days)
        ],
    }


def _rows(found: Mapping[str, Mapping[str, int]], names: Mapping[str, str]) -> list[tables.Row]:
    rows = [tables.row(names.get(code, code), each) for code, each in found.items()]
    return sorted((row for row in rows if row.received), key=lambda row: row.name)


def _kept(count: FiguresCount, asked: _Asked) -> dict[str, int]:
    """Why recordings are kept, of the unit or the whole force; reasons have no month."""
    lines = [line for line in count.lines if line["code"] == asked.unit]
    found = (lines[0] if lines else {"kept": {}}) if asked.unit else count.total
    return {str(reason): int(number) for reason, number in found["kept"].items()}


def _charts(months: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    received = [
        (_short_name(key), each.get("received", 0), tables.deleted(each))
        for key, each in months.items()
    ]
    watched = [
        (_short_name(key), sum(tables.views(each).values()), 0) for key, each in months.items()
    ]
    told = []
    for key, each in months.items():
        yes, no, _unknown = tables.told(each)
        told.append((_short_name(key), yes + no, yes))
    return {
        "received_bars": tables.bars(received),
        "view_bars": tables.bars(watched),
        "told_bars": tables.bars(told),
    }


def _apart(months: Mapping[str, Mapping[str, int]], whole: Mapping[str, int]) -> dict[str, Any]:
    """Views, people told and copies for court, each as rows of a table."""
    reasons = list(tables.views(whole))
    yes, no, unknown = tables.told(whole)
    return {
        "reasons": [_REASONS.get(reason, reason) for reason in reasons],
        "view_rows": [
            (_month_name(key), [tables.views(each).get(reason, 0) for reason in reasons])
            for key, each in months.items()
        ],
        "view_sums": [tables.views(whole)[reason] for reason in reasons],
        "told_rows": tables.told_rows(
            (_month_name(key), *tables.told(each)) for key, each in months.items()
        ),
        "told_sums": [f"{number:,}" for number in (yes, no, unknown)],
        "told_percent": round(100 * yes / (yes + no)) if yes + no else None,
        "share_rows": [(_month_name(key), tables.shared(each)) for key, each in months.items()],
        "shared": tables.shared(whole),
    }


def _firearms(asked: _Asked, visit: visits.SignedVisit) -> dict[str, object]:
    told = firearms.told(first=asked.since, last=month_of(visit.at), unit=asked.unit)
    return {
        "operations": told.operations,
        "discharges": told.discharges,
        "opened": told.opened,
        "concluded": told.concluded,
        "not_investigated": told.not_investigated,
        "outcomes": [(str(each.label), told.outcomes[each.value]) for each in Outcome],
    }


def _month_name(key: str) -> str:
    return f"{date.fromisoformat(key):%B %Y}"


def _short_name(key: str) -> str:
    return f"{date.fromisoformat(key):%b %Y}"
