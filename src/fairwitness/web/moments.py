"""A moment of a recording in an address: `?t=01:27.500` starts the player there.

The moment goes on as the fragment of the footage's own address, which browsers' players understand
(W3C Media Fragments), so that it needs no script.
"""

import re
from typing import Final

from fairwitness.evidence.models import Recording
from fairwitness.web import showing

_MOMENT: Final = re.compile(
    r"(?:(?P<hours>\d{1,2}):)?(?P<minutes>\d{1,3}):(?P<seconds>[0-5]\d)"
    r"(?:\.(?P<part>\d{1,3}))?",
    re.ASCII,
)
_USUAL_RATE: Final = 30
"""Pictures a second where no camera says: a frame's step is then about a frame."""


def read(text: str) -> int | None:
    """The milliseconds of 'mm:ss', 'mm:ss.mmm' or 'h:mm:ss.mmm'; None for anything else."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds = (int(found[name] or 0) for name in ("hours", "minutes", "seconds"))
    whole = (hours * 60 + minutes) * 60 + seconds
    return whole * 1000 + int((found["part"] or "").ljust(3, "0"))


def write(milliseconds: int) -> str:
    """'01:27.500', or '1:02:03.000' from an hour on; `read` takes it back."""
    whole, part = divmod(milliseconds, 1000)
    minutes, seconds = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    ahead = f"{hours}:" if hours else ""
    return f"{ahead}{minutes:02}:{seconds:02}.{part:03}"


def told(text: str, recording: Recording) -> dict[str, object]:
    """What the page wants: the moment asked for, if it lies within, and the rate of pictures."""
    at = read(text)
    within = at is not None and at < recording.duration_ms
    said = showing.claim(recording)
    return {
        "moment": write(at) if at is not None and within else "",
        "moment_outside": bool(text) and not within,
        "fragment": f"#t={at / 1000:.3f}" if at is not None and within else "",
        "rate": said.frames_per_second if said else _USUAL_RATE,
    }
