"""`fairwitness serve`: web pages, uploads, playback and the log, on one port."""

import ipaddress
import multiprocessing
import os
from pathlib import Path
from typing import Annotated

import typer
from django.db import connections
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from fairwitness.config import composition, deletion
from fairwitness.errors import FairwitnessError

app = typer.Typer(add_completion=False)

_HEAD_MS = 10_000
_CONNECTIONS = 2000


class ServeRefused(FairwitnessError):
    """An address that may not be served as asked."""

    code = "serve.refused"


@app.command()
def serve(  # the command line is the signature
    *,
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8417,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    with_worker: Annotated[
        bool, typer.Option("--with-worker", help="Do the background work as well.")
    ] = False,
    tls_certificate: Annotated[
        Path | None, typer.Option(help="PEM file of the certificate chain.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file of its private key.")] = None,
    behind_tls: Annotated[
        bool, typer.Option("--behind-tls", help="A proxy in front of us ends TLS.")
    ] = False,
) -> None:
    """Serve the site and the docks until stopped."""
    tls = tls_certificate is not None and tls_key is not None
    if not (tls or behind_tls or _is_loopback(host)):
        raise ServeRefused(
            "Beyond this machine only TLS is spoken: give --tls-certificate and --tls-key, "
            "or say --behind-tls.",
            code="serve.tls",
        )
    if with_worker:
        os.environ["FAIRWITNESS_WITH_WORKER"] = "1"
    if tls or behind_tls:
        os.environ["FAIRWITNESS_SECURE"] = "1"
    deployment = composition.deployment()  # a wrong key or folder is told here, not by a child
    deployment.recover_log()
    if with_worker:
        deletion.sweep_before_serving(deployment)
    connections.close_all()
    multiprocessing.set_start_method("spawn", force=True)
    typer.echo(f"Serving on {'https' if tls else 'http'}://{host}:{port}")
    Granian(
        "fairwitness.config.asgi:app",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=1,
        websockets=False,
        backpressure=_CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=_HEAD_MS),
        ssl_cert=tls_certificate,
        ssl_key=tls_key,
        log_level=LogLevels.warning,
        workers_kill_timeout=30,
    ).serve()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
