"""The evidence manager and the supervisor: quarantine, holds, deletions, unassigned, a task."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from tests.bay_world import until
from tests.browser import People, Watched
from tests.journeys.conftest import Demonstration

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def unknown_camera(demonstration: Demonstration, site: str) -> str:  # noqa: ARG001 # it must be up
    """A dock brought footage of a camera that nobody enrolled; the camera's serial number."""
    volume = demonstration.stranger("66666")
    demonstration.offload(volume, expect=1)
    assert list((volume / "recordings").glob("*.mp4")), "the dock must not have erased it"
    return "66666"


@pytest.fixture(scope="module")
def unassigned(demonstration: Demonstration, site: str) -> str:  # noqa: ARG001 # it must be up
    """The helmet camera was returned, then used all the same; the recording's number."""
    demonstration.run("issue", "return", "21904", "--data", demonstration.data)
    volume = demonstration.film("camera-21904")
    demonstration.offload(volume, expect=0)
    return "21904-2"


def card(visitor: Watched, text: str) -> Locator:
    return visitor.page.locator("section.card, article.card").filter(has_text=text)


def test_footage_of_an_unknown_camera_waits_for_two_people(
    visit: People, unknown_camera: str
) -> None:
    grace = visit("Grace Okafor")
    grace.goto("/quarantine?words=" + unknown_camera)
    case = card(grace, unknown_camera)
    expect(case.get_by_role("heading")).to_have_text("Its camera is not enrolled")
    expect(case).to_contain_text("Brixton")
    expect(case).to_contain_text("Deletes in 31 days")
    case.get_by_role("link").focus()
    grace.page.keyboard.press("Enter")
    expect(grace.page.locator("main")).to_contain_text("have its enrolment asked for and approved")
    there = grace.page.url.removeprefix(grace.base)
    grace.press("Propose to let it in")
    expect(grace.page.locator("main")).to_contain_text("Say why")
    grace.expect_refusal(400)
    grace.goto(there)
    grace.start_watching()
    grace.wait_for_frame()
    until(lambda: grace.picture()["brightest"] > 60)
    expect(grace.page.locator(".history")).to_contain_text("Grace Okafor watched it")
    grace.press("Check again")
    assert "It is being checked again" in grace.told

    def is_back() -> bool:
        grace.goto("/quarantine?words=" + unknown_camera)
        return card(grace, unknown_camera).count() == 1

    wait_until(is_back)
    card(grace, unknown_camera).get_by_role("link").click()
    there = grace.page.url.removeprefix(grace.base)
    grace.page.get_by_label("Reason").fill("A camera of ours, on trial")
    grace.press("Propose to let it in")
    assert "until another person confirms" in grace.told
    expect(grace.page.locator("main")).to_contain_text("Somebody else has to confirm it")

    martin = visit("Martin Shaw")
    martin.goto("/quarantine?waits=second")
    expect(card(martin, unknown_camera)).to_contain_text("Grace Okafor")
    martin.goto(there)
    expect(martin.page.locator("main")).to_contain_text("A camera of ours, on trial")
    martin.press("Confirm, as the second person")
    assert "as the second person" in martin.told
    martin.goto("/quarantine")
    expect(card(martin, unknown_camera)).to_have_count(0)


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.3)


def test_a_recording_without_a_wearer_is_given_to_one(visit: People, unassigned: str) -> None:
    grace = visit("Grace Okafor")
    grace.goto("/unassigned")
    row = card(grace, unassigned)
    row.get_by_label("Collar number of who wore it").fill("702LX")
    row.get_by_label("How you know").fill("The station's book says so")
    row.get_by_role("button", name="Assign").click()
    assert "now belongs to PC Dev Anand" in grace.told
    expect(card(grace, unassigned)).to_have_count(0)


def test_a_hold_is_placed_and_lifted(visit: People) -> None:
    grace = visit("Grace Okafor")
    grace.goto("/recordings?scope=unit&words=21904-1")
    grace.page.get_by_role("table").get_by_role("link").click()
    grace.page.get_by_role("link", name="Place a hold").click()
    grace.page.get_by_label("Its number or name").fill("Request 17/204")
    grace.page.get_by_label("On what ground it is kept").fill("Asked for by a person filmed")
    grace.press("Place the hold")
    assert "The hold stands. It keeps 1 recording" in grace.told
    expect(grace.page.locator(".life-kept")).to_contain_text("Kept")
    grace.goto("/recordings?scope=unit&words=00417-2")
    other = grace.page.get_by_role("table").get_by_role("link").first
    number = str(other.get_attribute("href")).rpartition("/")[2]
    grace.goto(f"/holds/new?recording={number}")
    assert grace.violations() == []
    assert not grace.scrolls_sideways()
    grace.press("Keep it under Request 17/204")
    assert "The hold Request 17/204 keeps it too." in grace.told
    grace.goto("/holds")
    hold = card(grace, "Request 17/204")
    expect(hold).to_contain_text("Grace Okafor")
    hold.get_by_text("Lift this hold").click()
    hold.get_by_label("Why it is no longer needed").fill("The request was answered")
    hold.get_by_role("button", name="Lift it").click()
    assert grace.told.startswith("Lifted.")
    expect(card(grace, "Lifted").last).to_contain_text("Request 17/204")


def test_deletions_show_the_runs_and_the_signed_record(visit: People) -> None:
    grace = visit("Grace Okafor")
    grace.goto("/deletions")
    expect(card(grace, "What goes this week")).to_be_visible()
    deleted = grace.page.get_by_role("table").filter(has_text="Record of deletion")
    expect(deleted).to_contain_text("00417-1")
    expect(deleted).to_contain_text("Every copy of the key ring has confirmed")
    runs = grace.page.get_by_role("table").filter(has_text="Trouble")
    expect(runs).to_contain_text("Finished")
    with grace.page.expect_download() as download:
        deleted.get_by_role("link", name=re.compile("download")).click()
    assert "application/vnd.in-toto+json" in download.value.path().read_text()


def test_a_supervisor_watches_with_a_task_and_the_wearer_sees_it(visit: People) -> None:
    ruth = visit("Insp. Ruth Adeyemi")
    ruth.goto("/recordings?scope=unit&words=00417-2")
    ruth.page.get_by_role("table").get_by_role("link").click()
    address = ruth.page.url.removeprefix(ruth.base)
    expect(ruth.page.locator(".player")).to_contain_text("This is not your own recording")
    ruth.page.get_by_label("Task").select_option("incident")
    ruth.page.get_by_label("Its number").fill("CAD 8812")
    ruth.start_watching()
    expect(ruth.page.locator(".watermark")).to_contain_text("Ruth Adeyemi 88LX")
    ruth.page.locator("video").evaluate("(video) => { video.currentTime = 10; }")
    ruth.wait_for_frame()
    assert ruth.picture()["brightest"] > 60

    ada = visit("PC Ada Whitlock")
    ada.goto(address)
    expect(ada.page.locator(".history")).to_contain_text(
        re.compile(r"Insp\. Ruth Adeyemi watched it.*CAD 8812")
    )


def test_a_colleague_without_a_task_is_told_what_is_missing(visit: People) -> None:
    ada = visit("PC Ada Whitlock")
    ada.goto("/recordings?when=kept&words=00417-2")
    ada.page.get_by_role("table").get_by_role("link").click()
    address = ada.page.url.removeprefix(ada.base)
    dev = visit("Joan Keane")
    dev.goto(address)
    expect(dev.page.get_by_role("heading", level=1)).to_have_text("Not found")
    dev.expect_refusal(404)
