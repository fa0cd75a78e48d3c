"""What a working copy costs that is encoded in confinement and sealed, against a plain encoder.

Ours asks its parent for the master's bytes, decodes and encodes them in a child that can do nothing
else, and seals what comes back. The other side runs the same libraries on a plain file, with the
same settings and sizes, and writes a plain file. Both figures are seconds of footage a second: how
many times faster than real time.
"""

import io
import secrets
import time
import uuid
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from benchmarks.bench import Bench
from benchmarks.measuring import Row, Turns, in_turns

from fairwitness.media import working_copy
from fairwitness.media.worker.encoding import QUALITY, SPEED
from fairwitness.vault.copies import CopyWriter
from fairwitness.vault.folder import FolderStore
from fairwitness.vault.sealing import Binding

SECONDS = 10
RATE = 30
WIDTH, HEIGHT = 1920, 1080


class _File:
    """Footage in memory, read at offsets."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def read(self, offset: int, length: int) -> bytes:
        """Bytes at an offset."""
        return self._data[offset : offset + length]


def rows(bench: Bench) -> Iterator[Row]:
    """One row: 1080p HEVC to 720p H.264."""
    master = _master()
    file = bench.folder / "hevc.mp4"
    file.write_bytes(master)
    store = FolderStore(bench.folder / "copies")

    def ours() -> float:
        writer = CopyWriter(
            store=store, binding=Binding(secrets.token_bytes(32), uuid.uuid4(), "interim", 0)
        )
        began = time.monotonic()
        working_copy.encode(_File(master), duration_ms=SECONDS * 1000, write=writer.write)
        writer.finish()
        return SECONDS / (time.monotonic() - began)

    def theirs() -> float:
        began = time.monotonic()
        _plain(file, bench.folder / "plain.mp4")
        return SECONDS / (time.monotonic() - began)

    turns: Turns = in_turns(bench.rounds, ours, theirs)
    yield Row(
        "working copy of 1080p HEVC, confined and sealed",
        "the same libraries and settings on plain files",
        turns,
        least=0.8,
        unit="x real time",
    )


def _master() -> bytes:
    """A moving gradient under grain, which costs about what a street at night costs."""
    sink = io.BytesIO()
    chance = np.random.default_rng(614)
    ramp = np.linspace(40, 200, WIDTH, dtype=np.float32)[None, :].repeat(HEIGHT, axis=0)
    grain = [chance.normal(0, 4, (HEIGHT, WIDTH)).astype(np.float32) for _ in range(4)]
    with av.open(sink, "w", format="mp4") as container:
        options = {"preset": "ultrafast", "x265-params": "log-level=none"}
        stream: Any = container.add_stream("libx265", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(RATE * SECONDS):
            picture = np.roll(ramp, number * 12, axis=1) + grain[number % 4]
            grey = np.clip(picture, 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="gray").reformat(format="yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return sink.getvalue()


def _plain(source: Path, target: Path) -> None:
    with av.open(str(source)) as read, av.open(str(target), "w", format="mp4") as out:
        video = read.streams.video[0]
        video.thread_type = "AUTO"
        stream: Any = out.add_stream(
            "libx264", rate=RATE, options={"preset": SPEED, "crf": QUALITY}
        )
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 90_000)
        for frame in read.decode(video):
            small = frame.reformat(width=1280, height=720, format="yuv420p")
            small.pts = round((frame.time or 0) * 90_000)
            small.time_base = Fraction(1, 90_000)
            small.pict_type = 0
            out.mux(stream.encode(small))
        out.mux(stream.encode(None))
