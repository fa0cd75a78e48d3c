"""`fairwitness dispose`: delete what is due now, or say what would be."""

import json
import sys
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from fairwitness.config import clock, composition, deletion, second_clock, telling
from fairwitness.config.composition import Deployment
from fairwitness.evidence.models import Recording
from fairwitness.formats import timestamp
from fairwitness.retention import sweep
from fairwitness.retention.sweep import Outcome

app = typer.Typer(add_completion=False)
_CHUNK = 500


@app.command()
def dispose(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be deleted; change nothing.")
    ] = False,
    at: Annotated[
        str | None,
        typer.Option(
            help="Another time, in London: with --dry-run, or on training data, where every day "
            "until then is lived through."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer for programs.")] = False,
) -> None:
    """Run retention now: list what falls due, delete what was listed and is due, finish the rest.

    Exits 1 when the run stopped itself; the reason is told, and nothing is half done.
    """
    deployment = composition.deployment()
    then = telling.moment(at) if at else None
    if dry_run:
        outcome = sweep.forecast(at=then or clock.now())
    else:
        deployment.recover_log()
        with _progress(silent=as_json) as bar:
            outcome = _run(deployment, then, bar)
    _tell(outcome, deployment, dry_run=dry_run, as_json=as_json)
    if outcome.stopped is not None:
        raise typer.Exit(1)


def _run(deployment: Deployment, at: datetime | None, bar: Progress) -> Outcome:
    task = bar.add_task("Deleting", total=None)

    def progress(done: int, total: int) -> None:
        bar.update(task, completed=done, total=total)

    if at is None:
        return deletion.sweep_now(deployment, progress=progress)
    return deletion.sweep_at(deployment, at=at, progress=progress)


def _progress(*, silent: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=silent or not sys.stderr.isatty(),
    )


def _tell(outcome: Outcome, deployment: Deployment, *, dry_run: bool, as_json: bool) -> None:
    references = _references(outcome)
    clock_said, _ = second_clock.of(deployment)
    if as_json:
        answer = {
            "at": timestamp.text(outcome.at),
            "dry_run": dry_run,
            "second_clock": clock_said,
            "due": outcome.due,
            "deleted": [{"recording": pk, "reference": ref} for pk, ref in references],
            "finished": outcome.finished,
            "listed": outcome.listed,
            "waiting_for_notice": outcome.unlisted,
            "stopped": None
            if outcome.stopped is None
            else {"code": outcome.stopped.code, "message": outcome.stopped.message},
        }
        sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1) + "\n")
        return
    would = "would be deleted" if dry_run else "deleted"
    typer.echo(f"At {telling.in_london(outcome.at)} (London); second clock: {clock_said}.")
    typer.echo(f"{len(references)} {would} of {outcome.due} due.")
    for _pk, reference in references:
        typer.echo(f"  {reference}")
    if outcome.unlisted:
        typer.echo(
            f"{outcome.unlisted} due were not listed 48 hours ago: nobody can read them any more, "
            "and they are deleted when the notice has run."
        )
    if outcome.listed:
        typer.echo(f"{outcome.listed} listed for deletion in the custody log.")
    if outcome.stopped is not None:
        typer.echo(f"Stopped: {outcome.stopped.message} [{outcome.stopped.code}]", err=True)


def _references(outcome: Outcome) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for start in range(0, len(outcome.disposed), _CHUNK):
        rows = Recording.objects.filter(pk__in=outcome.disposed[start : start + _CHUNK])
        found += [(str(pk), ref) for pk, ref in rows.values_list("pk", "reference")]
    return sorted(found, key=lambda pair: pair[1])
