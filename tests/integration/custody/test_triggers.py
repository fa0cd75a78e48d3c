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


@pytest.mark.parametrize("number", range(6))
def test_a_start_names_the_trigger_that_is_gone(number: int) -> None:
    name = triggers.names(connection.vendor)[number]
    table = name[: name.index("_no_")]
    on = "" if connection.vendor == "sqlite" else f" ON {table}"
    _execute(f"DROP TRIGGER {name}{on}")
    with pytest.raises(triggers.TriggersMissing, match=name):
        triggers.check_triggers()


@pytest.mark.skipif("config.getoption('--postgresql') == False", reason="PostgreSQL's own")
def test_a_trigger_switched_off_is_as_good_as_gone() -> None:
    _execute("ALTER TABLE custody_entry DISABLE TRIGGER custody_entry_no_delete")
    with pytest.raises(triggers.TriggersMissing, match="custody_entry_no_delete"):
        triggers.check_triggers()


def test_an_unknown_database_is_refused() -> None:
    with pytest.raises(ValueError, match="oracle"):
        triggers.create("oracle")
