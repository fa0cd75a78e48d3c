"""`fairwitness volume`: sticks and cards of other makers' footage, which docks may take."""

from typing import Annotated
from uuid import UUID

import typer

from fairwitness.config import clock, telling
from fairwitness.config.telling import InputInvalid
from fairwitness.force import officers, units, volumes
from fairwitness.force.models import Volume
from fairwitness.force.volumes import Terms

app = typer.Typer(
    help="Volumes of other makers' footage, which docks may take.",
    no_args_is_help=True,
    add_completion=False,
)

By = Annotated[str, typer.Option("--by", help="Collar number of who decides; asks a password.")]
Name = Annotated[str, typer.Argument(help="Its label if no other volume has it, else its id.")]
Reason = Annotated[str, typer.Option(help="Why, for the log.")]


@app.command("list")
def list_(
    *, as_json: Annotated[bool, typer.Option("--json", help="Answer for programs.")] = False
) -> None:
    """List the volumes that docks asked for."""
    rows = [
        {
            "label": row.label,
            "status": row.status,
            "made_by": row.made_by,
            "brought_by": row.brought_by.collar_number if row.brought_by else "",
            "unit": row.unit.code if row.unit else "",
            "wearer": row.wearer.collar_number if row.wearer else "",
            "erase": "yes" if row.erase else "no",
            "asked": telling.in_london(row.requested_at),
            "id": str(row.pk),
        }
        for row in volumes.listed(None)
    ]
    telling.show(rows, as_json=as_json, nothing="No volume was brought for enrolment yet.")


@app.command()
def approve(
    name: Name,
    by: By,
    unit: Annotated[str | None, typer.Option(help="Unit that its footage belongs to.")] = None,
    wearer: Annotated[
        str | None, typer.Option(help="Collar number of who wore its camera, if that is known.")
    ] = None,
    *,
    erase: Annotated[
        bool, typer.Option("--erase", help="Let docks erase from it what was received.")
    ] = False,
) -> None:
    """Have docks take a volume's footage from now on."""
    terms = Terms(
        unit=units.named(unit) if unit else None,
        wearer=officers.named(wearer) if wearer else None,
        erase=erase,
    )
    done = volumes.approve(
        volume=_volume(name), terms=terms, officer=telling.person(by), at=clock.now()
    )
    what = "may erase from it what was received" if done.erase else "erase nothing from it"
    typer.echo(f"{done} is approved. Docks take its footage and {what}.")


@app.command()
def decline(name: Name, by: By, reason: Reason) -> None:
    """Turn a request down."""
    done = volumes.decline(
        volume=_volume(name), officer=telling.person(by), at=clock.now(), reason=reason
    )
    typer.echo(f"{done} is declined.")


@app.command()
def revoke(name: Name, by: By, reason: Reason) -> None:
    """Have no dock take anything from a volume any more."""
    done = volumes.revoke(
        volume=_volume(name), officer=telling.person(by), at=clock.now(), reason=reason
    )
    typer.echo(f"{done} is revoked. What came from it stays.")


def _volume(name: str) -> Volume:
    found = list(volumes.listed(None).filter(label=name))
    if len(found) == 1:
        return found[0]
    try:
        return volumes.named(UUID(name))
    except ValueError as error:
        why = "Several volumes have" if found else "No volume has"
        raise InputInvalid(
            f"{why} the label {name}. Give its id.", code="volume.unknown"
        ) from error
