"""`fairwitness camera-log`: read what a camera wrote of itself; reading it is written down."""

import sys
from typing import Annotated

import typer

from fairwitness.config import clock, telling
from fairwitness.force import cameras
from fairwitness.ingest import device_logs

app = typer.Typer(help="Read a camera's own log.", add_completion=False)


@app.command()
def read(
    serial: Annotated[str, typer.Argument(help="Serial number of the camera.")],
    *,
    by: Annotated[str, typer.Option("--by", help="Collar number of who reads it.")],
    reason: Annotated[str, typer.Option(help="Why, for the log.")],
) -> None:
    """Print the lines that are still there, one JSON object each."""
    lines = device_logs.read(
        camera=cameras.named(serial), officer=telling.person(by), reason=reason, at=clock.now()
    )
    sys.stdout.write(lines.decode("utf-8", "replace"))
