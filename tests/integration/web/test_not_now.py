"""What the database stops, on either: the page says "not now", and nothing is half-done."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from tests import waiting_turns
from tests.integration.web.conftest import Pages

from fairwitness.evidence.models import Recording
from fairwitness.retention import holds
from fairwitness.retention.models import Hold, HoldBinding, HoldKind

DAY = timedelta(days=1)
Acts = Callable[[str], list[str]]


@contextmanager
def _held_by_another(recording: UUID) -> Iterator[None]:
    """Another connection holds its row; this one is stopped when it has waited a moment for it."""
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Recording.objects.select_for_update().get(pk=recording)
            holding.set()
            done.wait(60)

    with connection.cursor() as cursor:
        postgresql = connection.vendor == "postgresql"
        cursor.execute("SET lock_timeout = 20" if postgresql else "PRAGMA busy_timeout = 20")
    raised: list[Exception] = []
    thread = waiting_turns.begin(hold, raised)
    try:
        assert holding.wait(60)
        yield
    finally:
        done.set()
        waiting_turns.end(thread)
        connection.close()  # the next one waits as ever
    assert raised == []


@pytest.mark.django_db(transaction=True)
def test_an_act_that_is_stopped_is_undone_told_and_done_when_sent_again(
    pages: Pages, acts: Acts
) -> None:
    now = datetime.now(UTC)
    manager, other = pages.world.manager, pages.world.record(ended_at=now - DAY)
    terms = holds.Terms(HoldKind.LITIGATION, "C/1", "a claim", review_on=(now + 9 * DAY).date())
    placed = holds.place(terms=terms, owner=manager, at=now, recordings=[other.pk])
    browser, path = pages.browser(manager), f"/holds/{placed.hold}/extend"
    before = acts(f"recording:{pages.recording.pk}")
    with _held_by_another(pages.recording.pk):
        answer = browser.post(path, {"recording": pages.recording.pk})
        assert answer.status_code == 503
        assert answer["Retry-After"] == "2"
        assert "request.busy" in answer.content.decode()
    assert acts(f"recording:{pages.recording.pk}") == before
    assert HoldBinding.objects.filter(hold=Hold.objects.get(pk=placed.hold)).count() == 1
    again = browser.post(path, {"recording": pages.recording.pk}, follow=True)
    assert "The hold C/1 keeps it too." in again.content.decode()
    assert HoldBinding.objects.filter(hold=placed.hold).count() == 2
