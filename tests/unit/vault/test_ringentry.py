"""Key ring entries: the published vectors, and nothing that differs from them opens."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.vectors import make_key_ring, writing

from fairwitness.formats.errors import FormatError
from fairwitness.vault import ringentry
from fairwitness.vault.master import MasterKey

VECTORS = Path(__file__).parents[2] / "vectors" / "key-ring" / "vectors.json"
RECORDING = UUID(make_key_ring.RECORDING)


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(VECTORS.read_text(encoding="utf-8"))
    return content


def key_of(data: bytes) -> bytes:
    entry = ringentry.parse(data, RECORDING)
    return ringentry.open_entry(entry, with_key=make_key_ring.RING_KEY)


def test_the_published_vectors_are_what_their_maker_makes() -> None:
    assert VECTORS.read_text(encoding="utf-8") == writing.text(make_key_ring.make())


def test_the_published_entry_opens(published: dict[str, Any]) -> None:
    assert key_of(published["entry"].encode()) == bytes.fromhex(published["key"])
    master = MasterKey(key=bytes.fromhex(published["master_key"]), places=(Path(), Path()))
    assert master.unwrap(bytes.fromhex(published["wrapped"])) == make_key_ring.RING_KEY
    assert master.wrap(make_key_ring.RING_KEY).hex() == published["wrapped"]


def test_the_published_invalid_entries_are_refused(published: dict[str, Any]) -> None:
    for case in published["invalid_entries"]:
        with pytest.raises(ringentry.EntryInvalid):
            key_of(case["data"].encode())


def test_records_of_destruction_are_read(published: dict[str, Any]) -> None:
    known, unknown = (
        ringentry.parse_destroyed(text.encode(), RECORDING) for text in published["destroyed"]
    )
    at = datetime(2017, 7, 9, 22, 13, 10, 123456, tzinfo=UTC)
    assert known.destroyed_at == at
    assert unknown.destroyed_at is None
    assert ringentry.destroyed(recording=RECORDING, at=at) == published["destroyed"][0].encode()
    for case in published["invalid_destroyed"]:
        with pytest.raises(ringentry.EntryInvalid):
            ringentry.parse_destroyed(case["data"].encode(), RECORDING)


@given(key=st.binary(min_size=32, max_size=32), ring_key=st.binary(min_size=32, max_size=32))
def test_what_is_sealed_opens_with_its_ring_key_alone(key: bytes, ring_key: bytes) -> None:
    sealed = ringentry.seal(key=key, recording=RECORDING, ring_key="a" * 16, with_key=ring_key)
    entry = ringentry.parse(sealed, RECORDING)
    assert ringentry.open_entry(entry, with_key=ring_key) == key
    with pytest.raises(ringentry.EntryInvalid):
        ringentry.open_entry(entry, with_key=bytes([ring_key[0] ^ 1]) + ring_key[1:])


def test_a_sealed_thing_that_is_no_key_is_refused() -> None:
    sealed = ringentry.seal(
        key=b"short", recording=RECORDING, ring_key="a" * 16, with_key=bytes(32)
    )
    with pytest.raises(ringentry.EntryInvalid, match="is no key"):
        ringentry.open_entry(ringentry.parse(sealed, RECORDING), with_key=bytes(32))


@given(garbage=st.binary(max_size=300))
def test_garbage_raises_only_what_readers_raise(garbage: bytes) -> None:
    with pytest.raises(FormatError):
        key_of(garbage)
    with pytest.raises(FormatError):
        ringentry.parse_destroyed(garbage, RECORDING)
