"""Copies made from the master: for watching, looking and listening, sealed under its own key.

A master plays badly in browsers and is never touched. What people watch is a working copy: the
same pictures and sound in a file that seeks well, made in a child process that gets nothing but the
bytes it asks for, sealed as it comes, and signed for in a derivative statement that names its
parent and its recipe (`recipes`). It dies with the recording's key. So do a poster, a strip of
stills, a drawing of the sound and the trail.

Each copy is a row with a state and a lease. Nothing of a copy counts until one transaction names
its pieces; what an interrupted attempt left is swept as strays. Evidence comes first, then what
arrived first. What must be encoded again takes long and has a sweeper of its own, so that nothing
waits behind it. Strip and waveform are made from the working copy, which seeks well.
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import access, circle, leases, places, recipes
from fairwitness.evidence.models import Copy, CopyKind, CopyState, Piece, Recording
from fairwitness.formats import statement
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.formats.derivative import DerivativeClaim, Parent
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.statement import Statement
from fairwitness.media.child import MediaUnreadable
from fairwitness.vault.vault import Vault

MOST_ATTEMPTS = 5
_ENDINGS = {
    CopyKind.WORKING: "mp4",
    CopyKind.POSTER: "jpg",
    CopyKind.STRIP: "jpg",
    CopyKind.WAVEFORM: "peaks",
    CopyKind.TRAIL: "json",
}
_FROM_WORKING = (CopyKind.STRIP, CopyKind.WAVEFORM)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Making:
    """What making copies needs: the store and its keys, the derivative key, the time."""

    vault: Vault
    key: SigningKey
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Source:
    """What a copy is made from: the master, or the working copy."""

    kind: CopyKind
    sha256: str
    size: int


def make_due(tools: Making, *, encode: bool = False, of: Collection[int] | None = None) -> int:
    """Make every copy that is due, one after the other; returns how many were decided.

    Args:
        tools: what to make them with.
        encode: make those, and only those, whose pictures must be encoded again.
        of: only these copies.
    """
    done = 0
    while (copy := _claim(tools.clock(), encode=encode, of=of)) is not None:
        try:
            _make(copy, tools)
        except FairwitnessError:
            _LOG.exception("The %s can't be made now; it is tried again.", copy)
            continue
        done += 1
    return done


def _claim(at: datetime, *, encode: bool, of: Collection[int] | None) -> Copy | None:
    """Take the lease of one copy that is due; gives up on those tried too often."""
    stale = Q(state=CopyState.MAKING, lease_until__lt=at)
    Copy.objects.filter(stale, attempts__gte=MOST_ATTEMPTS).update(
        state=CopyState.FAILED, problem="Tried several times without success."
    )
    due = Copy.objects.filter(stale | Q(state=CopyState.DUE), encode=encode)
    if of is not None:
        due = due.filter(pk__in=of)
    unsettled = Copy.objects.filter(
        recording=OuterRef("recording"),
        kind=CopyKind.WORKING,
        state__in=(CopyState.DUE, CopyState.MAKING),
    )
    ready = due.exclude(Q(kind__in=_FROM_WORKING) & Exists(unsettled))
    first = ready.order_by("-recording__evidential", "pk")
    for pk in first.values_list("pk", flat=True)[:20]:
        taken = due.filter(pk=pk).update(
            state=CopyState.MAKING,
            lease_until=at + leases.LEASE,
            attempts=F("attempts") + 1,
            progress=0,
        )
        if taken:
            return Copy.objects.select_related("recording").get(pk=pk)
    return None


def _make(copy: Copy, tools: Making) -> None:
    at = tools.clock()
    recording = copy.recording
    if circle.is_gone(recording, at):
        _mine(copy).update(state=CopyState.FAILED, problem="It was deleted.")
        return
    source = _source(copy)
    try:
        with access.open_for_making(
            recording=recording, at=at, vault=tools.vault, kind=source.kind
        ) as footage:
            watched = recipes.Watched(footage)
            job = recipes.Job(recording, watched, tools.vault, encode=copy.encode)
            with leases.renewed(lambda: _renew(copy, watched.percent, tools.clock())):
                made = recipes.make(CopyKind(copy.kind), job)
    except recipes.MustEncode:
        _mine(copy).update(state=CopyState.DUE, lease_until=None, encode=True, attempts=0)
        return
    except MediaUnreadable as error:
        _fail(copy, error, tools.clock())
        return
    if not _keep(copy, source, made, tools):
        for piece in made.pieces:
            tools.vault.store.delete(piece.blob)


def _source(copy: Copy) -> _Source:
    """The working copy for what is made of one, when there is one; else the master."""
    if copy.kind in _FROM_WORKING:
        working = Copy.objects.filter(
            recording=copy.recording_id, kind=CopyKind.WORKING, state=CopyState.READY
        ).first()
        if working is not None:
            return _Source(CopyKind.WORKING, working.sha256, working.size)
    return _Source(CopyKind.MASTER, copy.recording.sha256, copy.recording.size)


def _mine(copy: Copy) -> QuerySet[Copy]:
    """The row, as long as nobody else has taken it over."""
    return Copy.objects.filter(pk=copy.pk, state=CopyState.MAKING, attempts=copy.attempts)


def _renew(copy: Copy, percent: int, at: datetime) -> None:
    _mine(copy).update(lease_until=at + leases.LEASE, progress=percent)


def _keep(copy: Copy, source: _Source, made: recipes.Made, tools: Making) -> bool:
    """Name the pieces, sign for the copy and write it down; False when it must not be kept."""
    at = tools.clock()
    with transaction.atomic():
        recording = Recording.objects.select_for_update().get(pk=copy.recording_id)
        if not _mine(copy).exists() or circle.is_gone(recording, at):
            return False
        claim = DerivativeClaim(
            parent=Parent(recording=recording.pk, sha256=source.sha256, size=source.size),
            recipe=made.recipe,
            name=_file_name(recording, copy, made),
            media_type=made.media_type,
            sha256=made.sha256,
            size=made.size,
            made_at=at,
        )
        envelope = statement.sign_statement(Statement(claim), key=tools.key)
        Piece.objects.bulk_create(
            Piece(
                recording_id=recording.pk,
                copy=copy.kind,
                offset=piece.offset,
                length=piece.length,
                blob=piece.blob,
                sealed_size=piece.sealed_size,
                upload_length=made.size,
            )
            for piece in made.pieces
        )
        Copy.objects.filter(pk=copy.pk).update(
            state=CopyState.READY,
            lease_until=None,
            size=made.size,
            sha256=made.sha256,
            media_type=made.media_type,
            statement=envelope.to_json(),
            made_at=at,
            progress=100,
            problem="",
        )
        if copy.kind == CopyKind.TRAIL:
            places.await_marking(recording.pk)
        ledger.append(
            subject=recording_subject(recording.pk),
            act=Act.RECORDING_COPY_MADE,
            actor="system:copies",
            at=at,
            detail={"kind": copy.kind, "recipe": made.recipe.name, "sha256": made.sha256},
        )
    return True


def _fail(copy: Copy, error: MediaUnreadable, at: datetime) -> None:
    with transaction.atomic():
        failed = _mine(copy).update(state=CopyState.FAILED, lease_until=None, problem=error.message)
        if not failed:
            return  # somebody else has it now, or it was deleted with its recording
        ledger.append(
            subject=recording_subject(copy.recording_id),
            act=Act.RECORDING_COPY_FAILED,
            actor="system:copies",
            at=at,
            reason=error.message,
            detail={"kind": copy.kind, "code": error.stable_code},
        )


def _file_name(recording: Recording, copy: Copy, made: recipes.Made) -> str:
    ending = _ENDINGS[CopyKind(copy.kind)]
    return f"{recording.reference.replace('/', '-')}-{made.recipe.name}.{ending}"
