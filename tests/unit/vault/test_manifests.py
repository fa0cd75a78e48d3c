"""Manifests: written once, repeatable after a crash, unreadable without the key."""

from uuid import UUID

import pytest
from tests.contracts.memory_store import MemoryStore

from fairwitness.formats.piece import PieceInvalid
from fairwitness.vault import manifests
from fairwitness.vault.manifests import ManifestExists
from fairwitness.vault.port import BlobMissing

RECORDING = UUID("6f1f6c1e-5a52-4f0a-9a55-0d9b6f3f2c11")
OTHER = UUID("0a000000-0000-4000-8000-000000000001")
KEY = bytes(range(32))
NAME = f"manifest/{RECORDING}"


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    manifests.write(b'{"a":1}', store=made, key=KEY, recording=RECORDING)
    return made


def read(store: MemoryStore, key: bytes = KEY, recording: UUID = RECORDING) -> bytes:
    return manifests.read(store=store, key=key, recording=recording)


def test_a_manifest_is_read_by_who_has_the_key(store: MemoryStore) -> None:
    assert read(store) == b'{"a":1}'
    assert b'"a"' not in (store.blobs[NAME] or b"")
    assert store.synced == [(NAME,)]
    with pytest.raises(PieceInvalid):
        read(store, key=bytes(32))


def test_writing_it_again_is_no_error_but_another_is_refused(store: MemoryStore) -> None:
    before = store.blobs[NAME]
    manifests.write(b'{"a":1}', store=store, key=KEY, recording=RECORDING)
    assert store.blobs[NAME] == before
    with pytest.raises(ManifestExists):
        manifests.write(b'{"a":2}', store=store, key=KEY, recording=RECORDING)
    assert store.blobs[NAME] == before


@pytest.mark.parametrize("left", [b"", b"cut", bytes(4096)])
def test_what_an_interrupted_attempt_left_is_replaced(store: MemoryStore, left: bytes) -> None:
    store.blobs[NAME] = left
    manifests.write(b'{"a":1}', store=store, key=KEY, recording=RECORDING)
    assert read(store) == b'{"a":1}'


def test_a_manifest_is_its_recordings_own(store: MemoryStore) -> None:
    store.blobs[f"manifest/{OTHER}"] = store.blobs[NAME]
    with pytest.raises(PieceInvalid):
        read(store, recording=OTHER)


def test_they_are_listed_and_deleted(store: MemoryStore) -> None:
    store.blobs["piece/aa"] = b"x"
    assert list(manifests.recordings(store=store)) == [RECORDING]
    manifests.delete(store=store, recording=RECORDING)
    manifests.delete(store=store, recording=RECORDING)
    assert list(manifests.recordings(store=store)) == []
    with pytest.raises(BlobMissing):
        read(store)
    store.blobs["manifest/notes"] = b"x"
    with pytest.raises(PieceInvalid, match="no recording"):
        list(manifests.recordings(store=store))
