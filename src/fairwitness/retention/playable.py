"""Whether held footage can be played at all, found out when it is held and not years later.

A hold on bytes that nobody can open is a promise already broken. So placing a hold reads every
recording through the one door and through the child process for untrusted media, and says which
can't be played. What can't be played stays held: what is left may still be evidence.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import access
from fairwitness.evidence.models import Recording
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.media import probe
from fairwitness.media.probe import FindingCode
from fairwitness.retention.models import HoldBinding
from fairwitness.vault.vault import Vault

Check = Callable[[Recording], str | None]
"""Says in words why a recording can't be played; None when it can."""

_SERIOUS = frozenset({FindingCode.DAMAGED, FindingCode.NO_VIDEO, FindingCode.TRUNCATED})


@dataclass(frozen=True, slots=True)
class Unplayable:
    """A held recording that can't be played, and why, in words."""

    recording: UUID
    reference: str
    problem: str


def checker(*, vault: Vault, at: datetime) -> Check:
    """A check that opens the footage in `vault`, reads all of it and decodes a picture.

    Whoever asks writes down the result, where a silent hold does not show.
    """

    def check(recording: Recording) -> str | None:
        try:
            with access.open_for_making(recording=recording, at=at, vault=vault) as footage:
                facts = probe.probe(footage)
        except FairwitnessError as error:
            return error.message
        serious = [each.message for each in facts.findings if each.code in _SERIOUS]
        return " ".join(serious) or None

    return check


def check_bindings(
    bindings: Sequence[HoldBinding], *, check: Check, actor: str, at: datetime
) -> list[Unplayable]:
    """Check what these bindings hold, write down the result, and say what can't be played.

    Runs outside any transaction, because it reads footage; each result is stored by itself, so
    that an interrupted check goes on where it stopped.
    """
    unplayable = []
    for binding in bindings:
        problem = check(binding.recording)
        with transaction.atomic():
            HoldBinding.objects.filter(pk=binding.pk).update(checked_at=at, problem=problem or "")
            ledger.append(
                subject=f"hold:{binding.hold_id}"
                if binding.hold.silent
                else recording_subject(binding.recording_id),
                act=Act.HOLD_CHECKED,
                actor=actor,
                at=at,
                reason=problem or "it can be played",
                detail={
                    "hold": str(binding.hold_id),
                    "recording": str(binding.recording_id),
                    "playable": problem is None,
                },
            )
        if problem is not None:
            reference = binding.recording.reference
            unplayable.append(Unplayable(binding.recording_id, reference, problem))
    return unplayable


def check_waiting(*, check: Check, at: datetime, limit: int = 50) -> list[Unplayable]:
    """Check bindings that were made on arrival and nobody has checked; for the sweeper."""
    waiting = (
        HoldBinding.objects.select_related("recording", "hold")
        .filter(checked_at__isnull=True, hold__lifted_at__isnull=True)
        .order_by("pk")[:limit]
    )
    return check_bindings(list(waiting), check=check, actor="system:retention", at=at)
