"""Makes the vectors of docs/specs/position-track.md.

Run it as `python -m tests.vectors.make_position_track`. It writes GPMF by itself, from the
specification, and not with what the camera uses.
"""

import struct
from typing import Any

from tests.vectors import writing

NAME = "position-track"
SERIAL = "00417"


def _filled(data: bytes) -> bytes:
    return data + b"\0" * ((4 - len(data) % 4) % 4)


def written(row: tuple[int, ...]) -> bytes:
    """A whole sample around one row."""
    gps9 = struct.pack(">iiiiiiiHH", *row)
    scales = struct.pack(">9i", 10**7, 10**7, 1000, 1000, 100, 1, 1000, 100, 1)
    stream = b"STNMc\x01\x00\x14" + b"Where the camera was"
    stream += _filled(b"TYPEc\x01\x00\x09" + b"lllllllSS")
    stream += b"SCALl\x04\x00\x09" + scales + b"GPS9?\x20\x00\x01" + gps9
    device = b"DVIDL\x04\x00\x01" + b"\x00\x00\x00\x01"
    device += _filled(b"DVNMc\x01\x00\x11" + b"Fairwitness 00417")
    device += b"STRM\x00\x01" + len(stream).to_bytes(2, "big") + stream
    return b"DEVC\x00\x01" + len(device).to_bytes(2, "big") + device


def make() -> dict[str, Any]:
    """The content of the file."""
    samples = [
        ("in Lambeth, walking", "2017-06-08T22:13:10.500000Z",
         [51.4613, -0.1156, 12.0, 1.4], (514613000, -1156000, 12000, 1400, 140)),
        ("south and east, standing", "2000-01-01T00:00:00.000000Z",
         [-33.8688, 151.2093, -3.5, 0.0], (-338688000, 1512093000, -3500, 0, 0)),
        ("no position", "2017-06-09T00:00:00.000000Z", None, (0, 0, 0, 0, 0)),
    ]  # fmt: skip
    times = {
        "2017-06-08T22:13:10.500000Z": (6368, 79990500),
        "2000-01-01T00:00:00.000000Z": (0, 0),
        "2017-06-09T00:00:00.000000Z": (6369, 0),
    }
    return {
        "serial": SERIAL,
        "samples": [
            {
                "name": name,
                "at": at,
                "place": place,
                "sample": written((*row, *times[at], *((100, 3) if place else (9999, 0)))).hex(),
            }
            for name, at, place, row in samples
        ],
    }


if __name__ == "__main__":
    writing.write(NAME, make())
