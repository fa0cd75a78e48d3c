"""One-time codes: how an administrator lets somebody begin, or begin again, without a password.

A code goes from hand to hand and is kept as a digest. Making one takes away, at once, what it is
to replace: who lost a phone has no phone that signs in. It never replaces what was not lost: with
a code alone, whoever made it can't come in as somebody who had an account.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import ClassVar, Final

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority, factors, persons, sessions, watching
from fairwitness.force.account_rows import CodePurpose, OneTimeCode
from fairwitness.force.asking import Action, Subject
from fairwitness.force.authority import Actor
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act

LASTS: Final = timedelta(days=3)
_LETTERS: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_GROUPS: Final = 4
_EACH: Final = 4


class CodeInvalid(FairwitnessError):
    """A code that can't be made for this person."""

    code: ClassVar[str] = "code.invalid"


def make_text() -> str:
    """Four groups of four, without letters that look like others: 78 bits."""
    groups = ["".join(secrets.choice(_LETTERS) for _ in range(_EACH)) for _ in range(_GROUPS)]
    return "-".join(groups)


def make(
    *,
    officer: Officer,
    purpose: CodePurpose,
    actor: Actor,
    at: datetime,
    agreed: Officer | None = None,
) -> str:
    """Make a code, and take away what it replaces; the code is told once and not kept.

    Raises:
        CodeInvalid: the person has left, or has nothing left that would prove who they are.
        NotAllowed: the actor may not, or would make one for himself or herself; or nobody who may
            has `agreed` to one for somebody who watches the force (`watching`).
    """
    if not officer.active:
        raise CodeInvalid(f"{officer.title} has left the force.", code="code.left")
    persons.demand_person(officer)
    authority.demand(
        actor=actor,
        action=Action.CHANGE_OFFICER,
        subject=Subject(unit=officer.unit.code, person=officer.pk),
        about=f"officer:{officer.pk}",
        at=at,
    )
    watching.demand(actor=actor, agreed=agreed, choices=watching.of_account(officer, at), at=at)
    _demand_sense(officer, purpose)
    text = make_text()
    with transaction.atomic():
        OneTimeCode.objects.filter(officer=officer, ended_at__isnull=True).update(ended_at=at)
        OneTimeCode.objects.create(
            officer=officer,
            purpose=purpose,
            digest=_digest(text),
            made_at=at,
            expires_at=at + LASTS,
        )
        sessions.forget_all(officer=officer)
        if purpose != CodePurpose.PASSWORD:
            factors.forget_all(officer=officer)
        if purpose != CodePurpose.FACTOR:
            officer.set_unusable_password()
            officer.save(update_fields=["password"])
        ledger.append(
            subject=f"officer:{officer.pk}",
            act=Act.OFFICER_CREDENTIAL_CHANGED,
            actor=authority.text(actor),
            at=at,
            detail={"one_time_code": purpose.value, **watching.told(agreed)},
        )
    return text


def find(*, officer: Officer, text: str, at: datetime) -> OneTimeCode | None:
    """The open code of an officer that reads so."""
    return OneTimeCode.objects.filter(
        officer=officer, digest=_digest(text), ended_at__isnull=True, expires_at__gt=at
    ).first()


def use_up(*, officer: Officer, purpose: str, at: datetime) -> bool:
    """End the code somebody came in with; False when it was used or replaced meanwhile."""
    open_ones = OneTimeCode.objects.filter(
        officer=officer, purpose=purpose, ended_at__isnull=True, expires_at__gt=at
    )
    return open_ones.update(ended_at=at) == 1


def forget_access(*, officer: Officer, at: datetime) -> dict[str, int]:
    """All that lets somebody in is gone; part of the act that closes an account."""
    OneTimeCode.objects.filter(officer=officer, ended_at__isnull=True).update(ended_at=at)
    SocialAccount.objects.filter(user=officer).delete()
    return {
        "browsers": sessions.forget_all(officer=officer),
        "factors": factors.forget_all(officer=officer),
    }


def _demand_sense(officer: Officer, purpose: CodePurpose) -> None:
    if purpose == CodePurpose.FACTOR and not officer.has_usable_password():
        raise CodeInvalid(
            f"{officer.title} has no password to prove who they are. Make a code to begin.",
            code="code.nothing_left",
        )
    if purpose == CodePurpose.PASSWORD and not factors.has_any(officer):
        raise CodeInvalid(
            f"{officer.title} has no second factor to prove who they are. Make a code to begin.",
            code="code.nothing_left",
        )


def _digest(text: str) -> str:
    plain = "".join(each for each in text.upper() if each.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
