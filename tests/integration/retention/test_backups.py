"""What backups can't do: bring deleted footage back; and what they must: open held footage."""

import shutil
from datetime import date
from pathlib import Path

from tests.database_copy import DatabaseCopy
from tests.retention_world import AT, DAY, HOUR, World, open_vault

from fairwitness.evidence.models import Recording, State
from fairwitness.retention import holds
from fairwitness.retention.holds import Terms
from fairwitness.retention.models import HoldKind
from fairwitness.vault import rekeying
from fairwitness.vault.folder import FolderStore
from fairwitness.vault.keyring import KeyRing
from fairwitness.vault.master import MasterKey
from fairwitness.vault.vault import Vault

GONE_BY = AT + 31 * DAY
NIGHT = AT + 30 * DAY


def held_and_due(world: World) -> tuple[Recording, Recording]:
    held, due = world.record(), world.record()
    holds.place(
        terms=Terms(HoldKind.LITIGATION, "17/0042", "letter", date(2018, 1, 1)),
        owner=world.manager,
        recordings=[held.pk],
        at=AT + DAY,
    )
    world.sweep(AT + 25 * DAY)
    return held, due


def copy_of(world: World, *names: str) -> Path:
    there = world.root / "backup"
    for name in names:
        shutil.copytree(world.root / name, there / name)
    return there


def test_a_backup_of_database_and_vault_cannot_open_deleted_footage(
    world: World, tmp_path: Path
) -> None:
    held, due = held_and_due(world)
    yesterday, backup = DatabaseCopy(tmp_path), copy_of(world, "vault")
    assert world.sweep(GONE_BY - HOUR).disposed == (due.pk,)

    yesterday.restore()
    shutil.rmtree(world.root / "vault")
    shutil.copytree(backup / "vault", world.root / "vault")
    restored = open_vault(world.root)

    assert Recording.objects.get(pk=due.pk).state == State.LIVE
    assert not world.opens(due.pk, AT + 26 * DAY, restored)
    assert world.opens(held.pk, AT + 26 * DAY, restored)
    assert world.opens(held.pk, GONE_BY + 100 * DAY, restored)


def test_a_ring_copied_before_a_re_key_cannot_open_deleted_footage(
    world: World, tmp_path: Path
) -> None:
    held, due = held_and_due(world)
    database, backup = DatabaseCopy(tmp_path), copy_of(world, "vault", "ring")
    world.sweep(GONE_BY - HOUR)
    rekeying.rekey(world.vault.ring, at=GONE_BY)
    database.restore()
    stray = Vault(
        FolderStore(backup / "vault"),
        KeyRing(
            (backup / "ring/first", backup / "ring/second"),
            MasterKey.load_or_create(world.root / "keys/master.key"),
        ),
    )
    assert not world.opens(due.pk, AT + 26 * DAY, stray)
    assert not world.opens(held.pk, AT + 26 * DAY, stray)  # the stray copy is dead altogether
    assert world.opens(held.pk, AT + 26 * DAY)


def test_todays_backup_of_the_ring_opens_held_footage_and_no_deleted(
    world: World, tmp_path: Path
) -> None:
    held, due = held_and_due(world)
    database, footage = DatabaseCopy(tmp_path), copy_of(world, "vault")
    world.sweep(GONE_BY - HOUR)
    rekeying.rekey(world.vault.ring, at=NIGHT)
    ring = copy_of(world, "ring")

    # Everything burns but the backups and the master key with its ring keys.
    for name in ("vault", "ring"):
        shutil.rmtree(world.root / name)
        shutil.copytree((footage if name == "vault" else ring) / name, world.root / name)
    database.restore()
    restored = open_vault(world.root)
    assert world.opens(held.pk, AT + 26 * DAY, restored)
    assert not world.opens(due.pk, AT + 26 * DAY, restored)
