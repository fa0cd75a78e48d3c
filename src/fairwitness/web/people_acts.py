"""Who joins, moves and leaves, and their roles: for administrators, one act a page or button."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from fairwitness.cases.models import Case
from fairwitness.force import issue, officers, roles, units
from fairwitness.force.asking import Action, Role, Subject
from fairwitness.force.models import Officer, RoleGrant, Unit
from fairwitness.force.officers import NewOfficer
from fairwitness.retention.models import Hold
from fairwitness.web import acting, force_people, page, times, visits

_LIST: Final = "/force/officers"


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="Officers and their roles",
        sentence="You can’t change officers and their roles.",
        detail="It is for administrators, and never for oneself."
        " Who asks and may not is written down.",
        back=_LIST,
    )


def _named(visit: visits.SignedVisit, pk: UUID, action: Action) -> Officer | None:
    """The officer, for whoever may do this; a refusal is written down."""
    found = Officer.objects.select_related("unit").filter(pk=pk).first()
    subject = Subject(unit=found.unit.code, person=found.pk) if found else Subject()
    known = visits.allowed(visit, action, about=f"officer:{pk}", subject=subject)
    return found if known else None


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def join(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Register somebody who joins."""
    if visits.reach(visit, Action.REGISTER_OFFICER) == frozenset():
        return _refuse(request)
    if request.method != "POST":
        context = {
            "units": list(Unit.objects.values_list("code", "name")),
            "own": visit.officer.unit.code,
            "roles": force_people.granted(),
        }
        return page.render(request, "pages/force_officer_new.html", context)
    names = ("collar_number", "name", "initials", "unit", "rank", "role")
    said = {name: request.POST.get(name, "").strip() for name in names}

    def act() -> str:
        new = NewOfficer(
            collar_number=said["collar_number"].upper(),
            name=said["name"],
            initials=said["initials"].upper(),
            unit=said["unit"],
            rank=said["rank"],
            roles=(_role(said["role"]),),
        )
        row = officers.register_officer(actor=visit.officer, officer=new, at=visit.at)
        return f"{row} is registered. Now make a one-time code, so that they can sign in."

    return acting.attempt(request, act, then="/officers/codes", back=f"{_LIST}/new")


def _role(text: str) -> Role:
    if text not in set(Role):
        raise roles.GrantInvalid("Choose a role.", code="role.unknown")
    return Role(text)


@require_POST
@visits.signed_in
def change(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Correct a name, a rank or initials."""
    found = _named(visit, pk, Action.CHANGE_OFFICER)
    if found is None:
        return _refuse(request)
    said = {name: request.POST.get(name, "").strip() for name in ("name", "rank", "initials")}

    def act() -> str:
        officers.change_officer(officer=found, actor=visit.officer, at=visit.at, **said)
        return f"Corrected: {found}."

    return acting.attempt(request, act, then=f"{_LIST}/{pk}", back=f"{_LIST}/{pk}")


@require_POST
@visits.signed_in
def move(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Move somebody to another unit."""
    found = _named(visit, pk, Action.CHANGE_OFFICER)
    if found is None:
        return _refuse(request)

    def act() -> str:
        unit = units.named(request.POST.get("unit", ""))
        officers.move_officer(officer=found, unit=unit, actor=visit.officer, at=visit.at)
        return f"{found} is with {unit} now. Roles for the former unit have ended."

    return acting.attempt(request, act, then=f"{_LIST}/{pk}", back=f"{_LIST}/{pk}")


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def leave(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Say what becomes of a leaver's cameras, roles, holds and cases; then close the account."""
    found = _named(visit, pk, Action.CHANGE_OFFICER)
    if found is None:
        return _refuse(request)
    if request.method != "POST":
        grants = RoleGrant.objects.filter(force_people.running(visit.at), officer=found)
        # Of oversight's no count: that it keeps something is not the administrator's to know.
        holds = Hold.objects.filter(owner=found, lifted_at__isnull=True, oversight=False)
        cases = Case.objects.filter(officer_in_case=found, closed_at__isnull=True, oversight=False)
        context = {
            "id": str(found.pk),
            "title": found.title,
            "collar": found.collar_number,
            "left": not found.active,
            "cameras": [row.camera.serial for row in issue.held_by(officer=found, at=visit.at)],
            "roles": [force_people.role_words(row.role) for row in grants],
            "holds": holds.count(),
            "cases": cases.count(),
        }
        return page.render(request, "pages/force_officer_leave.html", context)

    def act() -> str:
        if request.POST.get("sure") != "yes":
            raise officers.OfficerInvalid("Tick that you are sure.", code="officer.not_sure")
        reason = request.POST.get("reason", "").strip()
        officers.leave(officer=found, actor=visit.officer, at=visit.at, reason=reason)
        return f"The account of {found} is closed."

    return acting.attempt(request, act, then=f"{_LIST}/{pk}", back=f"{_LIST}/{pk}/leave")


@require_POST
@visits.signed_in
def grant(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Grant a role, for a unit or the whole force."""
    code = request.POST.get("unit", "")
    found = Officer.objects.select_related("unit").filter(pk=pk).first()
    subject = Subject(unit=code or None, person=pk)
    known = visits.allowed(visit, Action.GRANT_ROLE, about=f"officer:{pk}", subject=subject)
    if found is None or not known:
        return _refuse(request)

    def act() -> str:
        role = _role(request.POST.get("role", ""))
        unit = units.named(code) if code else None
        until = _end_of(request.POST.get("until", ""))
        roles.grant(
            actor=visit.officer, officer=found, role=role, unit=unit, at=visit.at, until=until
        )
        where = unit or "the whole force"
        return f"{found} is {force_people.role_words(role)} for {where}."

    return acting.attempt(request, act, then=f"{_LIST}/{pk}", back=f"{_LIST}/{pk}")


def _end_of(day: str) -> datetime | None:
    """The end of a day in London; None for none."""
    if not day:
        return None
    last = times.typed_day(day)
    if last is None:
        raise roles.GrantInvalid("Give the last day as a date.", code="role.day")
    return times.ends(last)


@require_POST
@visits.signed_in
def end_role(
    request: HttpRequest, visit: visits.SignedVisit, pk: UUID, grant_id: UUID
) -> HttpResponse:
    """End a role."""
    standing = (
        RoleGrant.objects.select_related("officer", "unit").filter(pk=grant_id, officer=pk).first()
    )
    unit = standing.unit.code if standing and standing.unit else None
    subject = Subject(unit=unit, person=pk)
    known = visits.allowed(visit, Action.GRANT_ROLE, about=f"officer:{pk}", subject=subject)
    if standing is None or not known:
        return _refuse(request)

    def act() -> str:
        roles.end(grant=standing, actor=visit.officer, at=visit.at)
        return f"{standing.officer} is {force_people.role_words(standing.role)} no more."

    return acting.attempt(request, act, then=f"{_LIST}/{pk}", back=f"{_LIST}/{pk}")
