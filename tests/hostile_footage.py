"""Footage made to harm whoever reads it, each by name; and any number of spoilt files by a seed."""

import random
import struct
from collections.abc import Callable, Iterator
from functools import cache

from tests.media_samples import box, encoded, with_track, with_user_data

FRAGMENTS = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}


def patched(data: bytes, name: bytes, at: int, value: bytes) -> bytes:
    """The file with bytes changed, `at` bytes behind the name of a box."""
    changed = bytearray(data)
    place = data.index(name) + 4 + at
    changed[place : place + len(value)] = value
    return bytes(changed)


def _nested(depth: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = box(b"moov", box(b"trak", data))
    return box(b"ftyp", b"isom\0\0\2\0isom") + data


def _huge_jpegs() -> bytes:
    """Motion JPEG whose pictures claim 65,500 by 65,500 while their container says little."""
    data = bytearray(encoded(codec="mjpeg", container="avi", sound=None))
    at = data.find(b"\xff\xc0")
    while at >= 0:
        data[at + 5 : at + 9] = struct.pack(">HH", 65_500, 65_500)
        at = data.find(b"\xff\xc0", at + 1)
    return bytes(data)


def _bomb() -> bytes:
    """Sixteen million grey pixels a picture, in a few kilobytes."""
    return encoded(pictures=3, size=(4_096, 4_096), codec="mpeg4", container="avi", sound=None)


def _mkv_for_ever() -> bytes:
    data = encoded(container="matroska")
    return patched(data, b"\x44\x89\x88", -1, struct.pack(">d", 1e14))


def _raw(width: int) -> bytes:
    data = encoded(container="avi", codec="rawvideo", sound=None)
    return patched(data, b"strf", 8, struct.pack("<II", width, width))


def _silent(name: bytes, at: int, value: bytes) -> bytes:
    return patched(encoded(sound=None), name, at, value)


_PLAY_LIST = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
_MADE: dict[str, Callable[[], bytes]] = {
    "nothing at all": lambda: b"",
    "text": lambda: b"this is no video at all" * 40,
    "a play list of our files": lambda: _PLAY_LIST,
    "a list of files to join": lambda: b"ffconcat version 1.0\nfile /etc/passwd\n",
    "boxes within boxes": lambda: _nested(4_000),
    "a box of eight exabytes": lambda: encoded() + struct.pack(">I4sQ", 1, b"mdat", 1 << 63),
    "a box without end": lambda: struct.pack(">I4s", 0, b"moov") + encoded(),
    "a box shorter than its header": lambda: encoded() + struct.pack(">I4s", 3, b"free"),
    "two hundred thousand boxes": lambda: encoded() + box(b"free", b"") * 200_001,
    "four thousand million samples": lambda: patched(encoded(), b"stsz", 8, b"\xff" * 4),
    "chunks far behind the end": lambda: _silent(b"stco", 8, b"\xff\xff\xff\xf0"),
    "a time scale of nothing": lambda: _silent(b"mdhd", 12, bytes(4)),
    "pictures that last for years": lambda: _silent(b"stts", 12, b"\x7f\xff\xff\xff"),
    "a claim to last for ever": _mkv_for_ever,
    "gigantic pictures": lambda: _raw(16_000),
    "gigantic by its index only": lambda: _silent(b"avc1", 24, b"\xff\xff\xff\xff"),
    "pictures larger than they say": _huge_jpegs,
    "much from little": _bomb,
    "places without end": lambda: with_user_data(
        encoded(), *[box(b"\xa9xyz", b"\0\4\0\0+1+1")] * 3_000
    ),
    "a trail of nonsense": lambda: with_track(encoded(), b"gpmd", [b"DEVC\0\1\xff\xff" * 500] * 2),
    "samples of no size": lambda: with_track(encoded(), b"camm", [b""] * 2_000),
}
HOSTILE = tuple(_MADE)
"""All of them, by what is wrong with them."""


@cache
def hostile(name: str) -> bytes:
    """One of them."""
    return _MADE[name]()


@cache
def _wholes() -> dict[str, bytes]:
    walk = [struct.pack("<HHddd", 0, 5, 51.5, 0.001 * step, 10.0) for step in range(1, 3)]
    return {
        "avi": encoded(container="avi", codec="mjpeg", sound="mp2"),
        "fragmented": encoded(options=FRAGMENTS),
        "hevc": encoded(codec="libx265"),
        "matroska": encoded(container="matroska"),
        "mp4": encoded(),
        "mpegts": encoded(container="mpegts"),
        "sideways": encoded(rotation=90, sound=None),
        "trail": with_track(encoded(), b"camm", walk),
        "vp9": encoded(container="webm", codec="libvpx-vp9", sound="libopus"),
        "wmv": encoded(container="avi", codec="wmv2", sound=None),
    }


_TABLES = (b"moov", b"moof", b"stbl", b"stsz", b"stts", b"ctts", b"avcC", b"hvcC", b"elst", b"tkhd")
_PLACES = (*_TABLES, b"trun", b"tfhd", b"idx1", b"strf", b"camm", b"udta", b"\x1a\x45\xdf\xa3")
_EDGES = (b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0" * 4, b"\x80\0\0\0", b"\0\0\0\1")


def spoilt(number: int, *, seed: int) -> Iterator[tuple[str, bytes]]:
    """So many files, each with some bytes changed, put in, taken out, doubled, or cut off.

    The same for the same seed. Half of the changes go to where containers keep sizes and tables.
    """
    chance = random.Random(seed)  # noqa: S311 - the same each time is what is wanted
    names = sorted(_wholes())
    for index in range(number):
        name = names[index % len(names)]
        yield f"{name} {index}", _spoil(bytearray(_wholes()[name]), chance)


def _spoil(data: bytearray, chance: random.Random) -> bytes:
    places = [at for at in (data.find(name) for name in _PLACES) if at >= 0] or [0]
    for _ in range(chance.randint(1, 6)):
        near = chance.choice(places) + chance.randint(-8, 60)
        at = max(0, near if chance.random() < 0.5 else chance.randrange(len(data) + 1))
        act = chance.choice(("change", "change", "insert", "delete", "double", "edge"))
        some = chance.randbytes(chance.randint(1, 8))
        if act == "change":
            data[at : at + len(some)] = some
        elif act == "insert":
            data[at:at] = some
        elif act == "delete":
            del data[at : at + chance.randint(1, 400)]
        elif act == "double":
            data[at:at] = data[at : at + chance.randint(1, 400)]
        else:
            data[at : at + 4] = chance.choice(_EDGES)
    return bytes(data[: chance.choice((len(data), len(data), len(data) // 2))])
