"""The retention desk: a period tried, proposed and approved by another; what goes and has gone."""

import pytest
from playwright.sync_api import expect
from tests.browser import NARROW, People, Watched

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]


def sound(visitor: Watched) -> None:
    """Nothing against this page, by axe, and it fits."""
    assert visitor.violations() == []
    assert not visitor.scrolls_sideways()


def test_a_rule_changes_by_two_people_who_saw_what_it_does(visit: People) -> None:
    grace = visit("Grace Okafor")
    grace.goto("/rules")
    sound(grace)
    grace.page.get_by_role("row", name="Use of force").get_by_role("link", name="Change").click()
    sound(grace)
    days = grace.page.get_by_label("Days it keeps")
    days.focus()
    grace.page.keyboard.press("Control+a")
    grace.page.keyboard.type("92")
    grace.page.keyboard.press("Enter")
    grace.page.wait_for_url("**/rules/trials/*")
    expect(grace.page.get_by_text("With the category")).to_be_visible()
    sound(grace)
    grace.page.get_by_label("Why").fill("The policy of 1 June")
    grace.press("Propose it to a second person")
    grace.page.wait_for_url("**/rules/changes/*")
    expect(grace.page.locator("main")).to_contain_text("You proposed this, so somebody else")
    sound(grace)
    there = grace.page.url.removeprefix(grace.base)

    martin = visit("Martin Shaw")
    martin.goto(there)
    martin.press("Approve, as the second person")
    assert martin.told.startswith("Approved, as the second person.")
    expect(martin.page.locator("main")).to_contain_text("In force from then on (in 7 days)")
    martin.page.set_viewport_size({"width": NARROW, "height": 800})
    sound(martin)  # it opens every box, so begin anew
    martin.goto(there)
    martin.page.get_by_text("Take it back", exact=True).first.click()
    martin.page.get_by_label("Why").fill("Only a rehearsal")
    martin.page.get_by_role("button", name="Take it back").click()
    expect(martin.page.locator("main")).to_contain_text("Taken back on")


def test_what_goes_is_seen_before_and_after(visit: People) -> None:
    grace = visit("Grace Okafor")
    for path, heading in (
        ("/deletions", "What goes this week"),
        ("/deletions/forecast", "The next 48 hours"),
        ("/deletions/bin", "The last days"),
        ("/deletions/records", "Records of deletion"),
        ("/reviews", "Recordings kept as evidence"),
        ("/early-deletions", "Wait for you"),
    ):
        grace.page.set_viewport_size({"width": 1280, "height": 900})
        grace.goto(path)
        expect(grace.page.get_by_role("heading", name=heading).first).to_be_visible()
        sound(grace)
        grace.page.set_viewport_size({"width": NARROW, "height": 800})
        assert not grace.scrolls_sideways()
    grace.goto("/deletions/records?number=00417-1")
    grace.page.get_by_role("table").get_by_role("link").first.click()
    expect(grace.page.locator("main")).to_contain_text("How to check it")
    sound(grace)
    with grace.page.expect_download() as download:
        grace.page.get_by_role("link", name="Download the signed record").click()
    assert "application/vnd.in-toto+json" in download.value.path().read_text()
