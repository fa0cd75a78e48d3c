"""`fairwitness verify`: check a court bundle on this computer, without a network."""

import json
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from cryptography import x509
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from rich.text import Text

from fairwitness.formats import trust as trusts
from fairwitness.formats import video_signer
from fairwitness.formats.errors import FormatError
from fairwitness.formats.trust import TrustList
from fairwitness.verifier import one_entry, report
from fairwitness.verifier.findings import Outcome
from fairwitness.verifier.report import Report, Verdict
from fairwitness.verifier.verify import normal_fingerprint
from fairwitness.verifier.verify import verify as verify_bundle

_MARKS: Final = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.CHANGED: ("✗", "bold red"),
    Outcome.UNKNOWN: ("?", "yellow"),
    None: (" ", ""),
}
_PLAIN_MARKS: Final = {"✓": "ok", "✗": "NO", "?": "? ", " ": "  "}
_STYLES: Final = {
    Verdict.SIGNED: "bold green",
    Verdict.RECEIVED: "bold green",
    Verdict.CHANGED: "bold red",
    Verdict.UNKNOWN: "bold yellow",
    Verdict.CONSISTENT: "bold yellow",
}

app = typer.Typer(add_completion=False)


@app.command()
def verify(
    bundle: Annotated[Path, typer.Argument(help="The bundle's folder, or one entry's file.")],
    trust: Annotated[
        Path | None,
        typer.Option(help="The force's published keys (trust.json), got from the force itself."),
    ] = None,
    fingerprint: Annotated[
        str | None,
        typer.Option(help="The fingerprint of the force's keys, as the force read it to you."),
    ] = None,
    video_roots: Annotated[
        Path | None,
        typer.Option(
            help="Root certificates (PEM), got from makers of cameras that sign inside the video."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say it for machines.")] = False,  # noqa: FBT002 -- a switch of the command line
) -> None:
    """Check a copy for court: who signed it, and whether anything was changed since.

    Exit status: 0 unchanged and signer identified, 1 changed, 2 can't be checked or signer not
    identified.
    """
    try:
        keys = None if trust is None else _read_trust(trust)
        spoken = None if fingerprint is None else normal_fingerprint(fingerprint)
        roots = () if video_roots is None else _read_roots(video_roots)
        entry = _read_file(bundle, limit=one_entry.LIMIT) if _is_entry(bundle) else None
    except FormatError as error:
        told = report.not_a_bundle(error.message)
    else:
        if entry is not None:
            _check_entry(entry, keys, as_json=as_json)
        told = _run(bundle, keys, spoken, roots, quiet=as_json)
    if as_json:
        typer.echo(json.dumps(report.to_json(told), indent=2))
    else:
        _print(told)
    raise typer.Exit(told.exit_code)


def _is_entry(path: Path) -> bool:
    """Whether this is a file such as the site gives out for one entry of the log."""
    try:
        return path.suffix == ".json" and path.is_file()
    except OSError:  # too long a name, say: as a bundle it is told why
        return False


def _check_entry(data: bytes, keys: TrustList | None, *, as_json: bool) -> NoReturn:
    """Check one entry of the log with its proof, as the site gives it out."""
    found = one_entry.check(data, trust=keys)
    if as_json:
        lines = [{"outcome": outcome.value, "sentence": line} for outcome, line in found.lines]
        typer.echo(json.dumps({"lines": lines, "sentence": found.sentence}, indent=2))
    else:
        console = Console(highlight=False)
        for outcome, line in found.lines:
            mark, style = _MARKS[outcome]
            shown = mark if console.encoding.startswith("utf") else _PLAIN_MARKS[mark]
            _print_line(console, f"{shown} {line}", style)
        _print_line(console, found.sentence, "bold")
    raise typer.Exit(found.exit_code)


def _read_file(path: Path, *, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise FormatError(f"{path} can't be read: {error.strerror}.") from error


def _read_roots(path: Path) -> tuple[x509.Certificate, ...]:
    data = _read_file(path, limit=video_signer.ROOTS_LIMIT)
    try:
        return video_signer.read_roots(data)
    except FormatError as error:
        raise FormatError(f"{path} can't be used: {error.message}.") from error


def _read_trust(path: Path) -> TrustList:
    data = _read_file(path, limit=trusts.LIMIT)
    try:
        return trusts.parse(data)
    except FormatError as error:
        raise FormatError(f"{path} is not a list of keys: {error.message}") from error


def _run(
    bundle: Path,
    keys: TrustList | None,
    spoken: str | None,
    roots: tuple[x509.Certificate, ...],
    *,
    quiet: bool,
) -> Report:
    if quiet:
        return verify_bundle(bundle, trust=keys, fingerprint=spoken, roots=roots)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    console = Console(stderr=True)
    unseen = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=unseen) as progress:
        task = progress.add_task("Hashing", total=None)
        return verify_bundle(
            bundle,
            trust=keys,
            fingerprint=spoken,
            roots=roots,
            advance=lambda count: progress.update(task, advance=count),
        )


def _print(told: Report) -> None:
    console = Console(highlight=False)
    for outcome, line in report.lines(told):
        mark, style = _MARKS[outcome]
        if not console.encoding.startswith("utf"):
            mark = _PLAIN_MARKS[mark]
        _print_line(console, f"{mark} {line}", style)
    if len(told.exhibits) > 1:
        for each in told.exhibits:
            _print_line(console, f"{each.reference}: {each.sentence}", _STYLES[each.verdict])
    _print_line(console, told.sentence, _STYLES[told.verdict])


def _print_line(console: Console, line: str, style: str) -> None:
    """Print one line that stays one: no name in a bundle may draw a verdict of its own."""
    shown = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in line
    )
    console.print(Text(shown, style=style), soft_wrap=True)
