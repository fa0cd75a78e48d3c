"""The blobs of the vault that a rebuild would start from: manifests, and what nothing names."""

from collections.abc import Iterator, Sequence
from typing import Final

from fairwitness.accountability.findings import Finding
from fairwitness.accountability.paging import pages
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import Piece, Recording
from fairwitness.formats import manifest
from fairwitness.formats.custody import recording_subject
from fairwitness.formats.manifest import Manifest
from fairwitness.vault import manifests, pieces
from fairwitness.vault.vault import Vault

PREFIX: Final = "manifest/"
"""What the names of all manifests begin with."""


def compare(
    recording: Recording, master: Sequence[Piece], *, vault: Vault, key: bytes
) -> Iterator[Finding]:
    """The manifest is there, opens, and says of the master what the rows say."""
    about, name = recording_subject(recording.pk), recording.reference
    try:
        data = manifests.read(store=vault.store, key=key, recording=recording.pk)
        found = manifest.parse(data)
    except FairwitnessError as error:
        text = f"{name}: its manifest can't be read, so no rebuild would find it: {error.message}"
        yield Finding("vault", "manifest.unreadable", about, text)
        return
    wrong = ", ".join(_differences(recording, master, found))
    if wrong:
        text = f"{name}: its manifest says something else than the rows: {wrong}."
        yield Finding("vault", "manifest.differs", about, text)


def _differences(recording: Recording, master: Sequence[Piece], found: Manifest) -> Iterator[str]:
    if found.recording != recording.pk:
        yield "another recording"
    if found.size != recording.size:
        yield "size"
    if found.sha256 != recording.sha256:
        yield "digest"
    in_rows = [(row.blob, row.offset, row.length, row.sealed_size) for row in master]
    if [(one.blob, one.offset, one.length, one.sealed_size) for one in found.pieces] != in_rows:
        yield "pieces"


def count_blobs(*, vault: Vault) -> tuple[int, int]:
    """How many blobs there are, and how many pieces that no row names: interrupted work left those.

    Manifests and what Axis systems tell are named by no row; they go with their keys.
    """
    total = unnamed = 0
    for page in pages(vault.store.names()):
        found = [name for name in page if name.startswith(pieces.PREFIX)]
        named = Piece.objects.filter(blob__in=found).count()
        total += len(page)
        unnamed += len(found) - named
    return total, unnamed
