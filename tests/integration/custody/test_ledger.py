"""Entries stand with their act or not at all, and chain without gaps."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.formats import custody
from fairwitness.formats.custody import Act

AT = datetime(2017, 6, 8, 22, 13, 10, 123456, tzinfo=UTC)
SUBJECT = "recording:6f1f5d0e-6a0e-4a53-8f6b-0b8d1e2f3a4b"


def _append(subject: str = SUBJECT, act: Act = Act.RECORDING_RECEIVED) -> ledger.Appended:
    with transaction.atomic():
        return ledger.append(
            subject=subject, act=act, actor="dock:1", at=AT, reason="docked", detail={"size": 5}
        )


@pytest.mark.django_db
def test_an_entry_reads_back_as_it_was_written() -> None:
    appended = _append()
    (row,) = ledger.history(SUBJECT)
    assert row.canonical == appended.entry
    assert (row.entry.sequence, row.entry.previous, row.entry.act) == (
        1,
        None,
        Act.RECORDING_RECEIVED,
    )
    assert row.entry.at == AT
    assert row.body is not None
    assert (row.body.actor, row.body.reason, row.body.detail) == ("dock:1", "docked", {"size": 5})
    assert row.body.salt == row.salt == appended.salt
    assert custody.leaf_hash(row.canonical, appended.salt) == row.leaf_hash == appended.leaf_hash
    assert row.entry.body == custody.body_digest(row.body.encode())
    assert row.index is None


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_written() -> None:
    with pytest.raises(ledger.NoTransaction):
        ledger.append(subject=SUBJECT, act=Act.LOG_READ, actor="dock:1", at=AT)
    assert ledger.history(SUBJECT) == []


@pytest.mark.django_db(transaction=True)
def test_second() -> None:
    _append()
    assert len(ledger.history(SUBJECT)) == 1
