"""`fairwitness dock`: set a dock up, have it enrolled, and offload cameras."""

import contextlib
import fcntl
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from fairwitness.dock import (
    bays,
    board_telling,
    enrolled,
    identity,
    pace,
    release,
    terminal,
    volume,
    volume_bay,
    witnessing,
)
from fairwitness.dock.bays import BayView, Seen
from fairwitness.dock.board import Board
from fairwitness.dock.journal import BayNote, Journal
from fairwitness.dock.page import Page
from fairwitness.dock.server import Server
from fairwitness.dock.taking import Bay
from fairwitness.dock.transfers import Transfers
from fairwitness.dock.watching import Watching
from fairwitness.errors import FairwitnessError
from fairwitness.formats.enrolled_volume import VolumeRequest

app = typer.Typer(
    help="The dock agent: takes footage from cameras, and erases only against checked receipts.",
    invoke_without_command=True,
)

volume_app = typer.Typer(
    help="Sticks and cards of other makers' footage.", no_args_is_help=True, add_completion=False
)
app.add_typer(volume_app, name="volume")

FOLDER = Annotated[Path, typer.Option("--dock", help="The dock's own folder: key, trust, journal.")]
AHEAD = Annotated[
    int, typer.Option("--training-ahead", help="Seconds to move the clock, for training only.")
]
CERTIFICATES = Annotated[
    Path | None, typer.Option("--ca", help="Certificates to trust instead of the system's.")
]
REDRAW_SECONDS = 0.5
_LOOPBACK = "127.0.0.1"
_KIB = 1024


class DockRunning(FairwitnessError):
    """Another agent works with this dock's folder."""

    code = "dock.running"


class BayEmpty(FairwitnessError):
    """No such camera is in this dock, or the agent is not running."""

    code = "dock.bay_empty"


class ReleaseRefused(FairwitnessError):
    """The camera stays in the dock."""

    code = "release.refused"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    folder: Path
    volumes: tuple[Path, ...]
    watch: Path | None
    bays: int
    board: str
    ca: Path | None
    ahead: int


@app.callback()
def offload(  # noqa: PLR0917 - one parameter per option of the command line
    context: typer.Context,
    folder: FOLDER = Path("dock"),
    volumes: Annotated[
        list[Path] | None, typer.Option("--volume", help="A mounted camera; may be repeated.")
    ] = None,
    watch: Annotated[
        Path | None,
        typer.Option("--watch", help="Go on, taking cameras as they appear in this folder."),
    ] = None,
    bays: Annotated[int, typer.Option("--bays", help="How many bays it has.", min=1, max=1000)] = 8,
    transfers: Annotated[
        int, typer.Option("--transfers", help="How many cameras may send at once.", min=1)
    ] = 4,
    limit: Annotated[
        int | None,
        typer.Option("--limit", help="Send at most so many KiB a second, all together.", min=1),
    ] = None,
    board: Annotated[
        str, typer.Option("--board", help="Show the bays as a page: PORT, or HOST:PORT.")
    ] = "",
    ca: CERTIFICATES = None,
    training_ahead: AHEAD = 0,
) -> None:
    """Offload the cameras mounted at the given folders, each in a bay of its own."""
    if context.invoked_subcommand is not None:
        return
    if not volumes and watch is None:
        raise typer.BadParameter("Name a camera with --volume, or a mount folder with --watch.")
    wish = Wish(
        folder=folder,
        volumes=tuple(volumes or ()),
        watch=watch,
        bays=bays,
        board=board,
        ca=ca,
        ahead=training_ahead,
    )
    rate = pace.Limit(limit * _KIB) if limit else None
    with _agent(wish, transfers=transfers, limit=rate) as tools, _live() as live:
        tools.said = live.console.print if live.is_started else _plain
        if watch is None:
            raise typer.Exit(1 if _once(wish, tools, live) else 0)
        with contextlib.suppress(KeyboardInterrupt):
            _go_on(wish, tools, live)


@contextlib.contextmanager
def _agent(wish: Wish, *, transfers: int, limit: pace.Limit | None) -> Iterator[bays.Tools]:
    """All that the bays share, while no other agent works with this dock."""
    dock = identity.load(folder=wish.folder)
    with _alone(wish.folder), contextlib.ExitStack() as stack:
        journal = stack.enter_context(contextlib.closing(Journal(dock.journal_path)))
        if journal.put_aside is not None:
            typer.echo(
                f"The dock's journal was damaged. It is kept as {journal.put_aside}, and a new one"
                " begun: the server knows again what it received. [dock.journal_damaged]"
            )
        server = stack.enter_context(
            Server(
                dock=dock,
                clock=lambda: _now(wish.ahead),
                ca=wish.ca,
                limit=limit,
                greet=lambda at, greeting: witnessing.greet(
                    at, greeting, dock=dock, journal=journal
                ),
            )
        )
        turns = Transfers(at_once=transfers)

        def make(number: int, seen: Seen) -> Bay:
            return Bay(
                dock=dock,
                journal=journal,
                server=server,
                clock=lambda: _now(wish.ahead),
                watcher=seen,
                number=number,
                transfers=turns,
            )

        yield bays.Tools(
            make=make,
            journal=journal,
            clock=lambda: _now(wish.ahead),
            said=_plain,
            tell=server.tell_board,
        )


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No second agent on one journal; a killed one holds nothing."""
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DockRunning(f"Another agent works with the dock in {folder} already.") from error
        yield


@contextlib.contextmanager
def _live() -> Iterator[Live]:
    """The board in a terminal; elsewhere only lines are written."""
    console = Console(highlight=False, markup=False)
    live = Live(console=console, auto_refresh=False)
    if not console.is_terminal:
        yield live
        return
    with live:
        yield live


def _plain(line: str) -> None:
    typer.echo(line)


def _once(wish: Wish, tools: bays.Tools, live: Live) -> int:
    """Dock each named camera once, all at the same time; how many recordings had to stay."""
    roots = enumerate(wish.volumes, 1)
    runners = [volume_bay.runner(n, root, tools, once=True) for n, root in roots]
    for runner in runners:
        runner.start()
    while any(runner.is_alive() for runner in runners):
        _draw(live, wish, tools, [runner.seen.view() for runner in runners])
        next(runner for runner in runners if runner.is_alive() or runner is runners[-1]).join(
            REDRAW_SECONDS
        )
    views = [runner.seen.view() for runner in runners]
    _draw(live, wish, tools, views)
    if tools.tell is not None:
        board_telling.tell_once(tools.tell, views)
    return sum(len(runner.left) + runner.failed for runner in runners)


def _go_on(wish: Wish, tools: bays.Tools, live: Live) -> None:
    """Take cameras as they come, until stopped."""
    watching = Watching(tools, named=wish.volumes, folder=wish.watch, least=wish.bays)
    stop = threading.Event()
    try:
        with _page(wish, tools, watching.views), contextlib.ExitStack() as stack:
            if tools.tell is not None:
                stack.enter_context(board_telling.telling(tools.tell, watching.views))
            while True:
                watching.look()
                _draw(live, wish, tools, watching.views())
                stop.wait(REDRAW_SECONDS)
    finally:
        watching.stop()


@contextlib.contextmanager
def _page(
    wish: Wish, tools: bays.Tools, views: Callable[[], tuple[BayView, ...]]
) -> Iterator[None]:
    if not wish.board:
        yield
        return
    host, _, port = wish.board.rpartition(":")
    if not port.isdecimal():
        raise typer.BadParameter("--board takes PORT, or HOST:PORT.")
    now = _board(wish, tools, views)
    with Page(host=host.strip("[]") or _LOOPBACK, port=int(port), now=now) as page:
        tools.said(f"The board is at {page.address}")
        yield


def _board(
    wish: Wish, tools: bays.Tools, views: Callable[[], tuple[BayView, ...]]
) -> Callable[[], Board]:
    who = identity.load(folder=wish.folder).identity
    return lambda: Board(dock=who.serial, station=who.station, bays=views(), rate=tools.pace.rate())


def _draw(
    live: Live, wish: Wish, tools: bays.Tools, views: "list[BayView] | tuple[BayView, ...]"
) -> None:
    if live.is_started:
        now = _board(wish, tools, lambda: tuple(views))()
        live.update(terminal.drawn(now), refresh=True)


def _now(ahead: int) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=ahead)


def _server(dock: identity.Dock, ca: Path | None, ahead: int) -> Server:
    return Server(dock=dock, clock=lambda: _now(ahead), ca=ca)


@app.command("release")
def release_(
    camera: Annotated[str, typer.Argument(help="Serial number of the camera.")],
    folder: FOLDER = Path("dock"),
    training_ahead: AHEAD = 0,
) -> None:
    """Let a pool camera be taken out of a running dock, if the force's rule is met."""
    dock = identity.load(folder=folder)
    at = _now(training_ahead)
    with contextlib.closing(Journal(dock.journal_path)) as journal:
        note = next((one for one in journal.bays().values() if one.camera == camera), None)
        if note is None:
            raise BayEmpty(f"Camera {camera} is in no bay of this dock, or nothing is known of it.")
        standing = json.loads(note.standing)
        decision = release.decide(_facts(note, standing), release.rule_in(standing), at=at)
        if not decision.released:
            raise ReleaseRefused(decision.message, code=decision.code)
        journal.release(number=note.number, at=at)
    typer.echo(f"{decision.message} It is in bay {note.number}.")


def _facts(note: BayNote, standing: dict[str, object]) -> release.Facts:
    there = volume.Volume(note.root)
    if there.card.serial != note.camera:
        raise BayEmpty(f"Camera {there.card.serial} is in that bay now, not {note.camera}.")
    contents = there.contents()
    return release.Facts(
        camera=note.camera,
        status=str(standing.get("status")),
        pool=standing.get("pool") is True,
        left=len(contents.recordings) + len(contents.passed_over),
        docked_at=note.docked_at,
        battery=there.battery(),
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


@volume_app.command("enrol")
def enrol_volume(  # noqa: PLR0917 - one parameter per option of the command line
    root: Annotated[Path, typer.Argument(help="Where the stick or card is mounted.")],
    label: Annotated[str, typer.Option(help="What people call it.")],
    brought_by: Annotated[str, typer.Option(help="Collar number of who brought it.")],
    made_by: Annotated[str, typer.Option(help="Kind or maker of its camera.")] = "not known",
    folder: FOLDER = Path("dock"),
    ca: CERTIFICATES = None,
    training_ahead: AHEAD = 0,
) -> None:
    """Ask the server to enrol a volume of another maker's footage; a person there approves."""
    dock = identity.load(folder=folder)
    card = enrolled.enrol(root)
    request = VolumeRequest(volume=card.volume, label=label, made_by=made_by, brought_by=brought_by)
    with _server(dock, ca, training_ahead) as server:
        state = server.ask_for_volume(request.encode())
    typer.echo(f"Volume {card.volume} is {state}.")


@app.command()
def token(
    folder: FOLDER = Path("dock"), ca: CERTIFICATES = None, training_ahead: AHEAD = 0
) -> None:
    """Sign in and print the bearer token, to use another tus client in this dock's name."""
    dock = identity.load(folder=folder)
    with _server(dock, ca, training_ahead) as server:
        server.sign_in()
        typer.echo(server.token)
