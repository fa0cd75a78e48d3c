"""`fairwitness enrol`: believe the keys of docks and cameras, or stop believing them."""

from pathlib import Path
from typing import Annotated

import typer

from fairwitness.config import clock, telling
from fairwitness.config.telling import InputInvalid
from fairwitness.force import authority, enrolment, units
from fairwitness.force.enrolment import Device
from fairwitness.force.models import Camera, Dock
from fairwitness.formats import dsse

app = typer.Typer(
    help="Believe the keys of docks and cameras.", no_args_is_help=True, add_completion=False
)

KEY_DIGITS = 16
"""Digits of a key's fingerprint that must be given, at least."""

By = Annotated[str, typer.Option("--by", help="Collar number of who decides; asks a password.")]
Json = Annotated[bool, typer.Option("--json", help="Answer for programs.")]
Reason = Annotated[str, typer.Option(help="Why, for the log.")]
Serial = Annotated[str, typer.Argument(help="Serial number of the dock or camera.")]


@app.command()
def request(
    files: Annotated[list[Path], typer.Argument(help="Signed requests, as devices write them.")],
    by: Annotated[
        str | None, typer.Option("--by", help="Collar number of who brings them.")
    ] = None,
) -> None:
    """Take requests that docks and cameras wrote to files."""
    brought_by = "" if by is None else authority.text(telling.person(by))
    envelopes = [dsse.parse(_read(path)) for path in files]
    found = enrolment.request_many(envelopes=envelopes, at=clock.now(), brought_by=brought_by)
    for device in found:
        typer.echo(f"{device} is {device.get_status_display()}. Key: {_spaced(device.keyid)}")


@app.command("list")
def list_(
    *,
    every: Annotated[bool, typer.Option("--all", help="Not only those that wait.")] = False,
    as_json: Json = False,
) -> None:
    """List devices that wait for approval."""
    devices: list[Device] = enrolment.pending()
    if every:
        docks = Dock.objects.select_related("station__unit").order_by("serial")
        cameras = Camera.objects.select_related("station", "unit").order_by("serial")
        devices = [*docks, *cameras]
    rows = [
        {
            "device": "camera" if isinstance(device, Camera) else "dock",
            "serial": device.serial,
            "status": device.status,
            "station": device.station.code if device.station else "",
            "key": device.keyid if as_json else _spaced(device.keyid),
            "asked": telling.in_london(device.requested_at),
        }
        for device in devices
    ]
    telling.show(rows, as_json=as_json, nothing="Nothing waits for approval.")


@app.command()
def approve(
    serial: Serial,
    by: By,
    key: Annotated[str, typer.Option(help="The key's fingerprint, as the device shows it.")],
    unit: Annotated[str | None, typer.Option(help="Unit that a camera belongs to.")] = None,
    *,
    pool: Annotated[bool, typer.Option(help="A camera that is shared.")] = False,
) -> None:
    """Approve a device's key. Compare the fingerprint with what the device shows."""
    device = _device(serial)
    given = key.replace(" ", "").lower()
    if len(given) < KEY_DIGITS or not device.keyid.startswith(given):
        raise InputInvalid(
            f"That is not the key of {device}. Give at least {KEY_DIGITS} digits of the "
            "fingerprint that the device shows.",
            code="enrolment.other_key",
        )
    officer = telling.person(by)
    enrolment.approve(
        device=device,
        keyid=device.keyid,
        officer=officer,
        at=clock.now(),
        unit=units.named(unit) if unit else None,
        pool=pool,
    )
    typer.echo(f"{device} is approved.")


@app.command("approve-many")
def approve_many(
    file: Annotated[Path, typer.Argument(help="CSV with the columns serial and key.")],
    by: By,
    unit: Annotated[str | None, typer.Option(help="Unit that the cameras belong to.")] = None,
    *,
    pool: Annotated[bool, typer.Option(help="Cameras that are shared.")] = False,
) -> None:
    """Approve the keys of a list, all or none. The list says each full key."""
    rows = telling.rows_of(file, needed=["serial", "key"])
    officer = telling.person(by)
    done = enrolment.approve_many(
        devices=[(_device(row["serial"]), row["key"].replace(" ", "").lower()) for row in rows],
        officer=officer,
        at=clock.now(),
        unit=units.named(unit) if unit else None,
        pool=pool,
    )
    typer.echo(f"{len(done)} approved.")


@app.command()
def decline(serial: Serial, by: By, reason: Reason) -> None:
    """Turn a request down; the serial number is free again."""
    device = _device(serial)
    enrolment.decline(device=device, officer=telling.person(by), at=clock.now(), reason=reason)
    typer.echo(f"{device} is declined.")


@app.command()
def revoke(serial: Serial, by: By, reason: Reason) -> None:
    """Stop believing a device's key from now on."""
    device = _device(serial)
    enrolment.revoke(device=device, officer=telling.person(by), at=clock.now(), reason=reason)
    typer.echo(f"{device} is revoked. What it signed before stays believed.")


def _device(serial: str) -> Device:
    found: list[Device] = [
        *Camera.objects.select_related("unit", "station__unit").filter(serial=serial),
        *Dock.objects.select_related("station__unit").filter(serial=serial),
    ]
    if len(found) != 1:
        why = "There is no device" if not found else "There are a camera and a dock"
        raise InputInvalid(f"{why} with the serial number {serial}.", code="enrolment.unknown")
    return found[0]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputInvalid(f"{path} can't be read: {error.strerror}.") from error


def _spaced(keyid: str) -> str:
    """The first half of a key's fingerprint in groups of four, to compare by eye."""
    return " ".join(keyid[place : place + 4] for place in range(0, 32, 4))
