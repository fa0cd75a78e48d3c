"""Every recording's row against the vault, the key ring and the log.

The living have a key, a manifest that says the same as the row, and every piece; the deleted have a
record and no key. Everything is read in pages, so that memory stays bounded whatever the size of
the force.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from fairwitness.accountability import manifests_held, wording
from fairwitness.accountability.fates import TOLD_BY, Fate
from fairwitness.accountability.fates import read as read_fate
from fairwitness.accountability.findings import Finding
from fairwitness.accountability.paging import PAGE
from fairwitness.custody import reading
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import circle, fixity
from fairwitness.evidence.models import (
    Copy,
    CopyKind,
    CopyState,
    Piece,
    Recording,
    State,
    Transcript,
)
from fairwitness.formats.custody import recording_subject
from fairwitness.retention.models import Disposal
from fairwitness.vault.keyring import KeyState
from fairwitness.vault.vault import Vault

SWEPT_AFTER: Final = timedelta(hours=1)
"""How long a deletion may take before an audit speaks of it."""

Progress = Callable[[int], None]


@dataclass(slots=True)
class _Held:
    """What the database says of one recording beside its row.

    Attributes:
        copies: size and SHA-256 of what was made of it and attached to it, by how its pieces are
            named.
    """

    pieces: dict[str, list[Piece]] = field(default_factory=dict)
    copies: dict[str, tuple[int, str]] = field(default_factory=dict)
    disposal: Disposal | None = None
    fate: Fate = field(default_factory=Fate)

    @property
    def master(self) -> list[Piece]:
        return self.pieces.get(CopyKind.MASTER.value, [])


def recordings(*, vault: Vault, at: datetime, deep: bool, progress: Progress) -> Iterator[Finding]:
    """Go through every recording and yield what is not as it must be.

    Args:
        vault: where it lies.
        at: now.
        deep: also read every byte of every copy back and compare its digest.
        progress: told how many recordings have been looked at since the last call.
    """
    last = UUID(int=0)
    while page := list(Recording.objects.filter(pk__gt=last).order_by("pk")[:PAGE]):
        held = _held([recording.pk for recording in page])
        for recording in page:
            yield from _one(recording, held[recording.pk], vault, at, deep=deep)
        last = page[-1].pk
        progress(len(page))


def _held(ids: list[UUID]) -> dict[UUID, _Held]:
    found = {pk: _Held() for pk in ids}
    for piece in Piece.objects.filter(recording_id__in=ids).order_by("offset"):
        found[piece.recording_id].pieces.setdefault(piece.copy, []).append(piece)
    for copy in Copy.objects.filter(recording__in=ids, state=CopyState.READY):
        found[copy.recording_id].copies[copy.kind] = (copy.size, copy.sha256)
    for attached in Transcript.objects.filter(recording__in=ids):
        facts = (attached.size, attached.sha256)
        found[attached.recording_id].copies[attached.piece_name] = facts
    for disposal in Disposal.objects.filter(pk__in=ids):
        found[disposal.pk].disposal = disposal
    chains = reading.chains([recording_subject(pk) for pk in ids], acts=TOLD_BY)
    for pk in ids:
        found[pk].fate = read_fate(chains[recording_subject(pk)])
    return found


def _one(
    recording: Recording, held: _Held, vault: Vault, at: datetime, *, deep: bool
) -> Iterator[Finding]:
    yield from _entry(recording, held.fate)
    if recording.state == State.DISPOSED:
        yield from _dead(recording, held, vault, at)
        return
    found = list(_living(recording, held, vault, at, deep=deep))
    if found and not Recording.objects.filter(pk=recording.pk, state=State.LIVE).exists():
        return  # it was deleted while we looked
    yield from found


def _entry(recording: Recording, fate: Fate) -> Iterator[Finding]:
    """The row's entry is in the log and says what the row says."""
    about = recording_subject(recording.pk)
    if fate.registered is None or fate.registered.leaf_hash.hex() != recording.entry_leaf:
        yield Finding(
            "rows",
            "recording.not_in_log",
            about,
            f"{recording.reference}: the custody log does not say that it was received.",
        )
    if (fate.disposed is not None) != (recording.state == State.DISPOSED):
        told = "deleted" if fate.disposed else "not deleted"
        yield Finding(
            "rows",
            "recording.state_disagrees",
            about,
            f"{recording.reference}: the custody log says that it was {told}, the row says that"
            f" it is {recording.get_state_display()}.",
        )


def _living(
    recording: Recording, held: _Held, vault: Vault, at: datetime, *, deep: bool
) -> Iterator[Finding]:
    about = recording_subject(recording.pk)
    if held.fate.disposed is not None:
        return  # said already, and nothing of it is lost
    try:
        key = vault.ring.get(recording.pk)
    except FairwitnessError as error:
        yield Finding(
            "keys", error.stable_code, about, f"{recording.reference}: {error.message}", lost=True
        )
        return
    sizes = {CopyKind.MASTER.value: recording.size}
    sizes |= {kind: size for kind, (size, _sha256) in held.copies.items()}
    for kind in sizes.keys() | held.pieces.keys():
        yield from _copy(recording, kind, sizes.get(kind), held.pieces.get(kind, []), vault)
    yield from manifests_held.compare(recording, held.master, vault=vault, key=key)
    if deep and not circle.is_gone(recording, at):
        wanted = {CopyKind.MASTER.value: recording.sha256}
        wanted |= {kind: sha256 for kind, (_size, sha256) in held.copies.items()}
        for kind, sha256 in wanted.items():
            yield from _digest(recording, kind, sha256, vault)


def _copy(
    recording: Recording, kind: str, size: int | None, rows: list[Piece], vault: Vault
) -> Iterator[Finding]:
    """Its pieces are there, of their size, and cover it without a gap; `size` None: not made."""
    about, lost = recording_subject(recording.pk), kind == CopyKind.MASTER
    name = wording.of_copy(recording.reference, kind)
    end, whole = 0, True
    for row in rows:
        whole &= row.offset == end
        end += row.length
        yield from _blob(name, about, row, vault, lost=lost)
    if not whole or end != (size or 0):
        text = f"{name}: its pieces are not the {size or 0:,} bytes that it has."
        yield Finding("rows", "pieces.incomplete", about, text, lost=lost)


def _blob(name: str, about: str, row: Piece, vault: Vault, *, lost: bool) -> Iterator[Finding]:
    try:
        size = vault.store.facts(row.blob).size
    except FairwitnessError as error:
        text = f"{name}: {error.message}"
        yield Finding("vault", error.stable_code, about, text, lost=lost)
        return
    if size != row.sealed_size:
        text = f"{name}: blob {row.blob} has {size:,} bytes, not {row.sealed_size:,}."
        yield Finding("vault", "blob.size", about, text, lost=lost)


def _digest(recording: Recording, kind: str, sha256: str, vault: Vault) -> Iterator[Finding]:
    about, lost = recording_subject(recording.pk), kind == CopyKind.MASTER
    name = wording.of_copy(recording.reference, kind)
    try:
        found = fixity.read_back(recording=recording, vault=vault, kind=kind)
    except FairwitnessError as error:
        text = f"{name}: {error.message}"
        yield Finding("vault", error.stable_code, about, text, lost=lost, deep=True)
        return
    if found.sha256.hex() != sha256:
        text = f"{name}: what the vault holds is not what was received or made."
        yield Finding("vault", "copy.changed", about, text, lost=lost, deep=True)


def _dead(recording: Recording, held: _Held, vault: Vault, at: datetime) -> Iterator[Finding]:
    about, name = recording_subject(recording.pk), recording.reference
    disposal = held.disposal
    if disposal is None:
        text = f"{name} is deleted, and nothing says by whom or why."
        yield Finding("deletion", "disposal.no_record", about, text)
        return
    age = wording.span(at - disposal.disposed_at)
    if vault.ring.state(recording.pk) is KeyState.LIVE:
        text = f"{name} was deleted {age} ago, but its key is alive."
        yield Finding("keys", "key.alive", about, text)
    if at - disposal.disposed_at <= SWEPT_AFTER:
        return
    if not disposal.statement:
        text = f"{name} was deleted {age} ago without a signed record."
        yield Finding("deletion", "disposal.unsigned", about, text)
    if held.pieces:
        text = f"{name} was deleted {age} ago, but sealed bytes are left."
        yield Finding("vault", "disposal.blobs_left", about, text)


def overdue(*, at: datetime) -> Iterator[Finding]:
    """Living recordings past their last moment: nobody can open them, but their keys live."""
    late = Recording.objects.filter(state=State.LIVE, gone_by__lte=at).order_by("gone_by", "pk")
    for pk, reference, gone_by in late.values_list("pk", "reference", "gone_by").iterator(PAGE):
        age = wording.span(at - gone_by) if gone_by else "some time"
        yield Finding(
            "deletion",
            "disposal.overdue",
            recording_subject(pk),
            f"{reference} should have been deleted {age} ago and has not been. Nobody can open it.",
        )
