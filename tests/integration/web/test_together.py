"""Several recordings on one clock: each is asked for by itself, and none that one may not know."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.integration.web.conftest import Pages
from tests.media_samples import encoded

from fairwitness.custody import ledger
from fairwitness.evidence.models import Recording
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import locking

TASK = {"task": "incident", "task_reference": "CAD 4417"}


def another(pages: Pages, *, after: float = 20, wearer: str = "dev", **fields: object) -> Recording:
    """A recording that began so many seconds after the first."""
    first_ended = pages.recording.ended_at
    assert first_ended is not None
    made = pages.world.record(
        ended_at=first_ended + timedelta(seconds=after),
        wearer=getattr(pages.world, wearer),
        data=encoded(pictures=20),
        counter=50 + Recording.objects.count(),
    )
    Recording.objects.filter(pk=made.pk).update(duration_ms=300_000, **fields)
    made.refresh_from_db()
    return made


def address(*recordings: Recording) -> str:
    return "/together?" + "&".join(f"recording={each.pk}" for each in recordings)


def ids(*recordings: Recording) -> dict[str, object]:
    return {"recording": [str(each.pk) for each in recordings]}


def viewed(recording: Recording) -> list[str]:
    rows = ledger.history(recording_subject(recording.pk))
    return [row.body.reason for row in rows if row.body and row.entry.act is Act.RECORDING_VIEWED]


def text(page: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page.decode()))


def players(browser: Client, *recordings: Recording) -> list[str]:
    return re.findall(r'<video src="([^"]*)"', browser.get(address(*recordings)).content.decode())


def test_each_is_a_viewing_of_its_own_with_the_one_reason(pages: Pages) -> None:
    other = another(pages)
    browser = pages.browser(pages.world.manager)
    assert players(browser, pages.recording, other) == []
    answer = browser.post("/together/watch", ids(pages.recording, other) | TASK)
    assert answer.status_code == 302
    assert answer["Location"] == f"{address(pages.recording, other)}#player"
    assert [viewed(each) for each in (pages.recording, other)] == [["incident CAD 4417"]] * 2
    sources = players(browser, pages.recording, other)
    assert len(sources) == 2
    assert sources[0] != sources[1]
    assert answer.cookies["together"]["path"] == "/together"
    assert answer.cookies["together"]["httponly"]
    assert players(pages.browser(pages.world.manager), pages.recording, other) == []


def test_without_a_reason_what_is_not_ones_own_is_refused_and_the_rest_plays(pages: Pages) -> None:
    """The sergeant's own needs none; Ada's does."""
    own = another(pages, wearer="sergeant")
    browser = pages.browser(pages.world.sergeant)
    browser.post("/together/watch", ids(own, pages.recording))
    page = browser.get(address(own, pages.recording)).content
    assert f"{pages.recording.reference} is refused: " in text(page)
    assert page.decode().count("<video") == 1
    assert viewed(own) == ["own recording or circle"]
    assert viewed(pages.recording) == []
    assert "Say what you need them for" in text(page)
    browser.post("/together/watch", ids(own, pages.recording) | TASK)
    assert len(players(browser, own, pages.recording)) == 2
    assert viewed(pages.recording) == ["incident CAD 4417"]


def test_what_one_may_not_know_of_is_not_named(pages: Pages) -> None:
    hidden = another(pages)
    locking.lock(
        recordings=[hidden.pk],
        reason="an inquiry",
        officer=pages.world.standards,
        at=datetime.now(UTC),
    )
    browser = pages.browser(pages.world.manager)
    nobodys = uuid4()
    mine = f"{address(pages.recording)}&recording="
    shown = [text(browser.get(f"{mine}{pk}").content) for pk in (hidden.pk, nobodys)]
    assert "1 of those that were asked for is not here" in shown[0]
    assert hidden.reference not in shown[0]
    assert shown[0] == shown[1]
    assert browser.get(f"/together?recording={hidden.pk}&recording={nobodys}").status_code == 404
    answer = browser.post("/together/watch", ids(hidden) | TASK)
    assert answer.status_code == 404
    assert viewed(hidden) == []
    browser.post("/together/watch", ids(pages.recording, hidden) | TASK)
    assert viewed(hidden) == []
    assert viewed(pages.recording) == ["incident CAD 4417"]


def test_a_lock_that_comes_later_ends_the_playing(pages: Pages) -> None:
    other = another(pages)
    browser = pages.browser(pages.world.manager)
    browser.post("/together/watch", ids(pages.recording, other) | TASK)
    locking.lock(
        recordings=[other.pk],
        reason="an inquiry",
        officer=pages.world.standards,
        at=datetime.now(UTC),
    )
    page = browser.get(address(pages.recording, other)).content.decode()
    assert page.count("<video") == 1
    assert other.reference not in page


def test_the_error_between_them_is_stated_and_drawn(pages: Pages) -> None:
    other = another(pages, clock_ahead_us_min=1_100_000, clock_ahead_us_max=1_300_000)
    page = pages.browser(pages.world.manager).get(address(pages.recording, other)).content
    said = text(page)
    assert "may be up to 100 ms apart, 4 pictures" in said
    assert 'data-begins="18800"' in page.decode()
    assert page.decode().count('class="doubt" d="M') == 3  # two cameras and the key
    assert "give or take 100 ms" in said


def test_a_clock_that_nobody_measured_is_said(pages: Pages) -> None:
    other = another(pages, clock_ahead_us_min=None, clock_ahead_us_max=None)
    said = text(pages.browser(pages.world.manager).get(address(pages.recording, other)).content)
    assert "is not known: nobody measured the clock of camera 2" in said


def test_what_does_not_overlap_and_what_has_no_time_are_said(pages: Pages) -> None:
    later = another(pages, after=3600)
    untimed = another(pages, started_at=None, ended_at=None)
    page = pages.browser(pages.world.manager).get(address(pages.recording, later, untimed))
    said = text(page.content)
    assert f"2. PC Dev Anand, {later.reference}, overlaps none of the others" in said
    assert "Nobody recorded: 05:00 to 1:00:00" in said
    assert f"Not placed: {untimed.reference}" in said


def test_signed_out_and_wrong_methods(pages: Pages) -> None:
    for path, methods in (("/together", {"get", "head", "post"}), ("/together/watch", {"post"})):
        for method in ("get", "head", "post", "put", "patch", "delete"):
            answer = getattr(pages.browser(pages.world.manager), method)(path)
            assert (answer.status_code == 405) == (method not in methods), (path, method)
        for method in methods:
            answer = getattr(pages.browser(None), method)(path)
            assert answer.status_code == 302
            assert answer["Location"].startswith("/sign-in?next=")


def test_a_colleague_is_refused_and_each_asking_is_written_down(pages: Pages) -> None:
    browser = pages.browser(pages.world.dev)
    both = ids(pages.recording) | TASK
    answers = [browser.get(address(pages.recording)), browser.post("/together/watch", both)]
    assert [answer.status_code for answer in answers] == [404, 404]
    rows = ledger.history(recording_subject(pages.recording.pk))
    assert [row.entry.act for row in rows[-2:]] == [Act.ACCESS_REFUSED] * 2
    assert viewed(pages.recording) == []


@pytest.mark.parametrize(
    "query", ["", "recording=1", "&".join(f"recording={uuid4()}" for _ in range(5))]
)
def test_too_many_none_and_nonsense_are_refused_in_words(pages: Pages, query: str) -> None:
    browser = pages.browser(pages.world.manager)
    answers = [
        browser.get(f"/together?{query}"),
        browser.post("/together/watch", {"recording": re.findall("[^=&]{5,}", query)[1::2]}),
    ]
    for answer in answers:
        assert answer.status_code == 400
        assert "Up to 4 recordings are played together" in text(answer.content)


def test_what_a_search_ticked_is_led_to_the_address_of_the_set(pages: Pages) -> None:
    other = another(pages)
    browser = pages.browser(pages.world.manager)
    found = browser.get(f"/search?words={other.reference}").content.decode()
    assert 'formaction="/together"' in found
    answer = browser.post("/together", ids(pages.recording, other) | {"query": "x"})
    assert answer["Location"] == address(pages.recording, other)


def test_one_alone_leads_to_others_of_its_place_and_time_that_one_may_see(pages: Pages) -> None:
    other, far = another(pages), another(pages, after=86_400)
    hidden = another(pages)
    locking.lock(
        recordings=[hidden.pk],
        reason="an inquiry",
        officer=pages.world.standards,
        at=datetime.now(UTC),
    )
    browser = pages.browser(pages.world.manager)
    assert (
        address(pages.recording)
        in browser.get(f"/recordings/{pages.recording.pk}").content.decode()
    )
    page = browser.get(address(pages.recording)).content.decode()
    assert str(other.pk) in page
    assert str(far.pk) not in page
    assert str(hidden.pk) not in page
    searched = ledger.search(actor=f"officer:{pages.world.manager.pk}", limit=50)
    told = [row for row in searched if row.entry.act is Act.RECORDING_SEARCHED]
    assert len(told) == 1
    assert told[0].body is not None
    assert told[0].body.detail["list"] == "together"


def test_the_number_of_queries_is_bounded(pages: Pages) -> None:
    others = [another(pages, after=seconds) for seconds in (5, 10, 15)]
    browser = pages.browser(pages.world.manager)
    browser.post("/together/watch", ids(pages.recording, *others) | TASK)
    browser.get(address(pages.recording, *others))
    with CaptureQueriesContext(connection) as captured:
        page = browser.get(address(pages.recording, *others))
    assert page.content.decode().count("<video") == 4
    assert len(captured) <= 70, len(captured)
