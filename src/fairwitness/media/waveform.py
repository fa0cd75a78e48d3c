"""How loud a recording is, bit by bit: what the player draws under the picture."""

from dataclasses import dataclass

from fairwitness.media import child
from fairwitness.media.answers import Answer
from fairwitness.media.child import Footage, Limits, Output, limits_for

MEDIA_TYPE = "application/octet-stream"
PEAKS_PER_SECOND = 10
_LARGEST = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Waveform:
    """One byte (0 silent to 255 full) for each tenth of a second, and how many a second.

    Empty when the footage has no sound.
    """

    peaks: bytes
    per_second: int


def make_waveform(
    footage: Footage,
    *,
    per_second: int = PEAKS_PER_SECOND,
    limits: Limits | None = None,
) -> Waveform:
    """Measure the peaks of the first sound stream of `footage`.

    Raises:
        MediaUnreadable: the footage can't be read.
    """
    peaks = bytearray()
    facts = child.run(
        "waveform",
        footage,
        options={"per_second": per_second},
        output=Output(begin=lambda _total: None, write=peaks.extend),
        limits=limits or limits_for(footage, output=_LARGEST),
    )
    return Waveform(peaks=bytes(peaks), per_second=Answer(facts).number("per_second", least=1))
