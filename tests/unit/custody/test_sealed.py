"""Sealed entries open with their key, in their place, whole; or not at all."""

import base64
import json
import secrets
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vectors import make_sealed_entries, writing

from fairwitness.custody import sealed
from fairwitness.custody.sealed import SealedEntry, Sealing
from fairwitness.formats.errors import FormatError

SEALING = Sealing(secrets.token_bytes(32), "fairwitness.example/log")
ENTRIES = [SealedEntry(b'{"act":"log.read"}', bytes(16)), SealedEntry(b'{"act":"x"}', None)]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.builds(
            SealedEntry,
            st.binary(min_size=1, max_size=4096),
            st.none() | st.binary(min_size=16, max_size=16),
        ),
        min_size=1,
        max_size=256,
    )
)
def test_entries_come_back_as_they_were(entries: list[SealedEntry]) -> None:
    data = SEALING.seal(entries, index=7)
    assert SEALING.open(data, index=7, width=len(entries)) == entries


def test_the_same_entries_never_look_the_same() -> None:
    first, second = (SEALING.seal(ENTRIES, index=0) for _ in range(2))
    assert first != second
    assert b"log.read" not in first


def test_any_changed_byte_is_refused() -> None:
    data = SEALING.seal(ENTRIES, index=0)
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1
        with pytest.raises(FormatError):
            SEALING.open(bytes(changed), index=0, width=2)


@pytest.mark.parametrize(
    ("other", "index", "width"),
    [
        (SEALING, 1, 2),
        (SEALING, 0, 1),
        (SEALING, 0, 3),
        (Sealing(SEALING.key, "elsewhere.example/log"), 0, 2),
        (Sealing(bytes(32), SEALING.origin), 0, 2),
    ],
)
def test_another_place_log_or_key_is_refused(other: Sealing, index: int, width: int) -> None:
    data = SEALING.seal(ENTRIES, index=0)
    with pytest.raises(FormatError):
        other.open(data, index=index, width=width)


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_raise_anything_else(data: bytes) -> None:
    with pytest.raises(FormatError):
        SEALING.open(data, index=0, width=1)


def test_a_kind_from_the_future_is_refused() -> None:
    for packed in (b"", b"\x02rest", b"\x01short"):
        with pytest.raises(sealed.SealedInvalid):
            sealed._unpack(packed)


def test_paths_mirror_those_of_the_entry_bundles() -> None:
    assert sealed.path(1234067, 256) == "sealed/x001/x234/067"
    assert sealed.path(0, 5) == "sealed/000.p/5"


VECTORS = json.loads((writing.HERE / make_sealed_entries.NAME / "vectors.json").read_text())
PUBLISHED = Sealing(bytes.fromhex(VECTORS["key"]), VECTORS["origin"])


def test_the_published_vectors_are_what_their_maker_makes() -> None:
    path = writing.HERE / make_sealed_entries.NAME / "vectors.json"
    assert path.read_text() == writing.text(make_sealed_entries.make())


@pytest.mark.parametrize("case", VECTORS["valid"], ids=lambda case: case["name"])
def test_we_open_the_published_vectors(case: dict[str, Any]) -> None:
    data = base64.b64decode(case["data"])
    entries = PUBLISHED.open(data, index=case["index"], width=case["width"])
    salts = [None if each.salt is None else each.salt.hex() for each in entries]
    assert salts == case["salts"]
    assert {each.canonical for each in entries} == {base64.b64decode(VECTORS["entry"])}


@pytest.mark.parametrize("case", VECTORS["invalid"], ids=lambda case: case["name"])
def test_we_refuse_the_published_invalid_vectors(case: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        PUBLISHED.open(base64.b64decode(case["data"]), index=case["index"], width=case["width"])
