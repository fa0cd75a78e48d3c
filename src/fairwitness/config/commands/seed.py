"""`fairwitness seed`: a believable force of made-up people, for training and measuring."""

import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from fairwitness.config import clock, composition
from fairwitness.config.seeding import story
from fairwitness.config.seeding.story import Recorded
from fairwitness.config.settings import ENVIRONMENT
from fairwitness.errors import FairwitnessError
from fairwitness.force import officers, seed
from fairwitness.force.models import Officer
from fairwitness.force.seed import KeyKeeper
from fairwitness.formats.keys import SigningKey

app = typer.Typer(
    help="Make up a force. The data folder is marked as training.", add_completion=False
)

OF_THE_MET: Final = 785_000
"""Recordings of the real force, of which a scale takes its part."""


@app.command()
def make(
    force: Annotated[str, typer.Option(help="Which ready data.")] = "met",
    scale: Annotated[float, typer.Option(help="Part of the real number of cameras.")] = 0.01,
    keys: Annotated[
        Path | None, typer.Option(help="Folder for the devices' private keys; else thrown away.")
    ] = None,
    password: Annotated[
        str | None, typer.Option(help="Password of the people whom demonstrations name.")
    ] = None,
    *,
    recordings: Annotated[
        int | None,
        typer.Option(min=0, help="How many recordings; by default that part of 785,000."),
    ] = None,
    number: Annotated[
        int, typer.Option("--number", help="Another number gives other recordings.")
    ] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Answer for programs.")] = False,
) -> None:
    """Make up units, officers, docks, cameras and what they recorded in the last four months.

    All of it says TRAINING, NOT EVIDENCE. What will have been deleted by now has its record of
    deletion and, but for the first day's, never had footage; all else has one second of a test
    picture. Ctrl-C brings no more in, and leaves whole what is there; a second one ends at once,
    and the folder is of no use then.
    """
    _mark_as_training()
    at = clock.now()
    kept = _Keys(_keeper(keys) if keys else None)
    made = seed.seed(
        force=force,
        scale=scale,
        at=at,
        keep_key=kept,
        tell=None if as_json else typer.echo,
    )
    if password is not None:
        _set_passwords(password, at)
    count = round(OF_THE_MET * scale) if recordings is None else recordings
    recorded: Recorded | None = None
    seconds = time.monotonic()
    if count:
        with _interruptible() as stop, _bar(silent=as_json) as told:
            recorded = story.tell(
                deployment=composition.deployment(),
                keys=kept.by_serial,
                count=count,
                number=number,
                told=told,
                stopped=stop.asked,
            )
    seconds = time.monotonic() - seconds
    if as_json:
        told_of = asdict(recorded) | {"seconds": round(seconds, 2)} if recorded else {}
        typer.echo(json.dumps(asdict(made) | told_of))
        return
    typer.echo(", ".join(f"{number:,} {what}" for what, number in asdict(made).items()) + ".")
    if recorded is not None:
        _tell(recorded, seconds)
    typer.echo("TRAINING, NOT EVIDENCE: every person here is made up.")


def _mark_as_training() -> None:
    if clock.training() is not None:
        return
    if Officer.objects.exists():
        raise FairwitnessError(
            "This is a real deployment. Made-up people need a data folder of their own.",
            code="seed.real",
        )
    clock.set_training(ENVIRONMENT.data, ahead=timedelta())


def _set_passwords(password: str, at: datetime) -> None:
    for person in seed.STAFF:
        officer = officers.named(person.collar_number)
        officers.set_password(officer=officer, password=password, actor=seed.SYSTEM, at=at)


def _tell(recorded: Recorded, seconds: float) -> None:
    rate = recorded.recordings / seconds
    typer.echo(
        f"{recorded.recordings:,} recordings in {seconds:.0f} s ({rate:.0f} a second):"
        f" {recorded.live:,} live, {recorded.deleted:,} deleted ({recorded.deleted_early:,}"
        f" because somebody asked), {recorded.once_lost:,} once lost, {recorded.late:,} docked"
        f" late, {recorded.unassigned:,} unassigned, {recorded.never_arrived:,} numbers that never"
        " arrived."
    )
    typer.echo(
        f"Footage: {recorded.with_footage:,} have one second of a test picture each, whatever their"
        " times say. What was deleted has its record of deletion, and but for the first day's"
        " never had footage."
        f" {recorded.docked:,} came through a dock and have receipts,"
        f" {recorded.copies_for_court:,} copies for court were made of them;"
        f" {recorded.quarantined:,} are in quarantine."
    )
    if recorded.interrupted:
        typer.echo("You stopped it: no more came in, and the days that were left passed.")


class _Keys:
    """Keeps the devices' keys while their recordings are signed, and on disk if asked."""

    def __init__(self, also: KeyKeeper | None) -> None:
        self.by_serial: dict[str, SigningKey] = {}
        self._also = also

    def __call__(self, serial: str, key: SigningKey) -> None:
        self.by_serial[serial] = key
        if self._also is not None:
            self._also(serial, key)


def _keeper(folder: Path) -> KeyKeeper:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def keep(serial: str, key: SigningKey) -> None:
        path = folder / f"{serial}.pem"
        path.touch(mode=0o600)
        path.write_bytes(key.pem())

    return keep


@dataclass(slots=True)
class _Stop:
    """Whether somebody pressed Ctrl-C."""

    pressed: bool = False

    def asked(self) -> bool:
        return self.pressed


@contextmanager
def _interruptible() -> Iterator[_Stop]:
    """The first Ctrl-C is noted, the second one ends."""
    stop = _Stop()

    def press(_signal: int, _frame: FrameType | None) -> None:
        if stop.pressed:
            raise KeyboardInterrupt
        stop.pressed = True

    before = signal.signal(signal.SIGINT, press)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _bar(*, silent: bool) -> Iterator[story.Told]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, transient=True, disable=silent) as bar:
        task = bar.add_task("recordings", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
