"""A gap stays open until two officers have closed it."""

import pytest
from django.db import transaction
from tests.custody_log import AT

from fairwitness.custody import gaps, ledger
from fairwitness.formats.custody import Act

pytestmark = pytest.mark.django_db


def _find(first: int = 5, size: int = 9) -> None:
    with transaction.atomic():
        ledger.append(
            subject="log",
            act=Act.LOG_GAP_FOUND,
            actor="system:integrator",
            at=AT,
            detail={"first": first, "size": size, "bodies_lost": size - first},
        )


def _close(actor: str) -> gaps.Gap | None:
    with transaction.atomic():
        return gaps.close_gap(actor=actor, reason="compared with the property register", at=AT)


def test_without_a_restore_there_is_no_gap() -> None:
    assert gaps.open_gap() is None
    with pytest.raises(gaps.GapRefused):
        _close("officer:1")


def test_two_officers_close_a_gap() -> None:
    _find()
    gap = gaps.open_gap()
    assert gap is not None
    assert (gap.first, gap.size, gap.found_at, gap.requested_by) == (5, 9, AT, None)
    asked = _close("officer:1")
    assert asked is not None
    assert gaps.open_gap() == asked
    assert asked.requested_by == "officer:1"
    assert gaps.closed_spans() == []
    assert _close("officer:2") is None
    assert gaps.open_gap() is None
    assert gaps.closed_spans() == [(5, 9)]


@pytest.mark.parametrize("second", ["officer:1", "system:retention", "dock:1"])
def test_one_officer_or_a_machine_does_not(second: str) -> None:
    _find()
    _close("officer:1")
    with pytest.raises(gaps.GapRefused):
        _close(second)
    assert gaps.open_gap() is not None


def test_a_newer_gap_needs_two_officers_of_its_own() -> None:
    _find()
    _close("officer:1")
    _find(first=20, size=30)
    gap = gaps.open_gap()
    assert gap is not None
    assert (gap.first, gap.requested_by) == (20, None)
    _close("officer:2")
    assert _close("officer:1") is None


def test_a_gap_is_closed_in_a_transaction() -> None:
    _find()
    with pytest.raises(ledger.NoTransaction):
        gaps.close_gap(actor="officer:1", reason="", at=AT)
