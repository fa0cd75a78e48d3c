"""The form of people who were filmed: ask that footage be kept. No account, no script.

The page says the same whatever there is; see `disclosure.keep_requests`.
"""

import ipaddress
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_http_methods

from fairwitness.disclosure import asking_limits, keep_requests
from fairwitness.disclosure.asking_limits import TooMany
from fairwitness.disclosure.keep_requests import Asked, RequestInvalid
from fairwitness.force.models import Unit, UnitKind
from fairwitness.force.public_codes import CodeInvalid
from fairwitness.web import page, times, visits

_FIELDS: Final = ("day", "time", "within", "unit", "number", "card", "words", "contact")
_WITHIN: Final = (
    ("15", "a quarter of an hour"),
    ("30", "half an hour"),
    ("60", "an hour"),
    ("360", "six hours (only with the officer’s number or card, and no borough)"),
)
_TOO_MANY: Final = 429


def sender(request: HttpRequest, at: datetime) -> str:
    """Where a request came from, as a keyed digest that is another one each day.

    A proxy on this machine is believed about whom it asks for; nobody else is. An IPv6 address
    counts by its network, of which one household has many.
    """
    told = str(request.META.get("REMOTE_ADDR", ""))
    if _loopback(told):
        told = str(request.META.get("HTTP_X_FORWARDED_FOR", told)).rpartition(",")[2].strip()
    try:
        known = ipaddress.ip_address(told)
        if known.version == 6:  # noqa: PLR2004 - of the Internet protocol
            told = str(ipaddress.ip_network(f"{known}/64", strict=False))
    except ValueError:
        told = "unknown"
    return salted_hmac(
        "fairwitness.asking", f"{at:%Y-%m-%d} {told}", algorithm="sha256"
    ).hexdigest()


def _loopback(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Show the form; take a request and say its code, or what to mend."""
    visit = visits.of(request)
    if request.method != "POST":
        return _form(request, {"within": "30"}, key=uuid4())
    typed = {name: request.POST.get(name, "").strip() for name in _FIELDS}
    key = _key(request)
    try:
        asked = _asked(typed, key)
        given = keep_requests.ask(asked=asked, address=sender(request, visit.at), at=visit.at)
    except RequestInvalid as refusal:
        return _form(request, typed, key=key, field=refusal.field, problem=refusal.message)
    except CodeInvalid as refusal:
        return _form(request, typed, key=key, field="card", problem=refusal.message)
    except TooMany as refusal:
        again = refusal.count.since + refusal.count.length
        problem = f"{refusal.message} Try again after {times.clock(again)}, or write to us."
        return _form(request, typed, key=key, problem=problem, status=_TOO_MANY)
    context = {
        "code": given.code,
        "lapses": f"{given.lapses_on:%A} {given.lapses_on.day} {given.lapses_on:%B %Y}",
        "contact": visit.works.contact,
    }
    return page.render(request, "pages/keep_footage_asked.html", context)


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("form", ""))
    except ValueError:
        return uuid4()


def _asked(typed: Mapping[str, str], key: UUID) -> Asked:
    try:
        day = datetime.fromisoformat(typed["day"]).date()
    except ValueError:
        raise RequestInvalid("Say on which day it was.", field="day") from None
    try:
        moment = datetime.fromisoformat(f"{day.isoformat()}T{typed['time']}").replace(tzinfo=None)
    except ValueError:
        raise RequestInvalid("Say at what time it was, as 23:15.", field="time") from None
    if typed["within"] not in dict(_WITHIN):
        raise RequestInvalid("Say how far from that time it may have been.", field="within")
    return Asked(
        form_key=key,
        moment=moment,
        within=timedelta(minutes=int(typed["within"])),
        unit=typed["unit"],
        number=typed["number"],
        card=typed["card"],
        words=typed["words"],
        contact=typed["contact"],
    )


def _form(
    request: HttpRequest,
    typed: Mapping[str, str],
    *,
    key: UUID,
    field: str = "",
    problem: str = "",
    status: int = 400,
) -> HttpResponse:
    at = visits.of(request).at
    boroughs = Unit.objects.filter(kind=UnitKind.BOROUGH).values_list("code", "name")
    context = {
        **{name: typed.get(name, "") for name in _FIELDS},
        "key": str(key),
        "field": field,
        "problem": problem,
        "boroughs": [(code, name, code == typed.get("unit")) for code, name in boroughs],
        "withins": [(value, words, value == typed.get("within")) for value, words in _WITHIN],
        "today": times.day(at).isoformat(),
        "earliest": times.day(at - keep_requests.BACK).isoformat(),
        "lasts": keep_requests.LASTS.days,
        "back": keep_requests.BACK.days,
        "most": asking_limits.FROM_ONE_ADDRESS,
        "contact_of_force": visits.of(request).works.contact,
    }
    return page.render(
        request, "pages/keep_footage.html", context, status=status if problem else 200
    )
