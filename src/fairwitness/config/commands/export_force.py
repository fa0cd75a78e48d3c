"""`fairwitness export-force`: all that the force keeps, in a folder that needs no Fairwitness."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from fairwitness.accountability import firearms, firearms_held
from fairwitness.config import clock, composition, telling
from fairwitness.disclosure import force_export
from fairwitness.disclosure.force_export import Report
from fairwitness.disclosure.refusing import ExportFailed

app = typer.Typer(add_completion=False)


@app.command()
def make(
    folder: Annotated[
        Path, typer.Argument(help="A new folder, or one to go on with; it holds plain footage.")
    ],
    by: Annotated[str, typer.Option("--by", help="Collar number of who makes it.")],
    agreed: Annotated[str, typer.Option("--agreed", help="Collar number of who agrees.")],
    reason: Annotated[str, typer.Option(help="Why it is made.")],
) -> None:
    """Export everything; run it again after a cut. Exits 1 when anything is missing."""
    deployment = composition.deployment()
    try:
        report = force_export.export_force(
            folder=folder,
            first=telling.person(by),
            second=telling.person(agreed),
            reason=reason,
            kit=deployment.export_kit(),
            at=clock.now(),
            progress=_tell,
            beside=firearms.tables(),
            held=firearms_held.problems_of_export,
        )
    except OSError as error:
        raise ExportFailed(
            f"{folder} can't be written: {error}. Run this again: it goes on where it stopped.",
            code="export.cannot_write",
        ) from error
    _sum_up(report, folder)
    if not report.complete:
        raise typer.Exit(1)


def _tell(done: int, total: int) -> None:
    sys.stderr.write(f"{done:,} of {total:,} recordings\n")


def _sum_up(report: Report, folder: Path) -> None:
    typer.echo(f"{report.exported:,} of {report.live:,} recordings, {report.bytes:,} bytes.")
    if report.without_receipt:
        typer.echo(f"{report.without_receipt:,} of them have no receipt, or none yet.")
    if report.past_day:
        typer.echo(f"{report.past_day:,} are past their day, and nobody opens them.")
    for code, number in sorted(report.not_exported.items()):
        typer.echo(f"Not exported: {number:,}, {code}. Each is in data/not-exported.jsonl.")
    if report.quarantined:
        typer.echo(f"{report.quarantine_exported:,} of {report.quarantined:,} in quarantine.")
    if report.requests_missing:
        typer.echo(f"Not exported: {report.requests_missing:,} requests, which neither answers.")
    for words in (*report.left_out, *report.problems):
        typer.echo(f"Not exported: {words}" if words in report.left_out else words)
    typer.echo(f"Check it with: cd {folder} && sha256sum -c --quiet manifest-sha256.txt")
    typer.echo(f"SHA-256 of tagmanifest-sha256.txt: {report.tag_manifest_sha256}")
