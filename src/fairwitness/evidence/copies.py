"""Working copies and posters: made from the master, sealed under the recording's own key.

A master plays badly in browsers and is never touched. What people watch is a working copy: the
same pictures and sound in a file that seeks well, made in a child process that gets nothing but the
bytes it asks for, sealed as it comes, and signed for in a derivative statement that names its
parent and its recipe. It dies with the recording's key.

Each copy is a row with a state and a lease. Nothing of a copy counts until one transaction names
its pieces; what an interrupted attempt left is swept as strays.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import access, circle, leases
from fairwitness.evidence.access import OpenFootage
from fairwitness.evidence.models import Copy, CopyKind, CopyState, Piece, Recording
from fairwitness.formats import statement
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.formats.derivative import DerivativeClaim, Parent, Recipe
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.statement import Statement
from fairwitness.media import poster, working_copy
from fairwitness.media.child import MediaUnreadable
from fairwitness.vault.copies import CopyWriter, seal_bytes
from fairwitness.vault.sealing import Binding, SealedPiece
from fairwitness.vault.vault import Vault

MOST_ATTEMPTS = 5
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Making:
    """What making copies needs: the store and its keys, the derivative key, the time."""

    vault: Vault
    key: SigningKey
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Made:
    """A copy that lies sealed and durable in the vault, and that nothing names yet."""

    pieces: tuple[SealedPiece, ...]
    size: int
    sha256: str
    media_type: str
    recipe: Recipe


def make_due(tools: Making) -> int:
    """Make every copy that is due, one after the other; returns how many were decided."""
    done = 0
    while (copy := _claim(tools.clock())) is not None:
        try:
            with leases.renewed(_renewal(copy, tools.clock)):
                _make(copy, tools)
        except FairwitnessError:
            _LOG.exception("The %s can't be made now; it is tried again.", copy)
            continue
        done += 1
    return done


def _claim(at: datetime) -> Copy | None:
    """Take the lease of one copy that is due; gives up on those tried too often."""
    stale = Q(state=CopyState.MAKING, lease_until__lt=at)
    Copy.objects.filter(stale, attempts__gte=MOST_ATTEMPTS).update(
        state=CopyState.FAILED, problem="Tried several times without success."
    )
    due = Copy.objects.filter(stale | Q(state=CopyState.DUE))
    for pk in due.order_by("pk").values_list("pk", flat=True)[:20]:
        taken = due.filter(pk=pk).update(
            state=CopyState.MAKING, lease_until=at + leases.LEASE, attempts=F("attempts") + 1
        )
        if taken:
            return Copy.objects.select_related("recording").get(pk=pk)
    return None


def _renewal(copy: Copy, clock: Callable[[], datetime]) -> Callable[[], None]:
    mine = Copy.objects.filter(pk=copy.pk, state=CopyState.MAKING, attempts=copy.attempts)
    return lambda: _renew(mine, clock)


def _renew(mine: QuerySet[Copy], clock: Callable[[], datetime]) -> None:
    mine.update(lease_until=clock() + leases.LEASE)


def _make(copy: Copy, tools: Making) -> None:
    at = tools.clock()
    recording = copy.recording
    if circle.is_gone(recording, at):
        Copy.objects.filter(pk=copy.pk).update(state=CopyState.FAILED, problem="It was deleted.")
        return
    maker = _MAKERS[CopyKind(copy.kind)]
    try:
        with access.open_for_making(recording=recording, at=at, vault=tools.vault) as master:
            made = maker(recording, master, tools.vault)
    except MediaUnreadable as error:
        _fail(copy, error, tools.clock())
        return
    if not _keep(copy, made, tools):
        for piece in made.pieces:
            tools.vault.store.delete(piece.blob)


def _make_working_copy(recording: Recording, master: OpenFootage, vault: Vault) -> _Made:
    sink = _Sink(recording, CopyKind.WORKING, vault)
    try:
        made = working_copy.make_working_copy(master, begin=sink.begin, write=sink.write)
        pieces = sink.finish()
    except FairwitnessError:
        sink.abort()
        raise
    recipe = Recipe(
        name=working_copy.RECIPE,
        version=working_copy.RECIPE_VERSION,
        parameters={"tool": made.tool},
    )
    return _Made(pieces, made.size, sink.sha256, made.media_type, recipe)


def _make_poster(recording: Recording, master: OpenFootage, vault: Vault) -> _Made:
    buffer_ms = recording.claim.get("buffer_ms", 0) if recording.claim else 0
    made = poster.make_poster(master, at_ms=buffer_ms)
    pieces = seal_bytes(
        made.jpeg,
        store=vault.store,
        key=vault.ring.get(recording.pk),
        recording=recording.pk,
        copy=CopyKind.POSTER.value,
    )
    recipe = Recipe(name="poster", version="1", parameters={"at_ms": str(made.at_ms)})
    digest = hashlib.sha256(made.jpeg).hexdigest()
    return _Made(pieces, len(made.jpeg), digest, poster.MEDIA_TYPE, recipe)


_MAKERS: dict[CopyKind, Callable[[Recording, OpenFootage, Vault], _Made]] = {
    CopyKind.WORKING: _make_working_copy,
    CopyKind.POSTER: _make_poster,
}


class _Sink:
    """Where the child's bytes go: hashed and sealed as they come, never on a disk in plain."""

    def __init__(self, recording: Recording, kind: CopyKind, vault: Vault) -> None:
        self._recording, self._kind, self._vault = recording, kind, vault
        self._writer: CopyWriter | None = None
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def begin(self, size: int) -> None:
        key = self._vault.ring.get(self._recording.pk)
        binding = Binding(key, self._recording.pk, self._kind.value, size)
        self._writer = CopyWriter(store=self._vault.store, binding=binding)

    def write(self, data: bytes) -> None:
        if self._writer is not None:
            self._digest.update(data)
            self._writer.write(data)

    def finish(self) -> tuple[SealedPiece, ...]:
        return self._writer.finish() if self._writer is not None else ()

    def abort(self) -> None:
        if self._writer is not None:
            self._writer.abort()


def _keep(copy: Copy, made: _Made, tools: Making) -> bool:
    """Name the pieces, sign for the copy and write it down; False when it must not be kept."""
    at = tools.clock()
    with transaction.atomic():
        recording = Recording.objects.select_for_update().get(pk=copy.recording_id)
        mine = Copy.objects.filter(
            pk=copy.pk, state=CopyState.MAKING, attempts=copy.attempts
        ).exists()
        if not mine or circle.is_gone(recording, at):
            return False
        claim = DerivativeClaim(
            parent=Parent(recording=recording.pk, sha256=recording.sha256, size=recording.size),
            recipe=made.recipe,
            name=_file_name(recording, made),
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
            problem="",
        )
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
        Copy.objects.filter(pk=copy.pk).update(
            state=CopyState.FAILED, lease_until=None, problem=error.message
        )
        ledger.append(
            subject=recording_subject(copy.recording_id),
            act=Act.RECORDING_COPY_FAILED,
            actor="system:copies",
            at=at,
            reason=error.message,
            detail={"kind": copy.kind, "code": error.stable_code},
        )


def _file_name(recording: Recording, made: _Made) -> str:
    ending = "jpg" if made.media_type == poster.MEDIA_TYPE else "mp4"
    return f"{recording.reference.replace('/', '-')}-{made.recipe.name}.{ending}"
