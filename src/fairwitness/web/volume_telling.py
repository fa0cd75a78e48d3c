"""What is known of footage that docks took from an enrolled volume, for its page."""

from typing import Final

from fairwitness.evidence.models import Recording
from fairwitness.web.facts import Fact

VERDICT: Final = "Unchanged since we took it from a volume (no camera of ours made it)"
CLOCK: Final = Fact("Clock", "not compared", "Its days count from when it was received")


def about(recording: Recording) -> tuple[Fact, ...]:
    """The lines of *About it* that say where it came from."""
    volume = recording.volume
    if volume is None:
        return ()
    lines = (
        ("From volume", volume.label),
        ("Its camera", volume.made_by),
        ("Volume brought by", str(volume.brought_by or "")),
        ("Volume approved by", str(volume.approved_by or "")),
        ("File name", recording.filename),
    )
    return tuple(Fact(name, value) for name, value in lines if value)
