"""Kills a disposal run at every durable step, of disk and database, and looks at what is left.

`main` is started with Django set up and `FAIRWITNESS_DATA` set to FOLDER/live: one thread, which
for each step forks a child that sweeps and dies in the way asked for, then a child that looks,
sweeps again and looks again. It prints how many steps there were and what was found wrong, as
JSON.

A step is a change of the disk (see `dying_disk`) or a commit of the database; a commit that was
reached is as durable as SQLite makes it.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID

from django.db import connection
from tests import migrated
from tests.faults.dying_disk import KILLED, DyingDisk
from tests.faults.vault_kills import Say, in_child
from tests.retention_world import AT, DAY, World, acts, open_vault

from fairwitness.evidence.models import Piece, Recording, State
from fairwitness.formats.keys import SigningKey
from fairwitness.retention import holds
from fairwitness.retention import sweep as sweeping
from fairwitness.retention.disposal import Tools
from fairwitness.retention.holds import Terms
from fairwitness.retention.models import Disposal, HoldKind
from fairwitness.vault import repairing
from fairwitness.vault.keyring import KeyState
from fairwitness.vault.vault import Vault


def prepare(live: Path, say: Say) -> None:
    """A held recording, one in two parts and one by itself, listed and due."""
    migrated.copy(live / "fairwitness.sqlite3")
    world = World.make(live / "world")
    held = world.record()
    due = [
        world.record(),
        world.record(counter=7, part=1, last_part=False),
        world.record(counter=7, part=2),
    ]
    holds.place(
        terms=Terms(HoldKind.LITIGATION, "17/0042", "letter", date(2018, 1, 1)),
        owner=world.manager,
        recordings=[held.pk],
        at=AT + DAY,
    )
    world.sweep(AT + 25 * DAY)
    say("key", world.key.pem().decode())
    for recording in (held, *due):
        say("footage", recording.pk, world.footage[recording.pk].decode())
    say("held", held.pk)


class Told:
    """What `prepare` said."""

    def __init__(self, said: list[list[str]]) -> None:
        self.key = next(words[1] for words in said if words[0] == "key").encode()
        self.footage = {UUID(w[1]): w[2].encode() for w in said if w[0] == "footage"}
        (self.held,) = (UUID(words[1]) for words in said if words[0] == "held")
        self.due = [pk for pk in self.footage if pk != self.held]


def sweep(live: Path, told: Told) -> None:
    """One sweep, at a time when all is due."""
    tools = Tools(open_vault(live / "world"), SigningKey.from_pem(told.key))
    at = AT + 31 * DAY
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")  # only for speed: the power stays on
    outcome = sweeping.run(tools, at=at, second_clock=lambda: at)
    assert outcome.stopped is None, outcome.stopped


def opens(told: Told, pk: UUID, vault: Vault) -> bool:
    """Whether a recording opens through the one door, at a time when it was not yet gone."""

    world = World.__new__(World)
    world.vault, world.footage = vault, told.footage
    return world.opens(pk, AT + 26 * DAY)


def look(live: Path, told: Told) -> None:
    """What must hold at any moment, whatever was cut short."""
    vault = open_vault(live / "world")
    assert opens(told, told.held, vault), "held footage does not open"
    states = set()
    for pk in told.due:
        recording, key = Recording.objects.get(pk=pk), vault.ring.state(pk)
        states.add(recording.state)
        if recording.state == State.LIVE:
            assert key is KeyState.LIVE, "a key died before its deletion was committed"
            assert opens(told, pk, vault), "not deleted and does not open"
            continue
        assert not opens(told, pk, vault), "deleted and opens"
        row = Disposal.objects.get(pk=pk)
        if row.state != "committed":
            assert key is KeyState.DESTROYED, "said to be destroyed and is not"
        if row.statement:
            assert row.signed_status in {"pending", "confirmed"}
        blobs = set(vault.store.names())
        pieces = set(Piece.objects.filter(recording_id=pk).values_list("blob", flat=True))
        if not pieces <= blobs:
            assert row.statement, "sealed bytes went before the record was signed"
    parts = {Recording.objects.get(pk=pk).state for pk in told.due[1:]}
    assert len(parts) == 1, "one part of an activation went without the other"


def end(live: Path, told: Told) -> None:
    """After one more sweep all is as if nothing had happened."""
    vault = open_vault(live / "world")
    repairing.repair(vault.ring)
    sweep(live, told)
    for pk in told.due:
        row = Disposal.objects.get(pk=pk)
        assert (row.state, row.status, row.signed_status) == ("done", "confirmed", "confirmed")
        done = acts(f"recording:{pk}")
        assert done.count("recording.disposed") == 1, done
        assert done.count("key.destroyed") == 1, done
        assert done.count("disposal.certified") >= 1, done
        assert not opens(told, pk, vault)
    kept = set(Piece.objects.values_list("blob", flat=True)) | {f"manifest/{told.held}"}
    assert set(vault.store.names()) == kept, "sealed bytes are left, or held ones are gone"
    assert opens(told, told.held, vault)
    assert list(repairing.disagreements(vault.ring)) == []


def dying(disk: DyingDisk) -> None:
    """Count each commit of the database as a step, and die before it."""

    disk.install()
    commit = connection.commit

    def step_and_commit() -> None:
        disk._step()
        commit()

    connection.commit = step_and_commit  # type: ignore[method-assign] # where Django commits


def kill_everywhere(root: Path, mode: str) -> dict[str, object]:
    """One way to die, at each step; see the module."""
    live, base = root / "live", root / "base"
    live.mkdir(exist_ok=True)
    _, said = in_child(lambda say: prepare(live, say))
    wrong = [words[1] for words in said if words[0] == "error"]
    if wrong:
        return {"steps": 0, "wrong": wrong}
    told = Told(said)
    live.rename(base)
    for step in range(1, 10_000):
        shutil.copytree(base, live)
        ended, died = in_child(_killed(root, told, mode, step))
        _, found = in_child(_looked(live, told))
        wrong += [f"{mode} at step {step}: {w[1]}" for w in died + found if w[0] == "error"]
        shutil.rmtree(live)
        if ended != KILLED:
            return {"steps": step - 1, "wrong": wrong}
    raise AssertionError("it never ends")


def _killed(root: Path, told: Told, mode: str, step: int) -> Callable[[Say], None]:
    def act(_say: Say) -> None:
        dying(DyingDisk(limbo=root / "limbo", mode=mode, dies_at=step))
        sweep(root / "live", told)

    return act


def _looked(live: Path, told: Told) -> Callable[[Say], None]:
    def act(_say: Say) -> None:
        look(live, told)
        end(live, told)
        look(live, told)

    return act


def _sync_nothing(fd: object) -> None:
    del fd


def main() -> None:
    """Kills a disposal at every step and prints what was found."""
    root, mode = Path(sys.argv[1]), sys.argv[2]
    os.fsync = os.fdatasync = _sync_nothing  # only for speed: the power stays on
    json.dump(kill_everywhere(root, mode), sys.stdout)
