"""Several recordings on one clock: where each lies on a common time line, and how surely.

Pure: what the cameras and docks said of their clocks in, places out. A camera's own time is put
right by the middle of the bounds that were measured while it recorded; half of what lies between
them is how wrong the place may still be. Nothing is guessed from picture or sound.

Where nobody measured a clock, the recording stands at the time that it says itself, and its error
is not known. A recording that tells no time at all has no place on the line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST = 4
"""So many recordings are played in step at most."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of one recording's time.

    Attributes:
        started_at: by its own clock.
        duration_ms: how long it is.
        ahead_us: how far its clock was ahead, at least and at most; None where nobody measured it.
        frame_us: how long one picture stands.
    """

    started_at: datetime
    duration_ms: int
    ahead_us: tuple[int, int] | None
    frame_us: int


@dataclass(frozen=True, slots=True)
class Place:
    """One recording on the line: from when to when in milliseconds, and how wrong that may be."""

    begins_ms: int
    ends_ms: int
    slack_us: int | None
    alone: bool


@dataclass(frozen=True, slots=True)
class Line:
    """The common line.

    Attributes:
        begins_at: true time of its first moment, as well as it is known.
        length_ms: from the first beginning to the last end.
        places: in the order in which the recordings were given.
        apart_us: what seems one moment in two pictures may be so far apart; None when not known.
        frames: the same in pictures of the slowest camera, rounded up; None when not known.
        gaps: stretches that none of them recorded, in milliseconds.
    """

    begins_at: datetime
    length_ms: int
    places: tuple[Place, ...]
    apart_us: int | None
    frames: int | None
    gaps: tuple[tuple[int, int], ...]

    @property
    def within_a_frame(self) -> bool:
        """Whether two pictures that stand side by side are of one moment, as finely as they go."""
        return self.frames is not None and self.frames <= 1


def lay_out(told: Sequence[Told]) -> Line:
    """Place recordings on one line.

    Args:
        told: of each recording; at least one.
    """
    starts = [each.started_at - _ahead(each) for each in told]
    begins_at = min(starts)
    begun = [round((start - begins_at) / timedelta(milliseconds=1)) for start in starts]
    spans = [(at, at + each.duration_ms) for at, each in zip(begun, told, strict=True)]
    slacks = [_slack(each) for each in told]
    apart = _apart(slacks)
    frame = max(each.frame_us for each in told)
    return Line(
        begins_at=begins_at,
        length_ms=max(end for _, end in spans),
        places=tuple(
            Place(start, end, slack, alone=_alone(number, spans))
            for number, ((start, end), slack) in enumerate(zip(spans, slacks, strict=True))
        ),
        apart_us=apart,
        frames=None if apart is None else -(-apart // frame),
        gaps=_gaps(spans),
    )


def _ahead(told: Told) -> timedelta:
    return timedelta(microseconds=sum(told.ahead_us) // 2 if told.ahead_us else 0)


def _slack(told: Told) -> int | None:
    """Half of what lies between the bounds, rounded up: never less than the truth."""
    return None if told.ahead_us is None else -((told.ahead_us[0] - told.ahead_us[1]) // 2)


def _apart(slacks: Sequence[int | None]) -> int | None:
    """The worst of all pairs: the two least sure, wrong in opposite directions."""
    known = [slack for slack in slacks if slack is not None]
    return sum(sorted(known)[-2:]) if len(known) == len(slacks) else None


def _alone(number: int, spans: Sequence[tuple[int, int]]) -> bool:
    start, end = spans[number]
    others = [span for other, span in enumerate(spans) if other != number]
    return not any(start < until and since < end for since, until in others)


def _gaps(spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    gaps, covered = [], 0
    for start, end in sorted(spans):
        if start > covered:
            gaps.append((covered, start))
        covered = max(covered, end)
    return tuple(gaps)
