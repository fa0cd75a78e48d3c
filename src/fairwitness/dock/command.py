"""`fairwitness dock`: set a dock up, have it enrolled, and offload cameras."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from fairwitness.dock import agent, identity
from fairwitness.dock.journal import Journal
from fairwitness.dock.server import Server
from fairwitness.errors import FairwitnessError

app = typer.Typer(
    help="The dock agent: takes footage from cameras, and erases only against checked receipts.",
    invoke_without_command=True,
)

FOLDER = Annotated[Path, typer.Option("--dock", help="The dock's own folder: key, trust, journal.")]
AHEAD = Annotated[
    int, typer.Option("--training-ahead", help="Seconds to move the clock, for training only.")
]
CERTIFICATES = Annotated[
    Path | None, typer.Option("--ca", help="Certificates to trust instead of the system's.")
]
WATCH_SECONDS = 2.0


class Bars:
    """Tells a person at the dock: one bar a recording, plain lines between."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, int] = {}

    def said(self, line: str) -> None:
        """One plain line above the bars."""
        self._progress.console.print(line, highlight=False)

    def progressed(self, name: str, sent: int, size: int) -> None:
        """Move one recording's bar."""
        if name not in self._tasks:
            self._tasks[name] = int(self._progress.add_task(name, total=size))
        self._progress.update(
            self._progress.task_ids[self._tasks[name]], completed=sent, total=size
        )


@contextmanager
def _bars(console: Console) -> Iterator[Bars]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, TransferSpeedColumn(), console=console) as progress:
        yield Bars(progress)


@app.callback()
def offload(  # noqa: PLR0917 - one parameter per option of the command line
    context: typer.Context,
    folder: FOLDER = Path("dock"),
    volume: Annotated[
        list[Path] | None, typer.Option("--volume", help="A mounted camera; may be repeated.")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until stopped.")] = False,  # noqa: FBT002 - a switch
    ca: CERTIFICATES = None,
    limit: Annotated[
        int | None, typer.Option("--limit", help="Send at most so many KiB a second.", min=1)
    ] = None,
    training_ahead: AHEAD = 0,
) -> None:
    """Offload the cameras mounted at the given folders."""
    if context.invoked_subcommand is not None:
        return
    if not volume:
        raise typer.BadParameter("Name at least one camera with --volume.")
    while True:
        left = _round(folder=folder, volumes=volume, ca=ca, ahead=training_ahead, limit=limit)
        if not watch:
            raise typer.Exit(1 if left else 0)
        time.sleep(WATCH_SECONDS)


def _round(
    *, folder: Path, volumes: list[Path], ca: Path | None, ahead: int, limit: int | None
) -> int:
    """One look at each volume; how many recordings had to stay on a camera."""
    console = Console()
    dock = identity.load(folder=folder)
    journal = Journal(dock.journal_path)
    left = 0
    try:
        with _bars(console) as bars, _server(dock, ca, ahead, limit) as server:
            for number, root in enumerate(volumes, 1):
                bay = agent.Bay(
                    dock=dock,
                    journal=journal,
                    server=server,
                    clock=lambda: _now(ahead),
                    watcher=bars,
                    number=number,
                )
                try:
                    tally = agent.offload_camera(bay=bay, root=root)
                except FairwitnessError as error:
                    console.print(f"{root}: {error.message}", highlight=False)
                    left += 1
                    continue
                left += len(tally.left)
                console.print(
                    f"Camera {tally.camera}: {len(tally.erased)} received and erased,"
                    f" {len(tally.left)} still on it.",
                    highlight=False,
                )
    finally:
        journal.close()
    return left


def _now(ahead: int) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=ahead)


def _server(dock: identity.Dock, ca: Path | None, ahead: int, limit: int | None = None) -> Server:
    return Server(
        dock=dock, clock=lambda: _now(ahead), ca=ca, limit=limit * 1024 if limit else None
    )


@app.command()
def init(
    serial: Annotated[str, typer.Option(help="The dock's serial number.")],
    station: Annotated[str, typer.Option(help="The station it stands in.")],
    server: Annotated[str, typer.Option(help="The server's address, https://...")],
    folder: FOLDER = Path("dock"),
    trust: Annotated[
        Path | None, typer.Option("--trust", help="The server's trust.json, from a person.")
    ] = None,
) -> None:
    """Set a dock up: its key is made here and never leaves."""
    dock = identity.set_up(folder=folder, serial=serial, station=station, server=server)
    if trust is not None:
        identity.bring_trust(dock=dock, data=trust.read_bytes())
    typer.echo(f"Dock {serial} is set up in {folder}. Its key id is {dock.key.keyid[:16]}.")


@app.command()
def trust(
    file: Annotated[Path, typer.Argument(help="The server's trust.json, from a person.")],
    folder: FOLDER = Path("dock"),
) -> None:
    """Bring the list of the server's keys; without it no camera is erased."""
    fingerprint = identity.bring_trust(dock=identity.load(folder=folder), data=file.read_bytes())
    typer.echo(f"This dock now believes the keys with the fingerprint {fingerprint}.")


@app.command()
def enrol(
    folder: FOLDER = Path("dock"),
    camera: Annotated[
        Path | None, typer.Option("--camera", help="A camera's enrolment request to hand in.")
    ] = None,
    ca: CERTIFICATES = None,
    training_ahead: AHEAD = 0,
) -> None:
    """Ask the server to enrol this dock, or a camera docked here; a person there approves."""
    dock = identity.load(folder=folder)
    at = _now(training_ahead)
    request = camera.read_bytes() if camera else dock.enrolment_request(at=at).encode()
    with _server(dock, ca, training_ahead) as server:
        typer.echo(f"The request is {server.enrol(request)}.")


@app.command()
def token(
    folder: FOLDER = Path("dock"), ca: CERTIFICATES = None, training_ahead: AHEAD = 0
) -> None:
    """Sign in and print the bearer token, to use another tus client in this dock's name."""
    dock = identity.load(folder=folder)
    with _server(dock, ca, training_ahead) as server:
        server.sign_in()
        typer.echo(server.token)
