"""What the desk decides now and then: a token, a category's fields, thresholds, settings, leave.

And the month's dip sample, looked at with the keyboard alone.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect
from tests.browser import NARROW, People, Watched
from tests.journeys.conftest import Demonstration, served

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]
ROOT = Path(__file__).parents[2]
CASE = "01/803/17"


@pytest.fixture(scope="module")
def demonstration(played: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """One of its own: rules, settings and samples change here."""
    return played.again(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def to_look_at(demonstration: Demonstration) -> str:
    """The number of a recording that was drawn for Ruth Adeyemi, whatever day it is."""
    return str(demonstration.inside("sample", "88LX"))


@pytest.fixture(scope="module")
def site(demonstration: Demonstration, to_look_at: str) -> Iterator[str]:
    assert to_look_at
    with served(demonstration) as address:
        yield address


def whole(visitor: Watched) -> None:
    """Nothing that axe finds, and no page wider than a small window."""
    assert visitor.violations() == []
    visitor.page.set_viewport_size({"width": NARROW, "height": 800})
    assert not visitor.scrolls_sideways()
    visitor.page.set_viewport_size({"width": 1280, "height": 900})


def test_a_program_uses_a_token_until_its_owner_ends_it(visit: People) -> None:
    joan = visit("Joan Keane")
    joan.goto("/tokens")
    own = joan.page.locator("form[action='/tokens']")
    own.get_by_label("Which program it is for").fill("the night's list")
    own.get_by_label("Units, officers, cameras").check()
    own.get_by_role("button", name="Make a token").click()
    token = joan.page.locator(".one-time code").inner_text()
    whole(joan)
    units = f"{joan.base}/api/v1/force/units"
    sent = {"Authorization": f"Bearer {token}"}
    answer = httpx.get(units, headers=sent)
    assert answer.status_code == httpx.codes.OK
    assert "LAM" in {row["code"] for row in answer.json()["items"]}
    refused = httpx.get(f"{joan.base}/api/v1/holds", headers=sent)
    assert (refused.status_code, refused.json()["code"]) == (403, "token.scope")
    joan.goto("/tokens")
    assert token not in joan.page.content()
    mine = joan.page.get_by_role("region", name="Yours")
    expect(mine).to_contain_text("the night's list")
    mine.get_by_role("button", name="Revoke the night's list").click()
    expect(mine).to_contain_text("You have no token.")
    assert httpx.get(units, headers=sent).status_code == httpx.codes.UNAUTHORIZED


def test_a_category_asks_what_the_force_wants_and_an_officer_says_it(
    visit: People, demonstration: Demonstration
) -> None:
    grace = visit("Grace Okafor")
    grace.goto("/rules/try")
    grace.page.get_by_label("What it is called").fill("Stop account")
    grace.page.get_by_label("A short code for it").fill("stop-account")
    grace.page.get_by_label("Days it keeps").fill("60")
    grace.press("See what it would do")
    grace.page.wait_for_url("**/rules/trials/*")
    grace.page.get_by_label("Called").first.fill("Receipt number")
    grace.page.get_by_label("Kind").first.select_option("number")
    grace.page.get_by_label("The category can’t be given without it").first.check()
    grace.page.get_by_label("Why").fill("The policy of 1 June")
    whole(grace)
    grace.press("Propose it to a second person")
    grace.page.wait_for_url("**/rules/changes/*")
    expect(grace.page.locator("main")).to_contain_text("Receipt number: number")
    martin = visit("Martin Shaw")
    martin.goto(grace.page.url.removeprefix(grace.base))
    martin.press("Approve, as the second person")
    assert martin.told.startswith("Approved, as the second person.")
    assert demonstration.inside("a-week-later") == 1

    ada = visit("PC Ada Whitlock")
    ada.goto("/kiosk")
    number = ada.page.locator(".kiosk-one .soft").first.inner_text().split(",")[0]
    ada.page.get_by_label("Stop account", exact=True).check()
    asked = ada.page.get_by_label("Receipt number")
    asked.fill("many")
    ada.press("Save, next")
    expect(ada.page.get_by_role("alert")).to_contain_text("Receipt number: a whole number.")
    ada.expect_refusal(400)
    asked.fill("4417")
    whole(ada)
    ada.press("Save, next")
    expect(ada.page.locator(".kiosk-last")).to_contain_text(f"{number}: Stop account")
    ada.goto(f"/recordings?words={number}")
    ada.page.get_by_role("table").get_by_role("link").first.click()
    expect(ada.page.locator("main")).to_contain_text("4417")


def test_thresholds_are_set_by_two_people(visit: People) -> None:
    grace = visit("Grace Okafor")
    there = "/stands-out/thresholds"
    grace.goto(there)
    whole(grace)
    grace.page.get_by_label("Refusals of one person").fill("9")
    grace.page.get_by_label("Why").fill("A new system asked too often")
    grace.press("Propose")
    assert grace.told.startswith("Proposed.")
    expect(grace.page.get_by_role("button", name="Agree")).to_have_count(0)
    martin = visit("Martin Shaw")
    martin.goto(there)
    waits = martin.page.get_by_role("region", name="Waits for a second person")
    expect(waits).to_contain_text("A new system asked too often")
    whole(martin)
    martin.press("Agree")
    assert martin.told.startswith("Agreed, as the second person.")
    grace.goto(there)
    expect(grace.page.get_by_label("Refusals of one person")).to_have_value("9")


def decide(visitor: Watched, unchecked: str, why: str) -> None:
    """Switch one thing off, look at what would change, and decide it."""
    visitor.page.get_by_label(unchecked).uncheck()
    visitor.page.locator("#reason").fill(why)
    visitor.press("See what would change")
    expect(visitor.page.get_by_role("row", name=f"{unchecked} yes no")).to_be_visible()
    whole(visitor)
    visitor.press("Decide it")
    assert "is decided. Each camera gets it at its next docking." in visitor.told


def test_a_unit_has_settings_of_its_own_and_gives_them_up(visit: People) -> None:
    grace = visit("Grace Okafor")
    grace.goto("/force/settings/body2")
    decide(grace, "It vibrates", "Batteries last longer")
    of_lambeth = grace.page.get_by_role("link", name=re.compile(r"of Lambeth$"))
    expect(of_lambeth).to_contain_text("Give it its own")
    whole(grace)
    of_lambeth.click()
    decide(grace, "It beeps", "A trial in Lambeth")
    expect(of_lambeth).to_contain_text("Change")
    of_lambeth.click()
    whole(grace)
    grace.page.locator("#why").fill("The trial is over")
    grace.press("Give up its own")
    assert "follows the force again" in grace.told
    expect(of_lambeth).to_contain_text("Give it its own")


def test_leave_for_a_case_is_given_used_and_ended(visit: People) -> None:
    grace = visit("Grace Okafor")
    grace.goto("/cases")
    grace.page.get_by_role("main").get_by_role("link", name=CASE).click()
    grace.page.get_by_role("link", name="Give leave for this case, or end it").click()
    grace.page.get_by_label("Collar number").fill("702LX")
    grace.press("See what they would see")
    would = grace.page.get_by_role("region", name=re.compile("would see until"))
    number = would.get_by_role("listitem").first.get_by_role("link").inner_text()
    whole(grace)
    grace.page.get_by_label("Why they need it").fill("Writes the summary of the footage")
    grace.press("Give leave")
    assert "PC Dev Anand can see" in grace.told
    dev = visit("PC Dev Anand")
    dev.page.get_by_role("region", name="Opened for you").get_by_role("link").click()
    expect(dev.page.get_by_role("heading", name=f"Case {CASE}: open to you")).to_be_visible()
    whole(dev)
    case = dev.page.url.removeprefix(dev.base)
    dev.page.get_by_role("row").filter(has_text=number).get_by_role("link").first.click()
    expect(dev.page.locator("main")).to_contain_text(number)
    recording = dev.page.url.removeprefix(dev.base)
    grace.page.get_by_text("End it now").click()
    grace.page.get_by_label("Why it ends early").fill("The summary is written")
    grace.press("End it")
    assert "has leave for this case no more" in grace.told
    for path in (case, recording):
        dev.goto(path)
        dev.expect_refusal(404)


def answer(visitor: Watched, question: str) -> None:
    """Come to a question of the form by the keyboard, and take its first answer."""
    for _ in range(60):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("() => document.activeElement.name") == question:
            visitor.page.keyboard.press("Space")
            return
    raise AssertionError(f"Tab never came to {question!r} on {visitor.page.url}")


def test_the_dip_sample_is_looked_at_with_the_keyboard_alone(
    visit: People, to_look_at: str
) -> None:
    ruth = visit.visitor()
    ruth.goto("/sign-in?next=/team")
    ruth.enter("Be Insp. Ruth Adeyemi")
    ruth.page.wait_for_url("**/team")
    ruth.enter(f"Look at {to_look_at}")
    whole(ruth)
    ruth.enter(f"Watch {to_look_at}")
    ruth.wait_for_frame()
    ruth.enter("Say what you saw")
    for question in ("told", "in_time", "to_the_end", "conduct"):
        answer(ruth, question)
    expect(ruth.page.get_by_role("radio", checked=True)).to_have_count(4)
    whole(ruth)
    ruth.type_into("What others can learn", "Said early that it was recording")
    ruth.enter("Done")
    assert ruth.told == f"Thank you. {to_look_at} is no longer held for the sample."
    expect(ruth.page.get_by_role("link", name=f"Look at {to_look_at}")).to_have_count(0)
