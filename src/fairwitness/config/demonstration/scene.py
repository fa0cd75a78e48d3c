"""Who and what the demonstration is about: its people, its camera, its dock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from fairwitness.config import clock
from fairwitness.config.demonstration.processes import run
from fairwitness.force import enrolment, issue, officers, seed, units
from fairwitness.force.models import Camera, Dock, Officer
from fairwitness.formats.keys import PublicKey

SERIAL: Final = "00417"
DOCK: Final = "D-DEMO-1"
STATION: Final = "LAM1"
BEFORE: Final = timedelta(days=33)
SCALE: Final = 0.0005

FIRST: Final = """\
at 0s   boot
at 8s   double-press
at 10s  people-told
at 14s  marker
at 16s  mute
at 20s  mute
at 26s  hold-event
at 31s  off
"""
SECOND: Final = """\
at 0s   boot
at 5s   double-press
at 7s   people-told
at 12s  marker
at 20s  hold-event
at 25s  off
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything lies, and who plays.

    Attributes:
        data: the deployment's data folder.
        footage: what the camera films: a file, or `test` for the test picture.
        server: the site's address.
    """

    data: Path
    footage: str
    server: str

    @property
    def volume(self) -> Path:
        """The camera's memory."""
        return self.data / "demo/camera/volume"

    @property
    def device(self) -> Path:
        """The camera's own folder."""
        return self.data / "demo/camera/device"

    @property
    def dock(self) -> Path:
        """The dock's own folder."""
        return self.data / "demo/dock"

    @property
    def bundle(self) -> Path:
        """The copy for court."""
        return self.data / "bundle"

    @property
    def trust(self) -> Path:
        """The force's public keys."""
        return self.data / "trust.json"

    def ahead(self) -> int:
        """How far this deployment's clock is moved, in seconds."""
        training = clock.training(self.data)
        return int(training.ahead.total_seconds()) if training else 0


def now(stage: Stage) -> datetime:
    """The deployment's time."""
    return clock.at_folder(stage.data)


def found_force(stage: Stage) -> seed.Seeded:
    """A small force of made-up people, 33 days ago."""
    clock.set_training(stage.data, ahead=-BEFORE)
    return seed.seed(scale=SCALE, at=now(stage))


def make_camera_and_dock(stage: Stage) -> None:
    """Their keys are made on them."""
    run(
        "camera",
        "init",
        *("--volume", stage.volume, "--device", stage.device),
        *("--serial", SERIAL, "--profile", "body2", "--ahead-seconds", "1.2"),
    )
    run(
        "dock",
        "init",
        *("--dock", stage.dock, "--serial", DOCK, "--station", STATION),
        *("--server", stage.server),
    )


def enrol(stage: Stage) -> None:
    """Both ask over the network; a person approves what the devices show."""
    ahead = ("--training-ahead", str(stage.ahead()))
    request = stage.data / "demo/camera/enrolment.json"
    run("dock", "enrol", "--dock", stage.dock, *ahead)
    run(
        "camera",
        "enrolment-request",
        *("--volume", stage.volume, "--device", stage.device, "--output", request),
    )
    run("dock", "enrol", "--dock", stage.dock, "--camera", request, *ahead)
    keeper, unit = person("4101"), units.named("LAM")
    for device in (Dock.objects.get(serial=DOCK), Camera.objects.get(serial=SERIAL)):
        shown = PublicKey.from_pem(device.public_key.encode()).keyid
        enrolment.approve(device=device, keyid=shown, officer=keeper, at=now(stage), unit=unit)


def hand_out(stage: Stage) -> Officer:
    """The camera is issued to its wearer by her supervisor."""
    wearer = person("614LX")
    issue.issue_camera(
        camera=Camera.objects.get(serial=SERIAL),
        officer=wearer,
        actor=person("88LX"),
        at=now(stage),
    )
    return wearer


def person(collar_number: str) -> Officer:
    """One of the people whom demonstrations name."""
    return officers.named(collar_number)


def bring_trust(stage: Stage, data: bytes) -> None:
    """The force's public keys, as published now, brought to the dock by a person."""
    stage.trust.write_bytes(data)
    run("dock", "trust", stage.trust, "--dock", stage.dock)


def record(stage: Stage, script: str, *, at: datetime) -> str:
    """The camera plays a script of button presses; what it signalled."""
    path = stage.data / "demo/camera/script.txt"
    path.write_text(script)
    return run(
        "camera",
        "run",
        *("--volume", stage.volume, "--device", stage.device, "--script", path),
        *("--source", stage.footage, "--started-at", f"{at:%Y-%m-%dT%H:%M:%SZ}"),
    ).output


def offload(stage: Stage) -> str:
    """The camera is docked; everything owed is taken, and erased against receipts."""
    return run(*offload_command(stage)).output


def offload_command(stage: Stage, *options: str) -> tuple[str | Path, ...]:
    """The command that docks the camera."""
    return (
        "dock",
        *("--dock", stage.dock, "--volume", stage.volume),
        *("--training-ahead", str(stage.ahead())),
        *options,
    )
