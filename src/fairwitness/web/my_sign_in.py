"""One's own sign-in: the browsers one is signed in with, second factors, the password."""

from collections.abc import Callable

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fairwitness.force import emergency, factors, officers, sessions
from fairwitness.force.asking import Role
from fairwitness.force.models import Officer
from fairwitness.web import acting, arrivals, page, steps, visits

_HERE = "/my-sign-in"


@require_safe
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Where one is signed in, with what, and how to end it."""
    here = request.session.session_key
    found = sessions.signed_in(officer=visit.officer)
    context = {
        "here": [each for each in found if each.key == here],
        "elsewhere": [(str(i), each) for i, each in enumerate(found) if each.key != here],
        "factors": factors.of(visit.officer),
        "may_make_codes": Role.ADMINISTRATOR in visit.roles,
        "has_password": visit.officer.has_usable_password(),
    }
    return page.render(request, "pages/my_sign_in.html", context)


@require_POST
@visits.signed_in
def end_others(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Sign out one other browser, or all of them."""
    here = request.session.session_key
    found = [each for each in sessions.signed_in(officer=visit.officer) if each.key != here]
    began = request.POST.get("began", "")
    wanted = [each.key for each in found if not began or each.began_at.isoformat() == began]

    def act() -> str:
        count = sessions.end(
            officer=visit.officer,
            actor=visit.officer,
            at=visit.at,
            keys=wanted,
            reason="ended from another browser",
        )
        return f"{count} other browser{'s are' if count > 1 else ' is'} signed out."

    return acting.attempt(request, act, then=_HERE, back=_HERE)


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def add_factor(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Set up another second factor; the password is asked for again."""
    if request.method == "POST":

        def act() -> str:
            return f"Set up: {steps.add(request, visit.officer)}."

        return _after_password(request, visit, act, back=f"{_HERE}/factor")
    context = {
        **steps.new_factor(request, visit.officer),
        "ask_password": visit.officer.has_usable_password(),
    }
    return page.render(request, "pages/add_factor.html", context)


@require_POST
@visits.signed_in
def remove_factor(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Take one of one's second factors away."""

    def act() -> str:
        chosen = request.POST.get("factor", "")
        factors.remove(
            officer=visit.officer,
            factor=int(chosen) if chosen.isdecimal() and len(chosen) < 12 else 0,  # noqa: PLR2004 # longer is no number of ours
            demanded=arrivals.demanded(request, visit.officer),
            at=visit.at,
        )
        return "It is taken away."

    return _after_password(request, visit, act, back=_HERE)


@require_POST
@visits.signed_in
def change_password(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Choose another password; every other browser is signed out by that."""

    def act() -> str:
        new = request.POST.get("new", "")
        if new != request.POST.get("again", ""):
            raise officers.OfficerInvalid("The two passwords differ.", code="officer.password")
        officers.set_password(officer=visit.officer, password=new, actor=visit.officer, at=visit.at)
        update_session_auth_hash(request, visit.officer)
        return "Your password is changed. Every other browser is signed out."

    return _after_password(request, visit, act, back=_HERE)


@require_POST
@visits.signed_in
def emergency_read(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """A watcher has read that the emergency account was used."""

    def act() -> str:
        emergency.mark_read(officer=visit.officer, at=visit.at)
        return "Noted. Who used it and when stays in the log."

    return acting.attempt(request, act, then=arrivals.HOME, back=arrivals.HOME)


def _after_password(
    request: HttpRequest, visit: visits.SignedVisit, act: Callable[[], str], *, back: str
) -> HttpResponse:
    """Do the act after the password was typed again: an unlocked computer alone is no proof."""

    def checked() -> str:
        _demand_password(request, visit.officer)
        return act()

    return acting.attempt(request, checked, then=_HERE, back=back)


def _demand_password(request: HttpRequest, officer: Officer) -> None:
    at = visits.of(request).at
    if not officer.has_usable_password():
        return  # whoever signs in by the force's own sign-in has none
    if arrivals.too_often(officer, at):
        raise steps.NotProved(arrivals.TOO_OFTEN)
    if not officer.check_password(request.POST.get("password", "")):
        arrivals.refuse(officer, at, "wrong password")
        raise steps.NotProved("That is not your password. This was written down.")
