"""A contact strip: stills from all along a recording, side by side in one JPEG."""

from dataclasses import dataclass

from fairwitness.media import child
from fairwitness.media.answers import Answer
from fairwitness.media.child import Footage, Limits, Output, limits_for

MEDIA_TYPE = "image/jpeg"
STILLS = 20
WIDTH, HEIGHT = 160, 90
_LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Strip:
    """The JPEG, `stills` pictures wide, each standing for an equal share of the recording."""

    jpeg: bytes
    stills: int


def make_strip(footage: Footage, *, duration_ms: int, limits: Limits | None = None) -> Strip:
    """Make a strip of `STILLS` pictures, the first of each share of `duration_ms`.

    A share of which nothing decodes stays black.

    Raises:
        MediaUnreadable: nothing in it decodes to a picture.
    """
    jpeg = bytearray()
    facts = child.run(
        "strip",
        footage,
        options={"duration_ms": duration_ms, "stills": STILLS, "width": WIDTH, "height": HEIGHT},
        output=Output(begin=lambda _total: None, write=jpeg.extend),
        limits=limits or limits_for(footage, output=_LARGEST),
    )
    return Strip(jpeg=bytes(jpeg), stills=Answer(facts).number("stills", least=1, most=STILLS))
