"""`fairwitness axis`: body-worn systems of Axis, which dock straight in."""

import base64
import contextlib
import ipaddress
import json
import os
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from cryptography import x509

from fairwitness.config import clock, composition, telling
from fairwitness.force import cameras, keyless, officers, stations, units
from fairwitness.force.authority import Actor
from fairwitness.ingest.axis import connecting, connection_file, containers, mapping, papers
from fairwitness.ingest.axis.connecting import AxisRefused
from fairwitness.ingest.axis.connection_file import Connection
from fairwitness.ingest.axis.content_keys import PublicHalf
from fairwitness.ingest.axis.models import PartyKind
from fairwitness.ingest.models import AxisSystem

app = typer.Typer(
    help="Axis body-worn systems, which dock straight in.",
    no_args_is_help=True,
    add_completion=False,
)

By = Annotated[str | None, typer.Option("--by", help="Collar number of who does it.")]
Person = Annotated[str, typer.Option("--by", help="Collar number of who does it.")]
Name = Annotated[str, typer.Option(help="Name of the Axis system.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer for programs.")]


@app.command("connection-file")
def connection_file_(
    *,
    url: Annotated[
        list[str], typer.Option(help="At which the Axis system reaches us, https://host:port.")
    ],
    name: Name = "Axis",
    station: Annotated[str | None, typer.Option(help="Code of its station.")] = None,
    certificate: Annotated[
        list[Path] | None, typer.Option(help="PEM of our certificate, or of who signed it.")
    ] = None,
    encrypt: Annotated[
        bool, typer.Option("--encrypt", help="Have it encrypt what it sends. Never undone.")
    ] = False,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="With --encrypt: make a new key to encrypt for.")
    ] = False,
    output: Annotated[Path | None, typer.Option(help="File to write; default: print it.")] = None,
    by: By = None,
) -> None:
    """Make the file that AXIS Body Worn Manager is given; it holds a key, shown only here."""
    deployment = composition.deployment()
    actor = telling.actor(by)
    certificates = [_certificate(path) for path in certificate or []]
    _check_addresses(url, certificates)
    with _handing_over(output) as hand_over:
        known = AxisSystem.objects.filter(name=name, revoked_at=None).first()
        encrypts = encrypt or (known is not None and known.encrypts)
        half = _content_key(deployment, actor, fresh=new_key) if encrypts else None
        made = connecting.connect(
            name=name,
            url=url[0],
            station=stations.named(station.upper()) if station else None,
            encrypts=encrypts,
            actor=actor,
            at=clock.now(),
        )
        data = connection_file.encode(
            Connection(
                site=f"{deployment.environment.force}: {name}",
                version=metadata.version("fairwitness"),
                urls=url,
                certificates=certificates,
                user=made.system.user,
                key=made.key,
                public_key=half.pem if half else None,
                public_key_id=half.key_id if half else "",
            )
        )
        hand_over(data)


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List the Axis systems that are or were connected."""
    rows = [
        {
            "name": row.name,
            "user": row.user,
            "address": row.url,
            "station": row.station.code if row.station else "",
            "encrypts": "yes" if row.encrypts else "no",
            "last_seen": telling.in_london(row.last_seen_at),
            "revoked": telling.in_london(row.revoked_at),
        }
        for row in AxisSystem.objects.select_related("station")
    ]
    telling.show(rows, as_json=as_json, nothing="No Axis system is connected yet.")


@app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="Name of the Axis system.")],
    reason: Annotated[str, typer.Option(help="Why, for the log.")],
    by: By = None,
) -> None:
    """End a connection: its key is refused from now on; what it sent stays."""
    row = connecting.named(name)
    connecting.revoke(system=row, reason=reason, actor=telling.actor(by), at=clock.now())
    typer.echo(f"{row} is refused from now on.")


@app.command()
def parties(*, name: Name = "Axis", as_json: AsJson = False) -> None:
    """List the people and cameras that an Axis system has named, and who they are said to be."""
    rows = [
        {
            "kind": row.get_kind_display(),
            "their_id": row.their_id,
            "their_name": row.their_name,
            "active": "yes" if row.active else "no",
            "is": str(row.officer or row.camera or ""),
        }
        for row in mapping.parties(connecting.named(name))
    ]
    telling.show(rows, as_json=as_json, nothing="It has named nobody yet.")


@app.command("map")
def map_(
    kind: Annotated[PartyKind, typer.Argument(help="person or camera.")],
    their_id: Annotated[str, typer.Argument(help="As `axis parties` lists it.")],
    ours: Annotated[str, typer.Argument(help="Collar number, or serial number of the camera.")],
    by: Person,
    *,
    name: Name = "Axis",
    register: Annotated[
        str | None, typer.Option(help="Register the camera now, for the unit of this code.")
    ] = None,
) -> None:
    """Say which officer or camera of ours one of an Axis system's is."""
    system, officer, at = connecting.named(name), telling.person(by), clock.now()
    if kind is PartyKind.PERSON:
        wearer = officers.named(ours)
        done = mapping.map_person(
            system=system, their_id=their_id, wearer=wearer, officer=officer, at=at
        )
        typer.echo(f"{their_id} is {wearer}. {done} waiting recordings are assigned.")
        return
    if register is not None:
        unit = units.named(register.upper())
        keyless.register(serial=ours, unit=unit, station=system.station, officer=officer, at=at)
    camera = cameras.named(ours)
    mapping.map_camera(system=system, their_id=their_id, camera=camera, officer=officer, at=at)
    typer.echo(f"{their_id} is {camera}.")


@app.command("papers")
def papers_(
    container: Annotated[
        str, typer.Argument(help="Name of the container: the beginning of a recording's file name.")
    ],
    by: Person,
    *,
    name: Name = "Axis",
) -> None:
    """Print what came with a container's clips, headers and small bodies, as JSON."""
    officer = telling.person(by)
    found = papers.read(
        container=containers.find(connecting.named(name), container),
        officer=officer,
        vault=composition.deployment().vault,
        at=clock.now(),
    )
    told = [
        {**head, "body": body.decode("utf-8", errors="replace"), "base64": _base64(body)}
        for head, body in found
    ]
    sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def _base64(body: bytes) -> str:
    return base64.b64encode(body).decode()


def _check_addresses(urls: list[str], certificates: list[bytes]) -> None:
    for url in urls:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
            raise AxisRefused(f"{url} is no address. Write it as https://host:port.")
        if parts.scheme == "http" and not _is_loopback(parts.hostname):
            raise AxisRefused("Beyond this machine only TLS is spoken: give an https address.")
        if parts.scheme == "https" and not certificates:
            raise AxisRefused(
                "Give the server's certificate with --certificate: without it the Axis system "
                "would speak plain HTTP."
            )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _certificate(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        x509.load_pem_x509_certificates(data)
    except (OSError, ValueError) as error:
        raise AxisRefused(f"{path} is no certificate in PEM: {error}") from error
    if b"PRIVATE KEY" in data:
        raise AxisRefused(f"{path} holds a private key, which must never leave the server.")
    return data


def _content_key(deployment: composition.Deployment, actor: Actor, *, fresh: bool) -> PublicHalf:
    """The key to encrypt for, made when there is none or a new one is asked for."""
    half = None if fresh else deployment.content_keys.newest()
    return half or connecting.make_content_key(
        keys=deployment.content_keys, actor=actor, at=clock.now()
    )


@contextlib.contextmanager
def _handing_over(output: Path | None) -> Iterator[Callable[[bytes], object]]:
    """Where the file goes: made before the new key is, which ends the one in use."""
    if output is None:
        yield lambda data: sys.stdout.write(data.decode())
        return
    try:
        handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise AxisRefused(f"{output} can't be written: {error}.") from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file.write
    except BaseException:
        output.unlink()
        raise
    typer.echo(f"Give {output} to AXIS Body Worn Manager, then delete it: it holds a key.")
