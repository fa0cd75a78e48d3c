"""A data folder whose making was cut short is refused; one that was finished is durable."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from fairwitness.config import command, composition, unfinished
from fairwitness.config.environment import read
from fairwitness.config.seeding import story
from fairwitness.config.unfinished import SeedUnfinished
from fairwitness.force import seed
from fairwitness.vault import durable

if TYPE_CHECKING:
    from fairwitness.formats.keys import SigningKey

NOW = datetime(2026, 6, 10, 15, 0, tzinfo=UTC)


@pytest.fixture
def syncs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What is made durable one by one from here on."""
    seen: list[int] = []
    for name in ("fsync", "fdatasync"):
        real = getattr(os, name)

        def noting(descriptor: int, real: object = real) -> None:
            seen.append(descriptor)
            assert callable(real)
            real(descriptor)

        monkeypatch.setattr(os, name, noting)
    return seen


@pytest.mark.django_db(transaction=True)
def test_nothing_is_made_durable_one_by_one_until_the_end(tmp_path: Path, syncs: list[int]) -> None:
    with unfinished.writing(tmp_path, folders=[]):
        with pytest.raises(SeedUnfinished):
            unfinished.demand_none(tmp_path)
        before = len(syncs)
        durable.write_new(tmp_path / "one", b"1")
        assert len(syncs) == before
    unfinished.demand_none(tmp_path)
    durable.write_new(tmp_path / "two", b"2")
    assert len(syncs) > before + 1
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous")
            assert cursor.fetchone() == (2,)
        else:
            cursor.execute("SHOW synchronous_commit")
            assert cursor.fetchone() == ("on",)


@pytest.mark.django_db(transaction=True)
def test_what_postgresql_was_told_last_is_in_its_journal_at_the_end(tmp_path: Path) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's journal is written into the database and the disk synced")
    with connection.cursor() as cursor:
        with unfinished.writing(tmp_path, folders=[]):
            cursor.execute("CREATE TEMPORARY TABLE told_last (it integer)")
            cursor.execute("SELECT pg_current_wal_insert_lsn()")
            (end,) = cursor.fetchone()
        cursor.execute("SELECT pg_current_wal_flush_lsn() >= %s::pg_lsn", [end])
        assert cursor.fetchone() == (True,)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("statistics_forgotten")
def test_killed_in_the_middle_every_command_refuses_the_folder(tmp_path: Path) -> None:
    keys: dict[str, SigningKey] = {}
    seed.seed(scale=0.002, at=NOW, keep_key=keys.__setitem__)
    deployment = composition.build(read({"FAIRWITNESS_DATA": str(tmp_path)}), lambda: NOW)

    def interrupted(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        story.tell(
            deployment=deployment,
            keys=keys,
            count=20,
            number=1,
            told=interrupted,
            stopped=lambda: False,
        )
    with pytest.raises(SeedUnfinished):
        unfinished.demand_none(tmp_path)
    start = (
        "import sys; from fairwitness.config import command; sys.exit(command.run(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", start, "figures", "--data", str(tmp_path), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == command.FAILED
    assert "seed.unfinished" in done.stdout + done.stderr
    assert not (tmp_path / "fairwitness.sqlite3").exists(), "no database is made there"
