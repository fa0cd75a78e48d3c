"""Many viewings granted together: the same question, row and custody entry for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.evidence import access, glass
from fairwitness.evidence.access import Grant, Task
from fairwitness.evidence.models import BrokenGlass, Recording, Viewing
from fairwitness.force import authority
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject


@dataclass(frozen=True, slots=True)
class Wish:
    """What an officer asks to watch, what for, and when; see `access.grant_viewing`."""

    recording: Recording
    officer: Officer
    task: Task | None
    at: datetime


def grant_viewings(wishes: Sequence[Wish]) -> list[Grant]:
    """As `access.grant_viewing` for each, committed together on return.

    Raises:
        AccessRefused: for the first that is refused, which was written down; none is granted then.
    """
    grounds = [
        access.demand(recording=each.recording, officer=each.officer, task=each.task, at=each.at)
        for each in wishes
    ]
    broken = [
        glass.open_now(recording=each.recording, officer=each.officer, at=each.at)
        if ground == "glass"
        else None
        for each, ground in zip(wishes, grounds, strict=True)
    ]
    tokens = [access.new_token() for _ in wishes]
    viewings = list(map(_viewing, wishes, tokens, broken))
    with transaction.atomic():
        Viewing.objects.bulk_create(viewings)
        ledger.append_many(list(map(_entry, wishes, broken)))
    return [
        Grant(token=token, recording=each.recording_id, expires_at=each.expires_at)
        for token, each in zip(tokens, viewings, strict=True)
    ]


def _viewing(wish: Wish, token: str, broken: BrokenGlass | None) -> Viewing:
    return Viewing(
        token_hash=access.hashed(token),
        recording=wish.recording,
        officer=wish.officer,
        task_kind=wish.task.kind if wish.task else "",
        task_reference=wish.task.reference if wish.task else "",
        granted_at=wish.at,
        expires_at=access.ends(wish.at, broken),
    )


def _entry(wish: Wish, broken: BrokenGlass | None) -> Draft:
    return Draft(
        subject=recording_subject(wish.recording.id),
        act=Act.RECORDING_VIEWED,
        actor=authority.text(wish.officer),
        at=wish.at,
        reason=access.what_for(wish.task, broken),
        detail=access.particulars(wish.task, broken),
    )
