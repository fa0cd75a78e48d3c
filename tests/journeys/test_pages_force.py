"""A camera at the issue desk: scanned and issued, returned, lost by its wearer, found again."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from tests.browser import NARROW, People, Watched
from tests.journeys.conftest import Demonstration, served

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def demonstration(played: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """One of its own: who has which camera or role changes here."""
    return played.again(tmp_path_factory.mktemp("force"))


@pytest.fixture(scope="module")
def site(demonstration: Demonstration) -> Iterator[str]:
    with served(demonstration) as address:
        yield address


def clean(visitor: Watched) -> None:
    """Nothing against this page, wide or narrow."""
    assert visitor.violations() == []
    visitor.page.set_viewport_size({"width": NARROW, "height": 800})
    assert not visitor.scrolls_sideways()
    visitor.page.set_viewport_size({"width": 1280, "height": 900})


def scan(visitor: Watched, number: str) -> None:
    """As a scanner does: it types into the field that has the focus, and presses Enter."""
    expect(visitor.page.locator("#scan")).to_be_focused()
    visitor.page.keyboard.type(number)
    visitor.page.keyboard.press("Enter")


def test_a_camera_is_returned_issued_lost_and_found_again(visit: People) -> None:
    ruth = visit("Insp. Ruth Adeyemi")
    ruth.goto("/force/issue")
    clean(ruth)
    scan(ruth, "00417")
    camera = ruth.page.get_by_role("region", name="Camera 00417")
    expect(camera).to_contain_text("PC Ada Whitlock (614LX) has had it since")
    clean(ruth)
    camera.get_by_role("button", name="Take it back").click()
    expect(ruth.page.get_by_role("status")).to_contain_text("is back from PC Ada Whitlock")
    expect(camera).to_contain_text("Nobody has it.")
    scan(ruth, "614LX")
    expect(ruth.page.get_by_role("status")).to_contain_text("is issued to PC Ada Whitlock")
    scan(ruth, "88LX")
    problem = ruth.page.get_by_role("alert")
    expect(problem).to_contain_text("for yourself")
    expect(problem).to_contain_text("permission.oneself")
    ruth.expect_refusal(403)

    ada = visit("PC Ada Whitlock")
    ada.page.get_by_role("link", name="Return it, or say that it is lost").click()
    ada.page.get_by_role("link", name="Lost, stolen or faulty").click()
    expect(ada.page.locator("main")).to_contain_text("It was docked last on")
    clean(ada)
    ada.page.get_by_label("Lost").check()
    ada.page.get_by_label("What happened").fill("Fell from the vest, Acre Lane")
    ada.press("Report it")
    expect(ada.page.get_by_role("status")).to_contain_text("is reported lost")

    ruth.goto("/today")
    ruth.page.get_by_role("link", name="reported lost or stolen").click()
    ruth.page.get_by_role("link", name="00417").click()
    reports = ruth.page.get_by_role("region", name="Reports")
    expect(reports).to_contain_text("Fell from the vest")
    clean(ruth)
    ruth.page.get_by_role("link", name="Lost, stolen, faulty or back").click()
    ruth.page.get_by_label("Back").check()
    ruth.page.get_by_label("What happened").fill("Handed in at Brixton")
    ruth.press("Report it")
    expect(ruth.page.get_by_role("status")).to_contain_text("is back in use")
    scan(ruth, "614LX")
    expect(ruth.page.get_by_role("status")).to_contain_text("is issued to PC Ada Whitlock")


def test_the_dock_has_told_of_its_bays(visit: People) -> None:
    grace = visit("Grace Okafor")
    grace.goto("/force/docks")
    grace.page.locator("tbody a").first.click()
    board = grace.page.get_by_role("region", name="Table of bays")
    expect(board).to_contain_text("Ready: everything was received")
    clean(grace)
    grace.goto("/force/settings")
    clean(grace)


def test_a_force_with_one_manager_acts_on_public_notice(
    demonstration: Demonstration, visit: People
) -> None:
    ended = ("officers", "role", "4102", "evidence_manager", "--force-wide", "--end")
    demonstration.run(*ended, "--data", demonstration.data)
    joan = visit("Joan Keane")
    joan.goto("/notices")
    clean(joan)
    joan.page.get_by_label("Why").fill("The other one left; the post is advertised")
    joan.press("Begin")
    assert joan.told.startswith("Begun.")
    clean(joan)

    grace = visit("Grace Okafor")
    grace.goto("/rules")
    grace.page.get_by_role("row", name="Use of force").get_by_role("link", name="Change").click()
    grace.page.get_by_label("Days it keeps").fill("92")
    grace.page.get_by_label("Days it keeps").press("Enter")
    grace.page.wait_for_url("**/rules/trials/*")
    grace.page.get_by_label("Why").fill("The policy of 1 June")
    grace.press("Propose it to a second person")
    grace.page.wait_for_url("**/rules/changes/*")
    clean(grace)
    grace.press("Give public notice of it")
    assert grace.told.startswith("Announced to everybody.")
    clean(grace)

    anybody = visit.visitor(width=NARROW)
    anybody.goto("/notices")
    main = anybody.page.get_by_role("main")
    expect(main).to_contain_text("This force has run with one evidence manager")
    expect(main.get_by_role("heading", name="Waits now: 1")).to_be_visible()
    expect(main).not_to_contain_text("Okafor")
    expect(main).not_to_contain_text("Use of force")
    expect(main.get_by_role("button")).to_have_count(0)
    clean(anybody)

    helen = visit("DCI Helen Marsh")
    helen.goto("/notices")
    expect(helen.page.get_by_role("main")).to_contain_text("Grace Okafor")
    helen.page.get_by_label("Why it should not go on").fill("Complaints of that time are open")
    helen.press("Stop it")
    assert helen.told.startswith("Stopped.")
    anybody.page.reload()
    expect(main.get_by_role("heading", name="Waits now: 0")).to_be_visible()
    grace.page.reload()
    expect(grace.page.get_by_role("main")).to_contain_text("Notice of this was given and has ended")
    clean(grace)


def test_a_station_says_where_it_is_and_a_search_begins_there(visit: People) -> None:
    joan = visit("Joan Keane")
    joan.goto("/force/stations?words=Brixton")
    clean(joan)
    joan.page.get_by_role("main").get_by_role("link", name="Brixton police station").click()
    expect(joan.page.get_by_role("region", name="Where")).to_contain_text("51.46550, -0.11400")
    clean(joan)
    joan.page.get_by_role("main").get_by_role("link", name="Change name, address").click()
    joan.page.get_by_label("Address").fill("367 Brixton Road")
    clean(joan)
    joan.press("Change")
    expect(joan.page.get_by_role("status")).to_contain_text("Brixton police station is changed.")
    expect(joan.page.get_by_role("region", name="Where")).to_contain_text("367 Brixton Road")

    grace = visit("Grace Okafor")
    grace.goto("/search")
    grace.page.get_by_label("or around a station").select_option("LAM1")
    grace.page.get_by_label("Metres from there").fill("500")
    grace.page.get_by_role("main").get_by_role("button", name="Search", exact=True).click()
    expect(grace.page.get_by_label("or around a station")).to_have_value("LAM1")
    expect(grace.page.get_by_label("Metres from there")).to_have_value("500")
    clean(grace)
