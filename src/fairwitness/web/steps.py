"""The steps between the first proof and being in: one address, which shows what comes next."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, Final
from urllib.parse import quote

import qrcode
import qrcode.image.svg
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods

from fairwitness.errors import FairwitnessError
from fairwitness.force import factors, officers
from fairwitness.force.arriving import Step
from fairwitness.force.models import Officer
from fairwitness.web import arrivals, page, passkeys, visits
from fairwitness.web.arrivals import Arriving

_SECRET: Final = "new-factor"  # noqa: S105 # where a session keeps it
_NO_FACTOR: Final = (
    "Your account needs a second factor and has none. Ask your administrator for a one-time code."
)


class NotProved(FairwitnessError):
    """What was typed is not what was asked for."""

    code = "sign_in.not_proved"


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest) -> HttpResponse:
    """Show the next step of the way in, or take it."""
    found = arrivals.current(request)
    if found is None:
        return arrivals.start_again(request, "That took too long. Start again.")
    if found.step is Step.REFUSED:
        arrivals.refuse(found.officer, visits.of(request).at, "no second factor")
        return arrivals.start_again(request, _NO_FACTOR)
    if found.step is Step.IN:
        return arrivals.go_on(request)
    problem = ""
    if request.method == "POST":
        problem = _take(request, found)
        if not problem:
            return arrivals.go_on(request)
    context = {"problem": problem, "who": found.officer.title, **_shown(request, found)}
    return page.render(
        request, f"pages/sign_in_{found.step}.html", context, status=400 if problem else 200
    )


def _take(request: HttpRequest, found: Arriving) -> str:
    """Do what the step asks for; the problem in words, or nothing."""
    at = visits.of(request).at
    if arrivals.too_often(found.officer, at):
        arrivals.refuse(found.officer, at, "too many tries")
        return arrivals.TOO_OFTEN
    try:
        _TAKERS[found.step](request, found.officer)
    except NotProved as error:
        arrivals.refuse(found.officer, at, f"wrong {found.step.value}")
        return error.message
    except FairwitnessError as error:
        return error.message
    return ""


def _password(request: HttpRequest, officer: Officer) -> None:
    if not officer.check_password(request.POST.get("password", "")):
        raise NotProved("That is not your password. This was written down.")
    arrivals.proved(request, means="password", first=True)


def _factor(request: HttpRequest, officer: Officer) -> None:
    at = visits.of(request).at
    if request.POST.get("credential"):
        passkeys.check(request, officer=officer)
        arrivals.proved(request, means="passkey", factor=True)
    elif factors.check_code(officer=officer, code=request.POST.get("code", ""), at=at):
        arrivals.proved(request, means="app", factor=True)
    else:
        raise NotProved("That is not the code that your app shows now. This was written down.")


def _new_password(request: HttpRequest, officer: Officer) -> None:
    password = request.POST.get("password", "")
    if password != request.POST.get("again", ""):
        raise officers.OfficerInvalid("The two passwords differ.", code="officer.password")
    at = visits.of(request).at
    officers.set_password(officer=officer, password=password, actor=officer, at=at)
    arrivals.proved(request, means="new password", first=True)


def _new_factor(request: HttpRequest, officer: Officer) -> None:
    arrivals.proved(request, means=add(request, officer), factor=True)


def add(request: HttpRequest, officer: Officer) -> str:
    """Set up the app or the passkey that a form of `new_factor` brings; what it is.

    Raises:
        FactorInvalid: it does not work, or can't be kept.
    """
    at = visits.of(request).at
    if request.POST.get("credential"):
        credential = passkeys.register(request)
        name = request.POST.get("name", "")
        factors.add_passkey(officer=officer, name=name, credential=credential, at=at)
        return "new passkey"
    secret = request.session.get(_SECRET, "")
    code = request.POST.get("code", "")
    if not secret:
        raise factors.FactorInvalid("Open this page again.", code="factor.code")
    factors.add_app(officer=officer, secret=secret, code=code, at=at)
    request.session.pop(_SECRET)
    return "new app"


_TAKERS: Final[Mapping[Step, Callable[[HttpRequest, Officer], None]]] = {
    Step.PASSWORD: _password,
    Step.FACTOR: _factor,
    Step.NEW_PASSWORD: _new_password,
    Step.NEW_FACTOR: _new_factor,
}


def _shown(request: HttpRequest, found: Arriving) -> dict[str, Any]:
    if found.step is Step.FACTOR:
        kinds = factors.of(found.officer)
        has_passkey = any(kind.passkey for kind in kinds)
        return {
            "app": any(not kind.passkey for kind in kinds),
            "passkey": passkeys.options(request, officer=found.officer) if has_passkey else "",
        }
    if found.step is Step.NEW_FACTOR:
        return new_factor(request, found.officer)
    return {}


def new_factor(request: HttpRequest, officer: Officer) -> dict[str, Any]:
    """What a page shows to set up a second factor: a secret as picture and text; a challenge."""
    secret = request.session.get(_SECRET) or factors.new_secret()
    request.session[_SECRET] = secret
    label = quote(f"Fairwitness:{officer.collar_number}")
    address = f"otpauth://totp/{label}?secret={secret}&issuer=Fairwitness"
    spaced = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return {
        "picture": _picture(address),
        "secret": spaced,
        "passkey": passkeys.new_options(request, officer=officer),
    }


def _picture(address: str) -> SafeString:
    made = qrcode.make(address, image_factory=qrcode.image.svg.SvgPathImage, border=2)
    out = BytesIO()
    made.save(out)
    drawing = out.getvalue().decode().partition("?>")[2].strip()
    return mark_safe(drawing)  # noqa: S308 # drawn here; the address only decides which squares are dark
