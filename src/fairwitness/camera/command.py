"""`fairwitness camera …`: make a virtual camera, have it record, ask for its enrolment."""

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer
from rich.console import Console
from rich.table import Table

from fairwitness.camera import face_command, signals
from fairwitness.camera.clock import ClockCard
from fairwitness.camera.file_scene import FileScene
from fairwitness.camera.identity import load_camera, make_camera
from fairwitness.camera.live import LiveCamera
from fairwitness.camera.outputs import Output, Prompt, Signal
from fairwitness.camera.positions import read_trail
from fairwitness.camera.running import MakeScene, Pace, Played, VirtualCamera, World
from fairwitness.camera.scene import Scene, TestScene
from fairwitness.camera.script import Script, parse, recording_script
from fairwitness.camera.settings import Picture, Quality, Settings
from fairwitness.camera.signing import sign_enrolment
from fairwitness.camera.storing import write_whole
from fairwitness.camera.stream_scene import is_live, open_stream
from fairwitness.formats.recording import Mount, Profile

app = typer.Typer(help="A virtual body-worn camera.", no_args_is_help=True)

HERE = Path("camera")
"""Where a camera's face looks for its camera when it is not told."""

TEST_PICTURE = "test"
_REAL_STRIDE_MS = 200
_SHOWN_DIGITS = 32


class Speed(StrEnum):
    """How fast time passes for the camera."""

    ACCELERATED = "accelerated"
    REAL = "real"


VolumeOption = Annotated[Path, typer.Option(help="The camera's memory: what a dock sees.")]
DeviceOption = Annotated[Path, typer.Option(help="The camera's own folder: its key and counter.")]
SourceOption = Annotated[
    str, typer.Option(help="A video file, `/dev/video0`, `rtsp://...`, or `test`.")
]
SpeedOption = Annotated[Speed, typer.Option(help="`real` takes as long as it takes.")]
StartedOption = Annotated[
    datetime | None,
    typer.Option(
        "--started-at",
        formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S"],
        help="True time at the start, UTC; by default now.",
    ),
]
QualityOption = Annotated[
    Quality | None,
    typer.Option(help="In place of the quality that the settings ask for."),
]


FaceVolumeOption = Annotated[Path, typer.Option("--volume", help="The camera's memory.")]
FaceDeviceOption = Annotated[Path, typer.Option("--device", help="The camera's own folder.")]
ProfileOption = Annotated[
    Profile, typer.Option(help="Which kind to make when there is no camera yet.")
]
PortOption = Annotated[int, typer.Option(help="The page's port on this machine; 0: a free one.")]
BaysOption = Annotated[
    Path | None,
    typer.Option(help="A folder that a dock watches: the docked camera shows there."),
]


TrailOption = Annotated[
    str | None,
    typer.Option(
        help="Where it is: `walk`, or a GPX or CSV file of time,lat,lon. Recorded when its "
        "settings say `position`.",
    ),
]


@app.callback(invoke_without_command=True)
def camera(  # noqa: PLR0917 - one parameter per option of the command line
    context: typer.Context,
    face: Annotated[bool, typer.Option("--face", help="Wear the camera on a page.")] = False,  # noqa: FBT002 - a switch
    terminal: Annotated[  # noqa: FBT002 - a switch
        bool, typer.Option("--terminal", help="Wear the camera in this terminal.")
    ] = False,
    volume: FaceVolumeOption = HERE / "volume",
    device: FaceDeviceOption = HERE / "device",
    profile: ProfileOption = Profile.BODY2,
    source: SourceOption = TEST_PICTURE,
    port: PortOption = face_command.PORT,
    bays: BaysOption = None,
    quality: QualityOption = None,
    trail: TrailOption = None,
) -> None:
    """A virtual body-worn camera: on a page (`--face`), in a terminal, or driven by commands."""
    if context.invoked_subcommand is not None:
        if face or terminal:
            raise typer.BadParameter("--face and --terminal stand alone, without a command.")
        return
    if face == terminal:
        raise typer.BadParameter("Say --face or --terminal.")
    face_command.make_training_camera(volume=volume, device=device, profile=profile, at=_now())
    live = LiveCamera(
        volume=volume,
        device=device,
        scenes=_scenes(source),
        clock=_now,
        quality=quality,
        trail=None if trail is None else read_trail(trail),
        bays=bays,
    )
    if terminal:
        face_command.show_terminal(live)
    else:
        face_command.show_page(live, port=port)


@app.command("face")
def show_face(
    *,
    volume: FaceVolumeOption = HERE / "volume",
    device: FaceDeviceOption = HERE / "device",
    source: SourceOption = TEST_PICTURE,
    port: PortOption = face_command.PORT,
    bays: BaysOption = None,
    quality: QualityOption = None,
    trail: TrailOption = None,
) -> None:
    """Wear a camera on a page of this machine: the same as `--face`."""
    live = LiveCamera(
        volume=volume,
        device=device,
        scenes=_scenes(source),
        clock=_now,
        quality=quality,
        trail=None if trail is None else read_trail(trail),
        bays=bays,
    )
    face_command.show_page(live, port=port)


@app.command("init")
def init(
    *,
    volume: VolumeOption,
    device: DeviceOption,
    serial: Annotated[str, typer.Option(help="Its serial number, such as 00417.")],
    profile: Annotated[Profile, typer.Option(help="Helmet (flex2) or chest (body2).")],
    mount: Annotated[Mount | None, typer.Option(help="Where it is worn.")] = None,
    ahead_seconds: Annotated[
        float,
        typer.Option(help="How far its clock is ahead of true time."),
    ] = 0.0,
    clock_set: Annotated[bool, typer.Option(help="Its clock has been set.")] = True,
    position: Annotated[
        bool, typer.Option(help="Until a dock says otherwise, it records where it is.")
    ] = False,
) -> None:
    """Make a new camera, with a key of its own."""
    at = datetime.now(UTC)
    card = ClockCard(ahead_us=round(ahead_seconds * 1_000_000))
    if clock_set:
        card = ClockCard(ahead_us=card.ahead_us, set=True, set_at=at, source="maker")
    identity = make_camera(
        volume=volume,
        device=device,
        serial=serial,
        profile=profile,
        volume_id=uuid4(),
        mount=mount,
        clock=card,
    )
    if position:
        identity.keep_settings(Settings(position=True))
    keyid = identity.key.keyid
    fingerprint = " ".join(keyid[place : place + 4] for place in range(0, _SHOWN_DIGITS, 4))
    typer.echo(f"Camera {serial}, {identity.profile.title}.")
    typer.echo(f"Whoever approves it compares the fingerprint of its key: {fingerprint}")


@app.command("record")
def record(
    *,
    volume: VolumeOption,
    device: DeviceOption,
    seconds: Annotated[float, typer.Option(min=1, help="How long to record.")] = 30.0,
    source: SourceOption = TEST_PICTURE,
    speed: SpeedOption = Speed.ACCELERATED,
    started_at: StartedOption = None,
    quality: QualityOption = None,
    trail: TrailOption = None,
) -> None:
    """Switch on, fill the buffer, record, stop, switch off."""

    def script(camera: VirtualCamera) -> Script:
        before = camera.camera.settings.buffer_seconds + 1
        return recording_script(seconds=seconds, before_seconds=before)

    world = _world(source, speed, started_at, quality, trail)
    _report(_play(script, volume=volume, device=device, world=world), volume)


@app.command("run")
def run(
    *,
    volume: VolumeOption,
    device: DeviceOption,
    script: Annotated[
        Path,
        typer.Option(exists=True, dir_okay=False, help="What happens, and when."),
    ],
    source: SourceOption = TEST_PICTURE,
    speed: SpeedOption = Speed.ACCELERATED,
    started_at: StartedOption = None,
    quality: QualityOption = None,
    trail: TrailOption = None,
) -> None:
    """Run a script of button presses."""
    parsed = parse(script.read_text())
    world = _world(source, speed, started_at, quality, trail)
    played = _play(lambda _camera: parsed, volume=volume, device=device, world=world)
    _report(played, volume)


@app.command("enrolment-request")
def enrolment_request(
    *,
    volume: VolumeOption,
    device: DeviceOption,
    output: Annotated[Path | None, typer.Option(help="A file; by default the screen.")] = None,
) -> None:
    """Ask to be known: the camera's public key, signed by the camera."""
    identity = load_camera(volume=volume, device=device)
    envelope = sign_enrolment(identity, at=datetime.now(UTC))
    if output is None:
        typer.echo(envelope.decode())
    else:
        write_whole(output, envelope)


@app.command("signals")
def tell_signals() -> None:
    """Print what each beep and vibration means."""
    table = Table("Signal", "Beeps", "Vibrations", "Repeats")
    for meaning, pattern in signals.PATTERNS.items():
        pace = "" if pattern.pace is signals.Pace.ORDINARY else f" {pattern.pace}"
        repeats = f"every {pattern.every_ms // 1000} s" if pattern.every_ms else ""
        table.add_row(meaning, f"{pattern.beeps}{pace}", f"{pattern.buzzes}{pace}", repeats)
    Console().print(table)


def _world(
    source: str,
    speed: Speed,
    started_at: datetime | None,
    quality: Quality | None,
    trail: str | None,
) -> World:
    if is_live(source) and speed is not Speed.REAL:
        raise typer.BadParameter("A live source comes as time passes: add --speed real.")
    return World(
        started=(started_at or datetime.now(UTC)).replace(tzinfo=UTC),
        scene=_scenes(source),
        pace=_real_pace() if speed is Speed.REAL else _at_once,
        watch=_tell,
        quality=quality,
        trail=None if trail is None else read_trail(trail),
        stride_ms=_REAL_STRIDE_MS if speed is Speed.REAL else None,
    )


def _scenes(source: str) -> MakeScene:
    def make(picture: Picture) -> Scene:
        if source == TEST_PICTURE:
            return TestScene(picture.width, picture.height)
        live = open_stream(source, picture.width, picture.height)
        return live or FileScene(Path(source), picture.width, picture.height)

    return make


def _now() -> datetime:
    return datetime.now(UTC)


def _at_once(_ms: int) -> None:
    """Accelerated time: whatever is due has come."""


def _real_pace() -> Pace:
    began = time.monotonic()

    def wait(ms: int) -> None:
        time.sleep(max(0.0, began + ms / 1000 - time.monotonic()))

    return wait


def _play(
    script: Callable[[VirtualCamera], Script],
    *,
    volume: Path,
    device: Path,
    world: World,
) -> Played:
    """Play to the end; Ctrl-C is taken between two steps: inside the encoder it could be lost."""
    stop = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: stop.set())

    def pace(ms: int) -> None:
        world.pace(ms)
        if stop.is_set():
            stop.clear()
            raise KeyboardInterrupt

    camera = VirtualCamera(volume=volume, device=device, world=replace(world, pace=pace))
    try:
        return camera.play(script(camera))
    except KeyboardInterrupt:  # as if the wearer had switched it off
        return camera.switch_off()
    finally:
        camera.close()
        signal.signal(signal.SIGINT, before)


def _tell(output: Output) -> None:
    when = f"{output.at_ms / 1000:9.1f} s  "
    if isinstance(output, Signal):
        beeps = "♪" * output.beeps or "no beep"
        buzzes = "≋" * output.buzzes or "no vibration"
        pace = "" if output.pace is signals.Pace.ORDINARY else f" ({output.pace})"
        typer.echo(f"{when}{beeps} {buzzes}{pace}  {output.meaning}")
    elif isinstance(output, Prompt):
        typer.echo(f"{when}{output.text}")


def _report(played: Played, volume: Path) -> None:
    for name in played.recordings:
        typer.echo(f"✓ {volume / 'recordings' / name}.mp4, signed")
    if not played.recordings:
        typer.echo("Nothing was recorded.")
