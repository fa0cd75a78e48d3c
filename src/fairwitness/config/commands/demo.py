"""`fairwitness demo`: the whole life of a recording on this machine, then the site."""

import contextlib
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from django.db import connections

from fairwitness.config import clock, composition
from fairwitness.config.demonstration import ground, processes, scene, story
from fairwitness.config.demonstration.ground import DemoRefused
from fairwitness.config.demonstration.scene import Stage
from fairwitness.config.demonstration.telling import Teller
from fairwitness.config.environment import Environment
from fairwitness.config.settings import ENVIRONMENT
from fairwitness.errors import FairwitnessError
from fairwitness.force.models import Officer

app = typer.Typer(add_completion=False)

PORT = 8417
"""Where the site is served afterwards, if nothing else listens there."""

TEST_PICTURE = "test"
FOUND = (
    Path("build/footage/street.mp4"),
    Path("/usr/share/doc/opencv-doc/examples/data/vtest.avi"),
)


@app.command()
def demo(
    *,
    footage: Annotated[
        list[Path] | None,
        typer.Option("--footage", help="A video for the camera to film, or test: a test picture."),
    ] = None,
    leave: Annotated[bool, typer.Option("--exit", help="Don't serve the site afterwards.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Say the digests too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a step.")] = False,
) -> None:
    """Play the whole life of a recording with real processes; exit 1 when any step fails."""
    filmed = _footage(footage or [])
    _empty(ENVIRONMENT)
    tell = Teller(as_json=as_json, verbose=verbose)
    port = processes.free_port(0 if leave else PORT)
    stage = Stage(data=ENVIRONMENT.data, footage=filmed, server=f"http://127.0.0.1:{port}")
    try:
        made = scene.found_force(stage)
        tell.done(
            f"A force of {made.officers} made-up people in {made.units} units. Its clock starts"
            f" {scene.BEFORE.days} days ago",
            stations=made.stations,
        )
        witness_port = scene.found_witness(stage)
        deployment = composition.deployment()
        scene.show_log(stage, deployment.signer.vkey)
        connections.close_all()
        with (
            processes.witness(stage.witness, port=witness_port),
            processes.server(data=stage.data, port=port),
        ):
            story.play(stage, deployment, tell)
            tell.say(
                f"All of it was seen to work, in {tell.seconds:.0f} s. TRAINING, NOT EVIDENCE."
            )
            if not leave:
                _serve(stage, tell)
    except FairwitnessError as error:
        tell.failed(error.message)
        raise typer.Exit(1) from error


def _empty(environment: Environment) -> None:
    """A demonstration starts from nothing, and never touches anything but an earlier one."""
    data = environment.data
    ground.demand(environment)
    again = Officer.objects.exists()
    if again and (clock.training(data) is None or not (data / "demo").exists()):
        raise ground.other_than_ours(f"{data} holds something else than a demonstration.")
    if not again:
        return
    connections.close_all()
    for entry in data.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    # Ourselves again, from nothing: keys and database, open until now, are gone.
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - our own command line


def _footage(given: list[Path]) -> str:
    for path in (*given, *FOUND):
        if path.exists():
            return str(path.absolute())
        if path == Path(TEST_PICTURE):
            break
        if path in given:
            raise DemoRefused(f"There is no footage at {path}.")
    return TEST_PICTURE


def _serve(stage: Stage, tell: Teller) -> None:
    tell.say(f"\nThe site is at {stage.server} until you press Ctrl-C. Choose any person there.")
    with contextlib.suppress(KeyboardInterrupt):
        signal.pause()
