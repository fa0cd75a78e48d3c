"""Real footage in front of the camera, over and over: pictures and sound of a video file.

The file is the operator's own and chosen on the command line, so it is read here, in the camera's
process; footage that comes from elsewhere is only ever read by `fairwitness.media`.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from av.video.frame import VideoFrame

from fairwitness.camera.fitting import Fitter
from fairwitness.camera.scene import SOUND_RATE, Pixels, Samples, tone
from fairwitness.errors import FairwitnessError

_SHORTEST_MS: Final = 100
_SILENCE: Final = 1e-4
_LISTENED: Final = 10


class SceneUnreadable(FairwitnessError):
    """The file can't be filmed."""

    code = "camera.scene"


class FileScene:
    """A video file, looped; letters above and below when its shape is another.

    Raises:
        SceneUnreadable: the file has no picture that can be decoded.
    """

    def __init__(self, path: Path, width: int, height: int) -> None:
        self._path = path
        self._fitter = Fitter(width, height)
        with _told(path), av.open(str(path)) as container:
            self._length_ms = _length_ms(container)
            self._has_sound = _is_heard(container)
        self._pictures = _Pictures(path)
        self._sounds = _Sounds(path) if self._has_sound else None

    has_picture = True

    def picture(self, at_ms: float) -> Pixels:
        """The file's picture at that time, the file being played over and over."""
        turn, within = divmod(at_ms, self._length_ms)
        with _told(self._path):
            return self._fitter.fit(self._pictures.at(int(turn), within)).copy()

    def sound(self, start: int, count: int) -> Samples:
        """The file's sound, or a tone when it has none, or nothing but silence."""
        if self._sounds is None:
            return tone(start, count)
        length = self._length_ms * SOUND_RATE // 1000
        samples = np.zeros(count, dtype=np.float32)
        done = 0
        while done < count:
            turn, within = divmod(start + done, length)
            part = min(count - done, length - within)
            with _told(self._path):
                samples[done : done + part] = self._sounds.take(turn, within, part)
            done += part
        return samples

    def close(self) -> None:
        """Close the file."""
        self._pictures.close()
        if self._sounds is not None:
            self._sounds.close()


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (av.error.FFmpegError, OSError) as error:
        raise SceneUnreadable(f"{path} can't be filmed: {error}") from error


class _Reader:
    """One of the file's streams, read from the start again at each turn."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = -1
        self._container: InputContainer | None = None

    def _open(self, turn: int) -> InputContainer:
        self.close()
        self._turn = turn
        self._container = av.open(str(self._path))
        return self._container

    def close(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None


class _Pictures(_Reader):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._frames: Iterator[VideoFrame] = iter(())
        self._first_ms = 0.0
        self._shown: VideoFrame | None = None
        self._next: VideoFrame | None = None

    def at(self, turn: int, ms: float) -> VideoFrame:
        if turn != self._turn:
            container = self._open(turn)
            container.streams.video[0].thread_type = "AUTO"
            self._frames = container.decode(video=0)
            self._shown, self._next = None, next(self._frames, None)
            self._first_ms = _ms(self._next) if self._next is not None else 0.0
        ms += self._first_ms  # some containers do not begin at nought
        while self._next is not None and (self._shown is None or _ms(self._next) <= ms):
            self._shown, self._next = self._next, next(self._frames, None)
        if self._shown is None:
            raise SceneUnreadable(f"{self._path} has no picture.")
        return self._shown


class _Sounds(_Reader):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._parts: Iterator[Samples] = iter(())
        self._held: Samples = np.zeros(0, dtype=np.float32)
        self._position = 0

    def take(self, turn: int, start: int, count: int) -> Samples:
        if turn != self._turn or start < self._position:
            container = self._open(turn)
            self._parts = _samples(container)
            self._held, self._position = np.zeros(0, dtype=np.float32), 0
        while self._position + len(self._held) < start + count:
            part = next(self._parts, None)
            if part is None:
                break
            skip = max(0, min(start - self._position, len(self._held)))
            self._held = np.concatenate([self._held[skip:], part])
            self._position += skip
        skip = min(max(0, start - self._position), len(self._held))
        found = self._held[skip : skip + count]
        taken = skip + len(found)
        self._held, self._position = self._held[taken:], self._position + taken
        return np.pad(found, (0, count - len(found)))


def _samples(container: InputContainer) -> Iterator[Samples]:
    resampler = AudioResampler(format="fltp", layout="mono", rate=SOUND_RATE)
    for frame in container.decode(audio=0):
        for part in resampler.resample(frame):
            yield np.asarray(part.to_ndarray()[0], dtype=np.float32)


def _is_heard(container: InputContainer) -> bool:
    """True when something can be heard in the first ten seconds."""
    if not container.streams.audio:
        return False
    heard = 0
    for samples in _samples(container):
        if np.abs(samples).max(initial=0.0) > _SILENCE:
            return True
        heard += len(samples)
        if heard > _LISTENED * SOUND_RATE:
            break
    return False


def _length_ms(container: InputContainer) -> int:
    if not container.streams.video:
        raise SceneUnreadable("It has no picture.")
    stream = container.streams.video[0]
    if stream.duration and stream.time_base:
        length = round(stream.duration * stream.time_base * 1000)
    else:
        length = (container.duration or 0) // 1000
    return max(_SHORTEST_MS, length)


def _ms(frame: VideoFrame) -> float:
    return (frame.time or 0.0) * 1000
