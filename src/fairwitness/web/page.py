"""The frame round every page: where one can go, who one is, what just happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as django_render

from fairwitness.force import emergency, permissions, sessions
from fairwitness.web import sections, times, visits
from fairwitness.web.sections import Place

_MESSAGE = "page-message"


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows for `base.html`."""

    places: tuple[Place, ...]
    pages: tuple[Place, ...]
    who: str
    training: bool
    message: str
    emergency: bool = False
    rung: datetime | None = None
    seconds: int = 0
    at_kiosk: bool = False


_FOR_ANYONE: Final = (
    ("What happens to footage", "/"),
    ("Figures", "/figures"),
    ("Roll-out", "/roll-out"),
    ("Ask to keep footage", "/keep-footage"),
    ("Get a copy", "/get-a-copy"),
    ("Check us", "/how-to-check"),
)
"""Name and address of what people without an account come for."""


def _places(visit: visits.Visit) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """Where this visitor may go: no link leads to a page that refuses them."""
    if visit.officer is None or visit.facts is None:
        return tuple(Place(name, href, visit.path == href) for name, href in _FOR_ANYONE), ()
    facts = visit.facts
    return sections.places(
        path=visit.path,
        may=lambda act: permissions.units_where(facts, act) != frozenset(),
        everywhere=lambda act: permissions.units_where(facts, act) is None,
    )


def tell(request: HttpRequest, message: str) -> None:
    """Say `message` at the top of the next page this person sees, once."""
    request.session[_MESSAGE] = message


def _rung(visit: visits.Visit) -> datetime | None:
    """When the emergency account was used, for whoever watches and has not read it yet."""
    if visit.officer is None or not visit.roles & set(emergency.WATCHERS):
        return None
    at = emergency.unread(officer=visit.officer)
    return times.london(at) if at else None


def render(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """The page `template`, in its frame; `context` holds plain rows only."""
    visit = visits.of(request)
    places, pages = _places(visit)
    frame = Frame(
        places=places,
        pages=pages,
        who=visit.who,
        training=visit.works.training,
        message=request.session.pop(_MESSAGE, ""),
        emergency=visit.officer is not None and emergency.is_emergency(visit.officer),
        rung=_rung(visit),
        seconds=sessions.seconds_left(request.session, at=datetime.now(tz=UTC)),
        at_kiosk=sessions.short(request.session),
    )
    return django_render(request, template, {**(context or {}), "page": frame}, status=status)


def render_alone(
    request: HttpRequest, template: str, *, training: bool, status: int
) -> HttpResponse:
    """The page `template` in a frame that knows nobody: nothing is asked of the database."""
    frame = Frame(places=(), pages=(), who="", training=training, message="")
    return django_render(request, template, {"page": frame}, status=status)


def refuse(
    request: HttpRequest,
    *,
    title: str,
    sentence: str,
    detail: str = "",
    back: str = "/",
    status: int = 403,
    typed: tuple[tuple[str, str], ...] = (),
) -> HttpResponse:
    """A refusal with its way forward; `typed` is what its reader need not write again."""
    context = {
        "title": title,
        "sentence": sentence,
        "detail": detail,
        "back": back,
        "typed": typed,
    }
    return render(request, "pages/refused.html", context, status=status)
