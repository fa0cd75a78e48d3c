"""What stands out: questions for those who read the log, each looked at and closed with a note."""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from fairwitness.accountability import log_reading, standing_out
from fairwitness.accountability.anomalies import AS_USUAL, Kind
from fairwitness.accountability.anomaly_rows import Anomaly
from fairwitness.force.asking import NotAllowed
from fairwitness.force.models import Camera, Officer
from fairwitness.web import acting, page, times, visits

_SHOWN: Final = 100

WORDS: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.MANY_VIEWS: (
        "watched much",
        (
            f"{AS_USUAL.views} viewings or more in {AS_USUAL.window.days} days. An inquiry may need"
            " them; curiosity may look the same."
        ),
    ),
    Kind.NIGHT_VIEWS: (
        "watched at night",
        (
            f"{AS_USUAL.night_views} viewings or more between midnight and five, no recording of"
            " their own near. Night duty without a camera looks the same."
        ),
    ),
    Kind.SAME_PERSON: (
        "watched the same person’s footage",
        (
            f"{AS_USUAL.same_views} viewings or more of what one colleague wore, in"
            f" {AS_USUAL.same_window.days} days. A supervisor’s care looks the same."
        ),
    ),
    Kind.REFUSALS: (
        "was refused again and again",
        (
            f"{AS_USUAL.refusals} refusals or more in {AS_USUAL.window.days} days. A role that was"
            " not granted yet looks the same."
        ),
    ),
    Kind.OWN_REFUSED: (
        "asked for what they wore, and it was locked",
        "Footage that is locked for an inquiry, asked for by who wore it. Many do not know yet.",
    ),
    Kind.GAPS_GROW: (
        "misses more and more numbers",
        (
            f"{AS_USUAL.gaps} numbers or more of its counter never came in"
            f" {AS_USUAL.gap_window.days} days, and more than before. A fault looks the same."
        ),
    ),
    Kind.GLASS_UNJUDGED: (
        "broke the glass, and nobody judged it",
        "An emergency opening that has waited for more than a day. The question is to its keepers.",
    ),
}
"""What stands out, and what else it may be."""


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
    context = {
        "waiting": [_row(row, called) for row in waiting],
        "closed": [_row(row, called) for row in closed],
    }
    return page.render(request, "pages/anomalies.html", context)


def _names(ids: Iterable[UUID | None]) -> dict[UUID, tuple[str, str]]:
    """What people call each, and how one searches the log for it; two queries."""
    wanted = {each for each in ids if each is not None}
    called = {
        officer.pk: (officer.title, f"/log?search=1&actor={officer.collar_number}")
        for officer in Officer.objects.filter(pk__in=wanted)
    }
    for camera in Camera.objects.filter(pk__in=wanted - set(called)):
        called[camera.pk] = (f"Camera {camera.serial}", f"/log?search=1&subject=camera:{camera.pk}")
    return called


def _row(row: Anomaly, called: Mapping[UUID, tuple[str, str]]) -> dict[str, object]:
    words, explained = WORDS[Kind(row.kind)]
    who, href = called.get(row.about, ("Somebody", ""))
    concerns = called.get(row.concerns, ("", ""))[0] if row.concerns else ""
    return {
        "id": row.pk,
        "words": f"{who} {words}",
        "concerns": concerns,
        "explained": explained,
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
