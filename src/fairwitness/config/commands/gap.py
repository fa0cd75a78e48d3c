"""`fairwitness gap`: what a restored database left open in the log; two people close it."""

from typing import Annotated

import typer

from fairwitness.accountability import closing
from fairwitness.config import clock, telling
from fairwitness.custody import gaps
from fairwitness.custody.gaps import Gap

app = typer.Typer(
    help="The gap in the log after a restore.", no_args_is_help=True, add_completion=False
)


@app.command()
def show() -> None:
    """Say whether a gap is open. Exits 1 when one is."""
    gap = gaps.open_gap()
    if gap is None:
        typer.echo("No gap is open.")
        return
    typer.echo(_words(gap))
    raise typer.Exit(1)


@app.command()
def close(
    *,
    by: Annotated[str, typer.Option("--by", help="Collar number of who says so.")],
    reason: Annotated[
        str, typer.Option(help="What was compared, with what, and with what result.")
    ],
) -> None:
    """Ask to close the open gap, or, as the second person, close it: deletion then goes on."""
    officer, gap = telling.person(by), gaps.open_gap()
    left = closing.close_gap(officer=officer, reason=reason, at=clock.now())
    if others := closing.set_by_others(officer=officer, gap=gap):
        typer.echo(
            f"The entry says that {officer}'s password or factor was set by {', '.join(others)}"
            " since the gap was found.",
            err=True,
        )
    typer.echo(_words(left) if left else "The gap is closed. Deletion goes on.")


def _words(gap: Gap) -> str:
    found = f"A gap was found on {telling.in_london(gap.found_at)}"
    if gap.first is not None and gap.size is not None:
        found += f": {gap.size - gap.first:,} entries came back from the log's files"
    if gap.dispute:
        found += f". {gap.dispute} Nothing is signed"
    asked = "Somebody has asked to close it; another person" if gap.requested_by else "Two people"
    return f"{found}. {asked} must say that it can be closed. Until then nothing is deleted."
