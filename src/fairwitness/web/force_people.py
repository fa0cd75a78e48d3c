"""Officers and units: the lists, an officer's page with cameras and roles, a unit's page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from fairwitness.evidence import reaching
from fairwitness.force import watching
from fairwitness.force.asking import Action, Role, Subject
from fairwitness.force.models import Camera, CameraStatus, Issue, Officer, RoleGrant, Unit
from fairwitness.web import consulting, force_cameras, page, times, visits

PAGE: Final = 50
_ISSUES: Final = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One officer in the list."""

    href: str
    collar: str
    name: str
    unit: str
    roles: str
    cameras: str
    left: bool


def running(at: datetime, path: str = "") -> Q:
    """Grants and issues that run at a moment."""
    ends = f"{path}ends_at"
    begun = Q(**{f"{path}begins_at__lte": at})
    return begun & (Q(**{f"{ends}__isnull": True}) | Q(**{f"{ends}__gt": at}))


def granted() -> list[tuple[str, str]]:
    """Roles that an administrator gives by himself or herself, on a page."""
    return [
        (role.value, role_words(role).capitalize()) for role in Role if role not in watching.AGREES
    ]


def role_words(role: str) -> str:
    """A role as people say it."""
    return role.replace("_", " ")


@require_safe
@visits.signed_in
def officers(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The officers of the units where one may look, by collar number, a page at a time."""
    units = visits.reach(visit, Action.SEE_FORCE)
    if units is not None and not units:
        return force_cameras.refuse(request)
    asked = {
        name: consulting.words(request.GET.get(name, ""))
        for name in ("words", "unit", "role", "left")
    }
    found = Officer.objects.filter(reaching.within(units), active=asked["left"] != "yes")
    if asked["unit"]:
        found = found.filter(unit__code=asked["unit"].upper())
    if asked["words"]:
        typed = asked["words"]
        found = found.filter(Q(collar_number__istartswith=typed) | Q(name__icontains=typed))
    if asked["role"] in set(Role):
        held = RoleGrant.objects.filter(running(visit.at), role=asked["role"])
        found = found.filter(pk__in=held.values("officer"))
    after = request.GET.get("after", "")[:40]
    rows = list(
        found.filter(collar_number__gt=after)
        .select_related("unit")
        .order_by("collar_number")[: PAGE + 1]
    )
    shown, more = rows[:PAGE], rows[PAGE:]
    context = {
        "rows": _rows(shown, visit),
        "asked": asked,
        "roles": [(role.value, role_words(role).capitalize()) for role in Role],
        "units": list(
            Unit.objects.filter(reaching.within(units, "code")).values_list("code", "name")
        ),
        "next": f"?{urlencode({**asked, 'after': shown[-1].collar_number})}" if more else "",
        "registers": _may_register(visit),
    }
    return page.render(request, "pages/force_officers.html", context)


def _may_register(visit: visits.SignedVisit) -> bool:
    """Whether this visitor may register people somewhere."""
    unit = Subject(unit=visit.officer.unit.code)
    return visits.may(visit, Action.REGISTER_OFFICER, unit)


def _rows(shown: list[Officer], visit: visits.SignedVisit) -> list[Row]:
    roles: dict[UUID, list[str]] = {}
    grants = RoleGrant.objects.filter(running(visit.at), officer__in=shown)
    for officer, role in grants.order_by("role").values_list("officer", "role"):
        roles.setdefault(officer, []).append(role_words(role))
    out: dict[UUID, list[str]] = {}
    issues = Issue.objects.filter(running(visit.at), officer__in=shown)
    for officer, serial in issues.order_by("begins_at").values_list("officer", "camera__serial"):
        out.setdefault(officer, []).append(serial)
    return [
        Row(
            href=f"/force/officers/{row.pk}",
            collar=row.collar_number,
            name=row.title,
            unit=row.unit.name,
            roles=", ".join(dict.fromkeys(roles.get(row.pk, ()))),
            cameras=", ".join(out.get(row.pk, ())),
            left=not row.active,
        )
        for row in shown
    ]


@require_safe
@visits.signed_in
def officer(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """One officer: cameras and roles; for administrators, what they change."""
    found = Officer.objects.select_related("unit").filter(pk=pk).first()
    subject = Subject(unit=found.unit.code) if found else None
    known = visits.allowed(visit, Action.SEE_FORCE, about=f"officer:{pk}", subject=subject)
    if found is None or not known:
        return force_cameras.refuse(request)
    changes = Subject(unit=found.unit.code, person=found.pk)
    issues = list(found.issues.select_related("camera").order_by("-begins_at")[:_ISSUES])
    grants = list(found.grants.select_related("unit").order_by("-begins_at")[:_ISSUES])
    context = {
        "id": str(found.pk),
        "title": found.title,
        "collar": found.collar_number,
        "name": found.name,
        "rank": found.rank,
        "initials": found.initials,
        "unit": found.unit.name,
        "unit_code": found.unit.code,
        "left": times.short_moment(found.left_at) if found.left_at else "",
        "joined": times.plain_day(found.joined_at),
        "issues": [_issue(row, visit.at) for row in issues],
        "grants": [_grant(row, visit) for row in grants],
        "changes": found.active and visits.may(visit, Action.CHANGE_OFFICER, changes),
        "grants_roles": found.active and visits.may(visit, Action.GRANT_ROLE, changes),
        "roles": granted(),
        "units": list(Unit.objects.values_list("code", "name")),
    }
    return page.render(request, "pages/force_officer.html", context)


def _issue(row: Issue, at: datetime) -> dict[str, object]:
    return {
        "serial": row.camera.serial,
        "href": f"/force/cameras/{row.camera_id}",
        "since": times.near_moment(row.begins_at, at=at),
        "until": times.near_moment(row.ends_at, at=at) if row.ends_at else "",
    }


def _grant(row: RoleGrant, visit: visits.SignedVisit) -> dict[str, object]:
    runs = row.begins_at <= visit.at and (row.ends_at is None or row.ends_at > visit.at)
    where = Subject(unit=row.unit.code if row.unit else None, person=row.officer_id)
    return {
        "id": str(row.pk),
        "role": role_words(row.role),
        "where": row.unit.name if row.unit else "the whole force",
        "since": times.near_moment(row.begins_at, at=visit.at),
        "until": times.near_moment(row.ends_at, at=visit.at) if row.ends_at else "",
        "ends": runs and visits.may(visit, Action.GRANT_ROLE, where),
    }


@require_safe
@visits.signed_in
def units(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The units where one may look, with their people and cameras."""
    reach = visits.reach(visit, Action.SEE_FORCE)
    if reach is not None and not reach:
        return force_cameras.refuse(request)
    found = list(Unit.objects.filter(reaching.within(reach, "code")))
    people = dict(
        Officer.objects.filter(active=True, unit__in=found)
        .order_by()
        .values_list("unit")
        .annotate(number=Count("pk"))
    )
    cameras = {
        unit: (number, missing)
        for unit, number, missing in Camera.objects.filter(unit__in=found)
        .exclude(status__in=[CameraStatus.PENDING, CameraStatus.DECLINED, CameraStatus.REVOKED])
        .order_by()
        .values_list("unit")
        .annotate(
            number=Count("pk"),
            missing=Count("pk", filter=Q(status__in=[CameraStatus.LOST, CameraStatus.STOLEN])),
        )
    }
    rows = [
        {
            "code": row.code,
            "name": row.name,
            "kind": row.get_kind_display(),
            "people": people.get(row.pk, 0),
            "cameras": cameras.get(row.pk, (0, 0))[0],
            "missing": cameras.get(row.pk, (0, 0))[1],
            "planned": row.planned_cameras,
        }
        for row in found
    ]
    return page.render(request, "pages/force_units.html", {"rows": rows})


@require_safe
@visits.signed_in
def unit(request: HttpRequest, visit: visits.SignedVisit, code: str) -> HttpResponse:
    """One unit: its people, cameras, stations and docks, each with the list that shows them."""
    found = Unit.objects.filter(code=code.upper()).first()
    subject = Subject(unit=found.code) if found else Subject()
    known = visits.allowed(
        visit, Action.SEE_FORCE, about=f"unit:{code[:8].upper()}", subject=subject
    )
    if found is None or not known:
        return force_cameras.refuse(request)
    here = Camera.objects.filter(unit=found)
    counted = here.aggregate(
        **{status.value: Count("pk", filter=Q(status=status)) for status in CameraStatus}
    )
    out = Issue.objects.filter(running(visit.at), camera__unit=found).count()
    grants = (
        RoleGrant.objects.filter(running(visit.at), unit=found)
        .exclude(role=Role.OFFICER)
        .select_related("officer")
        .order_by("role", "officer__collar_number")[:PAGE]
    )
    context = {
        "name": found.name,
        "code": found.code,
        "kind": found.get_kind_display(),
        "planned": found.planned_cameras,
        "first_on": times.long_date(found.planned_on) if found.planned_on else "",
        "plans": visits.may(visit, Action.PLAN_ROLL_OUT, subject),
        "people": Officer.objects.filter(unit=found, active=True).count(),
        "usable": counted["approved"],
        "out": out,
        "missing": counted["lost"] + counted["stolen"],
        "repair": counted["repair"],
        "stations": [
            {"code": row.code, "name": row.name, "docks": row.number}
            for row in found.stations.annotate(
                number=Count("docks", filter=Q(docks__status="approved"))
            )
        ],
        "grants": [
            {
                "role": role_words(row.role),
                "name": row.officer.title,
                "collar": row.officer.collar_number,
                "href": f"/force/officers/{row.officer_id}",
            }
            for row in grants
        ],
    }
    return page.render(request, "pages/force_unit.html", context)
