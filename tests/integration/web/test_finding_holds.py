"""Finding a hold among many: by its number, its ground, its kind; nothing unseen is found."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.web.conftest import Pages

from fairwitness.force.models import Officer
from fairwitness.retention import holds
from fairwitness.retention.holds import Terms
from fairwitness.retention.models import Hold, HoldKind

NOW = datetime.now(UTC)


def place(pages: Pages, name: str, basis: str, owner: Officer | None = None) -> Hold:
    row = pages.world.record(ended_at=NOW - timedelta(days=1))
    placed = holds.place(
        terms=Terms(HoldKind.LITIGATION, name, basis, (NOW + timedelta(days=90)).date()),
        owner=owner or pages.world.manager,
        at=NOW,
        recordings=[row.pk],
    )
    return Hold.objects.get(pk=placed.hold)


@pytest.fixture
def two(pages: Pages) -> Pages:
    place(pages, "CIV/1/17", "a claim of Mrs Roe")
    sample = place(pages, "May 2017", "drawn by lot")
    Hold.objects.filter(pk=sample.pk).update(kind=HoldKind.DIP_SAMPLE)
    return pages


def said(pages: Pages, query: str, officer: Officer | None = None) -> str:
    answer = pages.browser(officer or pages.world.manager).get(f"/holds{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_dip_samples_do_not_bury_the_others_and_are_one_press_away(two: Pages) -> None:
    first = said(two, "")
    assert "Civil claim: CIV/1/17" in first
    assert "May 2017" not in first
    assert "1 hold of the dip sample is left out here" in first
    assert "Dip sample: May 2017" in said(two, "?kind=dip-sample")


@pytest.mark.parametrize("query", ["?words=civ/1", "?words=roe", "?kind=litigation&words=CIV"])
def test_a_hold_is_found_by_number_ground_and_kind(two: Pages, query: str) -> None:
    found = said(two, query)
    assert "Civil claim: CIV/1/17" in found
    assert "May 2017" not in found


def test_what_is_not_there_says_what_to_do(two: Pages) -> None:
    found = said(two, "?words=CIV/2")
    assert "No hold that you may see matches." in found
    assert '<a href="/holds">All holds</a>' in found


def test_nobody_finds_what_they_may_not_see(two: Pages) -> None:
    detective = two.world.detective
    place(two, "CIV/9/17", "the detective’s own", owner=detective)
    mine = two.browser(detective).get("/holds?words=civ")
    assert "CIV/9/17" in mine.content.decode()
    assert "CIV/1/17" not in mine.content.decode()


@pytest.mark.parametrize("query", ["?kind=juicy", "?words=%07", f"?words={'x' * 81}"])
def test_nonsense_is_refused_in_words(two: Pages, query: str) -> None:
    answer = two.browser(two.world.manager).get(f"/holds{query}")
    assert answer.status_code == 400
    assert "Choose a kind from the list" in answer.content.decode()
