"""The card that an officer hands to people: a code that finds the footage and names nobody."""

from datetime import datetime
from typing import Final

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.force import authority, public_codes
from fairwitness.force.models import Officer, OfficerCard
from fairwitness.formats.acts import Act

LENGTH: Final = 8


def of(officer: Officer) -> OfficerCard | None:
    """The officer's card, if there is one."""
    return OfficerCard.objects.filter(officer=officer).first()


def make(*, officer: Officer, at: datetime) -> OfficerCard:
    """Give an officer a code, who asks for it himself or herself; one that is there stays."""
    with transaction.atomic():
        card, fresh = OfficerCard.objects.get_or_create(
            officer=officer, defaults={"code": public_codes.make(LENGTH), "made_at": at}
        )
        if fresh:
            ledger.append(
                subject=f"officer:{officer.pk}",
                act=Act.OFFICER_CHANGED,
                actor=authority.text(officer),
                at=at,
                reason="a card to hand to people",
                detail={"card": True},
            )
    return card
