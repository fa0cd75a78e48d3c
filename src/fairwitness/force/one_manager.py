"""A force that runs with one evidence manager: begun and ended in the open, and logged.

Design rules:

1. While it stands, notice and delay may take the second person's place (`retention.notices`).
   It grants nobody anything by itself.
2. It begins by an administrator who is not that manager, or by the operator at the server; and only
   while there is exactly one.
3. With a second manager it is over at once, by what `in_force` counts; the row is ended in the
   transaction of the appointment, or by the sweeper where a manager came another way.
"""

from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Q

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.asking import Action, Role, Subject
from fairwitness.force.authority import Actor
from fairwitness.force.manager_rows import OneManager
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act

SUBJECT: Final = "force"
SECOND: Final = "there is a second evidence manager"


class OneManagerInvalid(FairwitnessError):
    """Not one evidence manager, no reason, or begun or ended before."""

    code = "one_manager.invalid"


def managers(*, at: datetime) -> list[Officer]:
    """Who is an evidence manager now, for the force or any unit of it; one query."""
    held = Q(grants__ends_at__isnull=True) | Q(grants__ends_at__gt=at)
    role = Q(grants__role=Role.EVIDENCE_MANAGER, grants__begins_at__lte=at)
    return list(Officer.objects.filter(held & role, active=True).distinct().order_by("pk"))


def standing() -> OneManager | None:
    """The time that was begun and not ended; it may be over all the same, see `in_force`."""
    return OneManager.objects.filter(standing=True).first()


def in_force(*, at: datetime) -> OneManager | None:
    """The time that stands, when no second manager has come; else None."""
    found = standing()
    return found if found is not None and len(managers(at=at)) == 1 else None


def begin(*, actor: Actor, reason: str, at: datetime) -> OneManager:
    """Let the force run with one evidence manager from now on.

    Raises:
        OneManagerInvalid: no reason, not exactly one manager, or begun before.
        NotAllowed: not an administrator, or that manager.
    """
    found = managers(at=at)
    _demand(actor, found, at)
    _say(reason)
    if len(found) != 1:
        raise OneManagerInvalid(
            f"The force has {len(found) or 'no'} evidence managers. This is for a force with one.",
            code="one_manager.not_one",
        )
    try:
        with transaction.atomic():
            row = OneManager.objects.create(
                begun_at=at, begun_by=authority.text(actor), reason=reason.strip()
            )
            _log(Act.ONE_MANAGER_BEGUN, row, authority.text(actor), reason, at)
    except IntegrityError:
        raise OneManagerInvalid("The force runs with one evidence manager already.") from None
    return row


def end(*, actor: Actor, reason: str, at: datetime) -> None:
    """Need a second person again, from now on.

    Raises:
        OneManagerInvalid: no reason, or it does not stand.
        NotAllowed: not an administrator, or that manager.
    """
    _demand(actor, managers(at=at), at)
    _say(reason)
    with transaction.atomic():
        if not _end(authority.text(actor), reason, at):
            raise OneManagerInvalid("The force does not run with one evidence manager.")


def end_with_a_second(*, by: str, at: datetime) -> bool:
    """End it when there is a second evidence manager; in the caller's transaction.

    Returns:
        Whether it was ended now.
    """
    ledger.demand_transaction()
    if standing() is None or len(managers(at=at)) < 2:  # noqa: PLR2004 - two is a second one
        return False
    return _end(by, SECOND, at)


def _end(by: str, reason: str, at: datetime) -> bool:
    row = OneManager.objects.select_for_update().filter(standing=True).first()
    if row is None:
        return False
    row.standing, row.ended_at = None, max(at, row.begun_at)
    row.save(update_fields=["standing", "ended_at"])
    _log(Act.ONE_MANAGER_ENDED, row, by, reason, at)
    return True


def _say(reason: str) -> None:
    if not reason.strip():
        raise OneManagerInvalid("Say why.")


def _demand(actor: Actor, found: list[Officer], at: datetime) -> None:
    person = found[0].pk if len(found) == 1 else None
    subject = Subject(person=person)
    action = Action.RUN_WITH_ONE_MANAGER
    authority.demand(actor=actor, action=action, subject=subject, about=SUBJECT, at=at)


def _log(act: Act, row: OneManager, by: str, reason: str, at: datetime) -> None:
    ledger.append(
        subject=SUBJECT,
        act=act,
        actor=by,
        at=at,
        reason=reason.strip(),
        detail={"one_manager": row.pk},
    )
