"""The bay board as words: one account of all bays, for the terminal, the page and programs."""

from collections.abc import Sequence
from dataclasses import dataclass

from fairwitness.dock import pace
from fairwitness.dock.bays import BayView
from fairwitness.dock.doing import WORDS, Doing
from fairwitness.formats import timestamp
from fairwitness.formats.canonical import Json

_BUSY = frozenset({Doing.LOOKING, Doing.QUEUED, Doing.UPLOADING, Doing.CHECKING})
_UNITS = ("bytes", "KB", "MB", "GB", "TB")
_STEP = 1000


@dataclass(frozen=True, slots=True)
class Board:
    """A dock at one moment."""

    dock: str
    station: str
    bays: tuple[BayView, ...]
    rate: float | None

    @property
    def owed(self) -> int:
        """Bytes that all its cameras still have to send."""
        return sum(bay.owed for bay in self.bays)

    @property
    def time_left(self) -> str:
        """How long until all bays are done, in words."""
        if not self.owed:  # how long a receipt takes, nobody can say
            busy = any(bay.doing in _BUSY for bay in self.bays)
            return pace.in_words(None) if busy else "nothing to send"
        return pace.in_words(pace.time_left(owed=self.owed, rate=self.rate))


def size_in_words(size: int) -> str:
    """A number of bytes for people."""
    value, unit = float(size), 0
    while value >= _STEP and unit + 1 < len(_UNITS):
        value, unit = value / _STEP, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if unit < 2 else f"{value:.1f} {_UNITS[unit]}"  # noqa: PLR2004 - whole bytes and kilobytes


def status_of(bay: BayView) -> str:
    """What goes on in a bay, in words."""
    if bay.sent_of and bay.doing is Doing.UPLOADING:
        _, sent, size = bay.sent_of
        percent = 100 * sent // size if size else 100
        return f"{WORDS[bay.doing]}: {percent} % of {size_in_words(size)}"
    return WORDS[bay.doing]


def left_of(bay: BayView) -> str:
    """What is still owed and how long it takes, in words."""
    if not bay.camera:
        return ""
    if bay.doing in _BUSY:
        if not bay.owed:
            return "nothing more to send"
        return f"{size_in_words(bay.owed)}, {pace.in_words(bay.time_left)}"
    return f"{bay.left} on it" if bay.left else "nothing"


def notes_of(bay: BayView) -> tuple[str, ...]:
    """What people should know besides: trouble, gaps, firmware, battery."""
    notes = [bay.trouble] if bay.trouble else []
    if bay.gaps:
        some = ", ".join(map(str, bay.gaps[:5])) + (" ..." if len(bay.gaps) > 5 else "")  # noqa: PLR2004 - a few are enough to ask for
        notes.append(f"{len(bay.gaps)} never arrived: number {some}")
    if bay.firmware_wanted and bay.firmware_wanted != bay.firmware:
        notes.append(f"firmware {bay.firmware}; {bay.firmware_wanted} is wanted")
    if bay.battery is not None:
        notes.append(f"battery {bay.battery} %")
    return tuple(notes)


def to_json(board: Board) -> Json:
    """The same for programs."""
    left = pace.time_left(owed=board.owed, rate=board.rate)
    return {
        "dock": board.dock,
        "station": board.station,
        "bytes_owed": board.owed,
        "bytes_a_second": round(board.rate) if board.rate is not None else None,
        "seconds_left": int(left.total_seconds()) if left is not None else None,
        "bays": [_bay(one) for one in board.bays],
    }


def _bay(bay: BayView) -> Json:
    sent = bay.sent_of
    left = bay.time_left
    return {
        "bay": bay.number,
        "doing": bay.doing.value,
        "light": bay.light.value,
        "camera": bay.camera or None,
        "issued_to": bay.wearer or None,
        "docked_at": timestamp.text(bay.since) if bay.since else None,
        "recordings_left": bay.left,
        "bytes_owed": bay.owed,
        "seconds_left": int(left.total_seconds()) if left is not None else None,
        "sending": {"name": sent[0], "sent": sent[1], "size": sent[2]} if sent else None,
        "counters_missing": list(bay.gaps),
        "firmware": bay.firmware or None,
        "firmware_wanted": bay.firmware_wanted or None,
        "battery_percent": bay.battery,
        "trouble": bay.trouble or None,
    }


def summary(bays: Sequence[BayView]) -> str:
    """One line on all bays."""
    full = [bay for bay in bays if bay.camera]
    busy = sum(bay.doing in _BUSY for bay in full)
    red = sum(bool(bay.trouble) for bay in full)
    words = [f"{len(full)} of {len(bays)} bays have a camera", f"{busy} busy"]
    if red:
        words.append(f"{red} with trouble")
    return ", ".join(words)
