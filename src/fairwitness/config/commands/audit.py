"""`fairwitness audit`: rows, log, vault and key ring against each other."""

import json
import sys
from pathlib import Path
from typing import Annotated, ClassVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from fairwitness.accountability import audit, losses, rebuild
from fairwitness.accountability.audit import Report
from fairwitness.accountability.findings import Finding
from fairwitness.accountability.losses import Noted
from fairwitness.accountability.rebuild import Outcome, Tools
from fairwitness.config import clock, composition, telling
from fairwitness.config.composition import Deployment
from fairwitness.errors import FairwitnessError
from fairwitness.formats import proof, receipt, timestamp, trust
from fairwitness.formats.errors import FormatError
from fairwitness.formats.trust import TrustList

app = typer.Typer(add_completion=False)


class TrustUnreadable(FairwitnessError):
    """The file that was given as trust list can't be read."""

    code: ClassVar[str] = "audit.trust"


class SeenUnreadable(FairwitnessError):
    """What a dock or witness is said to hold can't be read."""

    code: ClassVar[str] = "audit.seen"


@app.command()
def run(
    *,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every byte of every copy back as well.")
    ] = False,
    note_losses: Annotated[
        bool,
        typer.Option("--note-losses", help="Write down what is lost, and what is found again."),
    ] = False,
    rebuilding: Annotated[
        bool,
        typer.Option(
            "--rebuild",
            help="After the loss of the database: first register everything again from the vault"
            " and the log. Stop the server before.",
        ),
    ] = False,
    trust_file: Annotated[
        Path | None,
        typer.Option(
            "--trust",
            help="With --rebuild: a published trust.json, whose keys of cameras and docks are"
            " taken. Default: trust.json in the data folder.",
        ),
    ] = None,
    seen: Annotated[
        list[Path] | None,
        typer.Option(help="A receipt or checkpoint that a dock or witness holds: the log has it."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer for programs.")] = False,
) -> None:
    """Audit everything. Exits 0 when all is sound, 1 when something was found.

    It changes nothing, unless you ask it to: --note-losses writes down what it found lost, and
    --rebuild registers everything again after the loss of the database, and notes losses too.
    """
    deployment = composition.deployment()
    outcome: Outcome | None = None
    noted: Noted | None = None
    with _bars(silent=as_json) as bars:
        told = _Telling(bars)
        if rebuilding:
            outcome = _rebuild(deployment, trust_file, told)
        report = audit.run(
            vault=deployment.vault,
            log=deployment.log_on_disk(),
            at=clock.now(),
            deep=deep,
            witnessed=[*deployment.witnesses.remembered(), *map(_seen, seen or ())],
            objections=deployment.witnesses.findings(),
            progress=told,
        )
        if rebuilding or note_losses:
            noted = losses.note(report=report, at=clock.now())
    findings = [*(outcome.findings if outcome else ()), *report.findings]
    if as_json:
        typer.echo(json.dumps(_json(report, findings, outcome, noted), ensure_ascii=False))
    else:
        _tell(report, findings, outcome, noted)
    raise typer.Exit(1 if findings else 0)


def _rebuild(deployment: Deployment, trust_file: Path | None, told: "_Telling") -> Outcome:
    """Bring the log's entries back, then everything else; nobody else may integrate meanwhile."""
    believed = _trust(deployment, trust_file)
    with deployment.integrator() as integrator:
        integrator.recover()
        tools = Tools(deployment.vault, deployment.commitments, believed)
        outcome = rebuild.run(tools=tools, at=clock.now(), progress=told)
        integrator.step()
    return outcome


def _seen(path: Path) -> bytes:
    """The checkpoint in a file that came from outside: a signed note, or a receipt with one."""
    try:
        data = path.read_bytes()
        if not data.startswith(b"{"):
            return data
        return proof.parse(receipt.parse(data).proof).checkpoint
    except OSError as error:
        raise SeenUnreadable(f"{path} can't be read: {error.strerror}.") from error
    except FormatError as error:
        raise SeenUnreadable(f"{path} is no receipt: {error.message}") from error


def _trust(deployment: Deployment, given: Path | None) -> TrustList | None:
    path = given or deployment.data / "trust.json"
    if given is None and not path.exists():
        return None
    try:
        return trust.parse(path.read_bytes())
    except OSError as error:
        raise TrustUnreadable(f"{path} can't be read: {error.strerror}.") from error


class _Telling:
    """Shows progress, a bar for each thing that is done."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=None)
        self._bars.update(self._tasks[what], completed=done, total=total or None)


def _bars(*, silent: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=silent or not sys.stderr.isatty(),
    )


def _json(
    report: Report, findings: list[Finding], outcome: Outcome | None, noted: Noted | None
) -> dict[str, object]:
    answer: dict[str, object] = {
        "at": timestamp.text(report.at),
        "sound": not findings,
        "deep": report.deep,
        "recordings": report.recordings,
        "blobs": report.blobs,
        "unnamed_blobs": report.unnamed_blobs,
        "ring_sealed_at": _sealed_at(report),
        "findings": [
            {
                "part": one.part,
                "code": one.code,
                "about": one.about,
                "message": one.message,
                "lost": one.lost,
            }
            for one in findings
        ],
    }
    if outcome is not None:
        answer["rebuilt"] = {
            "registered": outcome.registered,
            "tombstones": outcome.tombstones,
            "vestiges": outcome.vestiges,
            "transcripts": outcome.transcripts,
            "grown": outcome.grown,
            "stubs": outcome.stubs,
        }
    if noted is not None:
        answer["losses"] = {"noted": noted.lost, "found_again": noted.found_again}
    return answer


def _sealed_at(report: Report) -> str | None:
    made_at = report.ring_key.made_at if report.ring_key else None
    return None if made_at is None else timestamp.text(made_at)


def _tell(
    report: Report, findings: list[Finding], outcome: Outcome | None, noted: Noted | None
) -> None:
    console = Console(highlight=False, soft_wrap=True)
    if outcome is not None:
        console.print(
            f"Registered again: {outcome.registered:,} recordings with {outcome.transcripts:,}"
            f" transcripts and {outcome.grown:,} links of files that grew, and"
            f" {outcome.tombstones:,} that were deleted. Only the log still knows of"
            f" {outcome.vestiges:,} arrivals."
            f" {outcome.stubs:,} people, places and devices are stubs: register or enrol them anew."
        )
    for one in findings:
        console.print(f"[red]✗[/red] {one.part}: ", one.message, f" [dim]{one.code}[/dim]", sep="")
    if noted is not None and (noted.lost or noted.found_again):
        console.print(f"Written down: {noted.lost:,} lost, {noted.found_again:,} found again.")
    looked = f"{report.recordings:,} recordings, {report.blobs:,} blobs"
    if report.unnamed_blobs:
        looked += f" ({report.unnamed_blobs:,} of them left by interrupted work; they open nothing)"
    if not findings:
        console.print(f"[green]✓[/green] Sound: {looked}, and the whole log.")
    else:
        console.print(f"{len(findings):,} findings in {looked}.")
    if report.ring_key and report.ring_key.made_at:
        console.print(f"The key ring was sealed anew {telling.in_london(report.ring_key.made_at)}.")
