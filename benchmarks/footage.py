"""Footage as large as one likes: a real fragmented MP4, as cameras write, from a few real seconds.

Eight seconds of noise are encoded once, at about 1 MiB a second as the Body 2 records. Their
fragments are repeated, each with the number and the time that it has in its place, until the file
is as large as asked; a box that players skip makes up the rest.
"""

import hashlib
import io
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

_RATE = 30
_SECONDS = 8
_WIDTH, _HEIGHT = 320, 176


@dataclass(frozen=True, slots=True)
class Body:
    """A file of footage, or the beginning of one.

    Attributes:
        file: where it lies.
        size: how many of its bytes are meant.
        sha256: of these.
    """

    file: Path
    size: int
    sha256: str

    def beginning(self, size: int) -> "Body":
        """The first bytes of it; as a body only, not as a film that plays."""
        return _body(self.file, size)


def make(file: Path, size: int) -> Body:
    """Write a film of exactly this many bytes."""
    head, fragments = _split(_encoded())
    with file.open("wb") as out:
        written = out.write(head)
        number = 0
        while True:
            fragment = _placed(fragments[number % len(fragments)], number)
            if written + len(fragment) + 8 > size:
                break
            written += out.write(fragment)
            number += 1
        left = size - written
        out.write(struct.pack(">I4s", left, b"free") + bytes(left - 8))
        out.flush()
        os.fsync(out.fileno())
    return _body(file, size)


def _body(file: Path, size: int) -> Body:
    digest = hashlib.sha256()
    left = size
    with file.open("rb") as source:
        while left and (data := source.read(min(1 << 20, left))):
            digest.update(data)
            left -= len(data)
    return Body(file, size, digest.hexdigest())


def _encoded() -> bytes:
    """Noise, which is dear to encode, so that seconds are as large as those of a street."""
    sink = io.BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    noise = np.random.default_rng(614)
    with av.open(sink, "w", format="mp4", options=options) as container:
        stream: Any = container.add_stream(
            "libx264", rate=_RATE, options={"preset": "ultrafast", "qp": "22", "g": str(_RATE)}
        )
        stream.width, stream.height, stream.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
        for _ in range(_RATE * _SECONDS):
            picture = noise.integers(0, 255, (_HEIGHT, _WIDTH, 3), dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return sink.getvalue()


def _split(film: bytes) -> tuple[bytes, list[bytes]]:
    """What comes before the first fragment, and the fragments."""
    head, fragments = b"", []
    for kind, box in _boxes(film):
        if kind == b"moof":
            fragments.append(box)
        elif kind == b"mdat":
            fragments[-1] += box
        elif not fragments:
            head += box
    return head, fragments


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at : at + size]
        at += size


def _placed(fragment: bytes, number: int) -> bytes:
    """The fragment as the one of this number: its sequence number and its time are set."""
    made = bytearray(fragment)
    struct.pack_into(">I", made, made.index(b"mfhd") + 8, number + 1)
    at = made.index(b"tfdt")
    version, length = made[at + 4], _second(made)
    struct.pack_into(">Q" if version else ">I", made, at + 8, number * length)
    return bytes(made)


def _second(fragment: bytearray) -> int:
    """How long a fragment is in the track's units: its pictures, each as long as the default."""
    at = fragment.index(b"tfhd")
    flags = int.from_bytes(fragment[at + 5 : at + 8])
    place = at + 12 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0)
    (duration,) = struct.unpack_from(">I", fragment, place)
    return int(duration) * _RATE
