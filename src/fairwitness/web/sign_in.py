"""Signing in and out. Each is written down, and so is each refusal.

In training data, and nowhere else, one picks a person instead of typing a password.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib.auth import logout
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST

from fairwitness.custody import ledger
from fairwitness.evidence import access
from fairwitness.force import authority, codes, sessions
from fairwitness.force.arriving import Arrival
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.web import arrivals, page, typing_kept, visits

_SHOWN: Final = 20
_CANDIDATES: Final = 300
_OF_EACH: Final = 3  # more than one, to be the second person
_CHOOSE: Final = "Choose one of the people below."


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody made up, to be picked in training."""

    id: str
    title: str
    collar_number: str
    unit: str
    roles: str


def _people(at: datetime) -> list[Person]:
    """A few of each role, wearers of recordings and their units first: every page is seen."""
    officers = list(
        Officer.objects.filter(active=True)
        .select_related("unit")
        .annotate(
            worn=Count("recordings", distinct=True),
            force_wide=Count("grants", filter=Q(grants__unit__isnull=True), distinct=True),
            near=Count("unit__recordings", distinct=True),
        )
        .order_by("-worn", "-force_wide", "-near", "collar_number")[:_CANDIDATES]
    )
    facts = authority.facts_of_many(officers=officers, at=at)
    seen: Counter[frozenset[str]] = Counter()
    people: list[Person] = []
    for officer in officers:
        held = facts[officer.pk].force_wide | {role for role, _ in facts[officer.pk].by_unit}
        roles = frozenset(role.value.replace("_", " ") for role in held)
        seen[roles] += 1
        if seen[roles] <= _OF_EACH and len(people) < _SHOWN:
            people.append(
                Person(
                    id=str(officer.pk),
                    title=officer.title,
                    collar_number=officer.collar_number,
                    unit=officer.unit.name,
                    roles=", ".join(sorted(roles)).capitalize() or "No role",
                )
            )
    return people


def _by_password(request: HttpRequest, at: datetime) -> tuple[Officer | None, str]:
    collar = request.POST.get("collar_number", "").strip().upper()
    password = request.POST.get("password", "")
    officer = Officer.objects.filter(collar_number=collar).first()
    if officer is None:
        Officer().set_password(password)  # the same work as for a number that exists
        arrivals.refuse(None, at, "unknown collar number")
    elif arrivals.too_often(officer, at):
        arrivals.refuse(officer, at, "too many tries")
        return None, arrivals.TOO_OFTEN
    elif not officer.check_password(password):
        arrivals.refuse(officer, at, "wrong password")
    elif not officer.active:
        arrivals.refuse(officer, at, "account closed")
    else:
        return officer, ""
    return None, "That collar number and password don’t match. This was written down."


def _by_picking(request: HttpRequest) -> tuple[Officer | None, str]:
    try:
        person = UUID(request.POST.get("person", ""))
    except ValueError:
        return None, _CHOOSE
    officer = Officer.objects.filter(pk=person, active=True).first()
    return officer, "" if officer else _CHOOSE


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form; take a collar number and password, or in training a person."""
    visit = visits.of(request)
    training = visit.works.training
    problem = request.session.pop(arrivals.PROBLEM, "")
    if request.method == "POST":
        picking = training and "person" in request.POST
        officer, problem = _by_picking(request) if picking else _by_password(request, visit.at)
        if officer is not None and picking:
            arrivals.enter(request, officer, means=["picked in training"])
            return HttpResponseRedirect(arrivals.next_path(request))
        if officer is not None:
            return arrivals.begin(
                request,
                officer,
                means="password",
                arrival=Arrival(first=True),
                go_to=arrivals.next_path(request),
            )
    context = {
        "people": _people(visit.at) if training else [],
        "problem": problem,
        "next": arrivals.next_path(request),
        "collar_number": request.POST.get("collar_number", ""),
        "service": visit.works.sign_in_service,
    }
    refused = problem and request.method == "POST"
    return page.render(request, "pages/sign_in.html", context, status=400 if refused else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def by_code(request: HttpRequest) -> HttpResponse:
    """Take a one-time code from an administrator, with the collar number it was made for."""
    at = visits.of(request).at
    problem = ""
    if request.method == "POST":
        collar = request.POST.get("collar_number", "").strip().upper()
        officer = Officer.objects.filter(collar_number=collar, active=True).first()
        if officer is not None and arrivals.too_often(officer, at):
            arrivals.refuse(officer, at, "too many tries")
            problem = arrivals.TOO_OFTEN
        elif (
            officer is None
            or (code := codes.find(officer=officer, text=request.POST.get("code", ""), at=at))
            is None
        ):
            arrivals.refuse(officer, at, "wrong one-time code")
            problem = "That collar number and code don’t match. This was written down."
        else:
            arrival = Arrival(code=code.purpose)
            return arrivals.begin(
                request, officer, means="one-time code", arrival=arrival, go_to=arrivals.HOME
            )
    context = {"problem": problem, "collar_number": request.POST.get("collar_number", "")}
    return page.render(request, "pages/sign_in_code.html", context, status=400 if problem else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, and say so in the log."""
    visit = visits.of(request)
    kiosk = sessions.short(request.session)
    if visit.officer is not None:
        with transaction.atomic():
            ledger.append(
                subject=authority.text(visit.officer),
                act=Act.SESSION_SIGNED_OUT,
                actor=authority.text(visit.officer),
                at=visit.at,
            )
            access.end_viewings(officer=visit.officer, at=visit.at)
        logout(request)
    return HttpResponseRedirect(typing_kept.AGAIN if kiosk else "/sign-in")
