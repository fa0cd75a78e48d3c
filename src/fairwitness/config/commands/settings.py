"""`fairwitness settings`: what cameras of one kind do, pushed to each when it is docked."""

import json
from typing import Annotated

import typer

from fairwitness.config import clock, telling
from fairwitness.force import camera_settings, units
from fairwitness.force.camera_settings import Change
from fairwitness.force.models import Profile
from fairwitness.formats.canonical import Json

app = typer.Typer(
    help="What cameras do: settings, wanted firmware, and when a pool camera may be taken.",
    no_args_is_help=True,
    add_completion=False,
)


@app.command()
def show(
    *, as_json: Annotated[bool, typer.Option("--json", help="Answer for programs.")] = False
) -> None:
    """Show what is decided now for each kind of camera, and for units that have their own."""
    found = []
    for profile in Profile.values:
        found += [row for row in [camera_settings.latest(profile)] if row is not None]
        own = camera_settings.last_of_units(profile).values()
        found += sorted((row for row in own if not row.follows), key=lambda row: str(row.unit))
    rows = [
        {
            "cameras": row.profile,
            "unit": row.unit.code if row.unit else "",
            "version": str(row.version),
            "settings": ", ".join(f"{k}={_text(v)}" for k, v in sorted(row.settings.items())),
            "firmware": row.firmware,
            "pool": f"{row.battery_percent} % or {row.charge_minutes} min",
            "since": telling.in_london(row.decided_at),
        }
        for row in found
    ]
    telling.show(rows, as_json=as_json, nothing="Nothing is decided: cameras keep their own.")


@app.command()
def change(
    profile: Annotated[Profile, typer.Argument(help="Which kind of camera.")],
    changes: Annotated[
        list[str] | None, typer.Argument(help="NAME=VALUE, such as buffer_seconds=60.")
    ] = None,
    *,
    reason: Annotated[str, typer.Option(help="Why, for the log.")],
    by: Annotated[str | None, typer.Option("--by", help="Collar number of who decides.")] = None,
    firmware: Annotated[
        str | None, typer.Option(help="The version that they should run; it is told, no more.")
    ] = None,
    battery: Annotated[
        int | None, typer.Option(help="Per cent with which a pool camera may be taken.")
    ] = None,
    minutes: Annotated[
        int | None, typer.Option(help="Or minutes in the dock after which it may be.")
    ] = None,
    unit: Annotated[str | None, typer.Option(help="Of this unit's cameras alone.")] = None,
) -> None:
    """Change some of it, for all or for one unit; docks push it at the next docking."""
    row = camera_settings.decide(
        profile=profile,
        change=Change(
            settings=dict(map(_pair, changes or ())),
            firmware=firmware,
            battery_percent=battery,
            charge_minutes=minutes,
        ),
        actor=telling.actor(by),
        at=clock.now(),
        reason=reason,
        unit=units.named(unit) if unit else None,
    )
    where = f" of {row.unit}" if row.unit else ""
    typer.echo(
        f"Version {row.version} for {row.get_profile_display()}{where}: at the next docking."
    )


@app.command()
def follow(
    profile: Annotated[Profile, typer.Argument(help="Which kind of camera.")],
    *,
    unit: Annotated[str, typer.Option(help="The unit that gives its own settings up.")],
    reason: Annotated[str, typer.Option(help="Why, for the log.")],
    by: Annotated[str | None, typer.Option("--by", help="Collar number of who decides.")] = None,
) -> None:
    """Let a unit's cameras have the force's settings again."""
    row = camera_settings.follow(
        profile=profile,
        unit=units.named(unit),
        actor=telling.actor(by),
        at=clock.now(),
        reason=reason,
    )
    typer.echo(f"{row.unit} follows the force again, from the next docking of each camera.")


def _pair(text: str) -> tuple[str, Json]:
    name, equals, value = text.partition("=")
    if not equals:
        raise telling.InputInvalid(f"{text!r} is no NAME=VALUE.")
    try:
        said: Json = json.loads(value)
    except ValueError:
        said = value
    return name, said


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
