"""Chunk offsets move with the index, and widen to 64 bits where they must."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.formats import boxes
from fairwitness.media.worker import index_box


def boxed(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def moov(*tables: list[int], wide: bool = False) -> bytes:
    letter, kind = ("Q", b"co64") if wide else ("I", b"stco")
    traks = b""
    for table in tables:
        body = struct.pack(f">II{len(table)}{letter}", 0, len(table), *table)
        stbl = boxed(b"stbl", boxed(b"stsd", b"123") + boxed(kind, body))
        traks += boxed(b"trak", boxed(b"mdia", boxed(b"minf", stbl)) + boxed(b"tkhd", b"12"))
    return boxed(b"moov", boxed(b"mvhd", b"12345678") + traks)


def offsets(data: bytes) -> list[list[int]]:
    read = lambda offset, length: data[offset : offset + length]  # noqa: E731 (shortest here)
    path = ("moov", "trak", "mdia", "minf", "stbl")
    found = []
    for stbl in boxes.find(read, path, start=0, stop=len(data)):
        for box in boxes.walk(read, start=stbl.body, stop=stbl.end):
            if box.kind in {"stco", "co64"}:
                (count,) = struct.unpack(">I", data[box.body + 4 : box.body + 8])
                letter = "I" if box.kind == "stco" else "Q"
                found.append(list(struct.unpack(f">{count}{letter}", data[box.body + 8 : box.end])))
    return found


TABLES = st.lists(st.lists(st.integers(0, (1 << 32) - 1), max_size=6), min_size=1, max_size=3)


@given(tables=TABLES, wide=st.booleans())
def test_every_offset_moves_by_the_length_of_the_new_index(
    tables: list[list[int]], *, wide: bool
) -> None:
    old = moov(*tables, wide=wide)
    new = index_box.moved(old)
    assert offsets(new) == [[offset + len(new) for offset in table] for table in tables]


@pytest.mark.parametrize("last", [(1 << 32) - 1, (1 << 32) - 50])
def test_an_offset_past_four_gibibytes_widens_the_table(last: int) -> None:
    old = moov([40, last])
    new = index_box.moved(old)
    assert b"co64" in new
    assert offsets(new) == [[40 + len(new), last + len(new)]]


def test_an_index_that_fits_keeps_its_length() -> None:
    old = moov([40, 50], [60])
    assert len(index_box.moved(old)) == len(old)
