"""`fairwitness camera --face` and `--terminal`: a camera to wear on a screen."""

import secrets
import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import typer

from fairwitness.camera import face_terminal
from fairwitness.camera.clock import ClockCard
from fairwitness.camera.face_server import FaceServer
from fairwitness.camera.identity import make_camera
from fairwitness.camera.live import LiveCamera
from fairwitness.formats.recording import Profile

PORT = 8017
_NUMBERS = 10_000


def show_page(live: LiveCamera, *, port: int) -> None:
    """Serve the face as a page of this machine until Ctrl-C; then the camera is switched off."""
    with live, FaceServer(live, port=port) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        typer.echo(f"The camera's face: {server.url}  (Ctrl-C switches the camera off)")
        try:
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
        finally:
            server.shutdown()


def show_terminal(live: LiveCamera) -> None:
    """Show the face in this terminal until it is ended; then the camera is switched off."""
    with live, suppress(KeyboardInterrupt):
        face_terminal.run(live)


def make_training_camera(*, volume: Path, device: Path, profile: Profile, at: datetime) -> None:
    """Make a camera to be trained on, if there is none yet; its number says what it is for."""
    if (device / "device.json").exists() or (volume / "camera.json").exists():
        return
    serial = f"T{secrets.randbelow(_NUMBERS):04}"
    clock = ClockCard(set=True, set_at=at, source="maker")
    make_camera(
        volume=volume,
        device=device,
        serial=serial,
        profile=profile,
        volume_id=uuid4(),
        clock=clock,
    )
    typer.echo(f"There was no camera in {volume}: {serial} was made there, for training.")
