"""Burning the clock, the camera and TRAINING, NOT EVIDENCE into each picture.

What Fairwitness's simulated cameras make can so never be taken for the footage of a real one.
"""

from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from fairwitness.camera.scene import CHROMA_GREY, LUMA_BLACK, Pixels

BANNER: Final = "TRAINING, NOT EVIDENCE"
_WHITE: Final = 235
_LINES: Final = 18
"""The strip takes one line in so many of the picture."""


def words_over(pixels: Pixels, words: str) -> Pixels:
    """Write words across the middle of a picture, in place; gives it back."""
    height, width = pixels.shape[0] * 2 // 3, pixels.shape[1]
    high = max(2, height // 8)
    image = Image.new("L", (width, high), LUMA_BLACK)
    drawing = ImageDraw.Draw(image)
    size = high * 0.8
    font = ImageFont.load_default(size)
    long = drawing.textlength(words, font=font)
    if long > width * 0.9:
        font = ImageFont.load_default(size * width * 0.9 / long)
    drawing.text((width / 2, high / 2), words, fill=_WHITE, font=font, anchor="mm")
    top = (height - high) // 2
    pixels[top : top + high] = np.asarray(image, dtype=np.uint8)
    return pixels


class Burner:
    """Draws one strip of text at the foot of pictures of one size; text is drawn once a second."""

    def __init__(self, width: int, height: int, *, label: str) -> None:
        self._width, self._height = width, height
        self._strip_height = height // _LINES // 2 * 2
        self._label = label
        self._text = ""
        self._strip: NDArray[np.uint8] = np.zeros((0, 0), dtype=np.uint8)

    def burn(self, pixels: Pixels, at: datetime) -> None:
        """Draw the time `at`, the label and the banner into `pixels`."""
        text = f"{at:%Y-%m-%d %H:%M:%S} UTC   {self._label}   {BANNER}"
        if text != self._text:
            self._text, self._strip = text, self._drawn(text)
        width, height, strip = self._width, self._height, self._strip_height
        pixels[height - strip : height] = self._strip
        chroma = pixels[height:].reshape(2, height // 2, width // 2)
        chroma[:, (height - strip) // 2 :] = CHROMA_GREY

    def _drawn(self, text: str) -> NDArray[np.uint8]:
        image = Image.new("L", (self._width, self._strip_height), LUMA_BLACK)
        size = self._strip_height * 0.8
        font = ImageFont.load_default(size)
        drawing = ImageDraw.Draw(image)
        long = drawing.textlength(text, font=font)
        if long > self._width * 0.98:
            font = ImageFont.load_default(size * self._width * 0.98 / long)
        middle = (self._width / 2, self._strip_height / 2)
        drawing.text(middle, text, fill=_WHITE, font=font, anchor="mm")
        return np.asarray(image, dtype=np.uint8)
