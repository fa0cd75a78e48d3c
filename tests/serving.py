"""A real server on a data folder of its own, and a dock that talks to it, for journeys."""

import base64
import contextlib
import hashlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from tests import migrated

from fairwitness.formats import docking, statement, trust
from fairwitness.formats import receipt as receipts
from fairwitness.formats.docking import DockingClaim, SignInClaim
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.recording import ClockState, Mount, Profile, RecordingClaim
from fairwitness.formats.statement import Statement

TUS = {"Tus-Resumable": "1.0.0"}
BODY = TUS | {"Content-Type": "application/offset+octet-stream"}
PART = 1 << 20
ROOT = Path(__file__).parent.parent
PROGRAM = Path(sys.executable).parent / "fairwitness"
_OURS = range(15_000, 32_000)


def free_port() -> int:
    """A port where nobody listens, below those that the kernel gives to whoever calls out.

    One of those may be taken by any connection before the server that was promised it listens.
    """
    while True:
        port = _OURS.start + secrets.randbelow(len(_OURS))
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@dataclass
class Site:
    """A deployment in a folder, and its server process while it runs."""

    root: Path
    port: int = field(default_factory=free_port)
    camera: SigningKey = field(default_factory=SigningKey.generate)
    dock: SigningKey = field(default_factory=SigningKey.generate)
    process: "subprocess.Popen[bytes] | None" = None
    token: str = ""
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def temporary(self) -> Path:
        return self.root / "tmp"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def found(self) -> None:
        """Register a force, a dock and a camera."""
        self.temporary.mkdir(parents=True)
        if "FAIRWITNESS_DATABASE_URL" not in self.settings:
            migrated.copy(self.data / "fairwitness.sqlite3")
        keys = self.inside("found")
        self.camera = SigningKey.from_pem(keys["camera"].encode())
        self.dock = SigningKey.from_pem(keys["dock"].encode())

    def inside(self, *arguments: str) -> Any:  # noqa: ANN401 # JSON
        """Run tests/inside.py in the deployment and give its answer."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.inside", *arguments],
            env=self._environment(),
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run one `fairwitness` command on the deployment's data."""
        return subprocess.run(
            [PROGRAM, *arguments, "--data", self.data],
            env=self._environment(),
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self, *, worker: bool = True) -> None:
        """Start the server and wait until it answers."""
        with (self.root / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    PROGRAM,
                    "serve",
                    "--data",
                    self.data,
                    "--port",
                    str(self.port),
                    *(["--with-worker"] if worker else []),
                ],
                env=self._environment(),
                cwd=self.root,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/api/v1/nonce", timeout=5).status_code == 200:
                    return
            assert self.process.poll() is None, (self.root / "server.log").read_text()
            time.sleep(0.1)
        raise AssertionError((self.root / "server.log").read_text())

    def kill(self) -> None:
        """kill -9, all of it."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def move_clock(self, ahead: timedelta) -> None:
        """Move its clock, forward or back, as its machine's may be: a training deployment's can."""
        told = {"training": True, "clock_ahead_seconds": int(ahead.total_seconds())}
        fresh = self.data / "training.json.new"
        fresh.write_text(json.dumps(told))
        fresh.rename(self.data / "training.json")

    def sign_in(self) -> dict[str, Any]:
        """Sign the dock in; its token is used from now on."""
        nonce = httpx.get(f"{self.url}/api/v1/nonce").json()["nonce"]
        claim = SignInClaim(dock="D-0007", nonce=nonce, at=datetime.now(tz=UTC))
        signed = docking.sign_claim(claim, key=self.dock).encode()
        answer = httpx.post(f"{self.url}/api/v1/sessions", content=signed)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        self.token = str(body["token"])
        return body

    def metadata(self, data: bytes, *, counter: int) -> dict[str, bytes]:
        """What a dock sends with the footage of one recording."""
        return self.claims(size=len(data), sha256=hashlib.sha256(data).hexdigest(), counter=counter)

    def claims(self, *, size: int, sha256: str, counter: int) -> dict[str, bytes]:
        """What camera and dock say of footage of this size and digest."""
        now = datetime.now(tz=UTC).replace(microsecond=0)
        claim = RecordingClaim(
            camera="00417",
            profile=Profile.BODY2,
            firmware="1.0",
            volume_id="v1",
            mount=Mount.CHEST,
            lens_degrees=120,
            width=160,
            height=96,
            frames_per_second=10,
            counter=counter,
            activation=counter,
            part=1,
            last_part=True,
            media_type="video/mp4",
            size=size,
            sha256=sha256,
            started_at=now - timedelta(minutes=10),
            ended_at=now - timedelta(minutes=9),
            buffer_ms=0,
            mute=(),
            stealth=(),
            events=(),
            clock=ClockState(set=True, set_at=now - timedelta(hours=9), source="dock 7"),
            settings_version=1,
            interrupted=False,
        )
        docked = DockingClaim(
            dock="D-0007",
            station="LAM1",
            bay=1,
            camera="00417",
            docked_at=now - timedelta(minutes=1),
            camera_clock_ahead_us_min=-1000,
            camera_clock_ahead_us_max=1000,
            clock_set_at_last_docking=now - timedelta(hours=9),
            dock_clock_error_us=1000,
        )
        return {
            "statement": statement.sign_statement(Statement(claim), key=self.camera).encode(),
            "docking": docking.sign_claim(docked, key=self.dock).encode(),
            "filename": f"00417-{counter}-1.mp4".encode(),
        }

    def create(self, data: bytes, *, counter: int) -> str:
        """Begin an upload; its full address."""
        return self.begin(self.metadata(data, counter=counter), size=len(data))

    def begin(self, metadata: dict[str, bytes], *, size: int) -> str:
        """Begin the upload of what `metadata` tells of; its full address."""
        text = ",".join(
            f"{key} {base64.b64encode(value).decode()}" for key, value in metadata.items()
        )
        answer = httpx.post(
            f"{self.url}/uploads",
            headers=TUS | self.auth | {"Upload-Length": str(size), "Upload-Metadata": text},
        )
        assert answer.status_code == 201, answer.text
        return self.url + str(answer.headers["Location"])

    def offset(self, upload: str) -> int:
        answer = httpx.head(upload, headers=TUS | self.auth, timeout=30)
        assert answer.status_code == 200
        return int(answer.headers["Upload-Offset"])

    def patch(self, upload: str, data: bytes, offset: int) -> httpx.Response:
        view = memoryview(data)
        length = {"Upload-Offset": str(offset), "Content-Length": str(len(data))}
        return httpx.patch(
            upload,
            headers=BODY | self.auth | length,
            content=(bytes(view[at : at + PART]) for at in range(0, len(data), PART)),
            timeout=60,
        )

    def receipt(self, upload: str, data: bytes, *, wait: float = 60) -> receipts.Receipt:
        """Poll for the receipt, and check it as a dock does."""
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            answer = httpx.get(f"{upload}/receipt", headers=self.auth, timeout=30)
            if answer.status_code == 200:
                found = receipts.parse(answer.content)
                keys = trust.parse(httpx.get(f"{self.url}/api/v1/trust").content)
                receipts.check_receipt(
                    found, trust=keys, sha256=hashlib.sha256(data).hexdigest(), size=len(data)
                )
                return found
            assert answer.status_code == 202, answer.text
            time.sleep(0.2)
        raise AssertionError((self.root / "server.log").read_text())

    def recording_of(self, found: receipts.Receipt) -> str:
        """The recording that a receipt is for."""
        keys = trust.parse(httpx.get(f"{self.url}/api/v1/trust").content)
        return str(receipts.open_claim(found, trust=keys).recording)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        try:
            self.process.wait(40)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process = None

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("FAIRWITNESS_")}
        own = {"FAIRWITNESS_DATA": str(self.data), "TMPDIR": str(self.temporary)}
        return kept | own | self.settings


@contextlib.contextmanager
def serving(root: Path, settings: dict[str, str] | None = None) -> Iterator[Site]:
    """A founded, running site whose dock is signed in."""
    site = Site(root, settings=settings or {})
    site.found()
    try:
        site.start()
        site.sign_in()
        yield site
    finally:
        site.stop()
