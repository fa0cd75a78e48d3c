"""Encoding again what browsers don't play: 720p H.264 and AAC, in fragments, as it is made.

Times are kept, not counted: each picture stays where its master shows it, however uneven the rate,
and sound that is missing (a camera's buffer has none) becomes silence of the same length, so that
picture and sound never drift. Pictures are turned upright first. A packet that does not decode is
passed over and counted.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import InputContainer, OutputContainer
from av.video.frame import VideoFrame

from fairwitness.media.worker.opening import THREADS, Refused, opened, readable, refusal
from fairwitness.media.worker.reading import Remote
from fairwitness.media.worker.turning import Upright, fitted

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream

Facts = dict[str, object]

LONG_SIDE: Final = 1280
SHORT_SIDE: Final = 720
QUALITY: Final = "28"
SPEED: Final = "veryfast"
_CLOCK: Final = 90_000
_RATE: Final = 48_000
_LONGEST: Final = 48 * 3600
_LONGEST_SILENCE: Final = 3600
_DRIFT: Final = _RATE // 20
_SILENCE: Final = 1024
_KEY_EVERY: Final = 60
_FRAGMENTS: Final = "frag_keyframe+delay_moov+default_base_moof"


class _Sink:
    """Where the muxer writes; it can't go back, so it never needs to be held."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self.size = 0

    def write(self, data: bytes) -> int:
        """Hand on these bytes."""
        self.size += len(data)
        self._write(bytes(data))
        return len(data)


class _Pictures:
    """The pictures: decoded, turned, encoded; the encoder is set up by the first of them."""

    def __init__(self, source: "VideoStream", target: OutputContainer, start: Fraction) -> None:
        self._source, self._target, self._start = source, target, start
        self.stream: VideoStream | None = None
        self._upright: Upright | None = None
        self._last = -1
        self.count = 0

    def begin(self, frame: VideoFrame) -> None:
        """Set the encoder up for pictures like this one."""
        aspect = self._source.sample_aspect_ratio
        width, height = fitted(
            frame, long_side=LONG_SIDE, short_side=SHORT_SIDE, aspect=aspect or None
        )
        options = {"preset": SPEED, "crf": QUALITY, "threads": str(THREADS)}
        stream = self._target.add_stream("libx264", rate=30, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = stream.time_base = Fraction(1, _CLOCK)
        stream.codec_context.gop_size = _KEY_EVERY
        self._upright = Upright(width=width, height=height, pixels="yuv420p")
        self.stream = stream

    def take(self, frame: VideoFrame) -> None:
        """Encode one picture at its own time; one that is out of time is left out."""
        if self.stream is None or self._upright is None or frame.time_base is None:
            return
        if frame.pts is None:
            at = self._last + _CLOCK // 30
        else:
            at = round((frame.pts * frame.time_base - self._start) * _CLOCK)
        if not self._last < at < _LONGEST * _CLOCK:
            return
        made = self._upright.turned(frame)
        made.pts, made.time_base = at, Fraction(1, _CLOCK)
        made.pict_type = 0
        self._last = at
        self.count += 1
        self._target.mux(self.stream.encode(made))

    def finish(self) -> None:
        """What the encoder still holds."""
        if self.stream is not None:
            self._target.mux(self.stream.encode(None))

    @property
    def duration_ms(self) -> int:
        """Until the last picture."""
        return max(0, self._last) * 1000 // _CLOCK


class _Sound:
    """The sound, with silence wherever the master has none."""

    def __init__(self, source: "AudioStream", target: OutputContainer, start: Fraction) -> None:
        self._target, self._start = target, start
        self._layout = "mono" if source.channels == 1 else "stereo"
        self._resampler = AudioResampler(format="fltp", layout=self._layout, rate=_RATE)
        self.stream = target.add_stream("aac", rate=_RATE, layout=self._layout)
        self.stream.bit_rate = 96_000
        self._written = 0

    def take(self, frame: AudioFrame) -> None:
        """Encode some sound at its own time."""
        for part in self._resampler.resample(frame):
            at = self._place(part)
            missing = at - self._written
            if missing > _LONGEST_SILENCE * _RATE or missing < -_DRIFT:
                continue  # out of time
            if missing > _DRIFT:
                self._silence(missing)
            self._put(part)

    def _place(self, part: AudioFrame) -> int:
        if part.pts is None or part.time_base is None:
            return self._written
        return round((part.pts * part.time_base - self._start) * _RATE)

    def _silence(self, samples: int) -> None:
        while samples > 0:
            part = AudioFrame(format="fltp", layout=self._layout, samples=min(samples, _SILENCE))
            for plane in part.planes:
                plane.update(bytes(plane.buffer_size))
            samples -= part.samples
            self._put(part)

    def _put(self, part: AudioFrame) -> None:
        part.sample_rate = _RATE
        part.pts, part.time_base = self._written, Fraction(1, _RATE)
        self._written += part.samples
        self._target.mux(self.stream.encode(part))

    def finish(self) -> None:
        """What the encoder still holds."""
        self._target.mux(self.stream.encode(None))


def encode(remote: Remote, *, write: Callable[[bytes], None]) -> Facts:
    """Encode the footage again, in fragments; nothing of it is held.

    Args:
        remote: the master.
        write: given the bytes in order.

    Raises:
        Refused: it can't be read, or not one picture decodes.
    """
    sink = _Sink(write)
    try:
        with opened(remote) as source:
            if not source.streams.video or not readable(source.streams.video[0]):
                raise Refused("media.no_video", "It has no picture.")
            video = source.streams.video[0]
            video.thread_type = "AUTO"
            options = {"movflags": _FRAGMENTS, "fflags": "+bitexact"}
            with av.open(sink, mode="w", format="mp4", options=options) as target:
                passed = _Passage(source, target, video)
                passed.run()
    except (av.error.FFmpegError, ValueError, OverflowError, TypeError) as error:
        raise refusal("It can't be encoded again", error) from None
    version = ".".join(str(part) for part in av.library_versions["libavcodec"])
    stream = passed.pictures.stream
    return {
        "size": sink.size,
        "duration_ms": passed.pictures.duration_ms,
        "pictures": passed.pictures.count,
        "damaged": passed.damaged,
        "width": stream.width if stream is not None else 0,
        "height": stream.height if stream is not None else 0,
        "tool": f"PyAV {av.__version__}, libavcodec {version}, libx264",
    }


class _Passage:
    """One pass from source to target."""

    def __init__(
        self, source: InputContainer, target: OutputContainer, video: "VideoStream"
    ) -> None:
        self._source, self._video = source, video
        start = Fraction(source.start_time or 0, av.time_base)
        self.pictures = _Pictures(video, target, start)
        audio = next((each for each in source.streams.audio if readable(each)), None)
        self._audio = audio
        self._target, self._start = target, start
        self._sound: _Sound | None = None
        self._early: list[AudioFrame] = []
        self.damaged = 0

    def run(self) -> None:
        """Encode all of it.

        Raises:
            Refused: not one picture decodes.
        """
        wanted: list[Stream] = [self._video, *([self._audio] if self._audio else [])]
        try:
            for packet in self._source.demux(*wanted):
                self._take(packet)
        except av.error.InvalidDataError:
            self.damaged += 1  # cut from here on: what came before is the working copy
        if self.pictures.stream is None:
            raise Refused("media.unreadable", "Not one picture could be decoded.")
        self.pictures.finish()
        if self._sound is not None:
            self._sound.finish()

    def _take(self, packet: "Packet[Stream]") -> None:
        try:
            frames = packet.decode()
        except (av.error.InvalidDataError, av.error.PatchWelcomeError):
            self.damaged += 1
            return
        for frame in frames:
            if isinstance(frame, VideoFrame):
                self._show(frame)
            elif isinstance(frame, AudioFrame):
                self._play(frame)

    def _show(self, frame: VideoFrame) -> None:
        if self.pictures.stream is None:
            # All streams must be known before the first byte is written.
            self.pictures.begin(frame)
            if self._audio is not None:
                self._sound = _Sound(self._audio, self._target, self._start)
            for early in self._early:
                self._play(early)
            self._early.clear()
        self.pictures.take(frame)

    def _play(self, frame: AudioFrame) -> None:
        if self._sound is not None:
            self._sound.take(frame)
        elif len(self._early) < _RATE:
            self._early.append(frame)
