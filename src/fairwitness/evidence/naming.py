"""Naming an officer for one recording: somebody without a role for it sees it, for a time.

Design rules:

1. Who may say who can open a recording names others, never themselves, with a reason and an end.
2. It ends by itself: each request asks whether the end has come. A sweeper then writes the entry
   and takes the row of the circle away; nobody is let in until it does.
3. It opens no lock, and the last days in the bin stay hidden. Whoever watches still says what for.
4. That a name ends by itself is written in the name of whoever set the end. So an inquiry that
   named somebody is as invisible to the wearer at the end as at the beginning.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import circle
from fairwitness.evidence.leave_rows import GONE, Naming
from fairwitness.evidence.models import CircleMember, Recording, Standing
from fairwitness.force import authority
from fairwitness.force.asking import Action
from fairwitness.force.models import Officer
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject

LONGEST: Final = timedelta(days=180)
_SWEPT: Final = 200


class NamingInvalid(FairwitnessError):
    """A name without a reason or an end, or one that stands already."""

    code = "access.naming_invalid"


def name(
    *,
    recording: Recording,
    officer: Officer,
    by: Officer,
    reason: str,
    until: datetime,
    at: datetime,
) -> Naming:
    """Let an officer see a recording until a moment.

    Raises:
        NotAllowed: if `by` may not say who can open it, or names himself or herself.
        NamingInvalid: no reason, an end that is past or too far, or a name that stands.
    """
    _demand(recording, by, at, person=officer)
    if not reason.strip():
        raise NamingInvalid("Say why this person needs it.")
    if not at < until <= at + LONGEST:
        raise NamingInvalid(f"Give an end that is to come, within {LONGEST.days} days.")
    if not officer.active:
        raise NamingInvalid("This person’s account is closed.")
    if officer.pk == recording.wearer_id:
        raise NamingInvalid("This person wore it, and needs no leave.")
    with transaction.atomic():
        Recording.objects.select_for_update().get(pk=recording.pk)
        if Naming.objects.filter(recording=recording, officer=officer, ended_at=None).exists():
            raise NamingInvalid("This person is named already. End that first to change its end.")
        made = Naming.objects.create(
            recording=recording,
            officer=officer,
            named_by=by,
            reason=reason.strip(),
            named_at=at,
            ends_at=until,
        )
        CircleMember.objects.create(
            recording=recording,
            officer=officer,
            standing=Standing.NAMED,
            reference=str(made.pk),
            since=at,
            until=until,
        )
        ledger.append(
            subject=recording_subject(recording.pk),
            act=Act.RECORDING_ACCESS_GRANTED,
            actor=authority.text(by),
            at=at,
            reason=reason.strip(),
            detail={"officer": f"officer:{officer.pk}", "until": timestamp.text(until)},
        )
    return made


def end(*, naming: Naming, by: Officer, reason: str, at: datetime) -> None:
    """Take the leave back before its time.

    Raises:
        NotAllowed: if `by` may not say who can open the recording.
        NamingInvalid: no reason, or it is over.
    """
    _demand(naming.recording, by, at)
    if not reason.strip():
        raise NamingInvalid("Say why it ends early.")
    with transaction.atomic():
        if not _ended(naming, actor=authority.text(by), reason=reason.strip(), at=at):
            raise NamingInvalid("It is over already.")


def end_due(*, at: datetime) -> int:
    """Write down the end of every name whose time is over; returns how many."""
    due = Naming.objects.filter(ended_at=None, ends_at__lte=at).order_by("ends_at")[:_SWEPT]
    ended = 0
    for naming in due:
        with transaction.atomic():
            actor = f"officer:{naming.named_by_id}"
            ended += _ended(naming, actor=actor, reason="", at=at, by_itself=True)
    return ended


def standing(*, recording: Recording, at: datetime) -> QuerySet[Naming]:
    """Who is named for a recording now, the next to end first."""
    found = Naming.objects.filter(recording=recording, ended_at=None, ends_at__gt=at)
    return found.select_related("officer", "named_by").order_by("ends_at")


def opened_for(*, officer: Officer, at: datetime) -> QuerySet[Naming]:
    """What this officer is named for now, the next to end first."""
    found = Naming.objects.filter(officer=officer, ended_at=None, ends_at__gt=at)
    return found.select_related("recording", "named_by").order_by("ends_at")


def forget(*, recordings: Sequence[UUID]) -> None:
    """Take away what was typed about footage that is deleted; in that deletion's transaction."""
    Naming.objects.filter(recording__in=recordings).update(reason=GONE)


def _demand(
    recording: Recording, by: Officer, at: datetime, *, person: Officer | None = None
) -> None:
    subject = circle.subject_of(
        recording=recording, at=at, asking=by.pk, person=person.pk if person else None
    )
    authority.demand(
        actor=by,
        action=Action.SET_ACCESS_CLASS,
        subject=subject,
        about=recording_subject(recording.pk),
        at=at,
    )


def _ended(
    naming: Naming, *, actor: str, reason: str, at: datetime, by_itself: bool = False
) -> int:
    """End it unless it is over, in the caller's transaction."""
    ended = Naming.objects.filter(pk=naming.pk, ended_at=None).update(ended_at=at)
    if ended:
        CircleMember.objects.filter(
            recording=naming.recording_id, standing=Standing.NAMED, reference=str(naming.pk)
        ).delete()
        ledger.append(
            subject=recording_subject(naming.recording_id),
            act=Act.RECORDING_ACCESS_ENDED,
            actor=actor,
            at=at,
            reason=reason,
            detail={"officer": f"officer:{naming.officer_id}", "by_itself": by_itself},
        )
    return ended
