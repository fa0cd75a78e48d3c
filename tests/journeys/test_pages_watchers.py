"""Those who watch the watchers: the log, an entry proved here, leave by name, an emergency."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from tests.browser import NARROW, People, Watched

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]
NUMBER = "00417-2"


def whole(visitor: Watched) -> None:
    """Nothing that axe finds, and no page wider than a small window."""
    assert visitor.violations() == []
    visitor.page.set_viewport_size({"width": NARROW, "height": 800})
    assert not visitor.scrolls_sideways()
    visitor.page.set_viewport_size({"width": 1280, "height": 900})


def test_an_entry_is_found_and_proved_in_this_browser(visit: People) -> None:
    grace = visit("Grace Okafor")
    grace.goto("/log")
    grace.page.get_by_label("Why you read it").fill("Yearly audit, sample 4")
    grace.page.get_by_label("What was done").select_option("recording.received")
    grace.press("Search the log")
    whole(grace)
    grace.page.get_by_role("table").get_by_role("link").first.click()
    verdict = grace.page.locator("#verdict")
    expect(verdict).to_contain_text("Proven here: this entry is in the log, unchanged.")
    expect(grace.page.locator("#steps li")).to_have_count(4)
    expect(grace.page.locator("#steps")).to_contain_text("signed by the key in the box")
    whole(grace)
    grace.page.get_by_role("button", name="Spoil one digit of its time").click()
    expect(verdict).to_contain_text("This does not hold.")
    expect(grace.page.locator("#steps")).to_contain_text("Failed: The entry")
    grace.page.get_by_role("button", name="As it was").click()
    expect(verdict).to_contain_text("Proven here")
    key = grace.page.get_by_label("The log’s key")
    key.fill(re.sub(r"\+A", "+B", key.input_value()))
    grace.page.get_by_role("button", name="Check it again").click()
    expect(grace.page.locator("#steps")).to_contain_text("Failed: The signature")


def test_somebody_is_named_for_a_recording_and_sees_it(visit: People) -> None:
    grace = visit("Grace Okafor")
    grace.goto(f"/recordings?scope=unit&words={NUMBER}")
    grace.page.get_by_role("table").get_by_role("link").click()
    there = grace.page.url.removeprefix(grace.base)
    grace.page.get_by_role("link", name="Name somebody, or change who can open it").click()
    whole(grace)
    grace.page.get_by_label("Collar number").fill("702LX")
    week = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
    grace.page.get_by_label("Last day").fill(week)
    grace.page.get_by_label("Why they need it").fill("Was there too, and writes a statement")
    grace.press("Name them")
    assert "PC Dev Anand can see it until" in grace.told
    dev = visit("PC Dev Anand")
    dev.page.get_by_role("region", name="Opened for you").get_by_role("link").click()
    expect(dev.page.locator("main")).to_contain_text("You are named for it")
    assert dev.page.url.endswith(there)
    grace.page.get_by_text("End it now").click()
    grace.page.get_by_label("Why it ends early").fill("The statement is written")
    grace.press("End it")
    dev.goto(there)
    dev.expect_refusal(404)
    grace.page.get_by_label("Restricted:").check()
    grace.press("See who would lose sight")
    expect(grace.page.locator("main")).to_contain_text("Would lose sight of it")
    whole(grace)


def test_glass_is_broken_in_an_emergency_and_judged(visit: People) -> None:
    una = visit("Insp. Una Price")
    una.goto("/break-glass")
    whole(una)
    una.page.get_by_label("Somebody is missing").check()
    una.page.get_by_label("The recording’s number or address").fill(NUMBER)
    una.page.get_by_label("What happens, and what you look for").fill(
        "A child is missing since nine and may be in the picture"
    )
    una.press("Open it for an hour")
    assert "Open to you until" in una.told
    una.start_watching()
    grace = visit("Grace Okafor")
    grace.page.get_by_role("link", name=re.compile("opened in an emergency")).click()
    waiting = grace.page.locator("section.card").filter(has_text="A child is missing")
    expect(waiting).to_contain_text("1 time")
    whole(grace)
    waiting.get_by_label("Yes, it was justified").check()
    waiting.get_by_label("What you looked at").fill("CAD 8812 says the same")
    waiting.get_by_role("button", name="Judge it").click()
    assert "Judged." in grace.told
    expect(grace.page.get_by_role("table")).to_contain_text("CAD 8812 says the same")
