"""`fairwitness witness`: an outside witness of a custody log, in a folder of its own."""

import ipaddress
import logging
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from fairwitness.custody import durable
from fairwitness.custody.witness import Witness
from fairwitness.custody.witness_server import WitnessServer
from fairwitness.errors import FairwitnessError
from fairwitness.formats import policy
from fairwitness.formats.note import NoteSigner, SignatureType

app = typer.Typer(add_completion=False, no_args_is_help=True)

KEY = "key.pem"
NAME = "name"
LOGS = "logs"
SEEN = "seen"

_NONE = "# log VKEY, a line for each log that this witness follows; C2SP tlog-policy\nquorum none\n"
_Folder = Annotated[Path, typer.Option("--folder", help="The witness's own folder.")]


class FolderInvalid(FairwitnessError):
    """The folder is not that of a witness, or is one already, or the address is none."""

    code = "witness.folder"


@app.command()
def init(
    *,
    folder: _Folder,
    name: Annotated[str, typer.Option(help="Its name, like oversight.example/w1.")],
    log: Annotated[list[str] | None, typer.Option(help="VKEY of a log to follow.")] = None,
) -> None:
    """Make the witness's key, and print its public half for the force's policy file."""
    signer = NoteSigner.generate(name, kind=SignatureType.COSIGNATURE_V1)
    logs = "".join(f"log {vkey}\n" for vkey in log or ()) + _NONE
    policy.parse(logs.encode())
    if not durable.create(folder / KEY, signer.pem()):
        raise FolderInvalid(f"{folder} has a witness's key already.")
    changed = durable.write(folder / NAME, f"{name}\n".encode())
    durable.sync_folders(changed | durable.write(folder / LOGS, logs.encode()))
    typer.echo(signer.vkey)


@app.command()
def show(*, folder: _Folder) -> None:
    """Print the witness's public key again."""
    typer.echo(_signer(folder).vkey)


@app.command()
def run(
    *,
    folder: _Folder,
    listen: Annotated[str, typer.Option(help="ADDRESS:PORT.")] = "127.0.0.1:8420",
) -> None:
    """Follow the logs named in the folder's file `logs`, until stopped."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    try:
        followed = policy.parse((folder / LOGS).read_bytes()).logs
    except OSError as error:
        raise FolderInvalid(f"{folder} names no logs: {error.strerror}.") from error
    kept = Witness(
        folder / SEEN, logs={each.name: each for each in followed}, signer=_signer(folder)
    )
    address = _address(listen)
    try:
        server = WitnessServer(address, witness=kept, clock=lambda: datetime.now(tz=UTC))
    except OSError as error:
        raise FolderInvalid(f"We can't listen on {listen}: {error.strerror}.") from error
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    typer.echo(f"Witnessing {len(followed)} logs on http://{listen}")
    server.serve_forever()
    server.server_close()


def _signer(folder: Path) -> NoteSigner:
    try:
        pem, name = (folder / KEY).read_bytes(), (folder / NAME).read_text().strip()
    except OSError as error:
        raise FolderInvalid(f"{folder} is not a witness's: {error.strerror}.") from error
    return NoteSigner.from_pem(pem, name=name, kind=SignatureType.COSIGNATURE_V1)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    try:
        ipaddress.ip_address(host)
        return host, int(port)
    except ValueError as error:
        raise FolderInvalid("--listen is an address and a port, like 0.0.0.0:8420.") from error
