"""The bays of a dock: one thread for each camera, so that one that fails stops no other.

A bay looks at its camera when it appears, when recordings come to it, and again, at growing
intervals, while something of it is still owed. What it does can be seen at any moment
(`BayView`); nothing here decides about footage.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from fairwitness.dock import agent, doing, erasures, volume
from fairwitness.dock.doing import LIGHTS, Doing, Light
from fairwitness.dock.journal import Journal
from fairwitness.dock.offload import State
from fairwitness.dock.pace import Pace, time_left
from fairwitness.dock.taking import Bay, Docked
from fairwitness.errors import FairwitnessError
from fairwitness.formats import canonical
from fairwitness.formats.bay_board import BayBoard
from fairwitness.formats.canonical import Json

LOOK_SECONDS = 0.5
"""How often a bay looks whether its camera is there and the same."""
FIRST_WAIT = 5.0
LONGEST_WAIT = 300.0
_TO_SEND = frozenset({State.SEEN, State.UPLOADING})


@dataclass(frozen=True, slots=True)
class BayView:
    """What can be seen of one bay at one moment.

    Attributes:
        number: of the bay.
        doing: what goes on.
        camera: serial number, or `volume` and an enrolled volume's label; empty when nothing is in
            it, or nobody knows what.
        wearer: collar number of whoever has the camera; empty when nobody.
        firmware: what the camera runs.
        firmware_wanted: what the server wants it to run; empty when it says nothing.
        battery: per cent; None when the camera does not say.
        owed: bytes still to be sent.
        left: recordings still on the camera.
        sent_of: name, bytes sent and size of what is being sent.
        time_left: by the measured rate; None when nobody can say.
        trouble: the last thing that went wrong, with its code; empty when nothing did.
        gaps: numbers of recordings that never arrived.
        since: when the camera was docked.
    """

    number: int
    doing: Doing = Doing.EMPTY
    camera: str = ""
    wearer: str = ""
    firmware: str = ""
    firmware_wanted: str = ""
    battery: int | None = None
    owed: int = 0
    left: int = 0
    sent_of: tuple[str, int, int] | None = None
    time_left: timedelta | None = None
    trouble: str = ""
    gaps: tuple[int, ...] = ()
    since: datetime | None = None

    @property
    def light(self) -> Light:
        """The status light of this bay."""
        return LIGHTS[self.doing]


class Seen:
    """Watches one bay for the board, and passes lines on."""

    def __init__(self, number: int, *, said: Callable[[str], None], pace_of_dock: Pace) -> None:
        self._lock = threading.Lock()
        self._said = said
        self._number = number
        self._dock = pace_of_dock
        self._pace = Pace()
        self._view = BayView(number)
        self._sizes: dict[str, int] = {}

    def said(self, line: str) -> None:
        """One plain line, with the bay it is about."""
        self._said(f"Bay {self._number}: {line}")

    def turned(self, now: Doing) -> None:
        """What is done now."""
        self.change(doing=now)

    def progressed(self, name: str, sent: int, size: int) -> None:
        """How much of one recording has gone; the rates are measured here."""
        with self._lock:
            before = self._view.sent_of
            fresh = sent - before[1] if before and before[0] == name and sent > before[1] else 0
            self._sizes[name] = size - sent
            self._view = replace(
                self._view, sent_of=(name, sent, size), owed=sum(self._sizes.values())
            )
        self._pace.note(fresh)
        self._dock.note(fresh)

    def owes(self, sizes: Mapping[str, int]) -> None:
        """What lies on the camera and has still to be sent."""
        with self._lock:
            self._sizes = dict(sizes)
            self._view = replace(self._view, owed=sum(sizes.values()), left=len(sizes))

    def change(self, **what: object) -> None:
        """Say something else of the bay."""
        with self._lock:
            self._view = replace(self._view, **what)  # type: ignore[arg-type] # fields of the view

    def emptied(self) -> None:
        """The camera was taken out."""
        with self._lock:
            self._view = BayView(self._number)
            self._sizes = {}

    def view(self) -> BayView:
        """The bay now."""
        with self._lock:
            view = self._view
        return replace(view, time_left=time_left(owed=view.owed, rate=self._pace.rate()))


@dataclass(slots=True)
class Tools:
    """What all bays of a dock share.

    Attributes:
        make: gives the agent's tools for a bay and whoever watches it.
        journal: of the dock.
        clock: of the dock.
        said: is told each line.
        pace: what the whole dock sends.
        cameras: which camera is in which bay, so that none is in two.
        tell: takes the board to the server.
    """

    make: Callable[[int, Seen], Bay]
    journal: Journal
    clock: Callable[[], datetime]
    said: Callable[[str], None]
    pace: Pace = field(default_factory=Pace)
    cameras: dict[str, int] = field(default_factory=dict)
    tell: Callable[[BayBoard], None] | None = None


class Runner(threading.Thread):
    """One occupied bay, until its camera is gone.

    Args:
        number: of the bay.
        root: where the camera is mounted.
        tools: shared by all bays.
        once: end after one docking, whatever came of it.
    """

    def __init__(self, number: int, root: Path, tools: Tools, *, once: bool = False) -> None:
        super().__init__(name=f"bay-{number}", daemon=True)
        self.number = number
        self.root = root
        self.seen = Seen(number, said=tools.said, pace_of_dock=tools.pace)
        self.failed = False
        self.left: dict[str, str] = {}
        self._tools = tools
        self._once = once
        self._bay = tools.make(number, self.seen)
        self._camera: volume.Volume | None = None
        self._docked: Docked | None = None
        self._sizes: dict[str, int] = {}
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End at the next moment at which nothing is under way."""
        self._stopping.set()

    def run(self) -> None:
        """Dock the camera, and go on looking after it."""
        wait = FIRST_WAIT
        while not self._stopping.is_set():
            before = self._there()  # what comes while it looks is seen after
            settled = self._look()
            if self._once:
                return
            if not self._wait_for_change(before, None if settled else wait):
                break
            wait = FIRST_WAIT if settled else min(wait * 2, LONGEST_WAIT)
        for serial, number in list(self._tools.cameras.items()):
            if number == self.number:
                del self._tools.cameras[serial]
        with contextlib.suppress(FairwitnessError):  # a full disk is told where it matters
            self._gone()

    def _look(self) -> bool:
        """One docking, or one more look at it; whether nothing is owed any more."""
        try:
            settled = self._round()
        except FairwitnessError as error:
            return self._refused(error)
        except Exception as error:  # noqa: BLE001 - whatever one bay dies of, it goes on, and so do the others
            return self._refused(BayFailed(f"Something unforeseen: {error!r}. It tries again."))
        self.failed = False
        told = erasures.tell(
            server=self._bay.server, journal=self._tools.journal, said=self.seen.said
        )
        return settled and told

    def _round(self) -> bool:
        """Take what is owed; whether nothing is owed any more."""
        self._describe()
        tally = agent.offload_camera(bay=self._bay, root=self.root, before=self._docked)
        self._docked, self.left = tally.docked, tally.left
        self._told(tally)
        return not tally.codes

    def _refused(self, error: FairwitnessError) -> bool:
        self.failed = True
        trouble = f"{error.message} [{error.stable_code}]"
        if trouble != self.seen.view().trouble:
            self.seen.said(trouble)
        self.seen.change(doing=doing.when_refused(error.stable_code), trouble=trouble, sent_of=None)
        return False

    def _describe(self) -> None:
        camera = self._camera = volume.Volume(self.root)
        self._hold(camera.card.serial, f"Camera {camera.card.serial}")
        found = camera.contents().recordings
        self._sizes = {one.held.name: one.held.size for one in found}
        self.seen.change(
            camera=camera.card.serial, firmware=camera.card.firmware, battery=camera.battery()
        )
        noted = self._tools.journal.recordings(camera.card.serial)
        self.seen.owes(
            {
                one.held.name: one.held.size
                for one in found
                if one.held.name not in noted or noted[one.held.name].state in _TO_SEND
            }
        )

    def _hold(self, key: str, name: str) -> None:
        """Have this camera or volume for this bay alone."""
        holder = self._tools.cameras.setdefault(key, self.number)
        if holder != self.number:
            raise CameraTwice(f"{name} is in bay {holder} already. Take one of them out.")

    def _told(self, tally: agent.Tally) -> None:
        standing = tally.standing
        issued = standing.get("issued_to")
        wearer = str(issued.get("collar_number", "")) if isinstance(issued, Mapping) else ""
        codes = frozenset(tally.codes.values())
        passed_over = len(tally.left) > len(tally.codes)
        last = next(reversed(tally.left.items()), None)
        wanted = standing.get("firmware")
        assigned = bool(wearer) or standing.get("pool") is True
        self.seen.owes(
            {
                name: size
                for name, size in self._sizes.items()
                if tally.codes.get(name) in agent.TRIED_AGAIN
            }
        )
        self.seen.change(
            doing=doing.after(codes, passed_over=passed_over, assigned=assigned),
            wearer=wearer,
            firmware_wanted=wanted if isinstance(wanted, str) else "",
            left=len(tally.left),
            sent_of=None,
            gaps=tally.gaps,
            since=tally.docked.docked_at if tally.docked else None,
            trouble=f"{last[0]}: {last[1]} [{tally.codes.get(last[0], 'camera')}]" if last else "",
        )
        self.seen.said(
            f"Camera {tally.camera}: {len(tally.erased)} received and erased,"
            f" {len(tally.left)} still on it."
        )
        self._occupy(tally.camera, standing)

    def _occupy(self, camera: str, standing: Mapping[str, Json]) -> None:
        if self._docked is None:
            return
        known = self._tools.journal.bays().get(self.number)
        text = canonical.encode(standing).decode()
        since = self._docked.docked_at
        if known and (known.camera, known.docked_at, known.standing) == (camera, since, text):
            return
        self._tools.journal.occupy(
            number=self.number, root=self.root, camera=camera, docked_at=since, standing=text
        )

    def _wait_for_change(self, before: frozenset[str] | None, seconds: float | None) -> bool:
        """Wait until there is something to look at; False when the camera is gone."""
        end = None if seconds is None else time.monotonic() + seconds
        while not self._stopping.wait(LOOK_SECONDS):
            now = self._there()
            if now is None:
                return False
            if now - (before or frozenset()):
                return True
            if end is not None and time.monotonic() >= end:
                return True
            with contextlib.suppress(FairwitnessError):
                self._show_release()
        return False

    def _there(self) -> frozenset[str] | None:
        """What a new name in means that there is more to take; None when the camera is gone."""
        if self._camera is not None and not self._camera.present():
            return None
        return _names(self.root)

    def _what(self) -> str:
        """What is in the bay, for people."""
        return f"Camera {self.seen.view().camera}"

    def _show_release(self) -> None:
        if self.seen.view().doing is Doing.READY:
            note = self._tools.journal.bays().get(self.number)
            if note is not None and note.released_at is not None:
                self.seen.turned(Doing.RELEASED)

    def _gone(self) -> None:
        if self._stopping.is_set():
            return
        view = self.seen.view()
        if self.left or self.failed:
            self.seen.said(
                f"{self._what()} was taken out before everything was received:"
                f" {max(view.left, len(self.left))} still on it. They are taken up at its next"
                " docking. [dock.undocked]"
            )
        else:
            self.seen.said(f"{self._what()} was taken out.")
        self._tools.journal.vacate(self.number)
        self.seen.emptied()


class CameraTwice(FairwitnessError):
    """Two volumes say that they are the same camera."""

    code = "dock.camera_twice"


class BayFailed(FairwitnessError):
    """A bay met something that nobody foresaw; the footage stays on the camera."""

    code = "dock.bay_failed"


def _names(root: Path) -> frozenset[str] | None:
    """The finished recordings on a volume; None when it is gone."""
    if not (root / "camera.json").exists():
        return None
    try:
        return frozenset(
            path.name for path in (root / "recordings").iterdir() if path.suffix == ".mp4"
        )
    except OSError:
        return frozenset()
