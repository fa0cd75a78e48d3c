"""What the rows share: a folder, footage, sites that run, and other servers to compare with."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import footage
from benchmarks.footage import Body
from benchmarks.measuring import MIB
from benchmarks.sending import Sending
from tests.serving import TUS, Site, free_port

ROOT = Path(__file__).parent.parent
_PATIENCE = 60.0


class NotHere(Exception):
    """A row can't be measured on this machine; the message says why."""


@dataclass
class Bench:
    """One run of the benchmarks.

    Attributes:
        folder: everything temporary lies in it.
        size: of a large recording, in bytes.
        rounds: pairs that count.
        recordings: how many a large store has.
        databases: which of them are measured.
        world: where large stores are kept, and used again; None where they are thrown away.
        open: what must be closed at the end.
        recording: the id of the one that `received` has sent, once it has.
    """

    folder: Path
    size: int
    rounds: int
    recordings: int
    databases: Sequence[str]
    world: Path | None
    open: contextlib.ExitStack
    recording: str = ""
    _counter: int = 0
    _footage: Body | None = None
    _sites: dict[bool, Site] = field(default_factory=dict)

    @property
    def footage(self) -> Body:
        """The large recording."""
        if self._footage is None:
            self._footage = footage.make(self.folder / "footage.mp4", self.size)
        return self._footage

    def must_have_room(self, needed: int) -> None:
        """Go on only if the disk has this many bytes left, and some to spare.

        Raises:
            NotHere: it has not.
        """
        _must_have_room(self.folder, needed + 2048 * MIB)

    def site(self, *, worker: bool) -> Site:
        """A founded site that runs, with or without background work; the same at each asking.

        Without it, what was sent is never accepted, so that nothing else runs beside an upload.
        """
        if worker not in self._sites:
            site = Site(self.folder / ("working" if worker else "receiving"))
            site.found()
            self.open.callback(site.stop)
            site.start(worker=worker)
            site.sign_in()
            self._sites[worker] = site
        return self._sites[worker]

    def begin(self, site: Site, body: Body) -> Sending:
        """Begin an upload of a body as the camera's next recording."""
        self._counter += 1
        claims = site.claims(size=body.size, sha256=body.sha256, counter=self._counter)
        return Sending(site.begin(claims, size=body.size), body, TUS | site.auth)

    def serve(self, target: str, environment: Mapping[str, str]) -> str:
        """Run an ASGI application of ours as the product is run; its address."""
        port = free_port()
        command = [sys.executable, "-m", "benchmarks.plain_server", target, str(port)]
        self.run_server(command, port, environment=environment)
        return f"http://127.0.0.1:{port}"

    def run_server(
        self,
        command: list[str],
        port: int,
        *,
        environment: Mapping[str, str],
        folder: Path = ROOT,
    ) -> None:
        """Run a server until the end, and wait until it listens."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("FAIRWITNESS_")}
        log = self.folder / f"server-{port}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                command,
                env=kept | dict(environment),
                cwd=folder,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self.open.callback(_end, process)
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            time.sleep(0.1)
        raise RuntimeError(f"{command} did not start: {log.read_text()}")

    def inside(self, site: Site, module: str, *arguments: str) -> str:
        """Run a module of this folder in a site's deployment; what it printed."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("FAIRWITNESS_")}
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env=kept | {"FAIRWITNESS_DATA": str(site.data)},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout


def _must_have_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NotHere(
            f"{folder.parent} has {free / MIB:.0f} MiB free and this takes {needed / MIB:.0f}:"
            " set TMPDIR, or give a smaller --size."
        )


def _end(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def set_up(
    *, size: int, rounds: int, recordings: int, databases: Sequence[str], world: Path | None
) -> Iterator[Bench]:
    """A bench in a temporary folder, which is gone at the end.

    Raises:
        NotHere: the disk has not enough room.
    """
    folder = Path(tempfile.mkdtemp(prefix="fairwitness-bench-"))
    try:
        folder.chmod(0o755)  # PostgreSQL's own user has its folder in it
        _must_have_room(folder, size * (2 * rounds + 8) + 2048 * MIB)
        before, tempfile.tempdir = tempfile.tempdir, str(folder)
        try:
            with contextlib.ExitStack() as stack:
                yield Bench(folder, size, rounds, recordings, databases, world, stack)
        finally:
            tempfile.tempdir = before
    finally:
        shutil.rmtree(folder, ignore_errors=True)
