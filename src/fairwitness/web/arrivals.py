"""Somebody on the way in: what they proved is in their session; the last step signs them in."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from fairwitness.custody import ledger, reading
from fairwitness.errors import FairwitnessError
from fairwitness.force import arriving, authority, codes, emergency, factors, sessions
from fairwitness.force.arriving import Account, Arrival, Step
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.web import visits

TRIES: Final = 8
WINDOW: Final = timedelta(minutes=15)
HOME: Final = "/today"
STEP: Final = "/sign-in/step"
TOO_OFTEN: Final = "Too many wrong tries. Wait 15 minutes, or ask your administrator."
PROBLEM: Final = "sign-in-problem"
_KEY: Final = "arriving"
_PATIENCE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Arriving:
    """Who is on the way in, and what comes next."""

    officer: Officer
    arrival: Arrival
    step: Step


def next_path(request: HttpRequest) -> str:
    """Where to go afterwards: a path of ours, never another site."""
    wanted = request.POST.get("next") or request.GET.get("next") or HOME
    parts = urlsplit(wanted)
    ours = not parts.scheme and not parts.netloc and wanted.startswith("/")
    return wanted if ours and not wanted.startswith(("//", "/\\")) else HOME


def too_often(officer: Officer, at: datetime) -> bool:
    """Whether this account was refused so often that it has to wait.

    The emergency account never waits: nobody guesses its password, and nobody may lock it.
    """
    if emergency.is_emergency(officer):
        return False
    refused = reading.search(
        subject=authority.text(officer),
        act=Act.SESSION_SIGN_IN_REFUSED,
        since=at - WINDOW,
        limit=TRIES,
    )
    return len(refused) >= TRIES


def refuse(officer: Officer | None, at: datetime, reason: str) -> None:
    """Write down that somebody was not let in."""
    ledger.refuse(
        subject=authority.text(officer) if officer else "force",
        act=Act.SESSION_SIGN_IN_REFUSED,
        actor="system:sign-in",
        at=at,
        reason=reason,
    )


def begin(
    request: HttpRequest,
    officer: Officer,
    *,
    means: str,
    arrival: Arrival,
    go_to: str,
) -> HttpResponse:
    """Somebody proved a first thing: remember it in a session of its own, and go on."""
    request.session.pop(_KEY, None)
    request.session.cycle_key()
    request.session[_KEY] = {
        "officer": str(officer.pk),
        "at": visits.of(request).at.timestamp(),
        "first": arrival.first,
        "factor": arrival.factor,
        "code": arrival.code,
        "means": [means],
        "next": go_to,
    }
    return go_on(request)


def current(request: HttpRequest) -> Arriving | None:
    """Who is on the way in here; None when nobody is, or it took too long."""
    said: dict[str, Any] | None = request.session.get(_KEY)
    visit = visits.of(request)
    if said is None or visit.at.timestamp() - said["at"] > _PATIENCE.total_seconds():
        return None
    officer = Officer.objects.filter(pk=said["officer"], active=True).first()
    if officer is None:
        return None
    arrival = Arrival(first=said["first"], factor=said["factor"], code=said["code"])
    account = Account(
        password=officer.has_usable_password(),
        factor=factors.has_any(officer),
        demanded=demanded(request, officer),
    )
    return Arriving(officer, arrival, arriving.next_step(arrival, account))


def demanded(request: HttpRequest, officer: Officer) -> bool:
    """Whether this officer needs a second factor; the envelope of the emergency account is one."""
    if emergency.is_emergency(officer):
        return False
    visit = visits.of(request)
    facts = authority.facts(officer=officer, at=visit.at)
    return arriving.demanded(facts, waived=visit.works.no_second_factor)


def proved(request: HttpRequest, *, means: str, first: bool = False, factor: bool = False) -> None:
    """One more thing was proved."""
    said = request.session[_KEY]
    request.session[_KEY] = {
        **said,
        "first": said["first"] or first,
        "factor": said["factor"] or factor,
        "means": [*said["means"], means],
    }


def go_on(request: HttpRequest) -> HttpResponse:
    """To the next step, or in."""
    found = current(request)
    if found is None:
        return HttpResponseRedirect("/sign-in")
    if found.step is not Step.IN:
        return HttpResponseRedirect(STEP)
    said = request.session[_KEY]
    try:
        enter(request, found.officer, means=said["means"], code=said["code"])
    except FairwitnessError as error:
        refuse(found.officer, visits.of(request).at, error.message)
        return start_again(request, f"{error.message} Start again.")
    return HttpResponseRedirect(said["next"])


def start_again(request: HttpRequest, why: str) -> HttpResponse:
    """Back to the form, which says why."""
    request.session.flush()
    request.session[PROBLEM] = why
    return HttpResponseRedirect("/sign-in")


class CodeGone(FairwitnessError):
    """A one-time code that was used or replaced while its bearer was on the way in."""

    code = "code.gone"


def enter(request: HttpRequest, officer: Officer, *, means: list[str], code: str = "") -> None:
    """Sign in: the entry, the use of a code or of the emergency account, and a fresh session.

    Raises:
        CodeGone, EmergencyInvalid: somebody else was quicker.
    """
    at = visits.of(request).at
    detail: dict[str, str | int | bool | list[str] | None] = {"means": means}
    with transaction.atomic():
        if code:
            if not codes.use_up(officer=officer, purpose=code, at=at):
                raise CodeGone("This one-time code was used or replaced.")
            detail["one_time_code"] = code
        if emergency.is_emergency(officer):
            detail["emergency_account"] = "seal broken"
            detail["told"] = emergency.break_seal(officer=officer, at=at)
        ledger.append(
            subject=authority.text(officer),
            act=Act.SESSION_SIGNED_IN,
            actor=authority.text(officer),
            at=at,
            detail=detail,
        )
        request.session.pop(_KEY, None)
        login(request, officer, backend="django.contrib.auth.backends.ModelBackend")
        sessions.mark(
            request.session,
            at=datetime.now(tz=UTC),  # as the browser has it, also where a training clock runs
            browser=browser_of(request),
            means=means,
        )


def browser_of(request: HttpRequest) -> str:
    """What browser asks, in words for people: 'Firefox on Windows'."""
    said = request.headers.get("User-Agent", "")
    names = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
    systems = (
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    )
    name = next((word for mark, word in names if mark in said), "A browser")
    system = next((word for mark, word in systems if mark in said), "")
    return f"{name} on {system}" if system else name
