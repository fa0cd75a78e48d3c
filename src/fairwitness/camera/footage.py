"""Writing a recording so that a cut, at any instant, loses at most its last second or two.

The file is a fragmented MP4 (ADR 0010): an index of the streams first, then a fragment for each
second of pictures, each whole in itself, written, flushed and synced before the next one begins.
`Encoder` makes packets; they may wait in memory as the buffer; `FootageFile` writes them.
"""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from fairwitness.camera.scene import SOUND_RATE, Pixels, Samples
from fairwitness.camera.settings import Picture
from fairwitness.camera.storing import sync_folder
from fairwitness.camera.video_signing import PictureSigner

if TYPE_CHECKING:
    from av.stream import DataStream

SOUND_FRAME: Final = 1024
"""Samples in a frame of AAC; also what its encoder puts before the first one."""
POSITION_EVERY_MS: Final = 1000
MILLISECOND: Final = Fraction(1, 1000)
_SOUND_BIT_RATE: Final = 64_000
_MOVFLAGS: Final = "frag_keyframe+empty_moov+default_base_moof"


class _Sink:
    """The file as libav sees it: bytes come in order, are digested as they pass, never changed."""

    def __init__(self) -> None:
        self._descriptor: int | None = None
        self._abandoned = False
        self.digest = hashlib.sha256()
        self.size = 0

    def create(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        sync_folder(path.parent)

    def write(self, data: bytes) -> int:
        if self._abandoned:
            return len(data)
        if self._descriptor is None:
            raise OSError("No file has been created.")
        view = memoryview(data)
        self.digest.update(view)
        self.size += len(view)
        rest = view
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        return len(view)

    def abandon(self) -> None:
        self._abandoned = True
        self.close()

    def sync(self) -> None:
        if self._descriptor is not None:
            os.fsync(self._descriptor)

    def close(self) -> None:
        if self._descriptor is not None:
            os.fsync(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None


@dataclass(frozen=True, slots=True)
class Kept:
    """An encoded picture: its number since the encoder began, and the packet."""

    number: int
    packet: "Packet[VideoStream]"

    @property
    def key(self) -> bool:
        """True when decoding can begin here."""
        return bool(self.packet.is_keyframe)


class Encoder:
    """Encodes pictures to H.264, a key picture each second, none waiting inside the encoder."""

    def __init__(self, picture: Picture, *, positions: bool = False) -> None:
        self.picture = picture
        self._sink = _Sink()
        self._container = av.open(
            self._sink,
            mode="w",
            format="mp4",
            options={"movflags": _MOVFLAGS, "flush_packets": "1", "fflags": "+bitexact"},
        )
        rate = picture.frames_per_second
        self._video = self._container.add_stream(
            "libx264",
            rate=rate,
            options={"preset": "ultrafast", "tune": "zerolatency", "flags": "+bitexact"},
        )
        context = self._video.codec_context
        context.width, context.height = picture.width, picture.height
        context.pix_fmt = "yuv420p"
        context.gop_size = rate
        context.bit_rate = picture.bit_rate
        context.thread_count = 2
        self._sound = self._container.add_stream("aac", rate=SOUND_RATE, layout="mono")
        self._sound.codec_context.bit_rate = _SOUND_BIT_RATE
        self.positions: DataStream | None = None
        if positions:  # docs/specs/position-track.md
            self.positions = self._container.add_data_stream("bin_data")
            self.positions.time_base = MILLISECOND
        self._number = 0

    def encode(self, pixels: Pixels) -> list[Kept]:
        """Encode the next picture."""
        frame = VideoFrame.from_ndarray(pixels, format="yuv420p")
        frame.pts = self._number
        frame.time_base = Fraction(1, self.picture.frames_per_second)
        number, self._number = self._number, self._number + 1
        return [Kept(number, packet) for packet in self._video.encode(frame)]

    def begin(self, path: Path, *, created_at: datetime, signer: PictureSigner) -> "FootageFile":
        """Go on writing into a file. An encoder writes one file only.

        Args:
            path: a file that does not exist yet.
            created_at: goes into the file as its creation time.
            signer: seals the pictures.
        """
        self._container.metadata["creation_time"] = created_at.isoformat()
        self._sink.create(path)
        return FootageFile(self._container, self._video, self._sound, self._sink, signer)


class FootageFile:
    """One recording being written. Pictures and sound are given in order of time."""

    def __init__(
        self,
        container: av.container.OutputContainer,
        video: VideoStream,
        sound: av.audio.stream.AudioStream,
        sink: _Sink,
        signer: PictureSigner,
    ) -> None:
        self._container = container
        self._video = video
        self._sound = sound
        self._sink = sink
        self._signer = signer
        self._rate = signer.frames_per_second
        self._last: Packet[Any] | None = None
        self._sync_due = False
        self._first: int | None = None
        self._pending: Samples = np.zeros(0, dtype=np.float32)
        # The encoder puts 1,024 samples before the first: leaving out the first 1,024 of the
        # recording keeps sound and picture together without an edit list.
        self._skip = SOUND_FRAME
        self._sound_at = SOUND_FRAME
        self.positions: DataStream | None = None
        self.pictures = 0
        self.samples = 0

    @property
    def duration_ms(self) -> int:
        """How long its pictures last, in milliseconds, rounded down."""
        return self.pictures * 1000 // self._rate

    def add_pictures(self, kept: Iterable[Kept]) -> None:
        """Write pictures; each key picture closes the fragment before it, soon synced.

        The last one always waits for the next: the last of all has the last seal behind it.
        """
        for picture in kept:
            if self._first is None:
                self._first = picture.number
            data = self._signer.add(bytes(picture.packet), key_picture=picture.key)
            packet = self._with(picture.packet, data)
            shift = self._ticks(packet)
            packet.pts, packet.dts = shift, shift
            self._write_last()
            self._last = packet
            self.pictures += 1

    def _with(self, packet: "Packet[Any]", data: bytes) -> "Packet[Any]":
        """The same packet, with other bytes."""
        fresh = Packet(data)
        fresh.time_base, fresh.duration = packet.time_base, packet.duration
        fresh.is_keyframe = packet.is_keyframe
        return fresh

    def _write_last(self) -> None:
        packet, self._last = self._last, None
        if packet is not None:
            packet.stream = self._video
            self._container.mux(packet)
            if self._sync_due:  # libav may keep a key picture until the sound has caught up
                self._sink.sync()
            self._sync_due = packet.is_keyframe and self.pictures > 1

    def _ticks(self, packet: "Packet[Any]") -> int:
        base = packet.time_base or Fraction(1, self._rate)
        step = Fraction(1, self._rate) / base
        return round(self.pictures * step)

    def add_sound(self, samples: Samples) -> None:
        """Write sound; silence is samples of nought."""
        self.samples += len(samples)
        skipped = min(self._skip, len(samples))
        self._skip -= skipped
        self._pending = np.concatenate([self._pending, samples[skipped:]])
        while len(self._pending) >= SOUND_FRAME:
            self._encode(self._pending[:SOUND_FRAME])
            self._pending = self._pending[SOUND_FRAME:]

    def _encode(self, samples: Samples) -> None:
        frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="fltp", layout="mono")
        frame.sample_rate = SOUND_RATE
        frame.pts = self._sound_at
        frame.time_base = Fraction(1, SOUND_RATE)
        self._sound_at += len(samples)
        for packet in self._sound.encode(frame):
            self._container.mux(packet)

    def add_position(self, data: bytes, *, at_ms: int) -> None:
        """Write one sample of the position track, before the picture of that time."""
        packet: Packet[Any] = Packet(data)
        packet.stream = self.positions
        packet.time_base = MILLISECOND
        packet.pts = packet.dts = at_ms
        packet.duration = POSITION_EVERY_MS
        packet.is_keyframe = True
        self._container.mux(packet)

    def finish(self) -> tuple[int, str]:
        """Write what is left, make all durable, and give size and SHA-256 of the file."""
        if len(self._pending):
            self._encode(np.pad(self._pending, (0, SOUND_FRAME - len(self._pending))))
        for packet in self._sound.encode(None):
            self._container.mux(packet)
        if self._last is not None:
            last = self._last
            self._last = self._with(last, self._signer.end(bytes(last)))
            self._last.pts, self._last.dts = last.pts, last.dts
            self._write_last()
        self._container.close()
        self._sink.close()
        return self._sink.size, self._sink.digest.hexdigest()

    def abandon(self) -> None:
        """Leave the file as a power cut would: nothing more reaches it."""
        self._sink.abandon()
