"""Locks: nobody but those who hold the keys of an inquiry opens a recording, and it never goes.

For a post-incident procedure, say. Unlocking lets footage go like any other human act: with seven
more days.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import circle
from fairwitness.evidence.models import CircleMember, Recording, Standing
from fairwitness.force import authority
from fairwitness.force.asking import Action, Role
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import releasing
from fairwitness.retention.gathering import Activation
from fairwitness.retention.releasing import Change


class LockInvalid(FairwitnessError):
    """A lock or unlocking without a reason."""

    code = "retention.lock_invalid"


def lock(*, recordings: Sequence[UUID], reason: str, officer: Officer, at: datetime) -> None:
    """Lock recordings with all parts of their activations.

    Raises:
        LockInvalid: no reason.
        NotAllowed, AlreadyGone: nothing is changed.
    """
    _demand(recordings, reason, officer, Action.LOCK, at)
    facts = authority.facts(officer=officer, at=at)
    oversight = facts.holds_anywhere(Role.INDEPENDENT_INVESTIGATOR)

    def act(activations: list[Activation]) -> None:
        parts = _set(activations, locked=True)
        CircleMember.objects.bulk_create(
            [
                CircleMember(
                    recording=part,
                    officer=officer,
                    standing=Standing.LOCK,
                    reference=reason[:120],
                    oversight=oversight,
                    since=at,
                )
                for part in parts
            ],
            ignore_conflicts=True,
        )
        _write(parts, Act.RECORDING_LOCKED, officer, reason, at)

    with transaction.atomic():
        change = Change("lock", authority.text(officer), at)
        releasing.changing(recordings=recordings, change=change, act=act)


def unlock(*, recordings: Sequence[UUID], reason: str, officer: Officer, at: datetime) -> None:
    """Take the locks from recordings, with all parts of their activations.

    Raises:
        LockInvalid: no reason.
        NotAllowed: among others, when oversight locked it.
    """
    _demand(recordings, reason, officer, Action.UNLOCK, at)
    if CircleMember.objects.filter(recording__in=recordings, standing=Standing.INCIDENT).exists():
        raise LockInvalid("A critical incident locks this until it is closed.")

    def act(activations: list[Activation]) -> None:
        parts = _set(activations, locked=False)
        CircleMember.objects.filter(recording__in=parts, standing=Standing.LOCK).delete()
        _write(parts, Act.RECORDING_UNLOCKED, officer, reason, at)

    with transaction.atomic():
        change = Change("lock", authority.text(officer), at)
        releasing.changing(recordings=recordings, change=change, act=act)


def _demand(
    recordings: Sequence[UUID], reason: str, officer: Officer, action: Action, at: datetime
) -> None:
    if not reason.strip():
        raise LockInvalid("Say why.")
    rows = list(Recording.objects.select_related("unit").filter(pk__in=recordings))
    if not rows:
        raise LockInvalid("There is no such recording.", code="recording.unknown")
    authority.demand_all(
        actor=officer,
        action=action,
        questions=[
            (circle.subject_of(recording=row, at=at, asking=officer.pk), recording_subject(row.pk))
            for row in rows
        ],
        at=at,
    )


def _set(activations: list[Activation], *, locked: bool) -> list[Recording]:
    parts = [part for each in activations for part in each.parts]
    for part in parts:
        part.locked = locked
    Recording.objects.bulk_update(parts, ["locked"], batch_size=200)
    return parts


def _write(
    parts: Sequence[Recording], act: Act, officer: Officer, reason: str, at: datetime
) -> None:
    actor = authority.text(officer)
    ledger.append_many(
        [Draft(recording_subject(part.pk), act, actor, at, reason) for part in parts]
    )
