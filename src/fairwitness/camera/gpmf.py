"""One second of the position track, as GPMF: what cameras of the trade and players' tools know.

docs/specs/position-track.md is the specification.
"""

import struct
from datetime import UTC, datetime, timedelta
from typing import Final

from fairwitness.camera.positions import Fix

_ROW: Final = struct.Struct(">7iHH")
_SCALES: Final = (10_000_000, 10_000_000, 1000, 1000, 100, 1, 1000, 100, 1)
_KINDS: Final = b"lllllllSS"
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_NO_FIX, _FIX_3D = 0, 3
_GOOD, _NONE = 100, 9999  # dilution of precision, hundredths


def sample(fix: Fix | None, *, at: datetime, serial: str) -> bytes:
    """What the receiver told at one moment, by the camera's clock; None: it had no position."""
    stream = b"".join(
        (
            _item(b"STNM", "c", 1, b"Where the camera was"),
            _item(b"TYPE", "c", 1, _KINDS),
            _item(b"SCAL", "l", 4, struct.pack(f">{len(_SCALES)}i", *_SCALES)),
            _item(b"GPS9", "?", _ROW.size, _row(fix, at)),
        )
    )
    device = b"".join(
        (
            _item(b"DVID", "L", 4, (1).to_bytes(4, "big")),
            _item(b"DVNM", "c", 1, f"Fairwitness {serial}".encode("ascii", "replace")),
            _item(b"STRM", "\0", 1, stream),
        )
    )
    return _item(b"DEVC", "\0", 1, device)


def _row(fix: Fix | None, at: datetime) -> bytes:
    day, within = divmod(at - _EPOCH, timedelta(days=1))
    time = (day, within // timedelta(milliseconds=1))
    if fix is None:
        return _ROW.pack(0, 0, 0, 0, 0, *time, _NONE, _NO_FIX)
    return _ROW.pack(
        round(fix.latitude * 1e7),
        round(fix.longitude * 1e7),
        round(fix.altitude * 1000),
        round(fix.speed * 1000),
        round(fix.speed * 100),
        *time,
        _GOOD,
        _FIX_3D,
    )


def _item(key: bytes, kind: str, size: int, body: bytes) -> bytes:
    """Key, type, size of one value, how many, and the values, filled to 32 bits."""
    head = key + kind.encode() + bytes([size]) + (len(body) // size).to_bytes(2, "big")
    return head + body + bytes(-len(body) % 4)
