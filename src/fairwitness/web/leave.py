"""Who can open one recording: its class, and whom it is open to by name; and changing either."""

from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fairwitness.evidence import access_class, circle, naming
from fairwitness.evidence.access_class import ClassInvalid
from fairwitness.evidence.leave_rows import Naming
from fairwitness.evidence.models import Recording
from fairwitness.evidence.naming import NamingInvalid
from fairwitness.force import officers
from fairwitness.force.asking import AccessClass, Action
from fairwitness.formats.custody import recording_subject
from fairwitness.web import acting, leave_told, page, recording, showing, times, visits


def _find(
    request: HttpRequest, visit: visits.SignedVisit, pk: UUID
) -> tuple[Recording | None, HttpResponse]:
    """The recording, if this visitor says who can open it; else what to answer."""
    found = recording.find_alive(visit, pk)
    if found is None:
        return None, recording.not_here(request)
    subject = circle.subject_of(recording=found, at=visit.at, asking=visit.officer.pk)
    about = recording_subject(pk)
    if visits.allowed(visit, Action.SET_ACCESS_CLASS, about=about, subject=subject):
        return found, HttpResponse()
    refusal = page.refuse(
        request,
        title="Who can open it",
        sentence="You can’t change who can open this recording.",
        detail="It takes an evidence manager or professional standards, and never its wearer."
        " This request was written down.",
        back=f"/recordings/{pk}",
    )
    return None, refusal


@require_safe
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Its class, and who is named; with the forms to change both."""
    found, refusal = _find(request, visit, pk)
    if found is None:
        return refusal
    kept = AccessClass(found.access_class)
    context = {
        **_head(found, visit),
        **leave_told.card(visit, found),
        "class": leave_told.class_words(found)[0],
        "others": [
            (each.value, name, sees)
            for each, (name, sees) in leave_told.CLASSES.items()
            if each is not kept
        ],
        "first": (times.day(visit.at) + timedelta(days=1)).isoformat(),
        "last": times.day(visit.at + naming.LONGEST - timedelta(days=1)).isoformat(),
        "week": (times.day(visit.at) + timedelta(days=7)).isoformat(),
    }
    return page.render(request, "pages/leave.html", context)


def _head(found: Recording, visit: visits.SignedVisit) -> dict[str, object]:
    return {
        "id": str(found.pk),
        "reference": found.reference,
        **showing.life_line_rows(found, facts=visit.facts, at=visit.at),
    }


@require_POST
@visits.signed_in
def name(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Name an officer for it, until the end of a day."""
    found, refusal = _find(request, visit, pk)
    if found is None:
        return refusal

    def act() -> str:
        officer = officers.named(request.POST.get("collar_number", "").strip())
        made = naming.name(
            recording=found,
            officer=officer,
            by=visit.officer,
            reason=request.POST.get("reason", ""),
            until=end_of(request.POST.get("until", "")),
            at=visit.at,
        )
        return f"{officer.title} can see it until {times.long_moment(made.ends_at)}."

    there = f"/recordings/{pk}/access"
    return acting.attempt(request, act, then=there, back=there)


def end_of(typed: str) -> datetime:
    """The end of a day in London."""
    day = times.typed_day(typed)
    if day is None:
        raise NamingInvalid("Say on which day it ends.")
    return times.ends(day)


@require_POST
@visits.signed_in
def end(request: HttpRequest, visit: visits.SignedVisit, pk: UUID, named: UUID) -> HttpResponse:
    """End a name before its time."""
    found, refusal = _find(request, visit, pk)
    if found is None:
        return refusal
    each = Naming.objects.select_related("officer", "recording__unit").filter(
        pk=named, recording=found
    )

    def act() -> str:
        row = each.first()
        if row is None:
            raise NamingInvalid("Nobody is named so.")
        naming.end(naming=row, by=visit.officer, reason=request.POST.get("reason", ""), at=visit.at)
        return f"{row.officer.title} is no longer named for it."

    there = f"/recordings/{pk}/access"
    return acting.attempt(request, act, then=there, back=there)


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def change_class(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Tell who would lose sight of it; then give it the other class."""
    found, refusal = _find(request, visit, pk)
    if found is None:
        return refusal
    asked = request.POST.get("to") or request.GET.get("to", "")
    there = f"/recordings/{pk}/access"
    if asked not in set(AccessClass) or asked == found.access_class:
        return page.refuse(
            request,
            title="Not done",
            sentence="Choose one of the other classes.",
            detail="Nothing was changed.",
            back=there,
            status=400,
        )
    to = AccessClass(asked)
    foretold = access_class.foretell(recording=found, to=to, officer=visit.officer, at=visit.at)
    if request.method != "POST":
        context = {
            **_head(found, visit),
            "from": leave_told.class_words(found)[0],
            "to": to.value,
            "to_words": leave_told.CLASSES[to][0],
            "sees": leave_told.CLASSES[to][1],
            "effect": foretold,
        }
        return page.render(request, "pages/leave_class.html", context)

    def act() -> str:
        if foretold.oneself and request.POST.get("sure") != "1":
            raise ClassInvalid("You would lose sight of it yourself. Tick that you know.")
        access_class.change(
            recording=found,
            to=to,
            officer=visit.officer,
            reason=request.POST.get("reason", ""),
            at=visit.at,
        )
        return f"It is {leave_told.CLASSES[to][0].lower()} now."

    then = "/recordings?scope=unit" if foretold.oneself else f"/recordings/{pk}"
    return acting.attempt(request, act, then=then, back=f"{there}/class?to={to.value}")
