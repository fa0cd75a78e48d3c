"""The public figures: what was received is where we say it is, or the page says it is not."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from fairwitness.accountability import counting, figures
from fairwitness.web import page, times, visits


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """For anyone, signed in or not: as they were counted last, for counting all takes its time."""
    visit = visits.of(request)
    count = counting.seen(at=visit.at)
    total = figures.Line(**count.total)
    context = {
        "when": times.long_moment(count.at),
        "lines": [_row(figures.Line(**line)) for line in count.lines],
        "total": _row(total),
        "kept": sorted(total.kept.items()),
        "problems": count.problems,
        "in_log": count.in_log,
        "never_arrived": total.never_arrived,
    }
    return page.render(request, "pages/figures.html", context)


def _row(line: figures.Line) -> dict[str, object]:
    return {
        "name": line.name,
        "received": line.received,
        "not_yet_due": line.not_yet_due,
        "kept": sum(line.kept.values()),
        "under_way": line.under_way,
        "in_quarantine": line.in_quarantine,
        "deleted_by_rule": line.deleted_by_rule,
        "deleted_by_person": line.deleted_by_person,
        "lost": line.lost,
        "late": line.late,
        "imported": line.imported,
        "from_volumes": line.from_volumes,
        "unsigned": line.unsigned,
        "adds_up": line.adds_up,
    }
