"""A recording's transcripts: each with who typed and attached it, and the form for a new one."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from fairwitness.evidence import access, circle, transcripts
from fairwitness.evidence.models import Recording
from fairwitness.force.asking import Action
from fairwitness.formats import webvtt
from fairwitness.web import acting, page, recording, showing, times, transcript_telling, visits


def may_attach(visit: visits.SignedVisit, row: Recording) -> bool:
    """Whether this visitor may attach one; the act asks again."""
    subject = circle.subject_of(recording=row, at=visit.at, asking=visit.officer.pk)
    return visits.may(visit, Action.ANNOTATE, subject)


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Every transcript of a recording with who attached it, and the form for a new one."""
    found = recording.find_alive(visit, pk)
    if found is None:
        return recording.not_here(request)
    path = f"/recordings/{pk}/transcript"
    if request.method == "POST":

        def act() -> str:
            made = transcripts.attach(
                recording=found,
                officer=visit.officer,
                data=request.POST.get("transcript", "").replace("\r\n", "\n").encode(),
                made_by=request.POST.get("made_by", ""),
                vault=visit.works.vault,
                at=visit.at,
            )
            return f"Attached as transcript {made.number}. From now on it is the one shown."

        return acting.attempt(request, act, then=path, back=path)
    token = request.COOKIES.get(recording.COOKIE, "")
    playing = access.is_granted(token=token, recording=found, officer=visit.officer, at=visit.at)
    context = {
        "id": str(pk),
        "reference": found.reference,
        "title": showing.title(found, showing.category_names()),
        "when": times.long_moment(showing.began(found)),
        "rows": [
            transcript_telling.attached(
                found, made, token=token if playing else "", current=number == 0
            )
            for number, made in enumerate(transcripts.history(found))
        ],
        "playing": playing,
        "may_attach": may_attach(visit, found),
        "most": webvtt.MOST_BYTES >> 10,
    }
    return page.render(request, "pages/transcript.html", context)
