"""A list of other people's recordings leaves one entry for each page of it, and one's own none."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.ingest_world import World, video
from tests.integration.web.conftest import Pages

from fairwitness.custody import ledger
from fairwitness.custody.reading import HistoryRow
from fairwitness.evidence.models import AccessClass, Recording
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.keys import SigningKey
from fairwitness.web import unit_list

NUMBER = r"/recordings/[0-9a-f-]{36}"
LOOKING = {Act.RECORDING_LISTED, Act.RECORDING_SEARCHED}


def looked(officer: Officer) -> list[HistoryRow]:
    rows = ledger.search(actor=f"officer:{officer.pk}", limit=1000)
    return [row for row in rows if row.entry.act in LOOKING]


def detail(row: HistoryRow) -> dict[str, object]:
    assert row.body is not None
    return dict(row.body.detail)


def test_ones_own_list_leaves_nothing(pages: Pages) -> None:
    assert pages.browser(pages.world.ada).get("/recordings").status_code == 200
    assert looked(pages.world.ada) == []


@pytest.mark.parametrize("typed", ["", "&words=00417", "&words=614LX"])
def test_a_units_list_is_one_entry_whatever_it_shows(pages: Pages, typed: str) -> None:
    for _ in range(30):
        pages.world.record(ended_at=datetime.now(UTC) - timedelta(days=1))
    browser = pages.browser(pages.world.manager)
    page = browser.get(f"/recordings?scope=unit{typed}").content.decode()
    (first,) = looked(pages.world.manager)
    assert first.entry.act is (Act.RECORDING_SEARCHED if typed else Act.RECORDING_LISTED)
    assert first.entry.subject == "force"
    assert detail(first)["shown"] == 25
    following = re.search(r'href="([^"]+)">Next page', page)
    assert following is not None
    rest = browser.get(f"/recordings{html.unescape(following[1])}").content.decode()
    assert "Next page" not in rest
    assert not set(re.findall(NUMBER, page)) & set(re.findall(NUMBER, rest)), "each on one page"
    assert detail(looked(pages.world.manager)[0])["shown"] == 6


def test_a_units_list_shows_nothing_that_its_reader_may_not_see(pages: Pages) -> None:
    secret = pages.world.record(ended_at=datetime.now(UTC) - timedelta(days=1))
    listed = pages.browser(pages.world.manager)
    address = "/recordings?scope=unit&when=soon&when=later&when=kept&when=gone"
    assert str(secret.pk) in listed.get(address).content.decode()
    Recording.objects.filter(pk=secret.pk).update(access_class=AccessClass.CONFIDENTIAL)
    assert str(secret.pk) not in listed.get(address).content.decode()
    assert str(secret.pk) in pages.browser(pages.world.standards).get(address).content.decode()
    Recording.objects.filter(pk=secret.pk).update(access_class=AccessClass.OPEN, locked=True)
    assert str(secret.pk) not in listed.get(address).content.decode()


def test_what_is_typed_over_a_units_list_begins_a_number_or_is_a_collar_number(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager, reference = pages.browser(pages.world.manager), pages.recording.reference
    address = "/recordings?scope=unit&when=soon&when=later&words="
    for words in (reference, reference[:6], pages.world.ada.collar_number.lower()):
        shown = manager.get(address + words).content.decode()
        assert reference in shown, words
        assert "Type more of it" not in shown
    assert f">{reference}<" not in manager.get(f"{address}{reference[1:]}").content.decode()
    monkeypatch.setattr(unit_list, "_LOOKED_UP", 0)
    assert "Type more of it" in manager.get(address + reference[:6]).content.decode()


def test_a_search_says_what_was_sought_even_when_nothing_was_found(pages: Pages) -> None:
    browser = pages.browser(pages.world.manager)
    browser.get("/recordings?scope=unit&words=no+such+thing&category=stop-search&since=yesterday")
    (search,) = looked(pages.world.manager)
    assert search.entry.act is Act.RECORDING_SEARCHED
    assert search.body is not None
    assert search.body.reason == "no such thing"
    assert detail(search) == {"list": "unit", "shown": 0, "category": "stop-search"}


@pytest.mark.parametrize("field", ["words", "category", "since", "until"])
def test_what_no_entry_can_hold_is_no_error(pages: Pages, field: str) -> None:
    browser = pages.browser(pages.world.manager)
    for odd, answered in (("%07", 200), ("x" * 300_000, 200), ("%07%00", 400)):
        answer = browser.get(f"/recordings?scope=unit&{field}={odd}")
        assert answer.status_code == answered


def test_the_queue_deletions_and_a_cases_exhibits_are_lists_as_well(pages: Pages) -> None:
    world = pages.world
    waiting = world.record(ended_at=datetime.now(UTC) - timedelta(days=1))
    type(waiting).objects.filter(pk=waiting.pk).update(wearer=None)
    browser = pages.browser(world.manager)
    for path in ("/unassigned", "/deletions", "/quarantine"):
        assert browser.get(path).status_code == 200
    (only,) = looked(world.manager)  # nothing was deleted, nothing is in quarantine
    assert detail(only) == {"list": "unassigned", "shown": 1}
    detective = pages.browser(world.detective)
    detective.post(
        f"/recordings/{pages.recording.pk}/produce",
        {"case": str(pages.case.pk), "producer": "614LX", "title": "the arrest"},
    )
    detective.get(f"/cases/{pages.case.pk}")
    (exhibits,) = looked(world.detective)
    assert exhibits.entry.subject == f"case:{pages.case.pk}"
    assert detail(exhibits) == {"list": "exhibits", "shown": 1}


def test_the_quarantine_is_a_list(settled_world: World) -> None:
    world, data = settled_world, video()
    statement = world.signed(world.claim(data, camera="09999"), key=SigningKey.generate())
    world.send(world.begin_with(world.create(len(data), statement=statement)), data)
    world.accept()
    browser = Client()
    manager = world.force.manager
    browser.force_login(manager, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/quarantine?waits=long").status_code == 200
    assert browser.get("/quarantine").status_code == 200
    listed, searched = looked(manager)
    assert detail(listed) == {"list": "quarantine", "shown": 1}
    assert searched.entry.act is Act.RECORDING_SEARCHED
    assert detail(searched) == {"list": "quarantine", "shown": 0, "waits": "long"}
