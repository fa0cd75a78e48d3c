"""`fairwitness deletions`: see the runs, stop deletion, and let it go on by two people."""

from typing import Annotated

import typer

from fairwitness.config import clock, telling
from fairwitness.retention import stopping
from fairwitness.retention.models import DisposalRun, RunState

app = typer.Typer(
    help="See, stop and let on the deletion of footage.",
    no_args_is_help=True,
    add_completion=False,
)

By = Annotated[str, typer.Option("--by", help="Collar number of who does it.")]
_SHOWN = 50


@app.command("list")
def list_(
    *, as_json: Annotated[bool, typer.Option("--json", help="Answer for programs.")] = False
) -> None:
    """List the latest runs, and what stopped them."""
    rows = [
        {
            "run": str(run.pk),
            "when": telling.in_london(run.started_at),
            "state": _state(run),
            "due": str(run.due),
            "deleted": str(run.disposed),
            "problem": run.problem_code,
        }
        for run in DisposalRun.objects.order_by("-started_at", "-pk")[:_SHOWN]
    ]
    telling.show(rows, as_json=as_json, nothing="No run has had anything to do.")


@app.command()
def stop(*, by: By, reason: Annotated[str, typer.Option(help="Why, for the log.")]) -> None:
    """Stop all deletion until two people let it go on."""
    run = stopping.stop(reason=reason, officer=telling.person(by), at=clock.now())
    typer.echo(f"Stopped. Nothing is deleted until two people let run {run.pk} on.")


@app.command("let-on")
def let_on(
    run: Annotated[int, typer.Argument(help="Number of the stopped run.")],
    *,
    by: By,
    reason: Annotated[str, typer.Option(help="What was looked at, and with what result.")],
) -> None:
    """Let deletion go on after a stop; two people do this, one after the other."""
    found = DisposalRun.objects.filter(pk=run).first()
    if found is None:
        raise telling.InputInvalid("There is no such run. `fairwitness deletions list` has them.")
    if stopping.let_on(run=found, reason=reason, officer=telling.person(by), at=clock.now()):
        typer.echo("Deletion goes on with the next sweep.")
        return
    typer.echo("Asked. Deletion stays stopped until a second person lets it on.")


def _state(run: DisposalRun) -> str:
    if run.state == RunState.STOPPED and run.agreed_by_id is not None:
        return "let on"
    if run.state == RunState.STOPPED and run.let_on_by_id is not None:
        return "stopped, one person asked"
    return run.state
