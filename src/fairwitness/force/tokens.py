"""Tokens: how a program acts as an account, within scopes, for at most a year.

Design rules:

1. A token is told once; a digest of its 256 random bits is kept, so nothing slow guards it.
2. Each use is its account's act. The account's roles decide as for a person; scopes only narrow.
3. A machine account is registered by one person and gets its tokens from another, and is never one
   of two people: a token may not stand in for the second.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority, emergency, officers, permissions, watching
from fairwitness.force.asking import Action, Subject
from fairwitness.force.authority import Actor
from fairwitness.force.models import Officer
from fairwitness.force.officers import NewOfficer
from fairwitness.force.token_rows import ApiToken, MachineAccount, Scope
from fairwitness.formats.acts import Act

LONGEST: Final = timedelta(days=365)
PREFIX: Final = "fwt_"
_TOUCH: Final = timedelta(minutes=1)
_BYTES: Final = 32
_LONGEST_NAME: Final = 60


class TokenInvalid(FairwitnessError):
    """A token that can't be made as asked, or that opens nothing."""

    code: ClassVar[str] = "token.invalid"


@dataclass(frozen=True, slots=True)
class Made:
    """A token as it is told this once, and its row."""

    text: str
    token: ApiToken


def register_machine(
    *,
    new: NewOfficer,
    purpose: str,
    actor: Actor,
    at: datetime,
    agreed: Officer | None = None,
) -> Officer:
    """Make a named account for another system, with its roles; it has no password and gets none.

    Raises:
        TokenInvalid: nobody says what it is for.
        NotAllowed, OfficerInvalid, UnitInvalid: as for a person who joins.
    """
    if not purpose.strip():
        raise TokenInvalid("Say what the other system is for.", code="token.purpose")
    officers.demand_registration(actor=actor, officers=[new], at=at, agreed=agreed)
    with transaction.atomic():
        officer = officers.register_officer(actor=actor, officer=new, at=at, agreed=agreed)
        MachineAccount.objects.create(
            officer=officer,
            purpose=purpose.strip()[:200],
            made_by=actor if isinstance(actor, Officer) else None,
            made_at=at,
        )
        ledger.append(
            subject=f"officer:{officer.pk}",
            act=Act.OFFICER_CHANGED,
            actor=authority.text(actor),
            at=at,
            reason=purpose.strip()[:200],
            detail={"machine_account": True},
        )
    return officer


def make(
    *,
    officer: Officer,
    name: str,
    scopes: Collection[Scope],
    expires_at: datetime,
    actor: Officer,
    at: datetime,
    agreed: Officer | None = None,
) -> Made:
    """Make a token: for oneself, or for a machine account that somebody else registered.

    Args:
        officer: as whom it acts.
        name: what it is called in lists and in the log.
        scopes: what it may be used for, at most.
        expires_at: when it ends, within a year.
        actor: who makes it.
        at: now.
        agreed: who agrees, for a machine account that watches the force (`watching`).

    Raises:
        TokenInvalid: no name, no scope, too long, or a closed account's.
        NotAllowed: the actor may not; written down.
    """
    name = name.strip()
    _demand_sense(officer, name, scopes, expires_at, at)
    _demand(officer, actor, at)
    if actor.pk != officer.pk:
        watching.demand(actor=actor, agreed=agreed, choices=watching.of_account(officer, at), at=at)
    text = PREFIX + secrets.token_urlsafe(_BYTES)
    try:
        with transaction.atomic():
            _end_old(officer, at)
            token = ApiToken.objects.create(
                officer=officer,
                name=name,
                digest=_digest(text),
                scopes=sorted(scope.value for scope in scopes),
                made_by=actor,
                made_at=at,
                expires_at=expires_at,
            )
            _append(token, actor, at, "made", agreed=agreed)
    except IntegrityError as error:
        raise TokenInvalid(
            f"There is a token {name} already. Revoke it, or take another name.", code="token.name"
        ) from error
    return Made(text, token)


def revoke(*, token: ApiToken, actor: Actor, at: datetime) -> None:
    """End a token at once; one that has ended stays so.

    Raises:
        NotAllowed: it is another's, and the actor revokes no keys; written down.
    """
    if not (isinstance(actor, Officer) and actor.pk == token.officer_id):
        authority.demand(
            actor=actor,
            action=Action.REVOKE_DEVICE,
            subject=Subject(unit=token.officer.unit.code),
            about=f"officer:{token.officer_id}",
            at=at,
        )
    with transaction.atomic():
        open_now = ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True)
        if open_now.update(revoked_at=at):
            _append(token, actor, at, "revoked")


def find(*, text: str) -> ApiToken:
    """The token that reads so, open or not.

    Raises:
        TokenInvalid: there is none.
    """
    token = (
        ApiToken.objects.select_related("officer__unit", "officer__machine")
        .filter(digest=_digest(text))
        .first()
    )
    if token is None:
        raise TokenInvalid("This token opens nothing.")
    return token


def use(*, token: ApiToken, at: datetime) -> None:
    """Go on only with an open token; that it was used is noted to the minute.

    Raises:
        TokenInvalid: it has ended, or its account is closed; written down.
    """
    if token.revoked_at is not None or token.expires_at <= at or not token.officer.active:
        ledger.refuse(
            subject=f"officer:{token.officer_id}",
            act=Act.SESSION_SIGN_IN_REFUSED,
            actor=authority.text(token.officer),
            at=at,
            reason="the token has ended",
            detail={"token": token.name},
        )
        raise TokenInvalid("This token has ended. Make a new one on the page Tokens.")
    stale = Q(used_at__isnull=True) | Q(used_at__lt=at - _TOUCH)
    ApiToken.objects.filter(stale, pk=token.pk).update(used_at=at)


def open_tokens(*, officer: Officer, at: datetime) -> list[ApiToken]:
    """An account's tokens that still open something, the newest first."""
    return list(ApiToken.objects.filter(officer=officer, revoked_at=None, expires_at__gt=at))


def _demand_sense(
    officer: Officer, name: str, scopes: Collection[Scope], expires_at: datetime, at: datetime
) -> None:
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise TokenInvalid(
            f"Name the token, in at most {_LONGEST_NAME} characters.", code="token.name"
        )
    if not scopes:
        raise TokenInvalid("Choose what it may be used for.", code="token.scopes")
    if not at < expires_at <= at + LONGEST:
        raise TokenInvalid("A token ends after today and within a year.", code="token.expiry")
    if not officer.active or emergency.is_emergency(officer):
        raise TokenInvalid("This account has no tokens.", code="token.account")


def _demand(officer: Officer, actor: Officer, at: datetime) -> None:
    machine = MachineAccount.objects.filter(pk=officer.pk).first()
    own = actor.pk == officer.pk
    authority.demand(
        actor=actor,
        action=Action.LET_PROGRAM_ACT if own else Action.LET_SYSTEM_ACT,
        subject=Subject(
            unit=_somewhere(officer, at) if own else officer.unit.code,
            first_person=machine.made_by_id if machine else None,
        ),
        about=f"officer:{officer.pk}",
        at=at,
    )
    if machine is None and not own:
        raise TokenInvalid(
            "People make their own tokens, on the page Tokens.", code="token.account"
        )


def _somewhere(officer: Officer, at: datetime) -> str:
    """A unit where this officer has a role that makes tokens; else their own."""
    known = authority.facts(officer=officer, at=at)
    units = permissions.units_where(known, Action.LET_PROGRAM_ACT)
    return min(units) if units else officer.unit.code


def _end_old(officer: Officer, at: datetime) -> None:
    """What has run out gives its name free."""
    ApiToken.objects.filter(officer=officer, revoked_at=None, expires_at__lte=at).update(
        revoked_at=F("expires_at")
    )


def _append(
    token: ApiToken, actor: Actor, at: datetime, what: str, *, agreed: Officer | None = None
) -> None:
    ledger.append(
        subject=f"officer:{token.officer_id}",
        act=Act.OFFICER_CREDENTIAL_CHANGED,
        actor=authority.text(actor),
        at=at,
        detail={
            "token": what,
            "token_name": token.name,
            "scopes": list(token.scopes),
            "expires_at": token.expires_at.isoformat(),
            **watching.told(agreed),
        },
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
