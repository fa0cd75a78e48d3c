"""Who and what the demonstration is about: its people, its two cameras, their dock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from fairwitness.config import clock
from fairwitness.config.demonstration.processes import free_port, run, run_together
from fairwitness.force import enrolment, issue, officers, seed, units
from fairwitness.force.models import Camera, Dock, Officer
from fairwitness.formats.keys import PublicKey

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
TWO: Final = """\
at 0s   boot
at 5s   double-press
at 7s   people-told
at 12s  marker
at 20s  hold-event
at 28s  double-press
at 30s  people-told
at 33s  mute
at 37s  mute
at 42s  marker
at 50s  hold-event
at 55s  off
"""
HELMET: Final = """\
at 0s   boot
at 6s   double-press
at 8s   people-told
at 15s  hold-event
at 20s  off
"""


@dataclass(frozen=True, slots=True)
class Device:
    """One of the two cameras.

    Attributes:
        serial: its number.
        profile: which kind it is.
        mount: where it is worn.
        unit: whose it is, by code.
        wearer: the collar number of who wears it.
        ahead_seconds: how far its own clock is wrong.
    """

    serial: str
    profile: str
    mount: str
    unit: str
    wearer: str
    ahead_seconds: float


CHEST: Final = Device("00417", "body2", "chest", "LAM", "614LX", 1.2)
HEAD: Final = Device("21904", "flex2", "helmet", seed.ARMED, f"101{seed.ARMED}", -0.4)


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

    def camera(self, device: Device) -> Path:
        """The folder of a camera's things."""
        return self.data / "demo" / f"camera-{device.serial}"

    def volume(self, device: Device) -> Path:
        """A camera's memory: what a dock sees of it."""
        return self.camera(device) / "volume"

    def folders(self, device: Device) -> tuple[str | Path, ...]:
        """A camera's folders, for its command line; its key is in the second."""
        return ("--volume", self.volume(device), "--device", self.camera(device) / "device")

    @property
    def dock(self) -> Path:
        """The dock's own folder."""
        return self.data / "demo/dock"

    @property
    def witness(self) -> Path:
        """The folder of an oversight body that follows the log."""
        return self.data / "demo/witness"

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
    (stage.data / "demo").mkdir(parents=True, exist_ok=True)
    clock.set_training(stage.data, ahead=-BEFORE)
    return seed.seed(scale=SCALE, at=now(stage))


def found_witness(stage: Stage) -> int:
    """An oversight body makes its key, and the force names it; the port that it will listen on."""
    named = run("witness", "init", "--folder", stage.witness, "--name", "oversight.example/w1")
    port = free_port()
    policy = f"witness oversight {named.output.strip()} http://127.0.0.1:{port}\nquorum none\n"
    (stage.data / "witnesses").write_text(policy)
    return port


def show_log(stage: Stage, vkey: str) -> None:
    """The oversight body is told the log's key."""
    (stage.witness / "logs").write_text(f"log {vkey}\nquorum none\n")


def make_cameras_and_dock(stage: Stage) -> None:
    """Their keys are made on them."""
    run_together(
        *(
            (
                *("camera", "init", *stage.folders(device), "--serial", device.serial),
                *("--profile", device.profile, "--mount", device.mount),
                *("--ahead-seconds", str(device.ahead_seconds)),
            )
            for device in (CHEST, HEAD)
        ),
        (
            *("dock", "init", "--dock", stage.dock, "--serial", DOCK),
            *("--station", STATION, "--server", stage.server),
        ),
    )


def enrol(stage: Stage) -> None:
    """They ask over the network; a person approves what the devices show."""
    ask = ("dock", "enrol", "--dock", stage.dock, "--training-ahead", str(stage.ahead()))
    requests = {device: stage.camera(device) / "enrolment.json" for device in (CHEST, HEAD)}
    run_together(
        ask,
        *(
            ("camera", "enrolment-request", *stage.folders(device), "--output", request)
            for device, request in requests.items()
        ),
    )
    run_together(*((*ask, "--camera", request) for request in requests.values()))
    _approve(stage, Dock.objects.get(serial=DOCK), unit="LAM")
    for device in requests:
        _approve(stage, Camera.objects.get(serial=device.serial), unit=device.unit)


def _approve(stage: Stage, device: Camera | Dock, *, unit: str) -> None:
    shown = PublicKey.from_pem(device.public_key.encode()).keyid
    enrolment.approve(
        device=device, keyid=shown, officer=person("4101"), at=now(stage), unit=units.named(unit)
    )


def hand_out(stage: Stage, device: Device) -> Officer:
    """A camera is issued to its wearer by the evidence manager."""
    wearer = person(device.wearer)
    issue.issue_camera(
        camera=Camera.objects.get(serial=device.serial),
        officer=wearer,
        actor=person("4101"),
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


def record(stage: Stage, device: Device, script: str, *, at: datetime) -> str:
    """A camera plays a script of button presses; what it signalled."""
    path = stage.camera(device) / "script.txt"
    path.write_text(script)
    return run(
        *("camera", "run", *stage.folders(device), "--script", path),
        *("--source", stage.footage, "--started-at", f"{at:%Y-%m-%dT%H:%M:%SZ}"),
    ).output


def offload(stage: Stage, device: Device) -> str:
    """A camera is docked; everything owed is taken, and erased against receipts."""
    return run(*offload_command(stage, device)).output


def offload_command(stage: Stage, device: Device, *options: str) -> tuple[str | Path, ...]:
    """The command that docks a camera."""
    return (
        *("dock", "--dock", stage.dock, "--volume", stage.volume(device)),
        *("--training-ahead", str(stage.ahead())),
        *options,
    )
