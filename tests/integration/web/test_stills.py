"""Pictures beside a search: one look for one reason, an entry for each that is shown, no more."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.integration.web.conftest import Pages
from tests.media_samples import encoded

from fairwitness.accountability import months
from fairwitness.config import composition
from fairwitness.custody import ledger
from fairwitness.custody.reading import HistoryRow
from fairwitness.evidence import access, copies, glass
from fairwitness.evidence.access import AccessRefused
from fairwitness.evidence.copies import Making
from fairwitness.evidence.models import Recording, Viewing
from fairwitness.force import roles
from fairwitness.force.asking import Role
from fairwitness.force.authority import System
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.formats.keys import SigningKey
from fairwitness.retention import locking

TASK = {"task": "incident", "task_reference": "CAD 4417"}


def filmed(pages: Pages, number: int) -> list[Recording]:
    """Recordings of real video, with their copies made."""
    now = datetime.now(UTC)
    data = encoded(pictures=12)
    made = [
        pages.world.record(ended_at=now - timedelta(days=1, minutes=each), data=data)
        for each in range(number)
    ]
    tools = Making(pages.world.vault, SigningKey.generate(), lambda: datetime.now(UTC))
    copies.make_due(tools)
    return made


def looked(recording: Recording) -> list[HistoryRow]:
    rows = ledger.history(recording_subject(recording.pk))
    return [row for row in rows if row.entry.act is Act.RECORDING_VIEWED]


def press(browser: Client, query: str = "camera=00417", **fields: str) -> str:
    return browser.post("/search/pictures", {"query": query, **fields}).content.decode()


def tokens(page: str) -> list[str]:
    return re.findall(r'<img class="thumb" src="/play/([^/"]+)/poster"', page)


def opens(token: str, kind: str) -> int:
    vault = composition.deployment().vault
    with access.open_viewing(token=token, kind=kind, at=datetime.now(UTC), vault=vault) as found:
        return len(found.read(0, found.size))


def test_each_that_is_shown_has_its_entry_and_opens_a_still_only(pages: Pages) -> None:
    made = filmed(pages, 2)
    browser = pages.browser(pages.world.manager)
    assert tokens(browser.get("/search?camera=00417").content.decode()) == []
    page = press(browser, **TASK)
    shown = tokens(page)
    assert len(shown) == 2
    assert "2 pictures shown" in page
    for row in made:
        (entry,) = looked(row)
        assert entry.body is not None
        assert entry.body.reason == "incident CAD 4417"
        assert entry.body.detail["only"] == "poster"
    assert looked(pages.recording) == []  # it has no still: nothing was shown
    for token in shown:
        assert opens(token, "poster") > 100
        for kind in ("master", "working", "strip", "transcript"):
            with pytest.raises(AccessRefused) as refused:
                opens(token, kind)
            assert refused.value.stable_code == "access.token"
        assert not access.is_granted(
            token=token, recording=made[0], officer=pages.world.manager, at=datetime.now(UTC)
        )


def test_the_log_and_who_looked_say_a_still_and_figures_count_no_viewing(pages: Pages) -> None:
    (row,) = filmed(pages, 1)
    press(pages.browser(pages.world.manager), **TASK)
    ada = pages.browser(pages.world.ada)
    assert (
        "saw a still of it in a list, for incident CAD 4417"
        in ada.get(f"/recordings/{row.pk}").content.decode()
    )
    assert (
        "incident CAD 4417 (a still in a list)"
        in ada.get(f"/recordings/{row.pk}/looks").content.decode()
    )
    assert sum(months.views(0).cells.values()) == 0


def test_without_a_reason_only_ones_own_are_shown(pages: Pages) -> None:
    (row,) = filmed(pages, 1)
    page = press(pages.browser(pages.world.manager))
    assert tokens(page) == []
    assert "Say what you need the pictures for" in page
    assert looked(row) == []
    assert len(tokens(press(pages.browser(pages.world.ada)))) == 1
    assert len(looked(row)) == 1


def test_nothing_shows_of_what_one_may_not_see(pages: Pages) -> None:
    hidden, open_one = filmed(pages, 2)
    locking.lock(
        recordings=[hidden.pk],
        reason="an inquiry",
        officer=pages.world.standards,
        at=datetime.now(UTC),
    )
    page = press(pages.browser(pages.world.manager), **TASK)
    assert len(tokens(page)) == 1
    assert hidden.reference not in page
    assert looked(hidden) == []
    assert len(looked(open_one)) == 1
    nobody = press(pages.browser(pages.world.dev), **TASK)
    assert "Nothing that you may see matches" in nobody
    assert tokens(nobody) == []


def test_a_still_goes_when_a_lock_comes(pages: Pages) -> None:
    (row,) = filmed(pages, 1)
    (token,) = tokens(press(pages.browser(pages.world.manager), **TASK))
    locking.lock(
        recordings=[row.pk],
        reason="an inquiry",
        officer=pages.world.standards,
        at=datetime.now(UTC),
    )
    with pytest.raises(AccessRefused):
        opens(token, "poster")


def test_signed_out_wrong_method_and_nonsense(pages: Pages) -> None:
    answer = pages.browser(None).post("/search/pictures", {"query": "camera=00417"})
    assert answer["Location"].startswith("/sign-in?next=")
    browser = pages.browser(pages.world.manager)
    for method in ("get", "head", "put", "patch", "delete"):
        assert getattr(browser, method)("/search/pictures").status_code == 405
    for query in ("", "colour=red", "flag=juicy"):
        assert browser.post("/search/pictures", {"query": query} | TASK).status_code == 400


def by_table(officer: Officer, pages: Pages) -> int:
    browser = pages.browser(officer)
    press(browser, **TASK)
    with CaptureQueriesContext(connection) as captured:
        press(browser, **TASK)
    return len(captured)


def test_the_queries_of_a_page_of_pictures_are_bounded(pages: Pages) -> None:
    """Two for each that is asked about, as permission is asked of each; the rest do not grow."""
    filmed(pages, 1)
    one = by_table(pages.world.manager, pages)
    filmed(pages, 6)
    assert by_table(pages.world.manager, pages) - one <= 6 * 2


def test_a_still_by_broken_glass_says_so_ends_with_its_hour_and_is_judged(pages: Pages) -> None:
    (row,) = filmed(pages, 1)
    dev, manager = pages.world.dev, pages.world.manager
    unit = pages.world.second_manager.unit
    begun = datetime.now(UTC) - timedelta(days=1)
    roles.grant(officer=dev, role=Role.OFFICER, unit=unit, actor=System("test"), at=begun)
    broken = glass.break_glass(
        reference=row.reference,
        officer=dev,
        emergency="missing",
        reason="A child was last seen in this street at nine",
        at=datetime.now(UTC),
    )
    assert len(tokens(press(pages.browser(dev), **TASK))) == 1
    (entry,) = looked(row)
    assert entry.body is not None
    assert entry.body.detail["glass"] == str(broken.pk)
    assert entry.body.detail["only"] == "poster"
    assert entry.body.reason.startswith("Emergency: A child")
    assert Viewing.objects.get().expires_at == broken.ends_at
    page = pages.browser(manager).get("/broken-glass").content.decode()
    assert "0 times, and 1 still of it in a list" in page
    told = pages.browser(manager).get(f"/recordings/{row.pk}").content.decode()
    assert "saw a still of it in a list, having broken the glass" in told
