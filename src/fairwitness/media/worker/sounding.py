"""Peaks of the sound: the loudest sample in each stretch, one byte each."""

from array import array

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from fairwitness.media.worker.opening import opened, readable, refusal
from fairwitness.media.worker.reading import Remote

_RATE = 8000
_LONGEST = 48 * 3600
_FULL = 32768


def peaks(remote: Remote, *, per_second: int) -> bytes:
    """Give the peaks of the first sound stream, `per_second` bytes a second; empty without sound.

    Raises:
        Refused: the footage can't be read.
    """
    loudest = bytearray()
    with opened(remote) as container:
        if not container.streams.audio or not readable(container.streams.audio[0]):
            return b""
        stream = container.streams.audio[0]
        resampler = AudioResampler(format="s16", layout="mono", rate=_RATE)
        try:
            for frame in container.decode(stream):
                for part in resampler.resample(frame):
                    _measure(part, loudest, per_second)
        except (av.error.FFmpegError, ValueError) as error:
            if not loudest:
                raise refusal("The sound can't be decoded", error) from None
    return bytes(loudest)


def _measure(part: AudioFrame, loudest: bytearray, per_second: int) -> None:
    samples = array("h", bytes(part.planes[0])[: part.samples * 2])
    stretch = _RATE // per_second
    first = max(0, round((part.time or 0.0) * _RATE))
    if first >= _LONGEST * _RATE:
        return
    start = 0
    while start < len(samples):
        number = (first + start) // stretch
        stop = min(len(samples), (number + 1) * stretch - first)
        here = samples[start:stop]
        high, low = max(here), -min(here)
        peak = min(255, max(high, low) * 255 // (_FULL - 1))
        if number >= len(loudest):
            loudest.extend(bytes(number + 1 - len(loudest)))
        loudest[number] = max(loudest[number], peak)
        start = stop
