"""The database itself refuses to change the log, and a start notices when it no longer would."""

import pytest
from django.db import DatabaseError, connection, transaction
from tests.custody_log import Log

from fairwitness.custody import triggers
from fairwitness.custody.models import Body, BodyState, Entry, Leaf

pytestmark = pytest.mark.django_db


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture(autouse=True)
def _three_entries(log: Log) -> None:
    log.append(count=3)
    log.integrator().step()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE custody_entry SET act = 'log.read'",
        "UPDATE custody_entry SET id = id + 100",
        "DELETE FROM custody_entry",
        "UPDATE custody_leaf SET entry_id = entry_id + 1",
        "DELETE FROM custody_leaf",
        "DELETE FROM custody_body",
        "UPDATE custody_body SET actor = 'officer:2'",
        "UPDATE custody_body SET state = 'erased'",
        "UPDATE custody_body SET state = 'kept', actor = '', salt = '', canonical = ''",
        (
            "UPDATE custody_body SET state = 'erased', actor = '', salt = '', canonical = '',"
            " entry_id = entry_id + 100"
        ),
    ],
)
def test_no_row_is_changed_or_deleted(statement: str) -> None:
    with pytest.raises(DatabaseError, match="never"), transaction.atomic():
        _execute(statement)


@pytest.mark.skipif("config.getoption('--postgresql') == False", reason="PostgreSQL's own")
@pytest.mark.parametrize("table", triggers.TABLES)
def test_no_table_is_emptied(table: str) -> None:
    with pytest.raises(DatabaseError, match="never"), transaction.atomic():
        _execute(f"TRUNCATE {table}")


def test_nothing_takes_an_entrys_number_twice() -> None:
    entry = Entry.objects.order_by("id")[0]
    entry.pk, entry.leaf_hash = None, bytes(32)
    with pytest.raises(DatabaseError), transaction.atomic():
        entry.save(force_insert=True)
    with pytest.raises(DatabaseError), transaction.atomic():
        Leaf.objects.create(index=0, entry_id=999)


def test_a_body_can_be_erased_and_nothing_else() -> None:
    Body.objects.update(state=BodyState.ERASED, actor="", salt=b"", canonical=b"")
    assert set(Body.objects.values_list("state", flat=True)) == {"erased"}


def test_a_start_finds_all_triggers() -> None:
    triggers.check_triggers()


@pytest.mark.parametrize("number", range(9))
def test_a_start_names_the_trigger_that_is_gone(number: int) -> None:
    name = triggers.names(connection.vendor)[number]
    table = name[: name.index("_no_")]
    on = "" if connection.vendor == "sqlite" else f" ON {table}"
    _execute(f"DROP TRIGGER {name}{on}")
    with pytest.raises(triggers.TriggersMissing, match=name):
        triggers.check_triggers()


@pytest.mark.skipif("config.getoption('--postgresql')", reason="PostgreSQL has no REPLACE")
@pytest.mark.parametrize(
    "statement",
    [
        (
            "REPLACE INTO custody_entry SELECT id, subject, sequence, 'log.read', at, canonical,"
            " leaf, leaf_hash FROM custody_entry"
        ),
        (
            "REPLACE INTO custody_entry SELECT id + 100, subject, sequence, act, at, canonical,"
            " leaf, zeroblob(32) FROM custody_entry WHERE sequence = 1"
        ),
        "REPLACE INTO custody_leaf SELECT 3 - entry_id, entry_id FROM custody_leaf",
        'INSERT OR REPLACE INTO custody_leaf SELECT "index", 99 FROM custody_leaf LIMIT 1',
        (
            "REPLACE INTO custody_body SELECT entry_id, state, 'officer:2', salt, canonical"
            " FROM custody_body"
        ),
    ],
)
def test_no_row_is_replaced(statement: str) -> None:
    with pytest.raises(DatabaseError, match="never"), transaction.atomic():
        _execute(statement)


def test_a_trigger_of_our_name_that_does_nothing_is_as_good_as_gone() -> None:
    if connection.vendor == "sqlite":
        _execute("DROP TRIGGER custody_entry_no_change")
        _execute(
            "CREATE TRIGGER custody_entry_no_change BEFORE UPDATE ON custody_entry WHEN 0"
            " BEGIN SELECT 1; END"
        )
    else:
        _execute("DROP TRIGGER custody_entry_no_change ON custody_entry")
        _execute(
            "CREATE TRIGGER custody_entry_no_change BEFORE UPDATE ON custody_entry FOR EACH ROW"
            " WHEN (false) EXECUTE FUNCTION custody_refuse()"
        )
    with pytest.raises(triggers.TriggersMissing, match="custody_entry_no_change"):
        triggers.check_triggers()


@pytest.mark.skipif("config.getoption('--postgresql') == False", reason="PostgreSQL's own")
def test_a_function_that_lets_everything_pass_is_found() -> None:
    _execute(
        "CREATE OR REPLACE FUNCTION custody_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NEW; END $$"
    )
    with pytest.raises(triggers.TriggersMissing, match="custody_entry_no_change"):
        triggers.check_triggers()


@pytest.mark.skipif("config.getoption('--postgresql') == False", reason="PostgreSQL's own")
@pytest.mark.parametrize("how", ["DISABLE", "ENABLE REPLICA"])
def test_a_trigger_switched_off_is_as_good_as_gone(how: str) -> None:
    _execute(f"ALTER TABLE custody_entry {how} TRIGGER custody_entry_no_delete")
    with pytest.raises(triggers.TriggersMissing, match="custody_entry_no_delete"):
        triggers.check_triggers()


def test_an_unknown_database_is_refused() -> None:
    with pytest.raises(ValueError, match="oracle"):
        triggers.create("oracle")
