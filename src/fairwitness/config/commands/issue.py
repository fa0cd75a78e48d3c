"""`fairwitness issue`: hand cameras to officers, take them back, and say who has which."""

from pathlib import Path
from typing import Annotated

import typer

from fairwitness.config import clock, telling
from fairwitness.force import cameras, issue, officers
from fairwitness.force.issue import NewIssue
from fairwitness.force.models import CameraStatus
from fairwitness.ingest import on_camera

app = typer.Typer(
    help="Hand cameras to officers, and take them back.", no_args_is_help=True, add_completion=False
)

By = Annotated[str | None, typer.Option("--by", help="Collar number of who does it.")]
Serial = Annotated[str, typer.Argument(help="Serial number of the camera.")]
Reason = Annotated[str, typer.Option(help="Why, for the log.")]
REPORTS = {
    "lost": CameraStatus.LOST,
    "stolen": CameraStatus.STOLEN,
    "repair": CameraStatus.REPAIR,
    "back": CameraStatus.APPROVED,
}


@app.command()
def camera(
    serial: Serial,
    *,
    to: Annotated[str, typer.Option(help="Collar number of the officer.")],
    since: Annotated[str | None, typer.Option("--from", help="London time; default now.")] = None,
    until: Annotated[str | None, typer.Option(help="London time; default until returned.")] = None,
    by: By = None,
    reason: Reason = "",
) -> None:
    """Issue a camera to an officer."""
    at = clock.now()
    row = issue.issue_camera(
        camera=cameras.named(serial),
        officer=officers.named(to),
        actor=telling.actor(by),
        at=at,
        begins_at=telling.moment(since) if since else None,
        ends_at=telling.moment(until) if until else None,
        reason=reason,
    )
    end = f" to {telling.in_london(row.ends_at)}" if row.ends_at else ""
    start = telling.in_london(row.begins_at)
    typer.echo(f"Camera {serial} is issued to {row.officer}, from {start}{end}.")


@app.command()
def take(
    serial: Serial,
    by: Annotated[str, typer.Option("--by", help="Collar number of who takes it.")],
) -> None:
    """Take a pool camera from the shelf, from now until it is returned."""
    officer = telling.person(by)
    issue.take_pool_camera(camera=cameras.named(serial), officer=officer, at=clock.now())
    typer.echo(f"{officer} has camera {serial} now.")


@app.command("csv")
def csv_(
    file: Annotated[Path, typer.Argument(help="CSV: camera,to and optionally from,until.")],
    by: By = None,
    reason: Reason = "",
) -> None:
    """Issue the cameras of a list, all or none."""
    at = clock.now()
    rows = telling.rows_of(file, needed=["camera", "to"])
    issues = [
        NewIssue(
            camera=cameras.named(row["camera"]),
            officer=officers.named(row["to"]),
            begins_at=telling.moment(row["from"]) if row.get("from") else at,
            ends_at=telling.moment(row["until"]) if row.get("until") else None,
        )
        for row in rows
    ]
    done = issue.issue_many(actor=telling.actor(by), issues=issues, at=at, reason=reason)
    typer.echo(f"{len(done)} issued.")


@app.command("return")
def return_(
    serials: Annotated[list[str], typer.Argument(help="Serial numbers of the cameras.")],
    by: By = None,
    reason: Reason = "",
) -> None:
    """Take cameras back now, all or none."""
    found = [cameras.named(serial) for serial in serials]
    done = issue.return_many(actor=telling.actor(by), cameras=found, at=clock.now(), reason=reason)
    for row in done:
        typer.echo(f"{row.officer} has returned camera {row.camera.serial}.")


@app.command()
def report(
    serial: Serial,
    what: Annotated[str, typer.Argument(help=f"One of {', '.join(REPORTS)}.")],
    reason: Annotated[str, typer.Option(help="What happened, for the log.")],
    by: By = None,
) -> None:
    """Report a camera lost, stolen, in repair, or back."""
    if what not in REPORTS:
        raise telling.InputInvalid(f"Say one of {', '.join(REPORTS)}.")
    named = cameras.named(serial)
    row = cameras.report(
        camera=named,
        status=REPORTS[what],
        actor=telling.actor(by),
        at=clock.now(),
        reason=reason,
        on_it=on_camera.known(named).detail(),
    )
    typer.echo(f"Camera {serial} is {row.get_status_display()}.")


@app.command("list")
def list_(
    unit: Annotated[str | None, typer.Option(help="Only this unit's cameras.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Answer for programs.")] = False,
) -> None:
    """Say who has which camera now."""
    rows = [
        {
            "camera": row.camera.serial,
            "officer": row.officer.collar_number,
            "name": row.officer.title,
            "unit": row.officer.unit.code,
            "since": telling.in_london(row.begins_at),
            "until": telling.in_london(row.ends_at),
        }
        for row in issue.out_now(at=clock.now())
        if unit is None or row.officer.unit.code == unit.upper()
    ]
    telling.show(rows, as_json=as_json, nothing="No camera is out.")
