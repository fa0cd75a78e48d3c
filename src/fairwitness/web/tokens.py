"""Tokens: what lets a program act as somebody, made and revoked; other systems' accounts."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from fairwitness.errors import FairwitnessError
from fairwitness.force import permissions, tokens, watching
from fairwitness.force.asking import Action, NotAllowed, Role
from fairwitness.force.models import Officer
from fairwitness.force.officers import NewOfficer
from fairwitness.force.token_rows import ApiToken, MachineAccount, Scope
from fairwitness.web import acting, page, times, visits

_HERE: Final = "/tokens"
_SHOWN: Final = 200
_USUAL: Final = timedelta(days=90)
_WORDS: Final = {
    Scope.RECORDINGS_READ: "Search recordings and read their history",
    Scope.RECORDINGS_WRITE: "Categorise, keep, write notes and transcripts, correct the wearer",
    Scope.RECORDINGS_VIEW: "Watch footage",
    Scope.HOLDS_READ: "See holds",
    Scope.HOLDS_WRITE: "Place and lift holds, standing ones too",
    Scope.CASES_READ: "See cases and exhibits",
    Scope.CASES_WRITE: "Open and close cases, produce and withdraw exhibits",
    Scope.COPIES: "Copies for court",
    Scope.INCIDENTS_READ: "See critical incidents",
    Scope.INCIDENTS_WRITE: "Declare critical incidents, release viewing, enter accounts, close",
    Scope.EVENTS_READ: "See records of force, search, arrest and complaint, and calls",
    Scope.EVENTS_WRITE: "Bring such records in, look at what they mark",
    Scope.QUARANTINE_READ: "See the quarantine",
    Scope.QUARANTINE_WRITE: "Decide on what is in quarantine",
    Scope.REQUESTS_READ: "See what people ask to be kept",
    Scope.REQUESTS_WRITE: "Answer and extend requests",
    Scope.DELETIONS_READ: "See deletions and their records",
    Scope.FIGURES_READ: "Figures and roll-out",
    Scope.FIGURES_WRITE: "Note firearms operations, discharges and their investigations",
    Scope.RULES_READ: "See changes of the rules, and what they would do",
    Scope.RULES_WRITE: "Change rules with a second person, stop deletion in the whole force",
    Scope.STANDS_OUT_READ: "What stands out, and its limits",
    Scope.STANDS_OUT_WRITE: "Close what stands out, set its limits",
    Scope.FORCE_READ: "Units, officers, cameras and what is decided of them",
    Scope.FORCE_WRITE: "Issue, return and report on cameras; decide what they do",
}
_ROLES: Final = tuple(
    role for role in Role if role not in {Role.OFFICER, Role.ADMINISTRATOR, *watching.AGREES}
)


@require_http_methods(["GET", "HEAD", "POST"])
@visits.signed_in
def show(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """One's own tokens, and a form for another; other systems', for whoever keeps them."""
    if request.method != "POST":
        if not _may(visit, Action.LET_PROGRAM_ACT):
            visits.allowed(visit, Action.LET_PROGRAM_ACT)
            return _refuse(request)
        return _page(request, visit)
    return _made(request, visit, visit.officer)


@require_POST
@visits.signed_in
def make_for_system(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """Make a token for another system, as somebody who did not register it."""
    account = MachineAccount.objects.select_related("officer__unit").filter(pk=pk).first()
    if account is None:
        visits.allowed(visit, Action.LET_SYSTEM_ACT)
        return _refuse(request)
    return _made(request, visit, account.officer)


@require_POST
@visits.signed_in
def register(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """Register an account for another system; somebody else makes its tokens."""
    said = {name: request.POST.get(name, "").strip() for name in ("number", "name", "purpose")}
    role = request.POST.get("role", "")
    if not _may(visit, Action.REGISTER_OFFICER):
        visits.allowed(visit, Action.REGISTER_OFFICER)
        return _refuse(request)

    def act() -> str:
        if role not in {each.value for each in _ROLES}:
            raise tokens.TokenInvalid("Choose the role in which it acts.", code="token.role")
        made = tokens.register_machine(
            new=NewOfficer(
                collar_number=said["number"].upper(),
                name=said["name"],
                initials="API",
                unit=visit.officer.unit.code,
                roles=(Role(role),),
            ),
            purpose=said["purpose"],
            actor=visit.officer,
            at=visit.at,
        )
        return f"{made.name} is registered. An evidence manager makes its token."

    return acting.attempt(request, act, then=_HERE, back=_HERE)


@require_POST
@visits.signed_in
def revoke(request: HttpRequest, visit: visits.SignedVisit, pk: UUID) -> HttpResponse:
    """End a token at once."""
    token = ApiToken.objects.select_related("officer__unit").filter(pk=pk).first()
    if token is None:
        visits.allowed(visit, Action.REVOKE_DEVICE)
        return _refuse(request)

    def act() -> str:
        tokens.revoke(token=token, actor=visit.officer, at=visit.at)
        return f"{token.name} opens nothing any more."

    return acting.attempt(request, act, then=_HERE, back=_HERE)


def _made(request: HttpRequest, visit: visits.SignedVisit, account: Officer) -> HttpResponse:
    try:
        made = tokens.make(
            officer=account,
            name=request.POST.get("name", ""),
            scopes=[each for each in Scope if each.value in request.POST.getlist("scope")],
            expires_at=_end(request.POST.get("until", ""), visit.at),
            actor=visit.officer,
            at=visit.at,
        )
    except NotAllowed as error:
        return acting.refused(request, error, back=_HERE)
    except FairwitnessError as error:
        return _page(request, visit, problem=error.message, status=400)
    return _page(request, visit, text=made.text, made=made.token.name)


def _page(
    request: HttpRequest, visit: visits.SignedVisit, *, status: int = 200, **told: str
) -> HttpResponse:
    seen_for = (Action.REGISTER_OFFICER, Action.LET_SYSTEM_ACT)
    seen = any(_may(visit, action) for action in seen_for)
    context: dict[str, object] = {
        "problem": "",
        **told,
        "own": [_row(each) for each in _open(visit.officer, visit.at)],
        "may_make": _may(visit, Action.LET_PROGRAM_ACT),
        "may_register": _may(visit, Action.REGISTER_OFFICER),
        "may_for_systems": _may(visit, Action.LET_SYSTEM_ACT),
        "systems": _systems(visit.at) if seen else [],
        "scopes": [(scope.value, words) for scope, words in _WORDS.items()],
        "roles": [(role.value, role.value.replace("_", " ").capitalize()) for role in _ROLES],
        "until": (times.day(visit.at) + _USUAL).isoformat(),
        "latest": (times.day(visit.at) + tokens.LONGEST - timedelta(days=1)).isoformat(),
        "typed": request.POST.get("name", "") if told.get("problem") else "",
    }
    return page.render(request, "pages/tokens.html", context, status=status)


def _open(officer: Officer, at: datetime) -> list[ApiToken]:
    return tokens.open_tokens(officer=officer, at=at)


def _systems(at: datetime) -> list[dict[str, object]]:
    accounts = MachineAccount.objects.select_related("officer__unit", "made_by")
    accounts = accounts.filter(officer__active=True).order_by("officer__collar_number")[:_SHOWN]
    held: dict[UUID, list[ApiToken]] = {}
    rows = ApiToken.objects.filter(
        officer__machine__isnull=False, revoked_at=None, expires_at__gt=at
    )
    for token in rows:
        held.setdefault(token.officer_id, []).append(token)
    return [
        {
            "id": str(each.pk),
            "name": each.officer.name,
            "number": each.officer.collar_number,
            "unit": each.officer.unit.name,
            "purpose": each.purpose,
            "by": str(each.made_by) if each.made_by else "the operator",
            "tokens": [_row(token) for token in held.get(each.pk, [])],
        }
        for each in accounts
    ]


def _row(token: ApiToken) -> dict[str, object]:
    return {
        "id": str(token.pk),
        "name": token.name,
        "scopes": ", ".join(token.scopes),
        "made": times.plain_day(token.made_at),
        "until": times.plain_day(token.expires_at - timedelta(seconds=1)),
        "used": times.short_moment(token.used_at) if token.used_at else "never",
    }


def _may(visit: visits.SignedVisit, action: Action) -> bool:
    return permissions.units_where(visit.facts, action) != frozenset()


def _end(text: str, at: datetime) -> datetime:
    """The end of a London day; nonsense is a day that is over."""
    day = times.typed_day(text)
    return times.ends(day) if day else at


def _refuse(request: HttpRequest) -> HttpResponse:
    return page.refuse(
        request,
        title="Tokens",
        sentence="You can’t make or see this token.",
        detail="Supervisors, investigators and those who keep the evidence make tokens for their"
        " own programs. Who asks and may not is written down.",
        back="/today",
    )
