"""The blobs of the vault that a rebuild would start from: manifests, and what nothing names."""

from collections.abc import Iterator, Sequence
from typing import Final

from fairwitness.accountability.findings import Finding
from fairwitness.accountability.paging import pages
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import Piece, Recording
from fairwitness.formats import kept_receipt, manifest
from fairwitness.formats.custody import recording_subject
from fairwitness.formats.manifest import Manifest
from fairwitness.vault import manifests
from fairwitness.vault.vault import Vault

PREFIX: Final = "manifest/"
"""What the names of all manifests begin with."""

_OTHERS: Final = (PREFIX, f"{kept_receipt.FOLDER}/")
"""What no row names, and is none the worse for it."""


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
    """How many blobs there are, and how many that no row names: interrupted work left those."""
    total = unnamed = 0
    for page in pages(vault.store.names()):
        pieces = [name for name in page if not name.startswith(_OTHERS)]
        named = Piece.objects.filter(blob__in=pieces).count()
        total += len(page)
        unnamed += len(pieces) - named
    return total, unnamed
