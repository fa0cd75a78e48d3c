"""`fairwitness figures`: the public figures of each unit, and whether they add up."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from fairwitness.accountability import counting, figures, one_state, publishing
from fairwitness.accountability.figures import Figures
from fairwitness.config import clock, telling

app = typer.Typer(add_completion=False)

_COLUMNS = (
    ("received", "received"),
    ("not yet due", "not_yet_due"),
    ("under way", "under_way"),
    ("quarantine", "in_quarantine"),
    ("by rule", "deleted_by_rule"),
    ("by a person", "deleted_by_person"),
    ("lost", "lost"),
)
_WIDTH = 150  # a line of all columns, for a large force
_APART = (
    ("late", "late"),
    ("imported", "imported"),
    ("volumes", "from_volumes"),
    ("unsigned", "unsigned"),
    ("never arrived", "never_arrived"),
)


@app.command()
def show(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Answer for programs.")] = False,
    publish: Annotated[
        Path | None,
        typer.Option(
            help="Also write the answer for programs to this file, to be published: its digest"
            " and the totals go into the custody log first."
        ),
    ] = None,
    recount: Annotated[
        bool,
        typer.Option(
            help="Also count the months anew, from the rows and the whole log, and compare."
        ),
    ] = False,
    by: Annotated[str | None, typer.Option("--by", help="Collar number of who publishes.")] = None,
) -> None:
    """Count everything at this moment. Exits 1 when the figures do not add up."""
    with one_state.reading():
        counted = figures.count(at=clock.now())
    training = clock.training() is not None
    if publish is not None:
        file = publishing.file_of(counted, training=training)
        publishing.publish(counted=counted, file=file, actor=telling.actor(by), at=clock.now())
        publish.write_bytes(file)
    if as_json:
        typer.echo(json.dumps(publishing.table_of(counted, training=training)))
    else:
        _tell(counted)
    wrong = counting.differences(at=clock.now()) if recount else []
    for cell in wrong:
        typer.echo(
            f"{cell.measure} of {cell.month:%Y-%m}, {cell.unit or 'no unit'},"
            f" {cell.category or 'no category'}: a recount differs ({cell.number}).",
            err=True,
        )
    if recount and not wrong:
        typer.echo("The months are what a recount gives.", err=True)
    if counted.problems or wrong:
        raise typer.Exit(1)


def _tell(counted: Figures) -> None:
    table = Table(box=None, padding=(0, 2))
    table.add_column("unit", no_wrap=True)
    for name, _field in _COLUMNS[:2]:
        table.add_column(name, justify="right")
    table.add_column("kept", justify="right")
    for name, _field in (*_COLUMNS[2:], *_APART):
        table.add_column(name, justify="right")
    for line in (*counted.lines, counted.total):
        values = [f"{getattr(line, field):,}" for _name, field in (*_COLUMNS, *_APART)]
        values.insert(2, f"{sum(line.kept.values()):,}")
        table.add_row(line.name, *values)
    console = Console(highlight=False, soft_wrap=True)
    Console(width=max(console.width, _WIDTH), highlight=False).print(table)
    for reason, number in sorted(counted.total.kept.items()):
        console.print(f"  kept, {reason}: {number:,}")
    if clock.training() is not None:
        console.print(f"  {clock.MARK}: all that is counted here is made up.")
    console.print(
        "  late: docked so late that seven days from docking apply; imported: brought in by an"
        " officer; volumes: docked from an enrolled volume; unsigned: docked without a camera's"
        " signature; never arrived: numbers of cameras' counters that are missing. None is part of"
        " the sum."
    )
    if counted.problems:
        console.print("These figures DO NOT ADD UP:", style="bold red")
        for problem in counted.problems:
            console.print(f"  {problem}")
    else:
        console.print(
            f"They add up: {counted.total.received:,} received, and the log holds the same"
            f" {counted.in_log:,} arrivals."
        )
