"""Cases: open one, produce exhibits in it, and download its copy for court."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fairwitness.cases import opening, producing, sight
from fairwitness.cases.models import Case, CaseState, Exhibit
from fairwitness.disclosure import tickets
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority, officers
from fairwitness.force.asking import Action, Subject
from fairwitness.web import acting, consulting, page, recording, showing, times, visits

REVIEW: Final = timedelta(days=180)
_SHOWN: Final = 200
_OF_RECORDING: Final = tuple(
    f"recording__{related}" for related in ("station", "review", "disposal")
)


def find(visit: visits.SignedVisit, pk: UUID) -> Case | None:
    """The case, if this visitor may see it; a refusal is written down."""
    case = Case.objects.select_related("unit", "officer_in_case").filter(pk=pk).first()
    if case is None:
        return None
    about, subject = opening.about(case), opening.subject_of(case)
    if not visits.allowed(visit, Action.SEE_CASE, about=about, subject=subject):
        return None
    return case


def not_here(request: HttpRequest) -> HttpResponse:
    """There is no such case, or none for this visitor."""
    return page.refuse(
        request,
        title="Not found",
        sentence="There is no such case, or none that you may see.",
        detail="Investigators, disclosure officers and evidence managers see cases.",
        back="/cases",
        status=404,
    )


def _row(case: Case) -> dict[str, object]:
    return {
        "id": str(case.pk),
        "reference": case.reference,
        "title": case.title,
        "unit": case.unit.name,
        "officer": str(case.officer_in_case),
        "state": case.get_state_display(),
        "opened": times.plain_day(case.opened_at),
        "review": times.plain_date(case.review_on),
    }


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The cases that one may see, the newest first."""
    seen = Case.objects.filter(sight.within(visit.facts))
    found = seen.select_related("unit", "officer_in_case")[:_SHOWN]
    rows = [
        _row(case) for case in found if visits.may(visit, Action.SEE_CASE, opening.subject_of(case))
    ]
    may_open = visits.may(visit, Action.OPEN_CASE, Subject(unit=visit.officer.unit.code))
    return page.render(request, "pages/cases.html", {"rows": rows, "may_open": may_open})


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def open_new(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Open a case; its opener answers for it."""
    if not visits.allowed(visit, Action.OPEN_CASE):
        return page.refuse(
            request,
            title="Open a case",
            sentence="You can’t open a case.",
            detail="Investigators, disclosure officers and evidence managers can.",
            back="/cases",
        )
    if request.method != "POST":
        return page.render(request, "pages/case_new.html")

    def act() -> str:
        case = opening.open_case(
            reference=request.POST.get("reference", "").strip(),
            title=request.POST.get("title", "").strip(),
            unit=visit.officer.unit,
            officer_in_case=visit.officer,
            review_on=times.day(visit.at) + REVIEW,
            officer=visit.officer,
            at=visit.at,
        )
        return f"Case {case.reference} is open. Produce recordings in it from their own pages."

    return acting.attempt(request, act, then="/cases", back="/cases/new")


@require_safe
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """One case: its exhibits, and the copies that were made."""
    case = find(visit, pk)
    if case is None:
        return not_here(request)
    exhibits = [
        {
            "id": str(exhibit.pk),
            "reference": exhibit.reference,
            "title": exhibit.title,
            "producer": str(exhibit.producer),
            "recording": str(exhibit.recording_id),
            "recording_reference": exhibit.recording.reference,
            "produced": times.short_moment(exhibit.produced_at),
            "withdrawn": times.short_moment(exhibit.withdrawn_at) if exhibit.withdrawn_at else "",
            "line": showing.line_for(exhibit.recording, facts=visit.facts, at=visit.at),
        }
        for exhibit in case.exhibits.select_related("producer", *_OF_RECORDING).prefetch_related(
            "recording__bindings__hold"
        )
    ]
    copies = [
        {
            "id": str(copy.pk),
            "recipient": copy.recipient,
            "purpose": copy.purpose,
            "made": times.short_moment(copy.made_at),
            "by": str(copy.made_by),
            "exhibits": ", ".join(copy.exhibits),
        }
        for copy in case.disclosures.select_related("made_by")[:_SHOWN]
    ]
    consulting.note(visit, of="exhibits", shown=len(exhibits), about=opening.about(case))
    context = {
        **_row(case),
        "exhibits": exhibits,
        "copies": copies,
        "may_export": any(not one["withdrawn"] for one in exhibits)
        and visits.may(visit, Action.EXPORT, opening.subject_of(case)),
        "closed": case.state == CaseState.CLOSED,
        "outcome": case.outcome,
        "may_close": visits.may(visit, Action.CLOSE_CASE, opening.subject_of(case)),
        "gives_leave": visits.may(visit, Action.GIVE_CASE_LEAVE, opening.subject_of(case)),
        "fingerprint": visit.works.fingerprint(),
    }
    return page.render(request, "pages/case.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def produce(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Produce a recording as an exhibit: case, producer and what it is, in the producer's words."""
    found = recording.find_alive(visit, pk)
    if found is None:
        return recording.not_here(request)
    cases = [
        case
        for case in sight.open_ones(visit.facts)[:_SHOWN]
        if visits.may(visit, Action.SEE_CASE, opening.subject_of(case))
    ]
    if request.method != "POST":
        names = showing.category_names()
        context = {
            "id": str(found.pk),
            "reference": found.reference,
            "title": showing.title(found, names),
            **showing.life_line_rows(found, facts=visit.facts, at=visit.at),
            "cases": [(str(case.pk), f"{case.reference}: {case.title}") for case in cases],
            "producer": found.wearer.collar_number if found.wearer else "",
        }
        return page.render(request, "pages/produce.html", context)
    chosen = next((case for case in cases if str(case.pk) == request.POST.get("case")), None)

    def act() -> str:
        if chosen is None:
            raise producing.ExhibitInvalid("Choose a case.")
        made = producing.produce(
            case=chosen,
            recording=found,
            producer=officers.named(request.POST.get("producer", "").strip()),
            title=request.POST.get("title", "").strip(),
            officer=visit.officer,
            at=visit.at,
            reference=request.POST.get("reference", "").strip() or None,
        )
        return f"It is exhibit {made.exhibit.reference} in case {chosen.reference}, and is kept."

    then = f"/cases/{chosen.pk}" if chosen else f"/recordings/{pk}"
    return acting.attempt(request, act, then=then, back=f"/recordings/{pk}/produce")


@require_POST
@visits.signed_in
def withdraw(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Withdraw an exhibit; its reference is never used again."""
    exhibit = Exhibit.objects.select_related("case").filter(pk=pk).first()
    if exhibit is None or find(visit, exhibit.case_id) is None:
        return not_here(request)
    back = f"/cases/{exhibit.case_id}"

    def act() -> str:
        done = producing.withdraw(
            exhibit=exhibit,
            reason=request.POST.get("reason", "").strip(),
            officer=visit.officer,
            at=visit.at,
        )
        if done.released:
            return f"{exhibit.reference} is withdrawn. What nothing else keeps stays seven days."
        return f"{exhibit.reference} is withdrawn; its hold waits for a second person."

    return acting.attempt(request, act, then=back, back=back)


@require_POST
@visits.signed_in
def export(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Start the download of a copy for court."""
    case = find(visit, pk)
    if case is None:
        return not_here(request)
    recipient = request.POST.get("recipient", "").strip()
    purpose = request.POST.get("purpose", "").strip()
    try:
        authority.demand(
            actor=visit.officer,
            action=Action.EXPORT,
            subject=opening.subject_of(case),
            about=opening.about(case),
            at=visit.at,
        )
        if not recipient or not purpose:
            raise producing.ExhibitInvalid("Say for whom the copy is, and why.")
        hearing_on = _day(request.POST.get("hearing_on", ""))
    except FairwitnessError as error:
        return acting.refused(request, error, back=f"/cases/{pk}")
    address = tickets.address(
        case=case,
        officer=visit.officer,
        recipient=recipient,
        purpose=purpose,
        hearing_on=hearing_on,
    )
    return HttpResponseRedirect(address)


def _day(typed: str) -> date | None:
    day = times.typed_day(typed)
    if typed and day is None:
        raise producing.ExhibitInvalid("Give the day of the hearing as a date.")
    return day
