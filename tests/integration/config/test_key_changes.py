"""Rotating and revoking our own keys: what ADR 0018 says of it, on a deployment of its own."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.integration.force.made_up import AT, SETUP, Force, acts, make_force
from typer.testing import CliRunner

from fairwitness.config import key_changes, server_keys
from fairwitness.config.commands import keys as command
from fairwitness.config.server_keys import KeyChangeRefused, KeysBusy, ServerKeys
from fairwitness.custody import reading
from fairwitness.force import officers
from fairwitness.force.asking import NotAllowed
from fairwitness.formats.trust import KeyRole

PHRASE = "long enough, dear"
LATER = AT + timedelta(days=1)
ROLE = KeyRole.DISCLOSURE


@pytest.fixture
def force(db: None) -> Force:  # noqa: ARG001 - opens the database for the test
    return make_force()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Keys that were made, and that no process has in memory."""
    made = tmp_path / "keys"
    made.mkdir()
    _let_go(server_keys.load(made, now=lambda: AT))
    return made


def _let_go(loaded: ServerKeys) -> None:
    os.close(loaded._in_use)


@pytest.fixture
def rotate(force: Force, folder: Path) -> Callable[[], key_changes.Change]:
    return lambda: key_changes.rotate(
        folder=folder, role=ROLE, reason="yearly", officer=force.administrator, at=LATER
    )


@pytest.fixture
def in_memory(folder: Path) -> Iterator[None]:
    """A process works with the keys."""
    loaded = server_keys.load(folder, now=lambda: AT)
    yield
    _let_go(loaded)


def private(folder: Path) -> set[str]:
    return {path.name for path in folder.glob(f"{ROLE.value}-*.pem")}


def test_a_rotated_key_is_ended_kept_in_the_register_and_its_private_half_gone(
    folder: Path, rotate: Callable[[], key_changes.Change]
) -> None:
    (before,) = private(folder)
    done = rotate()
    assert done.ended.valid_until == LATER
    assert done.ended.revoked_at is None
    assert (done.in_use.valid_from, done.in_use.valid_until) == (LATER, None)
    register = server_keys.read(folder)
    assert {done.ended, done.in_use} == {key for key in register.keys if key.role is ROLE}
    (after,) = private(folder)
    assert after != before
    assert acts("keys") == ["key.rotated"]


def test_a_revoked_key_in_use_is_replaced_and_the_new_one_answers_from_that_moment(
    force: Force, folder: Path
) -> None:
    stolen = server_keys.read(folder).current(ROLE)

    def revoke(since_hours: int) -> key_changes.Change:
        return key_changes.revoke(
            folder=folder,
            role=ROLE,
            keyid=stolen.keyid[:8],
            since=AT + timedelta(hours=since_hours),
            reason="laptop stolen",
            officer=force.administrator,
            at=LATER,
        )

    done = revoke(5)
    assert done.ended.keyid == stolen.keyid
    assert done.ended.revoked_at == AT + timedelta(hours=5)
    assert done.in_use.valid_from == AT + timedelta(hours=5)
    assert acts("keys") == ["key.rotated", "key.revoked"]
    with pytest.raises(KeyChangeRefused, match="earlier moment"):
        revoke(6)
    assert revoke(4).ended.revoked_at == AT + timedelta(hours=4)
    assert acts("keys") == ["key.rotated", "key.revoked", "key.revoked"]


@pytest.mark.usefixtures("in_memory")
def test_nothing_changes_while_a_process_has_the_keys(
    folder: Path, rotate: Callable[[], key_changes.Change]
) -> None:
    before = (folder / server_keys.REGISTER).read_bytes()
    with pytest.raises(KeysBusy):
        rotate()
    assert (folder / server_keys.REGISTER).read_bytes() == before
    assert acts("keys") == []


def test_only_an_administrator_changes_keys(force: Force, folder: Path) -> None:
    with pytest.raises(NotAllowed):
        key_changes.rotate(folder=folder, role=ROLE, reason="", officer=force.manager, at=AT)
    assert acts("keys") == ["access.refused"]
    assert server_keys.read(folder).current(ROLE).valid_from == AT


def test_a_change_cut_before_its_entry_is_written_by_the_next_command(
    folder: Path,
    rotate: Callable[[], key_changes.Change],
    force: Force,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a kill leaves it between register and entry: the old private half is there, too."""
    before = server_keys.read(folder)
    new = server_keys.add(folder, ROLE, since=LATER)
    server_keys.store(folder, before.rotated(new, at=LATER))
    assert len(private(folder)) == 2
    assert acts("keys") == []
    officers.set_password(officer=force.administrator, password=PHRASE, actor=SETUP, at=AT)
    monkeypatch.setattr(command, "FOLDER", folder)
    told = CliRunner().invoke(
        command.app, ["rotate", "disclosure", "--by", "4140"], input=f"{PHRASE}\n"
    )
    assert told.exit_code == 0, told.output
    first, second = reading.history("keys")[:2]
    assert first.body is not None
    assert (first.body.actor, first.body.detail["keyid"]) == (
        "system:keys",
        before.current(ROLE).keyid,
    )
    assert second.body is not None
    assert second.body.actor == f"officer:{force.administrator.pk}"
    assert len(private(folder)) == 1
    CliRunner().invoke(command.app, ["list"])
    rotate()
    assert acts("keys").count("key.rotated") == 3, "each change once"


@pytest.mark.parametrize("running", [False, True])
def test_listing_the_keys_writes_what_is_missing_unless_a_server_runs(
    folder: Path,
    force: Force,  # noqa: ARG001 - the database
    monkeypatch: pytest.MonkeyPatch,
    running: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    new = server_keys.add(folder, ROLE, since=LATER)
    server_keys.store(folder, server_keys.read(folder).rotated(new, at=LATER))
    monkeypatch.setattr(command, "FOLDER", folder)
    loaded = server_keys.load(folder, now=lambda: AT) if running else None
    told = CliRunner().invoke(command.app, ["list"])
    assert told.exit_code == 0, told.output
    assert acts("keys") == ([] if running else ["key.rotated"])
    if loaded is not None:
        _let_go(loaded)
