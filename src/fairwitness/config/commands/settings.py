"""`fairwitness settings`: what cameras of one kind do, pushed to each when it is docked."""

import json
from typing import Annotated

import typer

from fairwitness.config import clock, telling
from fairwitness.force import camera_settings
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
    """Show what is decided now for each kind of camera."""
    found = [row for row in map(camera_settings.latest, Profile.values) if row is not None]
    rows = [
        {
            "cameras": row.profile,
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
) -> None:
    """Change some of it; docks push it at the next docking."""
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
    )
    typer.echo(f"Version {row.version} for {row.get_profile_display()}: at the next docking.")


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
