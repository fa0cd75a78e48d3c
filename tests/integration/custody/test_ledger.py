"""Entries stand with their act or not at all, and chain without gaps."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.formats import custody
from fairwitness.formats.custody import Act
from fairwitness.formats.errors import FormatError

AT = datetime(2017, 6, 8, 22, 13, 10, 123456, tzinfo=UTC)
SUBJECT = "recording:6f1f5d0e-6a0e-4a53-8f6b-0b8d1e2f3a4b"


def _append(subject: str = SUBJECT, act: Act = Act.RECORDING_RECEIVED) -> ledger.Appended:
    with transaction.atomic():
        return ledger.append(
            subject=subject, act=act, actor="dock:1", at=AT, reason="docked", detail={"size": 5}
        )


def _demand_chain(subject: str, length: int) -> None:
    rows = ledger.history(subject)
    assert [row.entry.sequence for row in rows] == list(range(1, length + 1))
    previous = None
    for row in rows:
        assert row.entry.previous == previous
        previous = row.leaf_hash.hex()


@pytest.mark.django_db
def test_an_entry_reads_back_as_it_was_written() -> None:
    appended = _append()
    (row,) = ledger.history(SUBJECT)
    assert row.canonical == appended.entry
    assert row.entry.act is Act.RECORDING_RECEIVED
    assert (row.entry.sequence, row.entry.previous, row.entry.at) == (1, None, AT)
    assert row.body is not None
    assert (row.body.actor, row.body.reason, row.body.detail) == ("dock:1", "docked", {"size": 5})
    assert row.body.salt == row.salt == appended.salt
    assert custody.leaf_hash(row.canonical, appended.salt) == row.leaf_hash == appended.leaf_hash
    assert row.entry.body == custody.body_digest(row.body.encode())
    assert row.index is None


@pytest.mark.django_db
def test_a_time_of_another_zone_is_kept_as_that_instant() -> None:
    summer = AT.astimezone(timezone(timedelta(hours=1)))
    with transaction.atomic():
        ledger.append(subject=SUBJECT, act=Act.LOG_READ, actor="dock:1", at=summer)
    (row,) = ledger.search(since=AT, until=AT + timedelta(microseconds=1))
    assert row.entry.at == AT


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_written() -> None:
    for write in (
        lambda: ledger.append(subject=SUBJECT, act=Act.LOG_READ, actor="dock:1", at=AT),
        lambda: ledger.append_many([Draft(SUBJECT, Act.LOG_READ, "dock:1", AT)]),
    ):
        with pytest.raises(ledger.NoTransaction):
            write()
    assert ledger.history(SUBJECT) == []


@pytest.mark.django_db
def test_the_transaction_of_a_test_is_not_the_callers() -> None:
    with pytest.raises(ledger.NoTransaction):
        ledger.append(subject=SUBJECT, act=Act.LOG_READ, actor="dock:1", at=AT)


@pytest.mark.django_db
def test_an_act_undone_takes_its_entry_with_it() -> None:
    _append()

    def _act() -> None:
        with transaction.atomic():
            ledger.append(subject=SUBJECT, act=Act.RECORDING_VIEWED, actor="officer:1", at=AT)
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        _act()
    _append()
    _demand_chain(SUBJECT, 2)
    assert {row.entry.act for row in ledger.history(SUBJECT)} == {Act.RECORDING_RECEIVED}


@pytest.mark.django_db
def test_a_refusal_is_written_by_itself() -> None:
    ledger.refuse(
        subject=SUBJECT, act=Act.RECORDING_VIEW_REFUSED, actor="officer:1", at=AT, reason="locked"
    )
    (row,) = ledger.history(SUBJECT)
    assert row.entry.act.is_refusal


@pytest.mark.django_db
def test_a_refusal_is_never_part_of_what_may_be_undone() -> None:
    with transaction.atomic(), pytest.raises(ledger.TransactionOpen):
        ledger.refuse(
            subject=SUBJECT, act=Act.RECORDING_VIEW_REFUSED, actor="officer:1", at=AT, reason=""
        )
    assert ledger.history(SUBJECT) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "draft",
    [
        Draft("no subject", Act.LOG_READ, "dock:1", AT),
        Draft(SUBJECT, Act.LOG_READ, "", AT),
        Draft(SUBJECT, Act.LOG_READ, "dock:1", AT, "bell\x07"),
        Draft(SUBJECT, Act.LOG_READ, "dock:1", AT, detail={"Bad Name": 1}),
        Draft(SUBJECT, Act.LOG_READ, "dock:1", AT.replace(tzinfo=None)),
    ],
)
def test_what_cant_stand_in_an_entry_is_refused_and_nothing_is_written(draft: Draft) -> None:
    good = Draft(SUBJECT, Act.LOG_READ, "dock:1", AT)
    with pytest.raises(FormatError), transaction.atomic():
        ledger.append_many([good, draft])
    assert ledger.history(SUBJECT) == []


@pytest.mark.django_db
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(st.integers(0, 3), max_size=6), max_size=5))
def test_however_they_are_written_each_subjects_entries_are_one_chain(
    batches: list[list[int]],
) -> None:
    before = {number: len(ledger.history(f"camera:{number}")) for number in range(4)}
    for batch in batches:
        with transaction.atomic():
            drafts = [Draft(f"camera:{n}", Act.CAMERA_DOCKED, "dock:1", AT) for n in batch]
            written = ledger.append_many(drafts)
        assert [each.subject for each in written] == [each.subject for each in drafts]
        if batch:
            _append(f"camera:{batch[0]}")
    for number, length in before.items():
        asked = sum(batch.count(number) + (batch[:1] == [number]) for batch in batches)
        _demand_chain(f"camera:{number}", length + asked)


@pytest.mark.django_db
def test_many_entries_take_few_queries() -> None:
    drafts = [Draft(f"camera:{n % 300}", Act.CAMERA_DOCKED, "dock:1", AT) for n in range(900)]
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        written = ledger.append_many(drafts)
    statements = [each for each in queries if "pg_advisory" not in each["sql"]]
    assert len(statements) <= 8
    assert len({each.leaf_hash for each in written}) == 900
    for number in (0, 299):
        _demand_chain(f"camera:{number}", 3)


@pytest.mark.django_db
def test_search_finds_by_actor_act_subject_and_time_newest_first() -> None:
    with transaction.atomic():
        ledger.append_many(
            [
                Draft("recording:1", Act.RECORDING_VIEWED, "officer:1", AT),
                Draft("recording:2", Act.RECORDING_VIEWED, "officer:2", AT + timedelta(hours=1)),
                Draft("recording:1", Act.RECORDING_LOCKED, "officer:2", AT + timedelta(hours=2)),
            ]
        )

    def found(rows: list[ledger.HistoryRow]) -> list[tuple[str, str]]:
        return [(row.entry.subject, row.entry.act.value) for row in rows]

    locked, second, first = (
        ("recording:1", "recording.locked"),
        ("recording:2", "recording.viewed"),
        ("recording:1", "recording.viewed"),
    )
    assert found(ledger.search()) == [locked, second, first]
    assert found(ledger.search(actor="officer:2")) == [locked, second]
    assert found(ledger.search(act=Act.RECORDING_VIEWED)) == [second, first]
    assert found(ledger.search(subject="recording:1", act=Act.RECORDING_VIEWED)) == [first]
    assert found(ledger.search(since=AT + timedelta(hours=1))) == [locked, second]
    assert found(ledger.search(until=AT + timedelta(hours=1))) == [first]
    newest = ledger.search(limit=1)
    assert found(newest) == [locked]
    assert found(ledger.search(before=newest[0].entry_id)) == [second, first]
    assert ledger.search(actor="officer:3") == ledger.search(limit=0) == []
