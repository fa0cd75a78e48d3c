"""What is in front of the camera: pictures and sound to record.

A `Scene` gives pictures and sound by the time since the camera was started; times asked for never
go back. `TestScene` is made here; `FileScene` (in `file_scene`) loops real footage; `StreamScene`
(in `stream_scene`) is a webcam or a network stream.
"""

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""A picture as yuv420p: height × 3/2 rows of width bytes."""
Samples = NDArray[np.float32]
"""Sound, one channel, 48,000 samples a second, from -1 to 1."""

SOUND_RATE: Final = 48_000
LUMA_BLACK: Final = 16
CHROMA_GREY: Final = 128


class Scene(Protocol):
    """Anything that can be filmed."""

    @property
    def has_picture(self) -> bool:
        """False while a live source gives none; what is filmed then says so."""

    def picture(self, at_ms: float) -> Pixels:
        """The picture at a time; the caller may write into it."""

    def sound(self, start: int, count: int) -> Samples:
        """`count` samples from sample `start` on."""

    def close(self) -> None:
        """Let go of files and devices."""


class TestScene:
    """Colour bars with a moving band, and a voice-like tone: the same for the same times."""

    __test__ = False  # not a test, whatever pytest makes of the name
    has_picture = True

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._bars = _bars(width, height)
        self._band = np.linspace(60, 200, height // 6, dtype=np.uint8)[:, None]

    def picture(self, at_ms: float) -> Pixels:
        """Bars, and a band that runs down the picture once in four seconds."""
        width, height = self._size
        pixels = self._bars.copy()
        travel = height - len(self._band)
        top = int(at_ms / 4000 * travel) % max(travel, 1)
        pixels[top : top + len(self._band), width // 4 : width * 3 // 4] = self._band
        return pixels

    def sound(self, start: int, count: int) -> Samples:
        """A tone."""
        return tone(start, count)

    def close(self) -> None:
        """Nothing to let go of."""


def tone(start: int, count: int) -> Samples:
    """A voice-like tone: harmonics of a wavering 130 Hz, in syllables of a fifth of a second."""
    at = np.arange(start, start + count, dtype=np.float64) / SOUND_RATE
    phase = 2 * np.pi * 130 * at + 2.0 * np.sin(2 * np.pi * 3 * at)
    voice = sum(np.sin(phase * number) / number for number in range(1, 6))
    syllables = np.clip(np.sin(2 * np.pi * 2.5 * at), 0, 1)
    return np.asarray(0.2 * voice * syllables, dtype=np.float32)


def _bars(width: int, height: int) -> Pixels:
    pixels = np.full((height * 3 // 2, width), CHROMA_GREY, dtype=np.uint8)
    lumas = (235, 210, 170, 145, 106, 81, 41)
    blues = (128, 16, 166, 54, 202, 90, 240)
    reds = (128, 146, 16, 34, 222, 240, 110)
    columns = np.arange(width) * len(lumas) // width
    pixels[:height] = np.array(lumas, dtype=np.uint8)[columns]
    half = np.arange(width // 2) * len(lumas) // (width // 2)
    planes = pixels[height:].reshape(2, height // 2, width // 2)
    planes[0] = np.array(blues, dtype=np.uint8)[half]
    planes[1] = np.array(reds, dtype=np.uint8)[half]
    return pixels
