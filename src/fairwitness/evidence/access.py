"""The only door to plaintext. Every byte of footage that anyone sees was asked for here.

What lies in quarantine, and is no recording yet, is watched by the same rules in `apart`.

Design rules:

1. **Entry first.** A viewing, an export: each commits its custody entry before the first byte is
   opened. What can't be written down is not shown. The copies that the system makes for itself,
   sealed again before anyone sees them, are written down with their result (`copies`).
2. **Asked again each time.** A grant is a token for one officer, one recording, a short time. Each
   request asks permission again, with the roles and the recording as they are now.
3. **Gone is gone.** From `gone_by` on, and from disposal on, nothing is readable: not by a role, a
   task, a token granted before, or the system itself; whether a sweep has run or not.
4. **Refusals are written down**, once for each time somebody asks, not for each range of a player.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, Self
from uuid import UUID

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import circle, glass
from fairwitness.evidence.models import (
    ApartViewing,
    BrokenGlass,
    Copy,
    CopyKind,
    CopyState,
    Piece,
    Recording,
    Viewing,
)
from fairwitness.force import authority, permissions
from fairwitness.force.asking import Action, OfficerFacts, Refused, TaskKind
from fairwitness.force.models import Officer
from fairwitness.formats import webvtt
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import Detail, recording_subject
from fairwitness.vault.reading import SealedReader
from fairwitness.vault.sealing import Binding, SealedPiece
from fairwitness.vault.vault import Vault

VISIT = timedelta(hours=2)
"""How long a granted viewing lasts; a longer visit asks again."""

_TOKEN_BYTES = 32


class AccessRefused(FairwitnessError):
    """This person, or this token, may not open this footage now."""

    code = "access.refused"


class Footage(Protocol):
    """Plaintext that can be read at any offset."""

    @property
    def size(self) -> int:
        """Bytes in all."""

    def read(self, offset: int, length: int) -> bytes:
        """`length` bytes from `offset` on, fewer only at the end."""


@dataclass(frozen=True, slots=True)
class Task:
    """The work that somebody gives as reason for viewing, with its reference."""

    kind: TaskKind
    reference: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A viewing granted: the token is shown once and never stored."""

    token: str
    recording: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenFootage:
    """Footage that may be read now; opens only the sealed segments that a read touches.

    Used by one thread at a time, in a `with` statement or until `close`.
    """

    size: int
    media_type: str
    reader: SealedReader

    def read(self, offset: int, length: int) -> bytes:
        """`length` bytes from `offset` on, fewer only at the end.

        Raises:
            PieceInvalid: what is stored there is damaged.
        """
        return self.reader.read(offset, length)

    def close(self) -> None:
        """Let go of files and buffers; harmless when repeated."""
        self.reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def grant_viewing(
    *, recording: Recording, officer: Officer, task: Task | None, at: datetime
) -> Grant:
    """Let an officer watch one recording for a while; one custody entry, committed on return.

    Args:
        recording: what to watch.
        officer: who watches.
        task: what for; needed by whoever did not wear the camera.
        at: now.

    Raises:
        AccessRefused: with the code and sentence of the refusal, which was written down.
    """
    ground = demand(recording=recording, officer=officer, task=task, at=at)
    broken = None
    if ground == "glass":
        broken = glass.open_now(recording=recording, officer=officer, at=at)
    token = new_token()
    with transaction.atomic():
        viewing = Viewing.objects.create(
            token_hash=hashed(token),
            recording=recording,
            officer=officer,
            task_kind=task.kind if task else "",
            task_reference=task.reference if task else "",
            granted_at=at,
            expires_at=ends(at, broken),
        )
        ledger.append(
            subject=recording_subject(recording.id),
            act=Act.RECORDING_VIEWED,
            actor=authority.text(officer),
            at=at,
            reason=what_for(task, broken),
            detail=particulars(task, broken),
        )
    return Grant(token=token, recording=recording.id, expires_at=viewing.expires_at)


def demand(
    *,
    recording: Recording,
    officer: Officer,
    task: Task | None,
    at: datetime,
    facts: OfficerFacts | None = None,
) -> str:
    """Go on only when the officer may watch this now; on what ground.

    Args:
        recording: what to watch.
        officer: who watches.
        task: what for.
        at: now.
        facts: the officer's, where they were read for many recordings at once.

    Raises:
        AccessRefused: after the refusal was written down.
    """
    decision = permissions.may(
        facts or authority.facts(officer=officer, at=at),
        Action.VIEW_RECORDING,
        circle.subject_of(
            recording=recording, at=at, task=task.kind if task else None, asking=officer.pk
        ),
    )
    if isinstance(decision, Refused):
        ledger.refuse(
            subject=recording_subject(recording.id),
            act=Act.RECORDING_VIEW_REFUSED,
            actor=authority.text(officer),
            at=at,
            reason=decision.message,
            detail={**particulars(task), "code": decision.code},
        )
        raise AccessRefused(decision.message, code=decision.code)
    return decision.because


def has_task(*, recording: Recording, officer: Officer, kind: TaskKind, at: datetime) -> bool:
    """Whether a viewing of this kind of task, granted to this officer, has not yet run out."""
    open_now = Viewing.objects.filter(recording=recording, officer=officer, expires_at__gt=at)
    return open_now.filter(task_kind=kind, only="").exists()


def is_granted(*, token: str, recording: Recording, officer: Officer, at: datetime) -> bool:
    """Whether this token is this officer's own viewing of this recording, and still runs."""
    return Viewing.objects.filter(
        token_hash=hashed(token), recording=recording, officer=officer, expires_at__gt=at, only=""
    ).exists()


def granted(
    *, tokens: Iterable[str], recordings: Iterable[UUID], officer: Officer, at: datetime
) -> dict[UUID, str]:
    """Which of these recordings this officer may watch by which of these tokens, still running."""
    by_hash = {hashed(token): token for token in tokens}
    rows = Viewing.objects.filter(
        token_hash__in=by_hash,
        recording__in=list(recordings),
        officer=officer,
        expires_at__gt=at,
        only="",
    )
    return {pk: by_hash[found] for pk, found in rows.values_list("recording_id", "token_hash")}


def end_viewings(*, officer: Officer, at: datetime) -> None:
    """Let none of this officer's viewings outlast their sign-out."""
    for viewings in (Viewing.objects, ApartViewing.objects):
        viewings.filter(officer=officer, expires_at__gt=at).update(expires_at=at)


def open_viewing(*, token: str, kind: str, at: datetime, vault: Vault) -> OpenFootage:
    """Open what a granted viewing lets its officer see, asking permission afresh.

    Args:
        token: from `grant_viewing`.
        kind: a `CopyKind`: "master", "working", "poster" ...; "transcript" for the newest one,
            "transcript-3" for one before it.
        at: now.
        vault: where it lies.

    Raises:
        AccessRefused: `access.token` for a token unknown or past its time, `access.gone`,
            `access.not_ready` for a copy not made, else the refusal's own code.
    """
    viewing = (
        Viewing.objects.select_related("recording__unit", "officer")
        .filter(token_hash=hashed(token))
        .first()
    )
    if viewing is None or at >= viewing.expires_at or viewing.only not in {"", kind}:
        raise AccessRefused(
            "This viewing has ended. Open the recording's page again.", code="access.token"
        )
    task = None
    if viewing.task_kind:
        task = Task(TaskKind(viewing.task_kind), viewing.task_reference)
    _demand_not_gone(viewing.recording, at, asking=viewing.officer_id)
    try:
        demand(recording=viewing.recording, officer=viewing.officer, task=task, at=at)
    except AccessRefused:
        Viewing.objects.filter(pk=viewing.pk).update(expires_at=at)
        raise
    if kind.partition("-")[0] == "transcript":
        return _open_transcript(viewing.recording, kind, vault)
    return _open(viewing.recording, CopyKind(kind), vault)


def open_for_task(
    *,
    recording: Recording,
    actor: str,
    act: Act,
    reason: str,
    at: datetime,
    vault: Vault,
    kind: str = CopyKind.MASTER,
    detail: dict[str, Detail] | None = None,
) -> OpenFootage:
    """Open footage for something that is not a person watching: an export, a copy, a redaction.

    Whether the actor may is for the caller to have asked; that it is live, and that it is written
    down, is not. The entry commits on return, unless the caller has a transaction open.

    Args:
        recording: whose footage.
        actor: as custody names it.
        act: what it is opened for.
        reason: in words.
        at: now.
        vault: where it lies.
        kind: which copy.
        detail: particulars of the act.

    Raises:
        AccessRefused: `access.gone` or `access.not_ready`.
    """
    recording = Recording.objects.get(pk=recording.pk)
    _demand_not_gone(recording, at)
    opened = _open(recording, CopyKind(kind), vault)
    with transaction.atomic():
        ledger.append(
            subject=recording_subject(recording.id),
            act=act,
            actor=actor,
            at=at,
            reason=reason,
            detail=detail or {},
        )
    return opened


def open_for_making(
    *, recording: Recording, at: datetime, vault: Vault, kind: str = CopyKind.MASTER
) -> OpenFootage:
    """Open a copy for an act that writes it down itself: making a sealed copy, exporting both.

    Raises:
        AccessRefused: `access.gone` or `access.not_ready`.
    """
    _demand_not_gone(recording, at)
    if kind.partition("-")[0] == "transcript":
        return _open_transcript(recording, kind, vault)
    return _open(recording, CopyKind(kind), vault)


def pieces_of(*, recording: UUID, kind: str = CopyKind.MASTER) -> tuple[list[SealedPiece], int]:
    """The sealed pieces of one copy in order, and the upload length that they are bound to."""
    rows = list(Piece.objects.filter(recording_id=recording, copy=kind).order_by("offset"))
    pieces = [SealedPiece(row.blob, row.offset, row.length, row.sealed_size) for row in rows]
    return pieces, rows[0].upload_length if rows else 0


def _open(recording: Recording, kind: CopyKind, vault: Vault) -> OpenFootage:
    size, media_type = recording.size, recording.media_type
    if kind is not CopyKind.MASTER:
        copy = Copy.objects.filter(recording=recording, kind=kind, state=CopyState.READY).first()
        if copy is None:
            raise AccessRefused(
                f"There is no {kind.label} of this recording yet.", code="access.not_ready"
            )
        size, media_type = copy.size, copy.media_type
    return OpenFootage(size, media_type, _reader(recording, kind.value, vault))


def _open_transcript(recording: Recording, kind: str, vault: Vault) -> OpenFootage:
    number = kind.partition("-")[2]
    rows = recording.transcripts.order_by("-number")
    found = (rows.filter(number=int(number)) if number else rows).first()
    if found is None:
        raise AccessRefused("There is no such transcript.", code="access.not_ready")
    return OpenFootage(found.size, webvtt.MEDIA_TYPE, _reader(recording, found.piece_name, vault))


def _reader(recording: Recording, copy: str, vault: Vault) -> SealedReader:
    pieces, upload_length = pieces_of(recording=recording.id, kind=copy)
    binding = Binding(vault.ring.get(recording.id), recording.id, copy, upload_length)
    return SealedReader(pieces, store=vault.store, binding=binding)


def _demand_not_gone(recording: Recording, at: datetime, asking: UUID | None = None) -> None:
    if circle.is_gone(recording, at, asking=asking):
        raise AccessRefused(
            "This recording was deleted. Nobody can open it now, we neither.", code="access.gone"
        )


def ends(at: datetime, broken: BrokenGlass | None) -> datetime:
    """When a viewing granted now is over: at the latest with the hour of broken glass."""
    return min(at + VISIT, broken.ends_at) if broken else at + VISIT


def what_for(task: Task | None, broken: BrokenGlass | None) -> str:
    """A viewing's reason, as its entry says it."""
    if broken is not None:
        return f"Emergency: {broken.reason}"
    return f"{task.kind} {task.reference}" if task else "own recording or circle"


def particulars(task: Task | None, broken: BrokenGlass | None = None) -> dict[str, Detail]:
    """Task and broken glass as an entry's particulars."""
    told: dict[str, Detail] = {"glass": str(broken.pk)} if broken else {}
    if task is not None:
        told |= {"task": task.kind.value, "task_reference": task.reference}
    return told


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
