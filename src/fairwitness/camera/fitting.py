"""Pictures of any size and shape, fitted into the camera's: scaled, with black borders."""

from fractions import Fraction

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from fairwitness.camera.scene import CHROMA_GREY, LUMA_BLACK, Pixels


class Fitter:
    """Fits frames into pictures of one size."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._frame = self.dark()
        self._reformatter = VideoReformatter()

    def dark(self) -> Pixels:
        """A black picture."""
        width, height = self._size
        pixels = np.full((height * 3 // 2, width), CHROMA_GREY, dtype=np.uint8)
        pixels[:height] = LUMA_BLACK
        return pixels

    def fit(self, frame: VideoFrame) -> Pixels:
        """The frame in our size; the same array each time, to be copied by who keeps it."""
        width, height = self._size
        scale = min(Fraction(width, frame.width), Fraction(height, frame.height))
        wide = max(2, int(frame.width * scale) // 2 * 2)
        high = max(2, int(frame.height * scale) // 2 * 2)
        small = self._reformatter.reformat(frame, width=wide, height=high, format="yuv420p")
        pixels: Pixels = np.asarray(small.to_ndarray(), dtype=np.uint8)
        if (wide, high) == (width, height):
            self._frame = pixels
            return self._frame
        left, top = (width - wide) // 4 * 2, (height - high) // 4 * 2
        self._frame[top : top + high, left : left + wide] = pixels[:high]
        chroma = self._frame[height:].reshape(2, height // 2, width // 2)
        small_chroma = pixels[high:].reshape(2, high // 2, wide // 2)
        chroma[:, top // 2 : (top + high) // 2, left // 2 : (left + wide) // 2] = small_chroma
        return self._frame
