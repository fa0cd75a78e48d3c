"""A webcam or a network stream in front of the camera, as it comes in, whatever becomes of it.

A thread reads the stream and keeps the last picture and the last sound. When nothing comes, the
camera films a picture that says so, and silence; the thread opens the stream again and again, with
pauses, until it is back. Recording never waits for it.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Final

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from av.stream import Stream
from av.video.frame import VideoFrame

from fairwitness.camera.burning import words_over
from fairwitness.camera.fitting import Fitter
from fairwitness.camera.scene import SOUND_RATE, Pixels, Samples

NO_PICTURE: Final = "NO PICTURE FROM THE LENS"
STALE_SECONDS: Final = 2.0
"""Without a new picture for so long, the picture is lost; the figure is ours."""
_OPENING_SECONDS, _READING_SECONDS = 5.0, 3.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 2.0
_HELD_SECONDS: Final = 2
"""Sound that waits longer is dropped, oldest first: picture and sound stay together."""


class StreamScene:
    """A live source. Close it."""

    def __init__(
        self,
        url: str,
        width: int,
        height: int,
        *,
        format: str | None = None,  # noqa: A002 (libav's own word)
        options: Mapping[str, str] | None = None,
    ) -> None:
        """Begin to read.

        Args:
            url: what libav opens: `rtsp://...`, `/dev/video0`.
            width: of the pictures wanted.
            height: of the pictures wanted.
            format: of the device (`v4l2`); None for what the address says.
            options: for libav.
        """
        self._url, self._format, self._options = url, format, dict(options or {})
        self._fitter = Fitter(width, height)
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._picture: Pixels | None = None
        self._seen = 0.0
        self._sound: deque[Samples] = deque()
        self._thread = threading.Thread(target=self._read, name="lens", daemon=True)
        self._thread.start()

    @property
    def has_picture(self) -> bool:
        """True while pictures come."""
        return self._picture is not None and time.monotonic() - self._seen < STALE_SECONDS

    def picture(self, at_ms: float) -> Pixels:
        """The last picture that came; without one, a dark one that says so."""
        del at_ms  # it films what is there now
        with self._lock:
            if self._picture is not None and self.has_picture:
                return self._picture.copy()
        return words_over(self._fitter.dark(), NO_PICTURE)

    def sound(self, start: int, count: int) -> Samples:
        """The next sound that came; silence where there is none."""
        del start
        found = np.zeros(count, dtype=np.float32)
        done = 0
        with self._lock:
            while self._sound and done < count:
                part = self._sound.popleft()
                taken = part[: count - done]
                found[done : done + len(taken)] = taken
                done += len(taken)
                if len(taken) < len(part):
                    self._sound.appendleft(part[len(taken) :])
        return found

    def close(self) -> None:
        """Let go of the stream. A read that hangs ends by its own time limit."""
        self._ending.set()
        self._thread.join(_READING_SECONDS + 1)

    # The thread that reads

    def _read(self) -> None:
        pause = _FIRST_PAUSE
        while not self._ending.is_set():
            began = time.monotonic()
            with contextlib.suppress(av.error.FFmpegError, OSError, ValueError):
                self._follow()  # when it fails the picture says so, and it is tried again
            if self._seen > began:
                pause = _FIRST_PAUSE
            self._ending.wait(pause)
            pause = min(_LONGEST_PAUSE, 2 * pause)

    def _follow(self) -> None:
        limits = (_OPENING_SECONDS, _READING_SECONDS)
        with av.open(
            self._url, format=self._format, options=self._options, timeout=limits
        ) as container:
            resampler = AudioResampler(format="fltp", layout="mono", rate=SOUND_RATE)
            for frame in container.decode(*_streams(container)):
                if self._ending.is_set():
                    return
                if isinstance(frame, VideoFrame):
                    self._keep_picture(frame)
                elif isinstance(frame, AudioFrame):
                    self._keep_sound(frame, resampler)

    def _keep_picture(self, frame: VideoFrame) -> None:
        pixels = self._fitter.fit(frame).copy()
        with self._lock:
            self._picture, self._seen = pixels, time.monotonic()

    def _keep_sound(self, frame: AudioFrame, resampler: AudioResampler) -> None:
        parts = [
            np.asarray(part.to_ndarray()[0], dtype=np.float32) for part in resampler.resample(frame)
        ]
        with self._lock:
            self._sound.extend(parts)
            while sum(map(len, self._sound)) > _HELD_SECONDS * SOUND_RATE:
                self._sound.popleft()


def _streams(container: InputContainer) -> list[Stream]:
    if not container.streams.video:
        raise ValueError("no picture in this stream")
    return [container.streams.video[0], *container.streams.audio[:1]]


def open_stream(source: str, width: int, height: int) -> StreamScene | None:
    """The live source that a command line names; None when it names none.

    `rtsp://...` and `rtsps://...` are network streams, read over TCP so that nothing is lost on
    the way; `/dev/video0` and the like are webcams; `lavfi:...` is one of libav's own sources.
    """
    if source.startswith(("rtsp://", "rtsps://")):
        return StreamScene(source, width, height, options={"rtsp_transport": "tcp"})
    if source.startswith("/dev/video"):
        return StreamScene(source, width, height, format="v4l2")
    if source.startswith("lavfi:"):
        return StreamScene(source.removeprefix("lavfi:"), width, height, format="lavfi")
    return None


def is_live(source: str) -> bool:
    """True when it comes as time passes, whatever the camera's speed."""
    return source.startswith(("rtsp://", "rtsps://", "/dev/video", "lavfi:"))
