"""Manifests: for each recording one sealed blob that says what its pieces are.

A manifest is what lets everything be registered again when the database is lost. It is sealed with
its recording's key, so it dies with it, and lies in the store as `manifest/<recording>`. What is
in it is the concern of `fairwitness.formats.manifest`; here it is bytes.
"""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from fairwitness.errors import FairwitnessError
from fairwitness.formats import piece
from fairwitness.formats.piece import PieceInvalid
from fairwitness.vault.port import BlobExists, BlobStore

_PREFIX: Final = "manifest/"


class ManifestExists(FairwitnessError):
    """The recording has another manifest already; a manifest is written once."""

    code = "vault.manifest_exists"


def name(recording: UUID) -> str:
    """What a recording's manifest is called in the store."""
    return f"{_PREFIX}{recording}"


def _bound(recording: UUID) -> bytes:
    return piece.associated_data(recording=recording, copy="manifest", offset=0, upload_length=0)


def write(manifest: bytes, *, store: BlobStore, key: bytes, recording: UUID) -> None:
    """Seals and stores a recording's manifest, durably.

    Writing the same again is no error, so whoever was interrupted may repeat it; what an
    interrupted attempt left, which does not open, is replaced.

    Raises:
        ManifestExists: the recording has a manifest that says something else.
        StoreFull: no room; no manifest is kept.
    """
    sealer = piece.PieceSealer(key=key, associated_data=_bound(recording))
    sealed = b"".join([sealer.header, *sealer.update(manifest), sealer.finish()])
    called = name(recording)
    try:
        writer = store.create(called, size=len(sealed))
    except BlobExists:
        if _same(manifest, store=store, key=key, recording=recording):
            store.sync([called])
            return
        store.delete(called)
        writer = store.create(called, size=len(sealed))
    try:
        writer.write(sealed)
        writer.finish()
    except FairwitnessError:
        writer.abort()
        raise
    store.sync([called])


def read(*, store: BlobStore, key: bytes, recording: UUID) -> bytes:
    """A recording's manifest.

    Raises:
        BlobMissing: it has none.
        PieceInvalid: it does not open: damaged, cut, or another recording's.
    """
    blob = store.open(name(recording))
    try:
        reader = piece.PieceReader(
            key=key, associated_data=_bound(recording), size=blob.size, read_at=blob.read_at
        )
        return reader.read(0, reader.plaintext_size)
    finally:
        blob.close()


def recordings(*, store: BlobStore) -> Iterator[UUID]:
    """The recordings that have a manifest, in no promised order.

    Raises:
        PieceInvalid: a blob lies among the manifests that is named for no recording.
    """
    for found in store.names(_PREFIX):
        try:
            yield UUID(found.removeprefix(_PREFIX))
        except ValueError:
            raise PieceInvalid(f"The blob {found} is named for no recording.") from None


def delete(*, store: BlobStore, recording: UUID) -> None:
    """Removes a recording's manifest; no error when it is gone already."""
    store.delete(name(recording))


def _same(manifest: bytes, *, store: BlobStore, key: bytes, recording: UUID) -> bool:
    """Whether the manifest there says this; False if it is an interrupted attempt's remains."""
    try:
        found = read(store=store, key=key, recording=recording)
    except PieceInvalid:
        return False
    if found != manifest:
        raise ManifestExists("The recording has another manifest already.")
    return True
