"""No page asks the database more often because more lies in it: each page, two sizes of data."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from benchmarks import pages_asked, pages_rows
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.integration.web.conftest import Pages
from tests.retention_world import AT, SETUP

from fairwitness.accountability import counting, standing_out
from fairwitness.evidence.models import Provenance, Recording
from fairwitness.force import officers
from fairwitness.force.asking import Role
from fairwitness.force.models import Officer
from fairwitness.force.officers import NewOfficer
from fairwitness.retention import week_ahead

OF_EACH = 2000
"""Of so many recordings `pages_rows` lets at least one have each thing that one can have."""

NUMBERS = (0, 1, 3, 5, 20, 23, 40, 60, 63, 100, 101, 200, 201, 301, 400, 401, 501, 600, 1000, 1001)
DAY = timedelta(days=1)


def _fill(pages: Pages, lots: range, now: datetime) -> None:
    """Recordings with all that hangs on them: of each lot, some that have a bit of everything."""
    low = lots.start * OF_EACH
    rows = _recordings(pages, lots, now)
    Recording.objects.bulk_create(rows)
    pages_rows.beside(low=low, now=now)
    counting.renew(at=now)
    week_ahead.renew_due(at=now)
    standing_out.look(at=now)


def _recordings(pages: Pages, lots: range, now: datetime) -> Iterator[Recording]:
    world = pages.world
    for lot in lots:
        for place, number in enumerate(NUMBERS):
            counter = lot * OF_EACH + number
            began = now - (place % 25) * DAY - lot * timedelta(hours=1) - DAY
            gone, kept = place % 10 == 9, place % 5 == 0
            goes = None if kept else now + (place % 12) * DAY + timedelta(hours=1)
            if gone:
                goes = began + 2 * DAY
            hides = goes - 3 * DAY if goes else None
            yield Recording(
                id=uuid4(),
                reference=f"00417-{counter}/1",
                camera=world.camera,
                counter=counter,
                activation=counter,
                unit=world.ada.unit,
                station=world.camera.station,
                wearer=world.ada if place % 3 else world.dev,
                provenance=Provenance.SIGNED,
                state="disposed" if gone else "live",
                sha256="" if gone else "0" * 64,
                commitment=f"{counter:064}",
                received_at=began,
                docked_at=began,
                clock_started_at=began,
                started_at=began,
                ended_at=began + timedelta(minutes=5),
                size=1000,
                media_type="video/mp4",
                category="arrest" if place % 4 == 1 else "",
                evidential=kept,
                gone_by=goes,
                shown_gone_by=goes,
                hidden_from=hides,
                shown_hidden_from=hides,
            )


def _queries(browser: Client, path: str) -> list[str]:
    """What this page asks; once before, since a first visit to a list may be written down."""
    browser.get(path)
    with CaptureQueriesContext(connection) as caught:
        assert browser.get(path).status_code == 200
    return [each["sql"] for each in caught]


def test_no_page_asks_more_often_because_more_is_there(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Takes longer than a test may, since it visits all pages twice."""
    now = datetime.now(UTC)
    # As in a force too large for a page to count: what was counted last is shown, however old.
    monkeypatch.setattr(counting, "CHEAP_MS", -1)
    _fill(pages, range(1, 3), now)
    people = _people(pages)
    asked: dict[str, tuple[Client, str]] = {}
    first = Recording.objects.filter(counter=OF_EACH + 1).get()
    second = Recording.objects.filter(counter=OF_EACH + 3).get()
    for each in pages_asked.every(first, second):
        for officer in people:
            browser = pages.browser(officer)
            if browser.get(each.path).status_code == 200:
                asked[each.name] = browser, each.path
                break
    before = {name: _queries(*where) for name, where in asked.items()}  # visits leave entries too
    _fill(pages, range(3, 6), now)
    more = {
        name: _told(before[name], many)
        for name, where in asked.items()
        if len(many := _queries(*where)) > len(before[name])
    }
    assert not more
    assert len(asked) > 90, "nearly every page is visited"


def _told(few: list[str], many: list[str]) -> str:
    return f"{len(few)} queries, then {len(many)}: {[each[:300] for each in many[-12:]]}"


def _people(pages: Pages) -> tuple[Officer, ...]:
    world = pages.world
    auditor, administrator = officers.register_officers_many(
        actor=SETUP,
        officers=[
            NewOfficer("5001", "Una Wade", "UW", "LSH", "", (), (Role.AUDITOR,)),
            NewOfficer("5002", "Ede Gill", "EG", "LSH", "", (), (Role.ADMINISTRATOR,)),
        ],
        at=AT,
    )
    return (
        world.manager,
        world.standards,
        world.sergeant,
        world.ada,
        world.detective,
        world.investigator,
        auditor,
        administrator,
    )
