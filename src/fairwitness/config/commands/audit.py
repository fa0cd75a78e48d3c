"""`fairwitness audit`: rows, log, vault and key ring against each other."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from fairwitness.accountability import audit
from fairwitness.accountability.audit import Report
from fairwitness.config import clock, composition
from fairwitness.formats import timestamp

app = typer.Typer(add_completion=False)


@app.command()
def run(
    *,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every byte of every master back as well.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer for programs.")] = False,
) -> None:
    """Audit everything; changes nothing. Exits 0 when all is sound, 1 when something was found."""
    deployment = composition.deployment()
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=as_json,
    ) as bars:
        tasks = {what: bars.add_task(what, total=None) for what in ("log", "recordings")}

        def progress(what: str, done: int, total: int) -> None:
            bars.update(tasks[what], completed=done, total=total or None)

        report = audit.run(
            vault=deployment.vault,
            log=deployment.log_on_disk(),
            at=clock.now(),
            deep=deep,
            progress=progress,
        )
    if as_json:
        typer.echo(json.dumps(_json(report)))
    else:
        _tell(report)
    if not report.sound:
        raise typer.Exit(1)


def _json(report: Report) -> dict[str, object]:
    return {
        "at": timestamp.text(report.at),
        "sound": report.sound,
        "recordings": report.recordings,
        "blobs": report.blobs,
        "unnamed_blobs": report.unnamed_blobs,
        "findings": [
            {"part": one.part, "code": one.code, "about": one.about, "message": one.message}
            for one in report.findings
        ],
    }


def _tell(report: Report) -> None:
    console = Console(highlight=False)
    for one in report.findings:
        console.print(f"[red]✗[/red] {one.part}: {one.message} [dim]{one.code}[/dim]")
    looked = f"{report.recordings:,} recordings, {report.blobs:,} blobs"
    if report.unnamed_blobs:
        looked += f" ({report.unnamed_blobs:,} of them left by interrupted work; they are swept)"
    if report.sound:
        console.print(f"[green]✓[/green] Sound: {looked}, and the whole log.")
    else:
        console.print(f"{len(report.findings):,} findings in {looked}.")
