"""A search by place: strict, with the same sight as any other, and no trail in the log."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.integration.media.test_trail import camm_full
from tests.integration.web.conftest import Pages
from tests.integration.web.test_footage import recorded, shown
from tests.integration.web.test_search import searches
from tests.media_samples import encoded, with_track

from fairwitness.evidence import places
from fairwitness.evidence.models import AccessClass, CopyKind, Recording

HERE = "place=51.49520,+-0.11760&radius=200"


@pytest.fixture
def walked(pages: Pages) -> Pages:
    walk = [camm_full(51.4952 + step * 1e-4, -0.1176) for step in range(5)]
    pages.recording = recorded(
        pages, with_track(encoded(pictures=50), b"camm", walk), only=CopyKind.TRAIL
    )
    places.work_due(vault=pages.world.vault, at=datetime.now(UTC))
    return pages


def found(pages: Pages, query: str, who: str = "manager") -> bool:
    answer = pages.browser(pages.people[who]).get(f"/search?{query}")
    assert answer.status_code == 200
    return str(pages.recording.pk) in answer.content.decode()


def test_a_place_finds_what_was_near_and_says_how_near(walked: Pages) -> None:
    answer = walked.browser(walked.world.manager).get(f"/search?{HERE}")
    page = answer.content.decode()
    assert str(walked.recording.pk) in page
    assert "within about 200 m of 51.49520, -0.11760" in page
    assert "squares of 150 m" in page
    assert 'value="51.49520, -0.11760"' in page
    assert not found(walked, "place=51.60000,-0.30000&radius=1000")
    assert found(walked, f"{HERE}&officer=614LX")
    assert not found(walked, f"{HERE}&officer=702LX")


def test_what_one_may_not_see_no_place_shows(walked: Pages) -> None:
    assert found(walked, HERE, "wearer")
    Recording.objects.filter(pk=walked.recording.pk).update(access_class=AccessClass.CONFIDENTIAL)
    assert found(walked, HERE, "wearer")
    assert found(walked, HERE, "standards")
    for who in ("manager", "colleague", "detective", "sergeant"):
        assert not found(walked, HERE, who)
    assert walked.browser(None).get(f"/search?{HERE}").status_code == 302


def test_the_entry_says_about_where_and_no_more(walked: Pages) -> None:
    walked.browser(walked.world.manager).get(f"/search?{HERE}")
    walked.browser(walked.world.manager).get(f"/search.csv?{HERE}")
    rows = searches(walked.world.manager)
    assert len(rows) == 2
    for row in rows:
        assert row.body is not None
        assert row.body.detail["place"] == "about 51.50, -0.12"
        assert row.body.detail["radius"] == "200"
        assert "51.4952" not in str(row)


@pytest.mark.parametrize(
    "query",
    [
        "place=Brixton",
        "place=91,0",
        "place=51.5,-181",
        "place=51.5",
        "place=51.5,-0.1&radius=0",
        "place=51.5,-0.1&radius=1001",
        "place=51.5,-0.1&radius=far",
        "radius=300",
    ],
)
def test_what_is_no_place_is_refused_and_nothing_is_searched(pages: Pages, query: str) -> None:
    answer = pages.browser(pages.world.manager).get(f"/search?{query}")
    assert answer.status_code == 400
    assert searches(pages.world.manager) == []


def test_a_form_without_a_place_says_no_radius(pages: Pages) -> None:
    answer = pages.browser(pages.world.manager).get("/search?words=kite&place=&radius=200")
    assert answer["Location"] == "/search?words=kite"


def test_the_page_of_a_trail_leads_to_what_else_was_there(walked: Pages) -> None:
    page = shown(walked, walked.recording, watch=True)
    link = "/search?place=51.49520%2C+-0.11760&amp;radius=200"
    assert link in page
    assert str(walked.recording.pk) in (
        walked.browser(walked.world.ada).get(link.replace("&amp;", "&")).content.decode()
    )


def test_a_place_costs_three_queries_more(walked: Pages) -> None:
    """For the epochs, for the marks, and for who may see what was near, asked by itself."""
    browser = walked.browser(walked.world.manager)
    counts = []
    for query in ("officer=614LX", f"officer=614LX&{HERE}"):
        browser.get(f"/search?{query}")
        with CaptureQueriesContext(connection) as caught:
            browser.get(f"/search?{query}")
        counts.append(len(caught))
    assert counts[1] - counts[0] == 3
