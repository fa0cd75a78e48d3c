"""People: who joins, moves and leaves, and how they prove who they are.

A person is never removed, because recordings and the log name them; who leaves has a closed
account, no roles and no camera from that moment on. What a person may do is in `roles`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority, codes, persons, units, watching
from fairwitness.force.asking import Action, NotAllowed, Role, Subject
from fairwitness.force.authority import Actor, facts, facts_of_many
from fairwitness.force.models import Issue, Officer, RoleGrant, Unit
from fairwitness.force.watching import Choice
from fairwitness.formats.acts import Act

__all__ = [
    "NewOfficer",
    "OfficerInvalid",
    "change_officer",
    "choices",
    "demand_registration",
    "facts",
    "facts_of_many",
    "leave",
    "move_officer",
    "named",
    "register_officer",
    "register_officers_many",
    "set_password",
]

_COLLAR = re.compile(r"[A-Z0-9][A-Z0-9-]{0,15}")
_INITIALS = re.compile(r"[A-Z]{2,6}")


class OfficerInvalid(FairwitnessError):
    """A person who can't be registered or changed as given, or whom we don't know."""

    code: ClassVar[str] = "officer.invalid"


@dataclass(frozen=True, slots=True)
class NewOfficer:
    """A person who joins.

    Attributes:
        collar_number: unique in the force, such as `614LX`; they sign in with it.
        name: first name and surname.
        initials: for exhibit references, such as `AW`.
        unit: the code of their unit.
        rank: as people say it, `PC`, `DC`, `Insp.`; empty for staff.
        roles: roles held for their own unit.
        force_wide: roles held for the whole force.
    """

    collar_number: str
    name: str
    initials: str
    unit: str
    rank: str = ""
    roles: tuple[Role, ...] = (Role.OFFICER,)
    force_wide: tuple[Role, ...] = ()


def named(collar_number: str) -> Officer:
    """The officer with this collar number, whether still with the force or not.

    Raises:
        OfficerInvalid: code `officer.unknown` when there is none.
    """
    found = (
        Officer.objects.select_related("unit").filter(collar_number=collar_number.upper()).first()
    )
    if found is None:
        raise OfficerInvalid(
            f"There is no officer {collar_number}. Give the collar number, such as 614LX.",
            code="officer.unknown",
        )
    return found


def register_officers_many(
    *,
    actor: Actor,
    officers: Sequence[NewOfficer],
    at: datetime,
    agreed: Officer | None = None,
) -> list[Officer]:
    """Register people who join, with their roles: all of them, or none.

    They have no password yet, and can't sign in until `set_password`.

    Raises:
        OfficerInvalid: a collar number, name or initials malformed or taken.
        UnitInvalid: a unit that we don't know.
        NotAllowed: the actor may not register people there, or not grant those roles; or nobody
            who may has `agreed` to one that watches the force (`watching`).
    """
    _check(officers)
    known = units.by_code({new.unit for new in officers})
    demand_registration(actor=actor, officers=officers, at=at, agreed=agreed)
    rows = [_row(new, known[new.unit], at) for new in officers]
    grants = [
        grant for new, row in zip(officers, rows, strict=True) for grant in _grants(new, row, at)
    ]
    with transaction.atomic():
        Officer.objects.bulk_create(rows, batch_size=500)
        RoleGrant.objects.bulk_create(grants, batch_size=500)
        ledger.append_many(
            [
                ledger.Draft(
                    subject=f"officer:{row.pk}",
                    act=Act.OFFICER_REGISTERED,
                    actor=authority.text(actor),
                    at=at,
                    detail={
                        "collar_number": row.collar_number,
                        "name": row.name,
                        "rank": row.rank,
                        "unit": new.unit,
                        "roles": [role.value for role in new.roles],
                        "force_wide_roles": [role.value for role in new.force_wide],
                        **watching.told(agreed),
                    },
                )
                for new, row in zip(officers, rows, strict=True)
            ]
        )
    return rows


def register_officer(
    *, actor: Actor, officer: NewOfficer, at: datetime, agreed: Officer | None = None
) -> Officer:
    """Register one person; as `register_officers_many`."""
    (row,) = register_officers_many(actor=actor, officers=[officer], at=at, agreed=agreed)
    return row


def demand_registration(
    *,
    actor: Actor,
    officers: Sequence[NewOfficer],
    at: datetime,
    agreed: Officer | None = None,
) -> None:
    """Go on only when the actor may register them, before a transaction that does more.

    Raises:
        NotAllowed: as `register_officers_many`; written down.
    """
    subjects = {new.unit: Subject(unit=new.unit) for new in officers}
    authority.demand_all(
        actor=actor,
        action=Action.REGISTER_OFFICER,
        questions=[(subject, "force") for subject in subjects.values()],
        at=at,
    )
    if any(new.force_wide for new in officers):
        authority.demand(
            actor=actor, action=Action.GRANT_ROLE, subject=Subject(), about="force", at=at
        )
    watching.demand(actor=actor, agreed=agreed, choices=choices(officers), at=at)


def choices(officers: Iterable[NewOfficer]) -> list[Choice]:
    """The roles that people who join are to have."""
    found = [Choice(role, new.unit) for new in officers for role in new.roles]
    return found + [Choice(role, None) for new in officers for role in new.force_wide]


def change_officer(
    *,
    officer: Officer,
    actor: Actor,
    at: datetime,
    name: str | None = None,
    rank: str | None = None,
    initials: str | None = None,
) -> Officer:
    """Correct a name, a rank or initials; what is None stays.

    Raises:
        OfficerInvalid: malformed, or nothing to change.
        NotAllowed: the actor may not.
    """
    wanted = {"name": name, "rank": rank, "initials": initials}
    changes = {
        field: value
        for field, value in wanted.items()
        if value is not None and value != getattr(officer, field)
    }
    if not changes:
        raise OfficerInvalid("Nothing to change.", code="officer.unchanged")
    if "initials" in changes and not _INITIALS.fullmatch(changes["initials"]):
        raise OfficerInvalid("Initials are two to six capitals, such as ABC.")
    if not changes.get("name", officer.name).strip():
        raise OfficerInvalid("An officer needs a name.")
    _demand_change(officer=officer, actor=actor, at=at)
    with transaction.atomic():
        for field, value in changes.items():
            setattr(officer, field, value)
        officer.save(update_fields=list(changes))
        ledger.append(
            subject=f"officer:{officer.pk}",
            act=Act.OFFICER_CHANGED,
            actor=authority.text(actor),
            at=at,
            detail=dict(changes),
        )
    return officer


def move_officer(*, officer: Officer, unit: Unit, actor: Actor, at: datetime) -> Officer:
    """Move a person to another unit.

    The officer's own role moves along; every other role for the unit they leave ends, because it
    was given for work there. Force-wide roles stay. Recordings keep the unit of their time.

    Raises:
        OfficerInvalid: they are there already, or have left the force.
        NotAllowed: the actor may not.
    """
    if officer.unit_id == unit.pk or not officer.active:
        why = "is there already" if officer.active else "has left the force"
        raise OfficerInvalid(f"{officer.title} {why}.", code="officer.unmovable")
    _demand_change(officer=officer, actor=actor, at=at)
    before = officer.unit
    with transaction.atomic():
        ending = RoleGrant.objects.filter(_running(at), officer=officer, unit=before)
        ended = sorted(ending.values_list("role", flat=True))
        ending.update(ends_at=at)
        if Role.OFFICER in ended:
            RoleGrant.objects.create(officer=officer, role=Role.OFFICER, unit=unit, begins_at=at)
        officer.unit = unit
        officer.save(update_fields=["unit"])
        ledger.append(
            subject=f"officer:{officer.pk}",
            act=Act.OFFICER_CHANGED,
            actor=authority.text(actor),
            at=at,
            detail={"unit": unit.code, "unit_before": before.code, "roles_ended": ended},
        )
    return officer


def leave(*, officer: Officer, actor: Actor, at: datetime, reason: str = "") -> Officer:
    """Close a leaver's account: no sign-in, no roles, no camera from now on.

    Their sessions end at once, and their second factors and one-time codes are gone.

    A camera still in their hands counts as returned now; what it recorded later waits in the
    unassigned queue. Calling it again for someone who has left changes nothing.

    Raises:
        NotAllowed: the actor may not.
    """
    if not officer.active:
        return officer
    _demand_change(officer=officer, actor=actor, at=at)
    who = authority.text(actor)
    with transaction.atomic():
        RoleGrant.objects.filter(_running(at), officer=officer).update(ends_at=at)
        issues = list(Issue.objects.filter(_running(at), officer=officer))
        for issue in issues:
            issue.ends_at = max(at, issue.begins_at)
            issue.save(update_fields=["ends_at"])
        officer.active, officer.left_at = False, at
        officer.set_unusable_password()
        officer.save(update_fields=["active", "left_at", "password"])
        ended = codes.forget_access(officer=officer, at=at)
        left = ledger.Draft(
            subject=f"officer:{officer.pk}",
            act=Act.OFFICER_DEACTIVATED,
            actor=who,
            at=at,
            reason=reason,
            detail={"cameras": [str(issue.camera_id) for issue in issues], **ended},
        )
        returned = [
            ledger.Draft(
                subject=f"camera:{issue.camera_id}",
                act=Act.CAMERA_RETURNED,
                actor=who,
                at=at,
                reason="the officer left the force",
                detail={"officer": str(officer.pk), "issue": str(issue.pk)},
            )
            for issue in issues
        ]
        ledger.append_many([left, *returned])
    return officer


def set_password(
    *, officer: Officer, password: str, actor: Actor, at: datetime, agreed: Officer | None = None
) -> None:
    """Set a password; one's own, or somebody's whose account one administers.

    Raises:
        OfficerInvalid: code `officer.password` when it is too short or too common.
        NotAllowed: the actor may not; or nobody who may `agreed`, for who watches (`watching`).
        NoPerson: a machine account has none.
    """
    persons.demand_person(officer)
    try:
        password_validation.validate_password(password, user=officer)
    except ValidationError as error:
        raise OfficerInvalid(" ".join(error.messages), code="officer.password") from error
    if actor != officer:
        _demand_change(officer=officer, actor=actor, at=at)
        watching.demand(actor=actor, agreed=agreed, choices=watching.of_account(officer, at), at=at)
    elif not officer.active:
        raise NotAllowed("This account is closed.", code="permission.left")
    officer.set_password(password)  # slow on purpose, so it stays outside the transaction
    with transaction.atomic():
        officer.save(update_fields=["password"])
        ledger.append(
            subject=f"officer:{officer.pk}",
            act=Act.OFFICER_CREDENTIAL_CHANGED,
            actor=authority.text(actor),
            at=at,
            detail=watching.told(agreed),
        )


def _running(at: datetime) -> Q:
    return Q(ends_at__isnull=True) | Q(ends_at__gt=at)


def _demand_change(*, officer: Officer, actor: Actor, at: datetime) -> None:
    authority.demand(
        actor=actor,
        action=Action.CHANGE_OFFICER,
        subject=Subject(unit=officer.unit.code, person=officer.pk),
        about=f"officer:{officer.pk}",
        at=at,
    )


def _check(officers: Sequence[NewOfficer]) -> None:
    for new in officers:
        if not _COLLAR.fullmatch(new.collar_number):
            raise OfficerInvalid(
                f"{new.collar_number!r} is no collar number: up to 16 capitals, digits, hyphens."
            )
        if not new.name.strip():
            raise OfficerInvalid(f"{new.collar_number} needs a name.")
        if not _INITIALS.fullmatch(new.initials):
            raise OfficerInvalid(f"{new.collar_number} needs initials, two to six capitals.")
    numbers = [new.collar_number for new in officers]
    if len(set(numbers)) < len(numbers):
        raise OfficerInvalid("A collar number is twice in the list.", code="officer.taken")
    for start in range(0, len(numbers), 500):
        taken = Officer.objects.filter(collar_number__in=numbers[start : start + 500]).first()
        if taken is not None:
            raise OfficerInvalid(
                f"Collar number {taken.collar_number} is taken by {taken.title}.",
                code="officer.taken",
            )


def _row(new: NewOfficer, unit: Unit, at: datetime) -> Officer:
    row = Officer(
        collar_number=new.collar_number,
        name=new.name,
        rank=new.rank,
        initials=new.initials,
        unit=unit,
        joined_at=at,
    )
    row.set_unusable_password()
    return row


def _grants(new: NewOfficer, row: Officer, at: datetime) -> list[RoleGrant]:
    own = [
        RoleGrant(officer=row, role=role, unit=row.unit, begins_at=at)
        for role in dict.fromkeys(new.roles)
    ]
    wide = [
        RoleGrant(officer=row, role=role, unit=None, begins_at=at)
        for role in dict.fromkeys(new.force_wide)
    ]
    return [*own, *wide]
