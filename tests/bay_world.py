"""A dock with several cameras at a real site, and the agent that works with them."""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.docking_world import Docking
from tests.ingest_world import long_video
from tests.serving import PROGRAM, Site

from fairwitness.dock import bays, identity, witnessing
from fairwitness.dock.bays import BayView, Seen
from fairwitness.dock.doing import Doing
from fairwitness.dock.journal import Journal
from fairwitness.dock.pace import Limit
from fairwitness.dock.server import Server
from fairwitness.dock.taking import Bay
from fairwitness.dock.transfers import Transfers
from fairwitness.dock.watching import Watching
from fairwitness.formats import canonical, dsse, statement
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.recording import Event, EventKind, RecordingClaim
from fairwitness.formats.statement import Statement

KIB = 1 << 10


@dataclass
class Camera:
    """A camera's volume, and the key that signs for it."""

    site: Site
    root: Path
    serial: str
    key: SigningKey
    footage: dict[str, bytes] = field(default_factory=dict)

    def lay_out(self) -> None:
        (self.root / "recordings").mkdir(parents=True)
        card: dict[str, str | int] = {
            "version": 1,
            "serial": self.serial,
            "profile": "body2",
            "firmware": "1.0",
            "public_key": self.key.public.pem().decode(),
            "volume_id": f"v-{self.serial}",
        }
        (self.root / "camera.json").write_bytes(canonical.encode(card))

    def record(
        self,
        counter: int,
        *,
        size: int = 60 * KIB,
        marked: bool = False,
        claimed: Mapping[str, Any] = MappingProxyType({}),
    ) -> str:
        """A finished recording, signed; `marked` as needed by its officer; `claimed` otherwise."""
        own = hashlib.sha256(f"{self.serial}-{counter}".encode()).digest()
        data = long_video(size)[: -len(own)] + own  # in a box that players skip
        digest = hashlib.sha256(data).hexdigest()
        said = self.site.claims(size=size, sha256=digest, counter=counter)["statement"]
        claim = statement.parse(dsse.parse(said).payload, RecordingClaim).predicate
        events = (Event(kind=EventKind.MARKER, at_ms=1000),) if marked else ()
        claim = replace(claim, camera=self.serial, events=events, **claimed)
        name = f"{self.serial}-{counter}-1"
        place = self.root / "recordings"
        signed = statement.sign_statement(Statement(claim), key=self.key).encode()
        (place / f"{name}.dsse.json").write_bytes(signed)
        (place / f"{name}.mp4.part").write_bytes(data)
        (place / f"{name}.mp4.part").rename(place / f"{name}.mp4")
        self.footage[name] = data
        return name

    def left(self) -> set[str]:
        return {path.stem for path in (self.root / "recordings").glob("*.mp4")}

    def take_out(self, away: Path) -> None:
        self.root.rename(away / self.serial)

    def put_in(self, away: Path) -> None:
        (away / self.serial).rename(self.root)

    def nothing_lost(self, held: set[str]) -> None:
        """Whatever left the camera left a receipt behind, and the site holds its very bytes."""
        for name, data in self.footage.items():
            if name not in self.left():
                assert (self.root / f"receipts/{name}.json").exists(), name
                assert hashlib.sha256(data).hexdigest() in held, name


@dataclass
class Floor:
    """A dock's folder, and a mount folder that cameras appear in."""

    site: Site
    root: Path
    lines: list[str] = field(default_factory=list)

    @property
    def dock(self) -> Path:
        return self.root / "dock"

    @property
    def mount(self) -> Path:
        return self.root / "mount"

    @property
    def away(self) -> Path:
        return self.root / "away"

    def set_up(self) -> None:
        docking = Docking(self.site, self.root)
        docking.set_up()
        shutil.rmtree(docking.volume)
        self.mount.mkdir()
        self.away.mkdir()

    def camera(self, serial: str, *, enrolled: str = "own") -> Camera:
        """A camera in the mount folder; `enrolled` as its officer's own, for the pool, or not."""
        key = SigningKey.generate()
        if enrolled:
            key = SigningKey.from_pem(self.site.inside("camera", serial, enrolled).encode())
        made = Camera(self.site, self.mount / serial, serial, key)
        made.lay_out()
        return made

    @contextmanager
    def tools(
        self,
        *,
        at_once: int = 4,
        clock: Callable[[], datetime] | None = None,
        rate: int | None = None,
    ) -> Iterator[bays.Tools]:
        """What the agent's bays share, as the command does it; `rate` in bytes a second."""
        now = clock or (lambda: datetime.now(UTC))
        dock = identity.load(folder=self.dock)
        with (
            contextlib.closing(Journal(dock.journal_path)) as journal,
            Server(
                dock=dock,
                clock=now,
                greet=lambda at, greeting: witnessing.greet(
                    at, greeting, dock=dock, journal=journal
                ),
                limit=Limit(rate) if rate else None,
            ) as server,
        ):
            turns = Transfers(at_once=at_once)

            def make(number: int, seen: Seen) -> Bay:
                return Bay(
                    dock=dock,
                    journal=journal,
                    server=server,
                    clock=now,
                    watcher=seen,
                    number=number,
                    transfers=turns,
                )

            yield bays.Tools(make=make, journal=journal, clock=now, said=self.lines.append)

    @contextmanager
    def watching(
        self,
        *,
        at_once: int = 4,
        clock: Callable[[], datetime] | None = None,
        rate: int | None = None,
    ) -> Iterator[Watching]:
        """The agent, watching the mount folder."""
        with self.tools(at_once=at_once, clock=clock, rate=rate) as tools:
            watching = Watching(tools, folder=self.mount, least=4)
            stop = threading.Event()
            looking = threading.Thread(target=watching.rounds, args=(stop,))
            looking.start()
            try:
                yield watching
            finally:
                stop.set()
                looking.join()
                watching.stop()

    def said(self, words: str) -> bool:
        return any(words in line for line in self.lines)


@contextmanager
def killed_agent(floor: Floor) -> Iterator["subprocess.Popen[bytes]"]:
    """`fairwitness dock --watch` as people start it; killed at the end, as the power goes."""
    with (floor.root / "agent.log").open("ab") as log:
        running = subprocess.Popen(
            [PROGRAM, "dock", "--dock", floor.dock, "--watch", floor.mount, "--transfers", "2"],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield running
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def of(watching: Watching, serial: str) -> BayView | None:
    """The bay that a camera is in."""
    return next((bay for bay in watching.views() if bay.camera == serial), None)


def doing(watching: Watching, serial: str) -> Doing | None:
    found = of(watching, serial)
    return found.doing if found else None


def until(true: Callable[[], object], *, within: float = 60) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, "it never came to be so"
        time.sleep(0.05)
