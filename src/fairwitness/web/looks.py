"""Who looked at this: a recording's viewings, for whoever may read its history."""

from collections import Counter
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from fairwitness.evidence import circle, history, looks
from fairwitness.force.asking import Action, Role
from fairwitness.formats.custody import recording_subject
from fairwitness.web import page, recording, showing, times, visits


@require_safe
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Each look, and how many of each person; that it was read is written down."""
    found = recording.find(visit, pk)
    if found is None:
        return recording.not_here(request)
    subject = circle.subject_of(recording=found, at=visit.at, asking=visit.officer.pk)
    about = recording_subject(pk)
    if not visits.allowed(visit, Action.SEE_HISTORY, about=about, subject=subject):
        return recording.not_here(request)
    mine = found.wearer_id == visit.officer.pk
    history.note_reading(recording=found, officer=visit.officer, at=visit.at)
    seen = looks.of(recording=found, reader=visit.officer, at=visit.at)
    watched = Counter(look.who for look in seen if not look.refused)
    context = {
        "id": str(pk),
        "reference": found.reference,
        **showing.life_line_rows(found, facts=visit.facts, at=visit.at),
        "mine": mine,
        "oversight": Role.INDEPENDENT_INVESTIGATOR in visit.roles,
        "people": watched.most_common(),
        "rows": [
            {
                "moment": times.short_moment(look.at),
                "who": look.who,
                "what_for": look.what_for,
                "refused": look.refused,
            }
            for look in seen
        ],
    }
    return page.render(request, "pages/looks.html", context)
