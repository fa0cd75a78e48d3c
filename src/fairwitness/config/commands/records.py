"""`fairwitness records`: bring in records of force, search and arrest, and calls, and list them."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from fairwitness.config import clock, telling
from fairwitness.force.authority import System
from fairwitness.retention import event_desk, event_list, looking
from fairwitness.retention.event_list import ListRefused

app = typer.Typer(help="Records that mark recordings.", no_args_is_help=True, add_completion=False)

FEED: Final = System("records-feed")
"""Who brings a list in when the server's own keyboard, or its timetable, does."""


@app.command("bring")
def bring_in(
    path: Annotated[Path, typer.Argument(help="The list, as CSV.")],
    *,
    by: Annotated[str | None, typer.Option("--by", help="Collar number of who does it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer for programs.")] = False,
) -> None:
    """Bring in a list and tell what came of each line. Exits 1 when a line was refused."""
    kept = event_desk.bring_in(
        data=_bytes(path),
        name=path.name,
        actor=telling.person(by) if by else FEED,
        at=clock.now(),
    )
    rows = [
        {key: str(value) for key, value in row.items() if as_json or key != "event"}
        for row in kept.lines
    ]
    telling.show(rows, as_json=as_json, nothing="The list has no lines.")
    if not as_json:
        typer.echo(", ".join(f"{number} {what}" for what, number in sorted(kept.counts.items())))
    if kept.counts.get(event_desk.REFUSED):
        raise typer.Exit(1)


@app.command("missing")
def missing(
    *,
    days: Annotated[int, typer.Option(help="How far back.", min=1, max=366)] = 31,
    as_json: Annotated[bool, typer.Option("--json", help="Answer for programs.")] = False,
) -> None:
    """List the records that no recording is of, and of which nobody has said why."""
    since = clock.now() - timedelta(days=days)
    found = looking.missing().filter(begins_at__gte=since).select_related("officer", "unit")
    rows = [
        {
            "record": str(row),
            "officer": row.officer.collar_number if row.officer else "",
            "unit": row.unit.code if row.unit else "",
            "began": telling.in_london(row.begins_at),
            "ended": telling.in_london(row.ends_at),
        }
        for row in found[:1000]
    ]
    telling.show(rows, as_json=as_json, nothing="Every record has its recording, or its reason.")


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(event_list.MOST_BYTES + 1)
    except OSError as error:
        raise ListRefused(f"{path} can't be read: {error}.") from error
