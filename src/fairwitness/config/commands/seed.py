"""`fairwitness seed`: a believable force of made-up people, for training and measuring."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from fairwitness.config import clock
from fairwitness.config.settings import ENVIRONMENT
from fairwitness.errors import FairwitnessError
from fairwitness.force import officers, seed
from fairwitness.force.models import Officer
from fairwitness.formats.keys import SigningKey

app = typer.Typer(
    help="Make up a force. The data folder is marked as training.", add_completion=False
)


@app.command()
def make(
    force: Annotated[str, typer.Option(help="Which ready data.")] = "met",
    scale: Annotated[float, typer.Option(help="Part of the real number of cameras.")] = 0.01,
    keys: Annotated[
        Path | None, typer.Option(help="Folder for the devices' private keys; else thrown away.")
    ] = None,
    password: Annotated[
        str | None, typer.Option(help="Password of the people whom demonstrations name.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Answer for programs.")] = False,
) -> None:
    """Make up units, officers, docks and cameras. All of it says TRAINING, NOT EVIDENCE."""
    if clock.training() is None:
        if Officer.objects.exists():
            raise FairwitnessError(
                "This is a real deployment. Made-up people need a data folder of their own.",
                code="seed.real",
            )
        clock.set_training(ENVIRONMENT.data, ahead=timedelta())
    at = clock.now()
    made = seed.seed(
        force=force,
        scale=scale,
        at=at,
        keep_key=_keeper(keys) if keys else None,
        tell=None if as_json else typer.echo,
    )
    if password is not None:
        for person in seed.STAFF:
            officer = officers.named(person.collar_number)
            officers.set_password(officer=officer, password=password, actor=seed.SYSTEM, at=at)
    counts = {
        "units": made.units,
        "stations": made.stations,
        "officers": made.officers,
        "docks": made.docks,
        "cameras": made.cameras,
        "issued": made.issued,
    }
    if as_json:
        typer.echo(json.dumps(counts))
    else:
        typer.echo(", ".join(f"{count:,} {what}" for what, count in counts.items()) + ".")
        typer.echo("TRAINING, NOT EVIDENCE: every person here is made up.")


def _keeper(folder: Path) -> seed.KeyKeeper:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def keep(serial: str, key: SigningKey) -> None:
        path = folder / f"{serial}.pem"
        path.touch(mode=0o600)
        path.write_bytes(key.pem())

    return keep
