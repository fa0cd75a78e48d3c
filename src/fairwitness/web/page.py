"""The frame round every page: where one can go, who one is, what just happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as django_render

from fairwitness.force.asking import Role
from fairwitness.web import visits

_MESSAGE = "page-message"


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the main navigation."""

    name: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows for `base.html`."""

    places: tuple[Place, ...]
    who: str
    training: bool
    message: str


_EVERYONE = (("Recordings", "/recordings"), ("Cases", "/cases"))
_KEEPER = (
    ("Quarantine", "/quarantine"),
    ("Holds", "/holds"),
    ("Deletions", "/deletions"),
    ("Unassigned", "/unassigned"),
)
_KEEPERS = {Role.EVIDENCE_MANAGER, Role.PROFESSIONAL_STANDARDS}


def _places(visit: visits.Visit) -> tuple[Place, ...]:
    listed = list(_EVERYONE)
    if visit.roles & _KEEPERS:
        listed += _KEEPER
    elif Role.SUPERVISOR in visit.roles:
        listed.append(("Unassigned", "/unassigned"))
    listed.append(("Figures", "/figures"))
    path = visit.path
    return tuple(
        Place(name=name, href=href, current=path == href or path.startswith(f"{href}/"))
        for name, href in listed
    )


def tell(request: HttpRequest, message: str) -> None:
    """Say `message` at the top of the next page this person sees, once."""
    request.session[_MESSAGE] = message


def render(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """The page `template`, in its frame; `context` holds plain rows only."""
    visit = visits.of(request)
    frame = Frame(
        places=_places(visit) if visit.signed_in else (),
        who=visit.who,
        training=visit.works.training,
        message=request.session.pop(_MESSAGE, ""),
    )
    return django_render(request, template, {**(context or {}), "page": frame}, status=status)


def refuse(
    request: HttpRequest,
    *,
    title: str,
    sentence: str,
    detail: str = "",
    back: str = "/",
    status: int = 403,
) -> HttpResponse:
    """A refusal with its way forward."""
    context = {"title": title, "sentence": sentence, "detail": detail, "back": back}
    return render(request, "pages/refused.html", context, status=status)
