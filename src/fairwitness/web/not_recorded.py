"""That one recorded nothing, and why: an officer says it of a time and an incident."""

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from fairwitness.retention import desk_sight, not_recording, reasons
from fairwitness.retention.models import NotRecorded
from fairwitness.web import acting, page, times, visits

SHOWN: Final = 20


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The form, and what one said before."""
    if request.method == "POST":
        return acting.attempt(
            request, lambda: _note(request, visit), then="/not-recorded", back="/not-recorded"
        )
    mine = not_recording.mine(visit.officer)
    wanted = _id(request.GET.get("instead", ""))
    old = mine.filter(pk=wanted).first() if wanted else None
    happened = times.london(old.happened_at if old else visit.at)
    context = {
        "old": {"id": str(old.pk), "words": not_recording.in_words(old)} if old else None,
        "incident": old.incident if old else "",
        "reason": old.reason if old else "",
        "words": old.words if old else "",
        "day": f"{happened:%Y-%m-%d}",
        "time": f"{happened:%H:%M}",
        "reasons": reasons.lists()[reasons.NOT_RECORDED].items(),
        "rows": [row(each) for each in mine[:SHOWN]],
    }
    return page.render(request, "pages/not_recorded.html", context)


def row(each: NotRecorded) -> dict[str, str]:
    """One as a list shows it."""
    return {
        "id": str(each.pk),
        "who": each.officer.title,
        "incident": each.incident,
        "when": times.short_moment(each.happened_at),
        "why": not_recording.in_words(each),
    }


def of_team(visit: visits.SignedVisit) -> list[dict[str, str]]:
    """What stands of the officers of one's units, newest first; one query."""
    found = desk_sight.not_recorded(visit.facts).select_related("officer")
    return [row(each) for each in found[:SHOWN]]


def _note(request: HttpRequest, visit: visits.SignedVisit) -> str:
    said = f"{request.POST.get('day', '')}T{request.POST.get('time', '')}"
    happened = times.typed_moment(said)
    if happened is None:
        raise not_recording.NonUseInvalid("Say on which day it was, and at what time.")
    not_recording.note(
        officer=visit.officer,
        incident=request.POST.get("incident", ""),
        happened_at=happened,
        reason=request.POST.get("choice", ""),
        words=request.POST.get("words", ""),
        at=visit.at,
        instead_of=_id(request.POST.get("instead_of", "")),
    )
    return "Written down: why there is no recording. Your supervisor can read it."


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
