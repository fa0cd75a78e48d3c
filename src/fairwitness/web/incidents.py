"""Critical incidents: declare one in a minute, release viewing, enter accounts, close."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fairwitness.cases import declaring, post_incident
from fairwitness.cases.declaring import IncidentInvalid
from fairwitness.cases.models import CriticalIncident, Happening, Involvement, Notice
from fairwitness.custody import reading
from fairwitness.errors import FairwitnessError
from fairwitness.force import permissions
from fairwitness.force.asking import Action
from fairwitness.force.models import Station, Unit
from fairwitness.retention.models import HoldBinding
from fairwitness.web import acting, consulting, incident_form, page, times, visits

_SHOWN: Final = 200


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="Critical incidents",
        sentence="You can’t see critical incidents.",
        detail="They are for duty officers, post-incident managers and the oversight body.",
        back="/recordings",
    )


def not_here(request: HttpRequest) -> HttpResponse:
    """The same answer for an incident that is not and one that is not for this visitor."""
    return page.refuse(
        request,
        title="Not found",
        sentence="There is no such incident, or none that you may see.",
        detail="Duty officers, post-incident managers and the oversight body see incidents.",
        back="/incidents",
        status=404,
    )


def find(visit: visits.SignedVisit, pk: UUID, action: Action) -> CriticalIncident | None:
    """The incident, if this visitor may do this about it; a refusal is written down."""
    related = ("unit", "declared_by", "closed_by", "hold", "case")
    incident = CriticalIncident.objects.select_related(*related).filter(pk=pk).first()
    if incident is None:
        return None
    seen = visits.allowed(
        visit,
        action,
        about=declaring.about(incident),
        subject=post_incident.subject_of(incident),
    )
    return incident if seen else None


def unseen(visit: visits.SignedVisit) -> int:
    """How many incidents this person of the oversight body was told of and has not opened."""
    return Notice.objects.filter(officer=visit.officer, seen_at__isnull=True).count()


def told(incident: CriticalIncident) -> dict[str, object]:
    """What every page about it begins with."""
    return {
        "id": str(incident.pk),
        "reference": incident.reference,
        "happening": incident.get_happening_display(),
        "about": incident.about,
        "place": incident.place,
        "unit": incident.unit.name,
        "began": times.short_moment(incident.began_at),
        "ended": times.short_moment(incident.ended_at) if incident.ended_at else "",
        "declared": times.short_moment(incident.declared_at),
        "declared_by": str(incident.declared_by),
        "closed": times.short_moment(incident.closed_at) if incident.closed_at else "",
        "closed_by": str(incident.closed_by or ""),
        "outcome": incident.outcome,
    }


@require_safe
@visits.signed_in
def listing(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The incidents that one may see, the newest first."""
    units = visits.reach(visit, Action.SEE_INCIDENT)
    if units is not None and not units:
        return _refuse(request)
    found = CriticalIncident.objects.select_related("unit", "declared_by", "closed_by")
    if units is not None:
        found = found.filter(unit__code__in=units)
    unread = set(
        Notice.objects.filter(officer=visit.officer, seen_at__isnull=True).values_list(
            "incident_id", flat=True
        )
    )
    rows = [{**told(each), "new": each.pk in unread} for each in found[:_SHOWN]]
    may = permissions.units_where(visit.facts, Action.DECLARE_INCIDENT) != frozenset()
    return page.render(request, "pages/incidents.html", {"rows": rows, "may_declare": may})


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def declare(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """One page: what, when, where, who; what it locks now; and the act itself."""
    if not visits.allowed(visit, Action.DECLARE_INCIDENT):
        return page.refuse(
            request,
            title="Declare a critical incident",
            sentence="You can’t declare a critical incident.",
            detail="Duty officers and post-incident managers can. Ring the duty officer now.",
            back="/recordings",
        )
    context: dict[str, object] = {
        "typed": incident_form.typed(request.POST, visit.at),
        "happenings": [(each.value, each.label.capitalize()) for each in Happening],
        "units": list(Unit.objects.order_by("name").values_list("code", "name")),
        "stations": list(Station.objects.order_by("name").values_list("code", "name")),
    }
    if request.method != "POST":
        return page.render(request, "pages/incident_declare.html", context)
    try:
        said = incident_form.read(request.POST)
        if request.POST.get("deed") == "lock":
            done = declaring.declare(said=said, officer=visit.officer, at=visit.at)
            page.tell(request, _done(done))
            return HttpResponseRedirect(f"/incidents/{done.incident.pk}")
        found = declaring.would_lock(said=said, at=visit.at)
    except FairwitnessError as error:
        context["problem"] = error.message
        return page.render(request, "pages/incident_declare.html", context, status=400)
    consulting.note(visit, of="incident to be declared", shown=len(found))
    context["preview"] = [
        {
            "reference": row.reference,
            "wearer": str(row.wearer) if row.wearer else "nobody known",
            "docked": times.near_moment(row.docked_at, at=visit.at),
        }
        for row in found[:_SHOWN]
    ]
    context["number"] = len(found)
    return page.render(request, "pages/incident_declare.html", context)


def _done(done: declaring.Declared) -> str:
    what = "1 recording is" if done.locked == 1 else f"{done.locked} recordings are"
    said = f"{done.incident.reference}: {what} locked. What is docked later will be too."
    if not done.told:
        return f"{said} Nobody of the oversight body has an account here: ring them."
    return f"{said} Told inside the system: {', '.join(str(each) for each in done.told)}."


@require_safe
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """One incident: what is locked, who is released, when accounts were given."""
    incident = find(visit, pk, Action.SEE_INCIDENT)
    if incident is None:
        return not_here(request)
    Notice.objects.filter(incident=incident, officer=visit.officer, seen_at=None).update(
        seen_at=visit.at
    )
    consulting.note(visit, of="incident", shown=1, about=declaring.about(incident))
    subject = post_incident.subject_of(incident)

    def may(action: Action) -> bool:
        return visits.may(visit, action, subject)

    bound = post_incident.bound_by(incident)
    context = {
        **told(incident),
        "recordings": [_bound_row(each, at=visit.at) for each in bound.values()],
        "people": people(incident, bound),
        "may_release": not incident.closed_at and may(Action.RELEASE_VIEWING),
        "may_enter": may(Action.ENTER_ACCOUNT),
        "may_investigate": may(Action.INVESTIGATE_INCIDENT),
        "may_close": not incident.closed_at and may(Action.CLOSE_INCIDENT),
        "today": times.day(visit.at).isoformat(),
    }
    return page.render(request, "pages/incident.html", context)


def _bound_row(binding: HoldBinding, *, at: datetime) -> dict[str, object]:
    recording = binding.recording
    return {
        "reference": recording.reference,
        "wearer": str(recording.wearer) if recording.wearer else "nobody known",
        "docked": times.near_moment(recording.docked_at, at=at),
        "locked": times.near_moment(binding.bound_at, at=at),
    }


def people(incident: CriticalIncident, bound: dict[str, HoldBinding]) -> list[dict[str, object]]:
    """Each officer named, what is released to them, and their accounts."""
    found = (
        Involvement.objects.select_related("officer", "released_by")
        .prefetch_related("accounts__entered_by")
        .filter(incident=incident)
        .order_by("officer__collar_number")
    )
    return [_person(each, bound) for each in found]


def _person(involvement: Involvement, bound: dict[str, HoldBinding]) -> dict[str, object]:
    given = post_incident.accounts_of(involvement, bound=bound)
    theirs = [each for each in bound.values() if each.recording.wearer_id == involvement.officer_id]
    released = involvement.released_at
    return {
        "id": str(involvement.pk),
        "name": str(involvement.officer),
        "worn": len(theirs),
        "since": sum(released is not None and each.bound_at > released for each in theirs),
        "released": times.short_moment(released) if released else "",
        "released_by": str(involvement.released_by or ""),
        "because": involvement.released_because,
        "accounts": [
            {
                "what": each.account.what,
                "given": times.short_moment(each.account.given_at),
                "entered_by": str(each.account.entered_by),
                "viewed": each.viewed_before,
                "before": [
                    f"{seen.reference}, {times.short_moment(seen.at)}" for seen in each.before
                ],
            }
            for each in given
        ],
    }


def _involved(
    request: HttpRequest, visit: visits.SignedVisit, pk: int, do: Callable[[Involvement], str]
) -> HttpResponse:
    """Do one act about one officer named in an incident."""
    involvement = (
        Involvement.objects.select_related("incident__unit", "incident__hold", "officer")
        .filter(pk=pk)
        .first()
    )
    if involvement is None or find(visit, involvement.incident_id, Action.SEE_INCIDENT) is None:
        return not_here(request)
    back = f"/incidents/{involvement.incident_id}"
    return acting.attempt(request, lambda: do(involvement), then=back, back=back)


@require_POST
@visits.signed_in
def release(request: HttpRequest, visit: visits.SignedVisit, pk: int) -> HttpResponse:
    """Let one officer see what he or she wore."""

    def act(involvement: Involvement) -> str:
        freed = post_incident.release_viewing(
            involvement=involvement,
            reason=request.POST.get("reason", ""),
            officer=visit.officer,
            at=visit.at,
        )
        many = "1 recording" if len(freed) == 1 else f"{len(freed)} recordings"
        return f"{involvement.officer} may now watch {many}: those worn by this officer, no other."

    return _involved(request, visit, pk, act)


@require_POST
@visits.signed_in
def account(request: HttpRequest, visit: visits.SignedVisit, pk: int) -> HttpResponse:
    """Enter when one officer gave an account."""

    def act(involvement: Involvement) -> str:
        given_at = incident_form.moment(
            request.POST.get("day", ""), request.POST.get("time", ""), what="the account was given"
        )
        post_incident.enter_account(
            involvement=involvement,
            given_at=given_at,
            what=request.POST.get("what", ""),
            officer=visit.officer,
            at=visit.at,
        )
        return f"Entered. Whether {involvement.officer} had viewed before it follows from the log."

    return _involved(request, visit, pk, act)


@require_POST
@visits.signed_in
def close(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """End the lock; the independent investigation's alone."""
    incident = find(visit, pk, Action.CLOSE_INCIDENT)
    if incident is None:
        return not_here(request)

    def act() -> str:
        if request.POST.get("sure") != "yes":
            raise IncidentInvalid("Tick that the lock is to end.", code="incident.sure")
        days = post_incident.close(
            incident=incident,
            outcome=request.POST.get("outcome", ""),
            officer=visit.officer,
            at=visit.at,
        )
        return f"Closed. {days} recordings have a day again, none sooner than in seven days."

    back = f"/incidents/{pk}"
    return acting.attempt(request, act, then=back, back=back)


@require_safe
@visits.signed_in
def notice(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """What a person prints, and sends or reads to the oversight body."""
    incident = find(visit, pk, Action.SEE_INCIDENT)
    if incident is None:
        return not_here(request)
    bound = post_incident.bound_by(incident)
    entry = reading.history(declaring.about(incident))[0]
    context = {
        **told(incident),
        "people": people(incident, bound),
        "number": len(bound),
        "told": [str(each) for each in declaring.oversight_for(incident.unit, visit.at)],
        "leaf": entry.leaf_hash.hex(),
        "index": entry.index,
        "fingerprint": visit.works.fingerprint(),
        "printed": times.long_moment(visit.at),
        "by": str(visit.officer),
    }
    return page.render(request, "pages/incident_notice.html", context)
