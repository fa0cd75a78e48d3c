"""`fairwitness units`: boroughs, commands and their stations."""

from datetime import date
from typing import Annotated

import typer

from fairwitness.config import clock, telling
from fairwitness.force import coordinates, ready_data, stations, units
from fairwitness.force.models import Unit, UnitKind
from fairwitness.force.stations import NewStation
from fairwitness.force.units import NewUnit

app = typer.Typer(
    help="Boroughs, specialist commands and stations.", no_args_is_help=True, add_completion=False
)

By = Annotated[str | None, typer.Option("--by", help="Collar number of who does it.")]


@app.command()
def add(
    code: Annotated[str, typer.Argument(help="Two to eight capitals and digits.")],
    name: Annotated[str, typer.Argument(help="Its name.")],
    *,
    kind: Annotated[UnitKind, typer.Option(help="Part of the area, or a command.")] = (
        UnitKind.BOROUGH
    ),
    planned: Annotated[str | None, typer.Option(help="Planned day, as 2017-06-08.")] = None,
    cameras: Annotated[int, typer.Option(help="How many cameras it is to have.")] = 0,
    by: By = None,
) -> None:
    """Register a unit."""
    day = _day(planned) if planned else None
    new = NewUnit(code=code.upper(), name=name, kind=kind, planned_on=day, planned_cameras=cameras)
    row = units.register(actor=telling.actor(by), unit=new, at=clock.now())
    typer.echo(f"{row} is registered as {row.code}.")


@app.command()
def plan(
    code: Annotated[str, typer.Argument(help="The unit's code.")],
    *,
    cameras: Annotated[int, typer.Option(help="How many cameras it is to have.")],
    first: Annotated[
        str | None, typer.Option(help="Day of its first ones, as 2017-06-08; none if left out.")
    ] = None,
    by: By = None,
) -> None:
    """Plan the roll-out of a unit anew."""
    row = units.plan(
        unit=units.named(code),
        cameras=cameras,
        first_on=_day(first) if first else None,
        actor=telling.actor(by),
        at=clock.now(),
    )
    typer.echo(
        f"{row}: {row.planned_cameras:,} cameras, the first on {row.planned_on or 'no day'}."
    )


@app.command()
def station(
    code: Annotated[str, typer.Argument(help="Two to eight capitals and digits.")],
    name: Annotated[str, typer.Argument(help="Its name.")],
    *,
    unit: Annotated[str, typer.Option(help="Code of the unit it belongs to.")],
    place: Annotated[
        str | None, typer.Option(help="Latitude, longitude, as '51.46550, -0.11400'.")
    ] = None,
    address: Annotated[str, typer.Option(help="Its address.")] = "",
    by: By = None,
) -> None:
    """Register a station."""
    new = NewStation(
        code=code.upper(),
        name=name,
        unit=unit.upper(),
        address=address,
        place=coordinates.read(place) if place else None,
    )
    row = stations.register(actor=telling.actor(by), station=new, at=clock.now())
    typer.echo(f"{row} is registered as {row.code}.")


@app.command()
def load(
    force: Annotated[str, typer.Argument(help=f"One of {', '.join(ready_data.FORCES)}.")],
    by: By = None,
) -> None:
    """Register the units and stations of ready data, without people or cameras."""
    ready = ready_data.read(force)
    ready_data.load_units(ready=ready, actor=telling.actor(by), at=clock.now())
    typer.echo(f"{len(ready.units)} units and {len(ready.stations)} stations are registered.")
    for line in ready.about:
        typer.echo(line)


@app.command("list")
def list_(
    *, as_json: Annotated[bool, typer.Option("--json", help="Answer for programs.")] = False
) -> None:
    """List units with the days cameras were planned and came."""
    rows = [
        {
            "code": row.code,
            "name": row.name,
            "kind": row.kind,
            "planned": row.planned_on.isoformat() if row.planned_on else "",
            "actual": row.actual_on.isoformat() if row.actual_on else "",
            "planned_cameras": str(row.planned_cameras),
        }
        for row in Unit.objects.all()
    ]
    telling.show(rows, as_json=as_json, nothing="No units yet. `units load met` brings London's.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise telling.InputInvalid(f"{text!r} is no day. Write it as 2017-06-08.") from error
