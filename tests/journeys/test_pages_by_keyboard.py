"""Each main task with the keyboard alone: Tab, arrows, Space and Enter; the focus is always seen.

Finding, watching and marking are in test_pages_officer.py, asking as the public in
test_pages_public.py, and finding one's own in test_pages_search.py.
"""

import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect
from tests.browser import People, Watched

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]


def come_in(visit: People, who: str, path: str = "/today") -> Watched:
    visitor = visit.visitor()
    visitor.goto(f"/sign-in?next={quote(path, safe='')}")
    visitor.enter(f"Be {who}")
    visitor.page.wait_for_url(lambda url: url.endswith(path) and "/sign-in" not in url)
    return visitor


def test_a_hold_is_placed_and_lifted(visit: People) -> None:
    grace = come_in(visit, "Grace Okafor", "/recordings?scope=unit&words=21904-1")
    grace.enter("Recording 21904-1")
    grace.enter("Place a hold")
    grace.type_into("Its number or name", "Request 17/311")
    grace.type_into("On what ground it is kept", "Asked for by a person filmed")
    grace.enter("Place the hold")
    assert "The hold stands. It keeps 1 recording" in grace.told
    grace.enter("Retention")
    grace.tab_to("Lift this hold", beside="Request 17/311")
    grace.page.keyboard.press("Enter")
    grace.type_into("Why it is no longer needed", "The request was answered")
    grace.enter("Lift it")
    assert grace.told.startswith("Lifted.")


def test_a_recording_is_categorised_at_the_dock(visit: People) -> None:
    ada = come_in(visit, "PC Ada Whitlock", "/kiosk")
    last = ada.page.locator(".kiosk-last")
    ada.choose("Training or demonstration")
    ada.enter("Save, next")
    expect(last).to_contain_text("Training or demonstration")
    ada.enter("Undo")
    expect(ada.page.get_by_text("Undone. It waits for you again.")).to_be_visible()


def test_a_request_is_answered(visit: People) -> None:
    person = visit.visitor()
    person.goto("/keep-footage")
    person.page.locator("#day").fill(str(person.page.locator("#day").get_attribute("max")))
    person.page.locator("#time").fill("00:00")
    person.tab_to("Borough")
    person.page.keyboard.type("Lambeth")
    person.tab_to("How to reach you")
    person.page.keyboard.type("kim@example.org")
    person.page.keyboard.press("Enter")
    person.page.get_by_role("heading", name="Your request is in").wait_for()
    code = person.page.locator(".fingerprint").inner_text()
    grace = come_in(visit, "Grace Okafor", "/requests")
    grace.enter(code)
    grace.choose("We answered it")
    grace.type_into("What was answered", "a copy is being made")
    grace.enter("Write it down")
    assert grace.told.startswith("Written down.")


def test_a_copy_for_court_is_made(visit: People, tmp_path: Path) -> None:
    paul = come_in(visit, "DC Paul Lowe", "/cases")
    paul.enter("01/803/17")
    paul.type_into("For whom", "The defence")
    paul.tab_to("Download the copy")
    with paul.page.expect_download() as download:
        paul.page.keyboard.press("Enter")
    download.value.save_as(tmp_path / "copy.zip")
    with zipfile.ZipFile(tmp_path / "copy.zip") as archive:
        assert archive.testzip() is None


def test_the_warning_before_the_time_is_over_keeps_what_was_typed(visit: People) -> None:
    ada = visit.visitor()
    page = ada.page
    page.clock.install()
    ada.goto("/sign-in?next=/break-glass")
    ada.enter("Be PC Ada Whitlock")
    page.wait_for_url("**/break-glass")
    ada.type_into("What happens", "A child is missing since")
    warning = page.get_by_role("alertdialog")
    expect(warning).to_be_hidden()
    page.clock.fast_forward("28:00")  # of the thirty minutes without a request
    page.clock.run_for(2_000)
    expect(warning).to_contain_text("signed out in less than two minutes")
    expect(warning).to_be_focused()
    assert ada.violations() == []
    with page.expect_response("**/sign-in/stay") as answer:
        ada.tab_to("Stay signed in")
        page.keyboard.press("Enter")
    assert answer.value.json()["seconds"] == 1800
    page.clock.run_for(2_000)
    expect(warning).to_be_hidden()
    expect(page.get_by_label("What happens")).to_have_value("A child is missing since")
    page.clock.fast_forward("31:00")
    page.clock.run_for(2_000)
    expect(warning).to_contain_text("nothing typed here is lost")
    expect(warning.get_by_role("button")).to_be_hidden()
    expect(page.get_by_label("What happens")).to_have_value("A child is missing since")
