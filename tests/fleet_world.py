"""A fleet of cameras in several docks, each dock the real agent in a process of its own."""

import hashlib
import os
import random
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from tests.bay_world import KIB, Camera
from tests.serving import PROGRAM, Site

from fairwitness.dock import identity
from fairwitness.dock.identity import Identity
from fairwitness.formats import canonical, records, trust
from fairwitness.formats import receipt as receipts
from fairwitness.formats.keys import SigningKey


@dataclass
class DockOfMany:
    """One dock: its folder, the folder that its cameras are mounted in, its agent's process."""

    root: Path
    bays: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def mount(self) -> Path:
        return self.root / "mount"

    @property
    def log(self) -> str:
        return (self.root / "agent.log").read_text()

    def set_up(self, serial: str, *, server: str, key: str, trust_list: bytes) -> None:
        self.mount.mkdir(parents=True)
        said = Identity(version=1, serial=serial, station="LAM1", server=server)
        (self.root / "dock.json").write_bytes(canonical.encode(records.to_json(said)))
        (self.root / "key.pem").write_text(key)
        identity.bring_trust(dock=identity.load(folder=self.root), data=trust_list)

    def start(self) -> None:
        with (self.root / "agent.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(PROGRAM, "dock", "--dock", self.root, "--watch", self.mount),
                    *("--bays", str(self.bays), "--transfers", str(self.bays)),
                ],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """As the power goes."""
        if self.process is None:
            return
        assert self.process.poll() is None, self.log
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None


@dataclass
class Fleet:
    """All cameras, whatever copies of them there are, and what must come of each recording.

    Attributes:
        good: digests that the site must hold in the end, each once.
        bad: reference and reason of what must be in quarantine in the end, each once.
        damaged: volume and name of what must still be on its camera in the end, with its bytes.
    """

    site: Site
    root: Path
    server: str
    chance: random.Random
    docks: list[DockOfMany] = field(default_factory=list)
    cameras: list[Camera] = field(default_factory=list)
    copies: list[Camera] = field(default_factory=list)
    good: set[str] = field(default_factory=set)
    bad: set[tuple[str, str]] = field(default_factory=set)
    damaged: dict[tuple[Path, str], bytes] = field(default_factory=dict)

    def set_up(self, *, cameras: int, docks: int) -> None:
        keys = self.site.inside("fleet", str(cameras), str(docks))
        trust_list = httpx.get(f"{self.site.url}/api/v1/trust").content
        for serial, pem in keys.items():
            if serial.startswith("D-"):
                dock = DockOfMany(self.root / serial, bays=2 * cameras // docks)
                dock.set_up(serial, server=self.server, key=pem, trust_list=trust_list)
                self.docks.append(dock)
        for serial, pem in keys.items():
            if not serial.startswith("D-"):
                mount = self.docks[len(self.cameras) % docks].mount
                camera = Camera(
                    self.site, mount / serial, serial, SigningKey.from_pem(pem.encode())
                )
                camera.lay_out()
                self.cameras.append(camera)

    def film(self, camera: Camera, counter: int) -> str:
        """A good recording; one in ten is long enough for several pieces of a cut line."""
        size = 1500 * KIB if self.chance.random() < 0.1 else self.chance.randrange(20, 120) * KIB
        name = camera.record(counter, size=size, marked=self.chance.random() < 0.1)
        self.good.add(hashlib.sha256(camera.footage[name]).hexdigest())
        return name

    def film_badly(self, camera: Camera, counter: int) -> None:
        """A recording whose bytes are not those that the camera signed."""
        name = camera.record(counter)
        self.damage(camera, name)
        self.bad.add((f"{camera.serial}-{counter}", "digest.bad"))

    def film_again(self, camera: Camera, counter: int) -> None:
        """Other footage under a number that was used, signed by the camera itself."""
        name = camera.record(counter, size=90 * KIB + self.chance.randrange(KIB))
        self.damaged[camera.root, name] = camera.footage.pop(name)
        self.bad.add((f"{camera.serial}-{counter}", "counter.reused"))

    def damage(self, camera: Camera, name: str) -> None:
        """Change one byte of what lies on a camera."""
        path = camera.root / f"recordings/{name}.mp4"
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
        camera.footage.pop(name)
        self.damaged[camera.root, name] = bytes(data)

    def copy(self, camera: Camera, tag: str) -> Camera:
        """A second copy of a camera's memory, in the next dock; it holds no receipt."""
        here = next(n for n, dock in enumerate(self.docks) if dock.mount == camera.root.parent)
        root = self.docks[(here + 1) % len(self.docks)].mount / f"{camera.serial}-{tag}"
        coming = self.root / "coming" / root.name
        shutil.copytree(camera.root, coming)
        shutil.rmtree(coming / "receipts", ignore_errors=True)
        made = Camera(self.site, root, camera.serial, camera.key, dict(camera.footage))
        for name, data in made.footage.items():
            kept = self.root / "kept" / name
            (coming / f"recordings/{name}.mp4").write_bytes(data)
            (coming / f"recordings/{name}.dsse.json").write_bytes(kept.read_bytes())
        coming.rename(root)
        self.copies.append(made)
        return made

    def keep_statements(self) -> None:
        """What cameras signed, for copies made when the cameras themselves are empty."""
        (self.root / "kept").mkdir(exist_ok=True)
        for camera in self.cameras:
            for name in camera.left():
                signed = (camera.root / f"recordings/{name}.dsse.json").read_bytes()
                (self.root / "kept" / name).write_bytes(signed)

    def owed(self) -> list[str]:
        """Good footage that is still on a camera."""
        return [
            str(camera.root / name)
            for camera in (*self.cameras, *self.copies)
            for name in camera.footage.keys() & camera.left()
        ]

    def check_receipts(self) -> None:
        """Whatever left a camera left a receipt that proves, by our keys alone, that we have it."""
        keys = trust.parse(httpx.get(f"{self.site.url}/api/v1/trust").content)
        for camera in (*self.cameras, *self.copies):
            for name in camera.footage.keys() - camera.left():
                data = camera.footage[name]
                receipts.check_receipt(
                    receipts.parse((camera.root / f"receipts/{name}.json").read_bytes()),
                    trust=keys,
                    sha256=hashlib.sha256(data).hexdigest(),
                    size=len(data),
                )

    def check_damaged(self) -> None:
        """What is in quarantine is still on its camera, as it was, and has no receipt there."""
        for (root, name), data in self.damaged.items():
            assert (root / f"recordings/{name}.mp4").read_bytes() == data, name
