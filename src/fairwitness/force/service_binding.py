"""Who is who at the force's sign-in service: bound by an administrator, never by itself."""

from datetime import datetime
from typing import ClassVar, Final

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority, persons, watching
from fairwitness.force.asking import Action, Subject
from fairwitness.force.authority import Actor
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act

SERVICE: Final = "force"


class BindingInvalid(FairwitnessError):
    """A subject that can't be bound."""

    code: ClassVar[str] = "binding.invalid"


def bind(
    *,
    officer: Officer,
    subject: str,
    actor: Actor,
    at: datetime,
    agreed: Officer | None = None,
) -> None:
    """Say that this officer is `subject` at the sign-in service; a former subject is no more.

    Raises:
        BindingInvalid: the subject is empty, or another officer's.
        NotAllowed: the actor may not; or nobody who may has `agreed`, for somebody who watches the
            force (`watching`).
    """
    persons.demand_person(officer)
    subject = subject.strip()
    if not subject or not officer.active:
        raise BindingInvalid("Give the subject, and somebody who is with the force.")
    authority.demand(
        actor=actor,
        action=Action.CHANGE_OFFICER,
        subject=Subject(unit=officer.unit.code, person=officer.pk),
        about=f"officer:{officer.pk}",
        at=at,
    )
    watching.demand(actor=actor, agreed=agreed, choices=watching.of_account(officer, at), at=at)
    with transaction.atomic():
        bound = SocialAccount.objects.filter(provider=SERVICE, uid=subject)
        others = bound.select_for_update().order_by("pk")
        if others.exclude(user=officer).exists():
            raise BindingInvalid("That subject is another officer’s.", code="binding.taken")
        SocialAccount.objects.filter(provider=SERVICE, user=officer).delete()
        SocialAccount.objects.create(provider=SERVICE, uid=subject, user=officer)
        ledger.append(
            subject=f"officer:{officer.pk}",
            act=Act.OFFICER_CREDENTIAL_CHANGED,
            actor=authority.text(actor),
            at=at,
            detail={"sign_in_service": "bound", "subject": subject, **watching.told(agreed)},
        )
