"""Planning a unit's roll-out: how many cameras it is to have, and on which day its first come."""

from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from fairwitness.errors import FairwitnessError
from fairwitness.force import units
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Unit
from fairwitness.force.units import UnitInvalid
from fairwitness.web import page, times, visits


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def plan(request: HttpRequest, visit: visits.SignedVisit, code: str) -> HttpResponse:
    """The form with what is planned; or the act, or the form again with what is wrong."""
    unit = Unit.objects.filter(code=code.upper()).first()
    subject = Subject(unit=unit.code if unit else None)
    about = f"unit:{code[:8].upper()}"
    known = visits.allowed(visit, Action.PLAN_ROLL_OUT, about=about, subject=subject)
    if unit is None or not known:
        return page.refuse(
            request,
            title="Roll-out",
            sentence="You can’t plan this unit’s cameras.",
            detail="It is for administrators, of the unit or the whole force.",
            back="/force/units",
        )
    there = f"/force/units/{unit.code}"
    context = {
        "name": unit.name,
        "code": unit.code,
        "back": there,
        "cameras": request.POST.get("cameras", str(unit.planned_cameras)),
        "first_on": request.POST.get(
            "first_on", unit.planned_on.isoformat() if unit.planned_on else ""
        ),
        "problem": "",
    }
    if request.method != "POST":
        return page.render(request, "pages/force_unit_plan.html", context)
    try:
        cameras, first_on = _cameras(request), _first_on(request)
        units.plan(unit=unit, cameras=cameras, first_on=first_on, actor=visit.officer, at=visit.at)
    except FairwitnessError as error:
        context["problem"] = error.message
        return page.render(request, "pages/force_unit_plan.html", context, status=400)
    page.tell(request, f"{unit.name}: the roll-out is planned anew.")
    return HttpResponseRedirect(there)


def _cameras(request: HttpRequest) -> int:
    typed = request.POST.get("cameras", "").strip().replace(",", "")
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= len(str(units.MOST_PLANNED))):
        raise UnitInvalid("Say how many cameras it is to have, in digits.", code="unit.plan")
    return int(typed)


def _first_on(request: HttpRequest) -> date | None:
    typed = request.POST.get("first_on", "").strip()
    day = times.typed_day(typed) if typed else None
    if typed and day is None:
        raise UnitInvalid("That is no day. Choose one, or leave it empty.", code="unit.plan")
    return day
