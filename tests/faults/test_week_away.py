"""A dock that is unplugged for a week, with a camera in it that is half sent.

Its clock and the server's go on; its session ends; the log grows by hundreds of entries; what
cameras are to do is changed. Plugged in again, the same agent demands proof that the log only grew,
ends what it had begun, and the footage has the dates that late footage has.
"""

import base64
import contextlib
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.bay_world import KIB, Camera, until
from tests.docking_world import Docking, digests, sound
from tests.offloading import Silent
from tests.serving import Site, serving

from fairwitness.camera.clock import ClockCard
from fairwitness.dock import agent, identity, witnessing
from fairwitness.dock.journal import Journal
from fairwitness.dock.offload import State
from fairwitness.dock.server import Server
from fairwitness.dock.taking import Bay
from fairwitness.dock.witnessing import LogChanged
from fairwitness.formats import canonical
from fairwitness.formats import receipt as receipts

pytestmark = [pytest.mark.fault, pytest.mark.journey]

LEAVING = timedelta(days=20)
BACK = timedelta(days=27)
GROWN = 150
"""So many cameras are enrolled meanwhile, each two entries of the log."""


@pytest.fixture
def docking(tmp_path: Path) -> Iterator[Docking]:
    with serving(tmp_path / "site") as site:
        site.move_clock(timedelta())
        made = Docking(site, tmp_path / "field")
        made.set_up()
        yield made


class Unplugging(Silent):
    """The network ends the moment that the bytes of a recording go, once."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site, self.armed = site, False

    def progressed(self, name: str, sent: int, size: int) -> None:
        super().progressed(name, sent, size)
        if self.armed:
            self.armed = False
            self.site.kill()


@contextlib.contextmanager
def plugged(docking: Docking, days: list[timedelta], watcher: Silent) -> Iterator[Bay]:
    """One agent that runs all the time, whose clock a test moves by `days`."""
    dock = identity.load(folder=docking.dock)

    def clock() -> datetime:
        return datetime.now(UTC) + days[-1]

    with (
        contextlib.closing(Journal(dock.journal_path)) as journal,
        Server(
            dock=dock,
            clock=clock,
            greet=lambda at, greeting: witnessing.greet(at, greeting, dock=dock, journal=journal),
        ) as server,
    ):
        yield Bay(
            dock=dock,
            journal=journal,
            server=server,
            clock=clock,
            watcher=watcher,
            pause=lambda seconds: time.sleep(min(seconds, 0.2)),
        )


def film(camera: Camera, counter: int, *, at: datetime, size: int = 60 * KIB) -> str:
    card = ClockCard.parse((camera.root / "clock.json").read_bytes())
    ended = at.replace(microsecond=0) - timedelta(minutes=5)
    started = ended - timedelta(minutes=1)
    times = {"started_at": started, "ended_at": ended, "clock": card.state}
    return camera.record(counter, size=size, claimed=times)


def another_history(docking: Docking, size: int) -> str:
    """Put another tree of the same size into the dock's memory; what was there."""
    with contextlib.closing(sqlite3.connect(docking.dock / "journal.sqlite3")) as journal:
        (text,) = journal.execute("SELECT checkpoint FROM witness").fetchone()
        origin, number, _root = str(text).splitlines()[:3]
        assert int(number) == size
        other = base64.b64encode(bytes(32)).decode()
        journal.execute("UPDATE witness SET checkpoint = ?", (f"{origin}\n{number}\n{other}\n",))
        journal.commit()
    return str(text)


def remember(docking: Docking, text: str) -> None:
    with contextlib.closing(sqlite3.connect(docking.dock / "journal.sqlite3")) as journal:
        journal.execute("UPDATE witness SET checkpoint = ?", (text,))
        journal.commit()


@pytest.mark.timeout(600)
def test_a_dock_unplugged_for_a_week_ends_what_it_began(docking: Docking) -> None:
    site, days = docking.site, [timedelta()]
    camera = Camera(site, docking.volume, "00417", site.camera)
    watcher = Unplugging(site)
    with plugged(docking, days, watcher) as bay:

        def dock() -> agent.Tally:
            return agent.offload_camera(bay=bay, root=camera.root)

        until(lambda: dock().left == {})
        old = film(camera, 1, at=bay.clock(), size=900 * KIB)
        days.append(LEAVING)
        site.move_clock(LEAVING)
        young = film(camera, 2, at=bay.clock())
        bay.server.enter()
        watcher.armed = True
        assert dock().left.keys() == {old, young}
        seen, token = bay.journal.checkpoint(), bay.server.token
        assert seen is not None
        assert bay.journal.recordings("00417")[old].state is State.UPLOADING
        assert bay.journal.recordings("00417")[young].state is State.SEEN

        site.start()
        site.inside("fleet", str(GROWN), "0")
        change = site.run("settings", "change", "body2", "buffer_seconds=60", "--reason", "a test")
        assert change.returncode == 0, change.stderr
        days.append(BACK)
        site.move_clock(BACK)
        true_history = another_history(docking, seen[0])
        with pytest.raises(LogChanged):
            dock()
        assert camera.left() == {old, young}
        remember(docking, true_history)

        until(lambda: dock().left == {}, within=200)
        grown = bay.journal.checkpoint()
        assert grown is not None
        assert grown[0] >= seen[0] + 2 * GROWN
        assert bay.server.token != token
    for name in (old, young):
        proof = receipts.parse((camera.root / f"receipts/{name}.json").read_bytes()).consistency
        assert proof is not None
        assert proof.old_size >= seen[0]
    settings = canonical.decode((camera.root / "settings.json").read_bytes())
    assert isinstance(settings, dict)
    assert settings["buffer_seconds"] == 60
    camera.nothing_lost(set(digests(site)))
    check_dates(site)
    sound(site)


def check_dates(site: Site) -> None:
    """Both were docked on day 20 and came on day 27, by clocks that were compared on day 20."""
    said = site.inside("times")
    old, young = said["00417-1"], said["00417-2"]
    for one in (old, young):
        docked, received = (datetime.fromisoformat(one[k]) for k in ("docked_at", "received_at"))
        assert BACK - LEAVING - timedelta(hours=1) < received - docked < timedelta(days=8)
        assert one["checked"] is True
    began = datetime.fromisoformat(young["clock_started_at"])
    assert (young["late"], datetime.fromisoformat(young["gone_by"])) == (
        False,
        began + timedelta(days=31),
    )
    assert (old["late"], datetime.fromisoformat(old["gone_by"])) == (
        True,
        datetime.fromisoformat(old["received_at"]) + timedelta(days=7),
    )
