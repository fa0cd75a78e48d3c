"""A manager brings in the night's records; a sergeant looks at what they mark."""

import contextlib
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser import NARROW, WIDE, People, Watched
from tests.journeys.conftest import Demonstration

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

HEAD = "event id,record type,officer badge id,officer dispatched datetime,officer cleared datetime"


def fits(visitor: Watched) -> None:
    """Axe has nothing against the page, and it is no wider than a narrow window."""
    assert visitor.violations() == []
    visitor.page.set_viewport_size({"width": NARROW, "height": 720})
    assert not visitor.scrolls_sideways()
    visitor.page.set_viewport_size({"width": WIDE, "height": 800})


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, demonstration: Demonstration) -> Path:
    """A list of that night: a search that was filmed, and one of nobody here.

    Nothing of years ago, which another journey may have brought in meanwhile.
    """
    with contextlib.closing(sqlite3.connect(demonstration.data / "fairwitness.sqlite3")) as rows:
        collar, began, ended = rows.execute(
            "SELECT o.collar_number, r.started_at, r.ended_at FROM evidence_recording r"
            " JOIN force_officer o ON o.id = r.wearer_id"
            " WHERE r.state = 'live' AND r.locked = 0"
            " AND r.started_at > datetime('now', '-60 days') ORDER BY r.started_at LIMIT 1"
        ).fetchone()
    window = f"{began}+00:00,{ended}+00:00"
    path = tmp_path_factory.mktemp("lists") / "night.csv"
    lines = (f"S/1,search,{collar},{window}", f"S/3,force,999ZZ,{window}")
    path.write_text("\n".join((HEAD, *lines)), encoding="utf-8")
    return path


def test_a_list_marks_recordings_and_a_sergeant_looks(visit: People, night: Path) -> None:
    grace = visit("Grace Okafor")
    grace.goto("/records")
    grace.page.get_by_role("link", name="Bring in records").click()
    fits(grace)
    grace.page.get_by_label("The list").set_input_files(str(night))
    grace.press("Bring it in")
    expect(grace.page.get_by_role("heading", level=1)).to_have_text("night.csv")
    expect(grace.page.locator("main")).to_contain_text("There is no officer 999ZZ.")
    fits(grace)
    grace.goto("/unmarked")
    fits(grace)

    ruth = visit("Insp. Ruth Adeyemi")
    ruth.goto("/records")
    fits(ruth)
    ruth.page.locator("#watch").locator("xpath=..").get_by_role("link").first.focus()
    ruth.page.keyboard.press("Enter")
    expect(ruth.page.get_by_role("heading", name="First, watch it")).to_be_visible()
    fits(ruth)
    look = ruth.page.url.removeprefix(ruth.base)
    ruth.page.get_by_role("button", name="Watch ").click()
    ruth.wait_for_frame()
    ruth.page.get_by_role("link", name="Say what you saw").click()
    ruth.page.wait_for_url(f"**{look}")
    ruth.page.get_by_label("What you saw").fill("a search, told and done as it should be")
    fits(ruth)
    ruth.press("I have looked at it")
    assert "1 recording no longer waits for a look" in ruth.told
    assert ruth.page.locator(f'a[href="{look}"]').count() == 0


def test_a_standing_hold_shows_what_it_would_keep_first(visit: People) -> None:
    grace = visit("Grace Okafor")
    grace.goto("/holds")
    grace.page.get_by_role("link", name="Place a standing hold").click()
    fits(grace)
    grace.page.get_by_label("Officers, by collar number").fill("614LX")
    grace.page.get_by_label("What for").select_option("scrutiny")
    grace.page.get_by_label("Its number or name").fill("Panel 3")
    grace.page.get_by_label("On what ground it is kept").fill("the panel of July")
    grace.press("Show what it would keep")
    expect(grace.page.locator("#preview")).to_contain_text("It would keep")
    fits(grace)
    grace.press("Place the hold")
    assert "The hold stands." in grace.told
    fits(grace)
