"""The camera's own clock: it may be ahead, behind or not set, and says so.

True time is passed in at the start; nothing here reads the machine's clock.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from fairwitness.formats import canonical, records
from fairwitness.formats.recording import ClockState


@dataclass(frozen=True, slots=True)
class ClockCard:
    """`clock.json` on the volume: how the simulated clock stands.

    Attributes:
        ahead_us: how far it is ahead of true time, in microseconds; negative when behind.
        set: it has been set since it last lost its time.
        set_at: when, by the clock that set it.
        source: who set it.
    """

    ahead_us: int = 0
    set: bool = False
    set_at: datetime | None = None
    source: str | None = None

    def encode(self) -> bytes:
        """The card as canonical JSON."""
        return canonical.encode(records.to_json(self))

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a card.

        Raises:
            FormatError: it is none.
        """
        return records.from_json(cls, canonical.decode(data))

    @property
    def state(self) -> ClockState:
        """What a recording statement says of the clock."""
        return ClockState(
            set=self.set,
            set_at=self.set_at if self.set else None,
            source=self.source,
        )


@dataclass(frozen=True, slots=True)
class DeviceClock:
    """The time of day on the camera.

    Attributes:
        started: true time when the camera's milliseconds began, UTC.
        card: how its clock stands.
    """

    started: datetime
    card: ClockCard

    def at(self, ms: int) -> datetime:
        """The camera's own time at `ms` milliseconds after its start."""
        ahead = timedelta(milliseconds=ms, microseconds=self.card.ahead_us)
        return self.started.astimezone(UTC) + ahead
