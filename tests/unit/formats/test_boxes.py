"""The box walker: what fits is yielded, what does not is refused, whatever the bytes."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.formats.boxes import Box, BoxInvalid, find, walk


def reader(data: bytes) -> "Reader":
    return Reader(data)


class Reader:
    """Reads from memory and counts the bytes asked for."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.asked = 0

    def __call__(self, offset: int, length: int) -> bytes:
        self.asked += length
        return self.data[offset : offset + length]


def boxed(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def walked(data: bytes, **limits: int) -> list[Box]:
    return list(walk(reader(data), start=0, stop=len(data), **limits))


def test_boxes_are_yielded_in_order_with_their_places() -> None:
    data = boxed(b"ftyp", b"isom") + boxed(b"free", b"")
    assert walked(data) == [Box("ftyp", 0, 8, 12), Box("free", 12, 8, 8)]
    assert (walked(data)[0].body, walked(data)[0].end) == (8, 12)


def test_a_long_size_and_a_size_to_the_end_are_understood() -> None:
    long = struct.pack(">I4sQ", 1, b"mdat", 20) + b"body"
    open_ended = struct.pack(">I4s", 0, b"mdat") + b"the rest"
    assert walked(long) == [Box("mdat", 0, 16, 20)]
    assert walked(open_ended) == [Box("mdat", 0, 8, 16)]


def test_nested_boxes_are_found_by_path() -> None:
    inner = boxed(b"stbl", boxed(b"stco", b"12345678"))
    moov = boxed(b"moov", boxed(b"trak", inner) + boxed(b"udta", b"") + boxed(b"trak", inner))
    data = boxed(b"ftyp", b"") + moov
    found = list(find(reader(data), ("moov", "trak", "stbl"), start=0, stop=len(data)))
    assert [data[box.offset : box.end] for box in found] == [inner, inner]


@pytest.mark.parametrize(
    ("data", "truncated"),
    [
        (boxed(b"mdat", b"12345678")[:-1], True),
        (b"\0\0\0", True),
        (struct.pack(">I4sI", 1, b"mdat", 0), True),
        (struct.pack(">I4sQ", 1, b"mdat", 15), False),
        (struct.pack(">I4s", 7, b"mdat") + b"\0", False),
        (struct.pack(">I4sQ", 1, b"mdat", (1 << 64) - 1), True),
    ],
)
def test_a_box_that_can_not_be_is_refused_where_it_begins(data: bytes, *, truncated: bool) -> None:
    before = boxed(b"ftyp", b"isom")
    boxes = walk(reader(before + data), start=0, stop=len(before + data))
    assert next(boxes).kind == "ftyp"
    with pytest.raises(BoxInvalid) as refused:
        next(boxes)
    assert (refused.value.offset, refused.value.truncated) == (12, truncated)


def test_too_many_boxes_are_hostile() -> None:
    data = boxed(b"free", b"") * 11
    assert len(walked(data, most=11)) == 11
    with pytest.raises(BoxInvalid, match="More than 10"):
        walked(data, most=10)


@given(st.binary(max_size=400))
def test_random_bytes_are_walked_or_refused_and_boxes_never_overlap(data: bytes) -> None:
    read, end = reader(data), 0
    with contextlib.suppress(BoxInvalid):
        for box in walk(read, start=0, stop=len(data)):
            assert box.offset == end
            assert box.header <= box.size
            end = box.end
    assert end <= len(data)
    assert read.asked <= 16 * (len(data) // 8 + 2)


@given(st.lists(st.tuples(st.binary(min_size=4, max_size=4), st.binary(max_size=50))))
def test_what_was_written_is_read(parts: list[tuple[bytes, bytes]]) -> None:
    data = b"".join(boxed(kind, body) for kind, body in parts)
    found = [(box.kind.encode("latin-1"), data[box.body : box.end]) for box in walked(data)]
    assert found == parts
