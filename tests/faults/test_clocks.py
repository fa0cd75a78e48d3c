"""Clocks that are wrong, of cameras, docks and servers, with the truth known beside them.

Each line of the table is a camera whose clock differs from true time as it says, docked for real at
a real site. What the site then says of the recording must hold for the truth: bounds that call
themselves checked hold the camera's real error; the period never starts before the footage truly
ended, nor after its docking; a clock that was not compared before and after counts as docking time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.bay_world import Camera, until
from tests.docking_world import Docking, digests, sound
from tests.offloading import offload
from tests.serving import Site, serving

from fairwitness.camera.clock import ClockCard
from fairwitness.dock import agent
from fairwitness.dock.witnessing import ClockWrong
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.recording import ClockState

pytestmark = [pytest.mark.fault, pytest.mark.journey]

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
ENDED = timedelta(minutes=5)
"""So long before its docking each recording truly ended."""


@dataclass(frozen=True)
class Case:
    """One clock that goes wrong in one way.

    Attributes:
        name: in words.
        recorded: how far the camera was ahead while it recorded.
        docked: how far it was ahead when it was docked after that.
        recorded_set: its clock was set, as far as it knew, while it recorded.
        docked_set: the same when it was docked.
        dock: how far the dock's clock is ahead.
        checked: the site may rely on the camera's times, within bounds.
    """

    name: str
    recorded: timedelta = timedelta()
    docked: timedelta = timedelta()
    recorded_set: bool = True
    docked_set: bool = True
    dock: timedelta = timedelta()
    checked: bool = True


UNSET = datetime(1970, 1, 1, tzinfo=UTC) - datetime(2026, 11, 27, tzinfo=UTC)
CASES = (
    Case("right"),
    Case("ahead by twenty seconds of drift", recorded=10 * SECOND, docked=20 * SECOND),
    Case("behind by twenty seconds of drift", recorded=-10 * SECOND, docked=-20 * SECOND),
    Case("ahead by three hours", recorded=3 * HOUR, docked=3 * HOUR),
    Case("behind by three hours", recorded=-3 * HOUR, docked=-3 * HOUR),
    Case("ahead by forty days", recorded=960 * HOUR, docked=960 * HOUR),
    Case("behind by forty days", recorded=-960 * HOUR, docked=-960 * HOUR),
    Case(
        "never set",
        recorded=UNSET,
        docked=UNSET,
        recorded_set=False,
        docked_set=False,
        checked=False,
    ),
    Case("lost its time after recording", docked=UNSET, docked_set=False, checked=False),
    Case("lost its time, then was set by a stranger", recorded_set=False, checked=False),
    Case("right, at a dock that is ahead", dock=40 * SECOND),
    Case("right, at a dock that is behind", dock=-40 * SECOND),
    Case("ahead, at a dock that is behind", recorded=HOUR, docked=HOUR, dock=-40 * SECOND),
)


@dataclass
class Field:
    """A site, and one dock whose clock a test may move."""

    site: Site
    docking: Docking
    ahead: timedelta = timedelta()
    server_ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """True time, as the server has it."""
        return datetime.now(UTC) + self.server_ahead

    def dock(self, camera: Camera) -> agent.Tally:
        return offload(self.docking.dock, camera.root, clock=lambda: self.now() + self.ahead)

    def empty(self, camera: Camera) -> None:
        """Dock until all was received, however slow the machine."""
        until(lambda: self.dock(camera).left == {}, within=200)

    def move_server(self, ahead: timedelta) -> None:
        """Move the server's clock, and what is true here, forward or back."""
        self.server_ahead = ahead
        self.site.move_clock(ahead)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="module")
def cameras(site: Site, tmp_path_factory: pytest.TempPathFactory) -> list[Camera]:
    """One for each line of the table, and four more."""
    root = tmp_path_factory.mktemp("cameras")
    made = []
    for serial, pem in site.inside("fleet", str(len(CASES) + 4), "0").items():
        camera = Camera(site, root / serial, serial, SigningKey.from_pem(pem.encode()))
        camera.lay_out()
        made.append(camera)
    return made


@pytest.fixture
def field(site: Site, tmp_path: Path) -> Iterator[Field]:
    docking = Docking(site, tmp_path)
    docking.set_up()
    made = Field(site, docking)
    yield made
    made.move_server(timedelta())


def clock_of(camera: Camera) -> ClockCard:
    return ClockCard.parse((camera.root / "clock.json").read_bytes())


def film(
    field: Field, camera: Camera, counter: int, *, ahead: timedelta, clock: ClockState
) -> datetime:
    """A recording that has just ended, by a clock so far ahead; when it truly ended."""
    ended = field.now().replace(microsecond=0) - ENDED
    times = {
        "started_at": ended + ahead - timedelta(minutes=1),
        "ended_at": ended + ahead,
        "clock": clock,
    }
    camera.record(counter, claimed=times)
    return ended


def drift(camera: Camera, ahead: timedelta, *, known: bool = True) -> None:
    """What the camera's clock has come to."""
    before = clock_of(camera)
    us = ahead // timedelta(microseconds=1)
    card = (
        ClockCard(ahead_us=us, set=True, set_at=before.set_at, source=before.source)
        if known
        else ClockCard(ahead_us=us)
    )
    (camera.root / "clock.json").write_bytes(card.encode())


def holds(said: dict[str, Any], *, ended: datetime, ahead: timedelta, checked: bool) -> None:
    """What the site says is true, and as good as it can be."""
    assert said["checked"] is checked
    least, most = said["ahead_us"]
    if checked:
        assert timedelta(microseconds=least) <= ahead <= timedelta(microseconds=most)
    begins, docked = (
        datetime.fromisoformat(said[name]) for name in ("clock_started_at", "docked_at")
    )
    assert ended <= begins <= docked
    if not checked:
        assert begins == docked
    assert datetime.fromisoformat(said["gone_by"]) >= ended + timedelta(days=31)


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.name for case in CASES])
def test_a_clock_that_is_wrong_is_bounded_by_the_truth(
    field: Field, cameras: list[Camera], number: int
) -> None:
    case, camera = CASES[number], cameras[number]
    field.ahead = case.dock
    field.empty(camera)  # empty: its clock is set here
    clock = clock_of(camera)
    assert clock.set_at is not None
    known = clock.state if case.recorded_set else ClockState(set=False, set_at=None, source=None)
    ended = film(field, camera, 1, ahead=case.recorded, clock=known)
    drift(camera, case.docked, known=case.docked_set)
    field.empty(camera)
    holds(
        field.site.inside("times")[f"{camera.serial}-1"],
        ended=ended,
        ahead=case.recorded,
        checked=case.checked,
    )
    again = clock_of(camera)
    assert (again.ahead_us, again.set) == (0, True)


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_dock_whose_clock_is_minutes_off_takes_nothing_and_sets_no_clock(
    field: Field, cameras: list[Camera], minutes: int
) -> None:
    camera = cameras[-1]
    drift_before = ClockCard(ahead_us=7, set=True, set_at=field.now(), source="dock")
    (camera.root / "clock.json").write_bytes(drift_before.encode())
    name = camera.record(1 if minutes < 0 else 2)
    field.ahead = timedelta(minutes=minutes)
    with pytest.raises(ClockWrong, match=f"{abs(minutes) * 60 - 1}|{abs(minutes) * 60}"):
        field.dock(camera)
    assert name in camera.left()
    assert clock_of(camera) == drift_before
    field.ahead = timedelta()
    field.empty(camera)


def test_a_clock_reset_between_two_recordings_counts_for_each_as_it_was(
    field: Field, cameras: list[Camera]
) -> None:
    camera = cameras[-2]
    field.dock(camera)
    clock = clock_of(camera)
    before = film(field, camera, 1, ahead=timedelta(), clock=clock.state)
    lost = ClockState(set=False, set_at=None, source=None)
    after = film(field, camera, 2, ahead=UNSET, clock=lost)
    drift(camera, UNSET, known=False)
    field.empty(camera)
    later = film(field, camera, 3, ahead=SECOND, clock=clock_of(camera).state)
    drift(camera, 2 * SECOND)
    field.empty(camera)
    times = field.site.inside("times")
    holds(times[f"{camera.serial}-1"], ended=before, ahead=timedelta(), checked=False)
    holds(times[f"{camera.serial}-2"], ended=after, ahead=UNSET, checked=False)
    holds(times[f"{camera.serial}-3"], ended=later, ahead=SECOND, checked=True)


def test_footage_that_a_docking_passed_over_is_not_timed_by_the_next_one(
    field: Field, cameras: list[Camera]
) -> None:
    """It was cut short three hours wrong, and mended only after a dock had set the clock right."""
    camera = cameras[-3]
    field.dock(camera)
    clock = clock_of(camera)
    ended = film(field, camera, 1, ahead=-3 * HOUR, clock=clock.state)
    video = camera.root / f"recordings/{camera.serial}-1-1.mp4"
    signed = video.with_suffix(".dsse.json").read_bytes()
    video.with_suffix(".dsse.json").unlink()
    video.rename(f"{video}.part")
    drift(camera, -3 * HOUR)
    assert len(field.dock(camera).left) == 1
    assert clock_of(camera).set_at != clock.set_at
    video.with_suffix(".dsse.json").write_bytes(signed)
    video.with_name(f"{video.name}.part").rename(video)
    field.empty(camera)
    holds(
        field.site.inside("times")[f"{camera.serial}-1"],
        ended=ended,
        ahead=-3 * HOUR,
        checked=False,
    )


def test_a_server_whose_clock_steps_back_loses_nothing_and_stays_sound(
    field: Field, cameras: list[Camera]
) -> None:
    camera = cameras[-4]
    field.move_server(HOUR)
    field.empty(camera)
    film(field, camera, 1, ahead=timedelta(), clock=clock_of(camera).state)
    field.empty(camera)
    ended = film(field, camera, 2, ahead=timedelta(), clock=clock_of(camera).state)
    field.move_server(timedelta())
    ended -= HOUR  # by the clock that is right now
    field.empty(camera)
    said = field.site.inside("times")[f"{camera.serial}-2"]
    assert datetime.fromisoformat(said["clock_started_at"]) >= ended
    field.site.kill()
    field.site.start()
    camera.record(3)
    field.empty(camera)
    assert len(digests(field.site)) == len(set(digests(field.site)))
    sound(field.site)
