"""`fairwitness keys`: the keys that this server signs with, and what was published of them."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from fairwitness.config import clock, composition, key_changes, server_keys, telling
from fairwitness.config.key_changes import Change
from fairwitness.config.server_keys import KeysBusy
from fairwitness.config.settings import ENVIRONMENT
from fairwitness.formats import timestamp
from fairwitness.formats.trust import KeyRole

app = typer.Typer(help="The server's own signing keys.", no_args_is_help=True, add_completion=False)

FOLDER = ENVIRONMENT.data / "keys"
Role = Annotated[str, typer.Argument(help="receipt, derivative, disposal or disclosure.")]
By = Annotated[str, typer.Option("--by", help="Collar number of the administrator who does it.")]
Reason = Annotated[str, typer.Option(help="Why, for the log.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer for programs.")]


@app.callback()
def finish() -> None:
    """Before anything else: what a change that was cut left unwritten is written now.

    While a server runs, its start was after the change, and the next quiet command writes it.
    """
    if (FOLDER / server_keys.REGISTER).exists():
        with suppress(KeysBusy):
            key_changes.finish(folder=FOLDER, at=clock.now())


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List every key that this server ever signed with."""
    composition.deployment()  # makes the keys of a new deployment
    rows = [
        {
            "role": key.role.value,
            "key": key.keyid if as_json else key.keyid[:16],
            "from": _moment(key.valid_from, as_json),
            "until": _moment(key.valid_until, as_json) or "in use",
            "revoked": _moment(key.revoked_at, as_json),
        }
        for key in server_keys.read(FOLDER).keys
    ]
    telling.show(rows, as_json=as_json, nothing="There is no key yet.")


@app.command()
def rotate(role: Role, by: By, reason: Reason = "") -> None:
    """Put a new key in the place of the one in use. Stop every server and worker first."""
    which = _role(role)
    officer = telling.person(by)
    done = key_changes.rotate(
        folder=_made(), role=which, reason=reason, officer=officer, at=clock.now()
    )
    typer.echo(f"The {role} key {done.ended.keyid[:16]} is no longer used; what it signed is good.")
    _tell(done)


@app.command()
def revoke(
    role: Role,
    keyid: Annotated[str, typer.Argument(help="The key's id, or how it begins.")],
    by: By,
    since: Annotated[
        str, typer.Option("--at", help="When it was last surely ours alone; London time.")
    ],
    reason: Reason = "",
) -> None:
    """Stop believing a key from a moment on. Stop every server and worker first."""
    which = _role(role)
    officer = telling.person(by)
    done = key_changes.revoke(
        folder=_made(),
        role=which,
        keyid=keyid,
        since=telling.moment(since),
        reason=reason,
        officer=officer,
        at=clock.now(),
    )
    when = telling.in_london(done.ended.revoked_at)
    typer.echo(f"The {role} key {done.ended.keyid[:16]} is not believed from {when} on.")
    if done.again:
        typer.echo(f"{done.again} that it signed since are signed again by the background work.")
    _tell(done)


@app.command()
def fingerprints(*, as_json: AsJson = False) -> None:
    """List the fingerprints of every list of keys that was published, the newest first."""
    deployment = composition.deployment()
    deployment.published_trust()
    rows = [
        {
            "fingerprint": one.fingerprint,
            "changed": _moment(one.issued_at, as_json),
            "published": _moment(one.published_at, as_json),
        }
        for one in reversed(deployment.fingerprints())
    ]
    telling.show(rows, as_json=as_json, nothing="None was published yet.")


def _moment(at: datetime | None, exact: bool) -> str:  # noqa: FBT001 - one of two ways to say it
    if not exact or at is None:
        return telling.in_london(at)
    return timestamp.text(at)


def _role(text: str) -> KeyRole:
    if text not in {role.value for role in server_keys.ROLES}:
        roles = ", ".join(role.value for role in server_keys.ROLES)
        raise telling.InputInvalid(f"{text!r} is no role of a server's key. Say one of {roles}.")
    return KeyRole(text)


def _made() -> Path:
    """The folder of the keys; a new deployment's keys are made first."""
    if not (FOLDER / server_keys.REGISTER).exists():
        raise telling.InputInvalid(f"There are no keys in {FOLDER.parent} yet.", code="keys.none")
    return FOLDER


def _tell(done: Change) -> None:
    typer.echo(f"In use: {server_keys.text(done.in_use)}.")
    typer.echo(
        f"Start the servers again. The new fingerprint: {composition.deployment().fingerprint()}"
    )
    if done.in_use.role is KeyRole.RECEIPT:
        typer.echo("Bring the new trust.json to every dock; until then they erase no camera.")
