"""`fairwitness`: the one program; it finds its commands and starts only what a command needs.

`verify`, `camera`, `dock` and `witness` are parts of their own and start without Django. Every
other command is a file in `config/commands`, found by its name; it works with a deployment,
whose data folder is `--data DIR`, else `FAIRWITNESS_DATA`, else `data/` here. The folder is settled
and the tables are brought up to date before the command's module is read.

Exit: 0 done, 1 refused or failed (`verify` answers 2 for that, because its 1 means *changed*),
2 not understood.
"""

import ast
import gc
import importlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from fairwitness.errors import FairwitnessError

if TYPE_CHECKING:
    import typer

FAILED: Final = 1
NOT_UNDERSTOOD: Final = 2

_FIELD_TOOLS: Final = {
    "verify": "fairwitness.verifier.command",
    "camera": "fairwitness.camera.command",
    "dock": "fairwitness.dock.command",
}
_COMMANDS: Final = "fairwitness.config.commands"
_ALONE: Final = {"witness"}  # commands of outsiders, with a folder of their own
_PICKY: Final = {"demo": "fairwitness.config.demonstration.ground"}
"""Commands that are not for every data folder, and what says so before anything is made there."""


class CommandUnknown(FairwitnessError):
    """A command that does not exist, or a data folder that was not named."""

    code = "command.unknown"


@dataclass(frozen=True, slots=True)
class Command:
    """A command that can be started.

    Attributes:
        module: what holds its `app`, a `typer.Typer`.
        does: one line for people, from the module's docstring.
        deployment: whether it works with a deployment, and so needs Django and a data folder.
    """

    module: str
    does: str
    deployment: bool


def main() -> None:
    """What `fairwitness` on a command line starts."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and give its exit status; errors are told, never shown as traces."""
    name = arguments[0] if arguments else "--help"
    try:
        return _installed(name, list(arguments[1:]))
    except FairwitnessError as error:
        _tell(error, as_json="--json" in arguments)
        return NOT_UNDERSTOOD if name == "verify" or _not_understood(error) else FAILED


def _installed(name: str, rest: list[str]) -> int:
    """Run a command, and say what to install when its part of Fairwitness is not there."""
    try:
        return _run(name, rest)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "fairwitness":
            raise
        part = name if name in _FIELD_TOOLS else "server"
        raise CommandUnknown(
            f"`fairwitness {name}` needs more than is installed here ({error.name}): "
            f"pip install 'fairwitness[{part}]'.",
            code="command.not_installed",
        ) from error


def commands() -> Mapping[str, Command]:
    """Every command by name, without starting any."""
    found = {}
    for name, module in _FIELD_TOOLS.items():
        spec = util.find_spec(module)
        if spec is not None and spec.origin is not None:
            found[name] = Command(module, _first_line(Path(spec.origin)), deployment=False)
    for path in sorted((Path(__file__).parent / "commands").glob("*.py")):
        if not path.stem.startswith("_"):
            name = path.stem.removesuffix("_").replace("_", "-")
            module = f"{_COMMANDS}.{path.stem}"
            found[name] = Command(module, _first_line(path), deployment=name not in _ALONE)
    return found


def _run(name: str, rest: list[str]) -> int:
    if name in {"--help", "-h", "help"}:
        _help()
        return 0
    if name == "--version":
        sys.stdout.write(f"fairwitness {metadata.version('fairwitness')}\n")
        return 0
    command = commands().get(name)
    if command is None:
        raise CommandUnknown(
            f"There is no command {name!r}. `fairwitness --help` lists what there is."
        )
    if command.deployment:
        rest = _settle_data(rest)
        in_earnest = not {"--help", "-h"} & set(rest)
        if in_earnest and name in _PICKY:
            importlib.import_module(_PICKY[name]).demand()
        _set_up(database=in_earnest)
    app: typer.Typer = importlib.import_module(command.module).app
    app.pretty_exceptions_enable = False
    try:
        app(rest, prog_name=f"fairwitness {name}")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else FAILED if stop.code else 0
    return 0


def _settle_data(rest: list[str]) -> list[str]:
    """Take `--data DIR` out of the arguments, wherever it stands, and make it the setting."""
    kept: list[str] = []
    words = iter(rest)
    for word in words:
        if word == "--":
            return [*kept, word, *words]
        if word == "--data" or word.startswith("--data="):
            folder = word.removeprefix("--data").removeprefix("=") or next(words, "")
            if not folder:
                raise CommandUnknown("--data needs a folder.", code="command.data")
            os.environ["FAIRWITNESS_DATA"] = str(Path(folder).absolute())
        else:
            kept.append(word)
    return kept


def _set_up(*, database: bool) -> None:
    """Start Django; asking for help makes no data folder and touches no database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fairwitness.config.settings")
    if not database:
        os.environ["FAIRWITNESS_DATA"] = tempfile.mkdtemp(prefix="fairwitness-help-")
    import django  # noqa: PLC0415 - the settings are read here, after --data was

    django.setup()
    gc.freeze()  # what was imported stays; looking through it for garbage took a tenth of a start
    if not database:
        shutil.rmtree(os.environ["FAIRWITNESS_DATA"])
        return
    from fairwitness.config import database as schema  # noqa: PLC0415 - needs Django set up
    from fairwitness.config import settings, unfinished  # noqa: PLC0415 - needs Django set up

    unfinished.demand_none(settings.ENVIRONMENT.data)
    schema.bring_up_to_date()


def _first_line(path: Path) -> str:
    """The first line of a module's docstring without its own name, read but not run."""
    text = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]
    before, colon, after = text.partition(": ")
    line = after if colon and before.startswith("`") else text
    return line[:1].upper() + line[1:]


def _help() -> None:
    console = Console()
    console.print("[bold]fairwitness[/bold]: body-worn video that anyone concerned can check.\n")
    every = commands()
    for title, deployment in (
        ("Stand alone, without a server", False),
        ("With a deployment: each takes --data DIR (default: data/ here)", True),
    ):
        table = Table(box=None, padding=(0, 2), show_header=False, title_justify="left")
        for name, command in every.items():
            if command.deployment is deployment:
                table.add_row(f"  {name}", command.does)
        console.print(title)
        console.print(table)
    console.print("\n`fairwitness COMMAND --help` says more. `--json` answers for programs.")


def _tell(error: FairwitnessError, *, as_json: bool) -> None:
    if as_json:
        answer = {"code": error.stable_code, "message": error.message}
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    else:
        sys.stderr.write(f"{error.message} [{error.stable_code}]\n")


def _not_understood(error: FairwitnessError) -> bool:
    return isinstance(error, CommandUnknown)
