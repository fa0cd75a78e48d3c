"""What is said of one recording, at the desk: people told, reasons, what its category asks."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from fairwitness.evidence.models import Recording
from fairwitness.retention import categories, saying
from fairwitness.retention.models import Said
from fairwitness.web import acting, page, recording, showing, tapping, times, visits


def rows(found: Recording) -> dict[str, object]:
    """What stands and what stood before, in words, for a page about one recording; one query."""
    told = saying.everything(found.pk)
    stands = [row for row in saying.newest(told) if row.answer]
    now = {row.pk for row in stands}

    def line(row: Said) -> dict[str, str]:
        return {
            "words": saying.in_words(row),
            "by": row.by.title,
            "moment": times.short_moment(row.at),
        }

    return {
        "said_now": [line(row) for row in stands],
        "said_before": [line(row) for row in told if row.pk not in now],
        "camera_told": tapping.camera_told(found),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """The form; what is chosen anew stands beside what was said before."""
    found = recording.find_alive(visit, pk)
    if found is None:
        return recording.not_here(request)
    line = categories.current().get(found.category)
    if request.method == "POST":
        return _say(request, visit, found)
    typed = tapping.typed_before(saying.latest(pk))
    context = {
        "id": str(pk),
        "reference": found.reference,
        "title": showing.title(found, showing.category_names()),
        "when": times.long_moment(showing.began(found)),
        **showing.life_line_rows(found, facts=visit.facts, at=visit.at),
        **rows(found),
        "matters": tapping.matters(typed),
        "category": line.name if line else "",
        "asks": tapping.asked(line, typed, alone=True) if line else (),
    }
    return page.render(request, "pages/say.html", context)


def _say(request: HttpRequest, visit: visits.SignedVisit, found: Recording) -> HttpResponse:
    def act() -> str:
        sayings = tapping.read_reasons(request)
        if found.category:
            sayings += tapping.read_fields(request, found.category)
        saying.say(recordings=[found.pk], sayings=sayings, officer=visit.officer, at=visit.at)
        return "Written down. What was said before stays beside it."

    here = f"/recordings/{found.pk}"
    return acting.attempt(request, act, then=here, back=f"{here}/say")
