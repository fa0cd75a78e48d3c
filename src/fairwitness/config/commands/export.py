"""`fairwitness export`: a copy for court of all exhibits of a case, into a new folder."""

import uuid
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from fairwitness.cases.models import Case
from fairwitness.config import clock, composition, telling
from fairwitness.disclosure import exporting
from fairwitness.errors import FairwitnessError

app = typer.Typer(add_completion=False)


class CaseUnknown(FairwitnessError):
    """There is no such case."""

    code = "case.unknown"


@app.command()
def make(
    case: Annotated[str, typer.Argument(help="The case's reference, such as 01/803/17.")],
    folder: Annotated[Path, typer.Option("--to", help="A new folder; it will hold plain footage.")],
    recipient: Annotated[str, typer.Option("--for", help="For whom it is.")],
    by: Annotated[str, typer.Option("--by", help="Collar number of who makes it.")],
    purpose: Annotated[str, typer.Option(help="Why it is given.")] = "prosecution",
    *,
    hearing: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day of the hearing, as 2017-09-04."),
    ] = None,
) -> None:
    """Export a case. The server must be running, so that the log keeps up."""
    found = Case.objects.filter(reference=case).first()
    if found is None:
        raise CaseUnknown(f"There is no case {case}.")
    deployment = composition.deployment()
    officer = telling.person(by)
    claim = exporting.to_folder(
        case=found,
        folder=folder,
        recipient=recipient,
        purpose=purpose,
        officer=officer,
        kit=deployment.export_kit(),
        disclosure=uuid.uuid4(),
        at=clock.now(),
        hearing_on=hearing.date() if hearing else None,
    )
    typer.echo(f"{len(claim.exhibits)} exhibit(s) for {recipient} in {folder}.")
    typer.echo(f"Read this to whoever asks: {deployment.fingerprint()}")
