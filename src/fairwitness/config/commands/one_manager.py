"""`fairwitness one-manager`: let a small force run with one evidence manager, in the open."""

from typing import Annotated

import typer

from fairwitness.config import clock, telling
from fairwitness.force import one_manager

app = typer.Typer(
    help="A force with one evidence manager: public notice and delay for the second person.",
    no_args_is_help=True,
    add_completion=False,
)

By = Annotated[
    str | None, typer.Option("--by", help="Collar number of the administrator who does it.")
]
Reason = Annotated[str, typer.Option(help="Why, for the log.")]


@app.command()
def show() -> None:
    """Say whether the force runs with one evidence manager, and how many it has."""
    at = clock.now()
    count = len(one_manager.managers(at=at))
    found = one_manager.in_force(at=at)
    if found is None:
        typer.echo(f"No. Two-person acts need two people. Evidence managers: {count}.")
        return
    typer.echo(f"Yes, since {telling.in_london(found.begun_at)}. Reason: {found.reason}")


@app.command()
def begin(*, reason: Reason, by: By = None) -> None:
    """Begin; refused unless there is exactly one evidence manager."""
    one_manager.begin(actor=telling.actor(by), reason=reason, at=clock.now())
    typer.echo(
        "Begun. It is on the public page /notices, and ends when a second manager is appointed."
    )


@app.command()
def end(*, reason: Reason, by: By = None) -> None:
    """End it: what waits then needs a second person."""
    one_manager.end(actor=telling.actor(by), reason=reason, at=clock.now())
    typer.echo("Ended. Two-person acts need two people again.")
