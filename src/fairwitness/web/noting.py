"""A note on a recording, of all of it or of one moment: it stands in what happened to it."""

from typing import ClassVar, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from fairwitness.errors import FairwitnessError
from fairwitness.evidence import annotations
from fairwitness.evidence.models import Recording
from fairwitness.web import acting, moments, recording, visits

LONGEST: Final = 1000


class NoteInvalid(FairwitnessError):
    """A note without words, with too many, or of a moment that the recording does not have."""

    code: ClassVar[str] = "note.invalid"


@require_POST
@visits.signed_in
def write(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Write a note; the master and what the camera signed stay as they are."""
    found = recording.find_alive(visit, pk)
    if found is None:
        return recording.not_here(request)

    def act() -> str:
        annotations.annotate(
            recording=found, officer=visit.officer, text=_text(request, found), at=visit.at
        )
        return "Your note is written down. It stands under What happened to it."

    here = f"/recordings/{pk}"
    return acting.attempt(request, act, then=here, back=here)


def _text(request: HttpRequest, found: Recording) -> str:
    """The note as it is kept: a moment stands before its words.

    Raises:
        NoteInvalid: it can't be kept; the sentence says why.
    """
    text = " ".join(request.POST.get("note", "").split())
    if not text or len(text) > LONGEST or not text.isprintable():
        raise NoteInvalid(f"A note has words, and at most {LONGEST} characters.")
    typed = request.POST.get("moment", "").strip()
    if not typed:
        return text
    moment = moments.read(typed)
    if moment is None:
        raise NoteInvalid("The moment is written 01:27, or left empty.", code="note.moment")
    if moment >= found.duration_ms:
        raise NoteInvalid("The recording does not have that moment.", code="note.moment")
    return f"At {moments.write(moment)}: {text}"
