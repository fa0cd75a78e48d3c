"""The emergency account: an administrator in an envelope, for the day nobody else can sign in.

Its password is made by us, printed once and kept nowhere. It opens once: with the first sign-in the
seal is broken, the password is dead, the entry says so, and everybody who watches is told on each
of their pages until they have read it. Then somebody seals it again.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority, codes, officers, sessions
from fairwitness.force.account_rows import EmergencyNotice, EmergencySeal
from fairwitness.force.asking import Action, Role, Subject
from fairwitness.force.authority import Actor
from fairwitness.force.models import Officer, Unit
from fairwitness.formats.acts import Act

COLLAR: Final = "EMERGENCY"
WATCHERS: Final = (Role.EVIDENCE_MANAGER, Role.PROFESSIONAL_STANDARDS, Role.AUDITOR)


class EmergencyInvalid(FairwitnessError):
    """The emergency account can't be sealed so."""

    code = "emergency.invalid"


def is_emergency(officer: Officer) -> bool:
    """Whether this is the account in the envelope."""
    return officer.collar_number == COLLAR


def seal(*, actor: Actor, unit: Unit, at: datetime) -> str:
    """Make the account's password anew, and the account at the first time; told once.

    Whoever is signed in with it is out.

    Args:
        actor: who seals: an administrator, or the operator at the server.
        unit: where the account is kept, at the first time.
        at: now.

    Raises:
        NotAllowed: the actor may not, or is the emergency account.
    """
    officer = Officer.objects.select_related("unit").filter(collar_number=COLLAR).first()
    if officer is None:
        new = officers.NewOfficer(
            COLLAR, "Emergency account", "EM", unit.code, "", (), (Role.ADMINISTRATOR,)
        )
        officer = officers.register_officer(actor=actor, officer=new, at=at)
    authority.demand(
        actor=actor,
        action=Action.CHANGE_OFFICER,
        subject=Subject(unit=officer.unit.code, person=officer.pk),
        about=f"officer:{officer.pk}",
        at=at,
    )
    text = f"{codes.make_text()}-{codes.make_text()}"
    officer.set_password(text)  # slow on purpose, so it stays outside the transaction
    with transaction.atomic():
        EmergencySeal.objects.filter(officer=officer, resealed_at__isnull=True).update(
            resealed_at=at
        )
        EmergencySeal.objects.create(officer=officer, sealed_at=at)
        officer.save(update_fields=["password"])
        ended = sessions.forget_all(officer=officer)
        ledger.append(
            subject=f"officer:{officer.pk}",
            act=Act.OFFICER_CREDENTIAL_CHANGED,
            actor=authority.text(actor),
            at=at,
            detail={"emergency_account": "sealed", "browsers": ended},
        )
    return text


def break_seal(*, officer: Officer, at: datetime) -> int:
    """Use the account: once, and not in silence; part of the sign-in, which writes the entry.

    Returns:
        How many people are told.

    Raises:
        EmergencyInvalid: code `emergency.broken` when somebody was quicker.
    """
    found = (
        EmergencySeal.objects.select_for_update()
        .filter(officer=officer, broken_at__isnull=True, resealed_at__isnull=True)
        .first()
    )
    if found is None:
        raise EmergencyInvalid("The seal is broken already.", code="emergency.broken")
    found.broken_at = at
    found.save(update_fields=["broken_at"])
    officer.set_unusable_password()
    officer.save(update_fields=["password"])
    watchers = _watchers(at)
    EmergencyNotice.objects.bulk_create(
        [EmergencyNotice(seal=found, officer_id=who, told_at=at) for who in watchers]
    )
    return len(watchers)


def unread(*, officer: Officer) -> datetime | None:
    """When the account was used, if this watcher has not said that they have read it."""
    return (
        EmergencyNotice.objects.filter(officer=officer, read_at__isnull=True)
        .order_by("-told_at")
        .values_list("told_at", flat=True)
        .first()
    )


def mark_read(*, officer: Officer, at: datetime) -> int:
    """Note that a watcher has read it, in the account's own chain; returns how many that were."""
    with transaction.atomic():
        unread = EmergencyNotice.objects.filter(officer=officer, read_at__isnull=True)
        read = list(unread.select_for_update(of=("self",)).select_related("seal").order_by("pk"))
        unread.filter(pk__in=[notice.pk for notice in read]).update(read_at=at)
        for notice in read:
            ledger.append(
                subject=f"officer:{notice.seal.officer_id}",
                act=Act.LOG_READ,
                actor=authority.text(officer),
                at=at,
                reason="the emergency account was used",
                detail={"told_at": notice.told_at.isoformat()},
            )
    return len(read)


def _watchers(at: datetime) -> list[UUID]:
    return list(
        Officer.objects.filter(
            Q(grants__ends_at__isnull=True) | Q(grants__ends_at__gt=at),
            active=True,
            grants__role__in=WATCHERS,
            grants__begins_at__lte=at,
        )
        .values_list("pk", flat=True)
        .distinct()
    )
