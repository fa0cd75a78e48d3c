"""Stills beside a list: a look at one picture of each recording, and no more.

A picture is footage. Showing a page of them is one act with one reason, and each recording of which
one was shown has its entry, so that *who looked at this* stays whole (ADR 0037). Such a viewing
opens the poster and nothing else; to watch, one asks again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.evidence import access, glass
from fairwitness.evidence.access import AccessRefused, Task
from fairwitness.evidence.models import (
    BrokenGlass,
    Copy,
    CopyKind,
    CopyState,
    Recording,
    Viewing,
)
from fairwitness.force import authority
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject

MOST: Final = 25
"""Stills of one look."""

ONLY: Final = CopyKind.POSTER.value


def grant(
    *, recordings: Sequence[Recording], officer: Officer, task: Task | None, at: datetime
) -> dict[UUID, str]:
    """Let an officer see a still of each of these, as far as there is one and they may.

    Entries of all that are shown commit together, before the first picture; what is refused has its
    own entry, and simply no picture.

    Args:
        recordings: of one page, at most `MOST`; of more, the first are taken.
        officer: who looks.
        task: what for.
        at: now.

    Returns:
        A token for each recording with a still.
    """
    drawn = set(
        Copy.objects.filter(
            recording__in=[row.pk for row in recordings[:MOST]],
            kind=CopyKind.POSTER,
            state=CopyState.READY,
        ).values_list("recording_id", flat=True)
    )
    facts = authority.facts(officer=officer, at=at)
    shown: dict[UUID, BrokenGlass | None] = {}
    for row in recordings[:MOST]:
        if row.pk not in drawn:
            continue
        try:
            ground = access.demand(recording=row, officer=officer, task=task, at=at, facts=facts)
        except AccessRefused:
            continue
        by_glass = ground == "glass"
        shown[row.pk] = glass.open_now(recording=row, officer=officer, at=at) if by_glass else None
    tokens = {pk: access.new_token() for pk in shown}
    if tokens:
        _write(tokens, shown, officer, task, at)
    return tokens


def _write(
    tokens: dict[UUID, str],
    broken: dict[UUID, BrokenGlass | None],
    officer: Officer,
    task: Task | None,
    at: datetime,
) -> None:
    with transaction.atomic():
        Viewing.objects.bulk_create(
            Viewing(
                token_hash=access.hashed(token),
                recording_id=pk,
                officer=officer,
                task_kind=task.kind if task else "",
                task_reference=task.reference if task else "",
                only=ONLY,
                granted_at=at,
                expires_at=access.ends(at, broken[pk]),
            )
            for pk, token in tokens.items()
        )
        ledger.append_many(
            [
                Draft(
                    subject=recording_subject(pk),
                    act=Act.RECORDING_VIEWED,
                    actor=authority.text(officer),
                    at=at,
                    reason=access.what_for(task, broken[pk]),
                    detail={**access.particulars(task, broken[pk]), "only": ONLY},
                )
                for pk in tokens
            ]
        )
