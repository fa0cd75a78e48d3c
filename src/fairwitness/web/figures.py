"""The public figures: what was received is where we say it is, or the page says it is not."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from fairwitness.accountability import counting, figures
from fairwitness.web import figure_tables as tables
from fairwitness.web import page, times, visits


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """For anyone, signed in or not: as they were counted last, for counting all takes its time."""
    visit = visits.of(request)
    count = counting.seen(at=visit.at)
    total = figures.Line(**count.total)
    context = {
        "when": times.long_moment(count.at),
        "rows": [_row(figures.Line(**line)) for line in count.lines],
        "total": _row(total),
        "heads": [head for _, head in tables.PLACES],
        "kept": tables.told_pairs(sorted(total.kept.items())),
        "problems": count.problems,
        "in_log": f"{count.in_log:,}",
        "apart": tables.told_pairs(
            [
                ("Docked late", total.late),
                ("Brought in by an officer", total.imported),
                ("Docked from enrolled volumes", total.from_volumes),
                ("Docked without a camera’s signature", total.unsigned),
                ("Never arrived", total.never_arrived),
            ]
        ),
    }
    return page.render(request, "pages/figures.html", context)


def _row(line: figures.Line) -> tables.Row:
    numbers = {name: getattr(line, name) for name, _ in tables.PLACES if name != "kept"}
    numbers |= {"received": line.received, "kept": sum(line.kept.values())}
    return tables.row(line.name, numbers, apart=())
