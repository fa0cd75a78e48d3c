"""One request as the views see it: who, when, and what the deployment gives them to work with.

Middleware in `config` puts `at` and `works` on the request: the clock and the vault are read at the
edge, and views hand them down.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, cast
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from fairwitness.custody.audit import LogOnDisk
from fairwitness.force import authority, permissions
from fairwitness.force.asking import Action, NotAllowed, OfficerFacts, Role, Subject
from fairwitness.force.models import Officer
from fairwitness.formats.note import NoteVerifier
from fairwitness.ingest.acceptance import Acceptance
from fairwitness.vault.vault import Vault

P = ParamSpec("P")
NOTHING = Subject()
"""The subject of acts on the whole force."""


class Works(Protocol):
    """What a deployment gives its pages."""

    @property
    def vault(self) -> Vault:
        """The sealed footage and its keys."""

    @property
    def acceptance(self) -> Acceptance:
        """What uploads are accepted with."""

    @property
    def training(self) -> bool:
        """Whether all that is here is made up, and says so."""

    @property
    def force(self) -> str:
        """The force's name."""

    @property
    def contact(self) -> str:
        """How the public reaches the force's data protection office; may be empty."""

    @property
    def sample(self) -> Path:
        """The folder of the copy that anyone may download and spoil; may not be there."""

    @property
    def map_tiles(self) -> str:
        """Where pictures of a map are asked for, with {z}, {x} and {y}; empty: nowhere."""

    @property
    def map_attribution(self) -> str:
        """Whose map that is, as it must stand beside it."""

    @property
    def no_second_factor(self) -> frozenset[Role]:
        """Roles that need no second factor."""

    @property
    def sign_in_service(self) -> bool:
        """Whether the force has a sign-in of its own."""

    @property
    def kiosk_idle(self) -> int:
        """Seconds without use after which a kiosk signs out."""

    def log_on_disk(self) -> LogOnDisk:
        """The custody log's files, as an audit reads them."""

    def known_witnesses(self) -> tuple[NoteVerifier, ...]:
        """The keys of the outside witnesses that our list of keys names."""

    def fingerprint(self) -> str:
        """The fingerprint of our list of public keys, to be read aloud."""

    def fingerprint_at_hand(self) -> str:
        """The fingerprint that was published last, without making the list of keys again."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: `officer` is None for somebody who is not signed in."""

    officer: Officer | None
    facts: OfficerFacts | None
    at: datetime
    works: Works
    path: str

    @property
    def signed_in(self) -> bool:
        """Whether we know who this is."""
        return self.officer is not None

    @property
    def who(self) -> str:
        """'PC Ada Whitlock, 614LX', or nothing."""
        return f"{self.officer.title}, {self.officer.collar_number}" if self.officer else ""

    @property
    def roles(self) -> frozenset[Role]:
        """Every role held now, in whatever unit."""
        if self.facts is None:
            return frozenset()
        return self.facts.force_wide | {role for role, _unit in self.facts.by_unit}


class SignedVisit(Protocol):
    """A visit by somebody we know."""

    officer: Officer
    facts: OfficerFacts
    at: datetime
    works: Works
    path: str

    @property
    def roles(self) -> frozenset[Role]:
        """Every role held now, in whatever unit."""


def of(request: HttpRequest) -> Visit:
    """The visit behind a request."""
    known = cast("Any", request)
    user = known.user if getattr(known, "user", None) and known.user.is_authenticated else None
    officer = user if isinstance(user, Officer) and user.active else None
    facts = authority.facts(officer=officer, at=known.at) if officer else None
    return Visit(officer=officer, facts=facts, at=known.at, works=known.works, path=request.path)


View = Callable[Concatenate[HttpRequest, P], HttpResponse]
SignedView = Callable[Concatenate[HttpRequest, SignedVisit, P], HttpResponse]


def signed_in(view: SignedView[P]) -> View[P]:
    """Give the view its visit, or send the visitor to sign in and then back here."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        visit = of(request)
        if not visit.signed_in:
            return HttpResponseRedirect(f"/sign-in?next={quote(request.get_full_path())}")
        return view(request, cast("SignedVisit", visit), *args, **kwargs)

    return guarded


def allowed(
    visit: SignedVisit, action: Action, *, about: str = "force", subject: Subject | None = None
) -> bool:
    """Whether this visitor may have this page; that one may not is written down.

    Args:
        visit: who asks, and when.
        action: what the page is for.
        about: the custody subject on which a refusal is written.
        subject: what the page shows; the visitor's own unit where it is of no one thing.
    """
    try:
        authority.demand(
            actor=visit.officer,
            action=action,
            subject=subject or Subject(unit=visit.officer.unit.code),
            about=about,
            at=visit.at,
        )
    except NotAllowed:
        return False
    return True


def may(visit: SignedVisit, action: Action, subject: Subject) -> bool:
    """Whether to show this visitor a link or a form; nothing is written down, and the act asks."""
    return isinstance(permissions.may(visit.facts, action, subject), permissions.Allowed)


def reach(visit: SignedVisit, action: Action) -> frozenset[str] | None:
    """The units whose records a list may show this visitor: codes, or None for the whole force.

    That there are none at all is a refusal, and is written down.
    """
    units = permissions.units_where(visit.facts, action)
    if units is not None and not units:
        allowed(visit, action)
    return units
