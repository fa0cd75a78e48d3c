"""How each kind of copy is made from its parent, sealed as it comes; nothing of it counts yet.

Each recipe gets open footage and gives sealed pieces, durable in the vault, with what a derivative
statement says of them. What it seals and gives up it deletes itself; what a killed process left is
swept as strays.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from django.db import transaction

from fairwitness.errors import FairwitnessError
from fairwitness.evidence import footage_facts
from fairwitness.evidence.access import OpenFootage
from fairwitness.evidence.models import Copy, CopyKind, Recording, State
from fairwitness.formats.derivative import Recipe
from fairwitness.media import poster, probe, strip, trail, waveform, working_copy
from fairwitness.media.child import MediaUnreadable
from fairwitness.vault.copies import CopyWriter, seal_bytes
from fairwitness.vault.reading import SealedReader
from fairwitness.vault.sealing import Binding, SealedPiece
from fairwitness.vault.vault import Vault

_INTERIM: Final = "interim"
_NEARLY: Final = 99


class MustEncode(FairwitnessError):
    """Browsers don't play this footage as it is: making its working copy will take long."""

    code = "copy.must_encode"


@dataclass
class Watched:
    """Footage that counts what is read of it, so that somebody else can be told how far it is."""

    footage: OpenFootage
    read_bytes: int = field(default=0, init=False)

    @property
    def size(self) -> int:
        """Bytes in all."""
        return self.footage.size

    @property
    def percent(self) -> int:
        """How far the reading is; never quite done, for what follows is not known."""
        return min(_NEARLY, self.read_bytes * 100 // max(1, self.size))

    def read(self, offset: int, length: int) -> bytes:
        """As the footage reads."""
        data = self.footage.read(offset, length)
        self.read_bytes += len(data)
        return data


@dataclass(frozen=True, slots=True)
class Job:
    """One copy to make: of what, from what, sealed where; `encode` for one that takes long."""

    recording: Recording
    parent: Watched
    vault: Vault
    encode: bool


@dataclass(frozen=True, slots=True)
class Made:
    """A copy that lies sealed and durable in the vault, and that nothing names yet."""

    pieces: tuple[SealedPiece, ...]
    size: int
    sha256: str
    media_type: str
    recipe: Recipe


def make(kind: CopyKind, job: Job) -> Made:
    """Make a copy of one kind.

    Raises:
        MediaUnreadable: it can't be made of this footage.
        MustEncode: it can, but takes long.
    """
    return _RECIPES[kind](job)


def _working_copy(job: Job) -> Made:
    if job.encode:
        return _encoded(job)
    facts = footage_facts.of(job.recording)
    if facts is None:
        facts = footage_facts.told(probe.probe(job.parent))
        _keep_facts(job.recording, facts)
    if facts.get("picture") and not facts.get("plays"):
        raise MustEncode("Browsers don't play it as it is.")
    try:
        return _remuxed(job, job.parent, _recipe_of_remux)
    except MediaUnreadable as error:
        if error.stable_code != "media.unsuited":
            raise
        raise MustEncode(error.message) from error


def _keep_facts(recording: Recording, facts: footage_facts.MediaFacts) -> None:
    """Of a recording that nobody had looked at: one registered again from its manifest."""
    with transaction.atomic():
        live = Recording.objects.filter(pk=recording.pk, state=State.LIVE)
        if live.update(media=facts):
            for kind in footage_facts.further_copies(facts):
                Copy.objects.get_or_create(recording=recording, kind=kind)


def _recipe_of_remux(made: working_copy.WorkingCopy) -> Recipe:
    return Recipe(
        name=working_copy.RECIPE,
        version=working_copy.RECIPE_VERSION,
        parameters={"tool": made.tool},
    )


def _remuxed(
    job: Job,
    footage: Watched | SealedReader,
    recipe: Callable[[working_copy.WorkingCopy], Recipe],
) -> Made:
    sink = _Sink(job, CopyKind.WORKING)
    try:
        made = working_copy.make_working_copy(footage, begin=sink.begin, write=sink.write)
        pieces = sink.finish()
    except FairwitnessError:
        sink.abort()
        raise
    return _made(pieces, made.size, sink.sha256, made.media_type, recipe(made))


def _encoded(job: Job) -> Made:
    """Encode into sealed fragments, then put their index first; the fragments are deleted."""
    store, key = job.vault.store, job.vault.ring.get(job.recording.pk)
    binding = Binding(key, job.recording.pk, _INTERIM, 0)
    writer = CopyWriter(store=store, binding=binding)
    facts = footage_facts.of(job.recording) or {}
    duration_ms = facts.get("duration_ms", job.recording.duration_ms)
    try:
        done = working_copy.encode(job.parent, duration_ms=duration_ms, write=writer.write)
        pieces = writer.finish()
    except FairwitnessError:
        writer.abort()
        raise

    def recipe(made: working_copy.WorkingCopy) -> Recipe:
        parameters = {
            "encoder": done.tool,
            "tool": made.tool,
            "width": str(done.width),
            "height": str(done.height),
            "pictures": str(done.pictures),
            "damaged_packets": str(done.damaged),
        }
        return Recipe(
            name=working_copy.ENCODED, version=working_copy.ENCODED_VERSION, parameters=parameters
        )

    try:
        with SealedReader(pieces, store=store, binding=binding) as fragments:
            return _remuxed(job, fragments, recipe)
    finally:
        for piece in pieces:
            store.delete(piece.blob)


def _poster(job: Job) -> Made:
    buffer_ms = job.recording.claim.get("buffer_ms", 0) if job.recording.claim else 0
    made = poster.make_poster(job.parent, at_ms=buffer_ms)
    recipe = Recipe(name="poster", version="1", parameters={"at_ms": str(made.at_ms)})
    return _small(job, CopyKind.POSTER, made.jpeg, poster.MEDIA_TYPE, recipe)


def _strip(job: Job) -> Made:
    made = strip.make_strip(job.parent, duration_ms=job.recording.duration_ms)
    recipe = Recipe(name="strip", version="1", parameters={"stills": str(made.stills)})
    return _small(job, CopyKind.STRIP, made.jpeg, strip.MEDIA_TYPE, recipe)


def _waveform(job: Job) -> Made:
    made = waveform.make_waveform(job.parent)
    if not made.peaks:
        raise MediaUnreadable("It has no sound to draw.", code="media.no_sound")
    parameters = {"per_second": str(made.per_second)}
    recipe = Recipe(name="waveform", version="1", parameters=parameters)
    return _small(job, CopyKind.WAVEFORM, made.peaks, waveform.MEDIA_TYPE, recipe)


def _trail(job: Job) -> Made:
    made = trail.make_trail(job.parent)
    if not made.places:
        raise MediaUnreadable("No place could be read from it.", code="media.no_trail")
    recipe = Recipe(name="trail", version=str(trail.VERSION), parameters={"source": made.source})
    return _small(job, CopyKind.TRAIL, trail.encode(made), trail.MEDIA_TYPE, recipe)


def _small(job: Job, kind: CopyKind, data: bytes, media_type: str, recipe: Recipe) -> Made:
    pieces = seal_bytes(
        data,
        store=job.vault.store,
        key=job.vault.ring.get(job.recording.pk),
        recording=job.recording.pk,
        copy=kind.value,
    )
    return _made(pieces, len(data), hashlib.sha256(data).hexdigest(), media_type, recipe)


def _made(
    pieces: tuple[SealedPiece, ...], size: int, sha256: str, media_type: str, recipe: Recipe
) -> Made:
    return Made(pieces=pieces, size=size, sha256=sha256, media_type=media_type, recipe=recipe)


_RECIPES: dict[CopyKind, Callable[[Job], Made]] = {
    CopyKind.WORKING: _working_copy,
    CopyKind.POSTER: _poster,
    CopyKind.STRIP: _strip,
    CopyKind.WAVEFORM: _waveform,
    CopyKind.TRAIL: _trail,
}


class _Sink:
    """Where the child's bytes go: hashed and sealed as they come, never on a disk in plain."""

    def __init__(self, job: Job, kind: CopyKind) -> None:
        self._job, self._kind = job, kind
        self._writer: CopyWriter | None = None
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def begin(self, size: int) -> None:
        vault, recording = self._job.vault, self._job.recording.pk
        binding = Binding(vault.ring.get(recording), recording, self._kind.value, size)
        self._writer = CopyWriter(store=vault.store, binding=binding)

    def write(self, data: bytes) -> None:
        if self._writer is not None:
            self._digest.update(data)
            self._writer.write(data)

    def finish(self) -> tuple[SealedPiece, ...]:
        return self._writer.finish() if self._writer is not None else ()

    def abort(self) -> None:
        if self._writer is not None:
            self._writer.abort()
