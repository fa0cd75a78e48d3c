"""What stands out: questions for those who read the log, each looked at and closed with a note."""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from fairwitness.accountability import log_reading, standing_out, thresholds
from fairwitness.accountability.anomalies import NOBODY, Kind
from fairwitness.accountability.anomaly_rows import Anomaly
from fairwitness.accountability.standing_out import MOST_REFUSALS
from fairwitness.force.asking import NotAllowed
from fairwitness.force.models import Camera, Officer
from fairwitness.web import acting, page, threshold_acts, times, visits

_SHOWN: Final = 100

WORDS: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.MANY_VIEWS: (
        "watched much",
        (
            "{views} viewings or more in {window_days} days. An inquiry may need"
            " them; curiosity may look the same."
        ),
    ),
    Kind.NIGHT_VIEWS: (
        "watched at night",
        (
            "{night_views} viewings or more between midnight and five, no recording of"
            " their own near. Night duty without a camera looks the same."
        ),
    ),
    Kind.SAME_PERSON: (
        "watched the same person’s footage",
        (
            "{same_views} viewings or more of what one colleague wore, in"
            " {same_days} days. A supervisor’s care looks the same."
        ),
    ),
    Kind.REFUSALS: (
        "was refused again and again",
        (
            "{refusals} refusals or more in {window_days} days. A role that was not granted yet"
            " looks the same."
        ),
    ),
    Kind.OWN_REFUSED: (
        "asked for what they wore, and it was locked",
        "Footage that is locked for an inquiry, asked for by who wore it. Many do not know yet.",
    ),
    Kind.GAPS_GROW: (
        "misses more and more numbers",
        (
            "{gaps} numbers or more of its counter never came in"
            " {gap_days} days, and more than before. A fault looks the same."
        ),
    ),
    Kind.GLASS_UNJUDGED: (
        "broke the glass, and nobody judged it",
        (
            "An emergency opening that has waited for {judged_hours} hours or more. The question is"
            " to its keepers."
        ),
    ),
    Kind.COPIES_UNNAMED: (
        "made copies for court without a hearing or a reason",
        (
            "{copies} copies or more in {same_days} days that name no day of a hearing, and no"
            " reason but the one on the form. A copy before a date is set looks the same."
        ),
    ),
    Kind.NOT_ALL_COUNTED: (
        "refused so often that not every refusal was counted",
        (
            f"{MOST_REFUSALS:,} refusals of a kind or more in {{window_days}} days: only the last"
            " were looked at, and somebody whom earlier ones name may not stand out. A program that"
            " asks again and again looks the same."
        ),
    ),
}
"""What stands out, and what else it may be; the numbers are those that stand (`thresholds`)."""


@require_safe
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Open questions, then what was closed; that they were read is written down."""
    try:
        log_reading.demand(officer=visit.officer, at=visit.at)
    except NotAllowed:
        return _refuse(request)
    waiting = list(standing_out.open_ones(reader=visit.officer, at=visit.at)[:_SHOWN])
    closed = list(standing_out.closed_ones(reader=visit.officer, at=visit.at)[:_SHOWN])
    standing_out.note_reading(reader=visit.officer, shown=len(waiting), at=visit.at)
    called = _names(each for row in (*waiting, *closed) for each in (row.about, row.concerns))
    numbers = thresholds.numbers_now()
    change = thresholds.waiting()
    context = {
        "waiting": [_row(row, called, numbers) for row in waiting],
        "closed": [_row(row, called, numbers) for row in closed],
        "numbers": [(words, numbers[name]) for name, words in thresholds.NAMES.items()],
        "sets": threshold_acts.may_set(visit),
        "change_waits": change is not None,
    }
    return page.render(request, "pages/anomalies.html", context)


def _names(ids: Iterable[UUID | None]) -> dict[UUID, tuple[str, str]]:
    """What people call each, and how one searches the log for it; two queries."""
    wanted = {each for each in ids if each is not None}
    called = {NOBODY: ("The force", "/log?search=1&act=access.refused")}
    called |= {
        officer.pk: (officer.title, f"/log?search=1&actor={officer.collar_number}")
        for officer in Officer.objects.filter(pk__in=wanted)
    }
    for camera in Camera.objects.filter(pk__in=wanted - set(called)):
        called[camera.pk] = (f"Camera {camera.serial}", f"/log?search=1&subject=camera:{camera.pk}")
    return called


def _row(
    row: Anomaly, called: Mapping[UUID, tuple[str, str]], numbers: Mapping[str, int]
) -> dict[str, object]:
    words, explained = WORDS[Kind(row.kind)]
    who, href = called.get(row.about, ("Somebody", ""))
    concerns = called.get(row.concerns, ("", ""))[0] if row.concerns else ""
    return {
        "id": row.pk,
        "words": f"{who} {words}",
        "concerns": concerns,
        "explained": explained.format(**numbers),
        "number": row.number,
        "found": times.short_moment(row.found_at),
        "href": href,
        "note": row.note,
        "closed": times.short_moment(row.closed_at) if row.closed_at else "",
        "closed_by": row.closed_by.title if row.closed_by else "",
    }


@require_POST
@visits.signed_in
def close(request: HttpRequest, visit: visits.SignedVisit, pk: int) -> HttpResponse:
    """Close one with a note."""

    def act() -> str:
        standing_out.close(
            anomaly=pk, officer=visit.officer, note=request.POST.get("note", ""), at=visit.at
        )
        return "Closed. It is not asked again while the same things count."

    return acting.attempt(request, act, then="/stands-out", back="/stands-out")


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="What stands out",
        sentence="You can’t read this.",
        detail="It is for those who read the whole force’s log. This request was written down.",
        back="/today",
    )
