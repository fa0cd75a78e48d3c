"""An officer at a desk brings in footage by browser: cut, paused, chosen again, refused."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, expect
from tests.browser import NARROW, People, Watched, chromium
from tests.cut_line import CutLine
from tests.ingest_world import long_video, video
from tests.journeys.conftest import Demonstration
from tests.serving import BODY, TUS

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

MIB = 1 << 20
BIG = 40 * MIB
HELD = 30 * MIB
LATEST = 120_000
"""Milliseconds that a busy machine may take to check a file that has come."""
LIST = "file,sha256,officer,started_at,incident,title\n"


@pytest.fixture(scope="module")
def line(site: str) -> Iterator[CutLine]:
    with CutLine(site) as line:
        yield line


@pytest.fixture(scope="module")
def people(line: CutLine) -> Iterator[People]:
    """Their browser reaches the site by a line that can be cut."""
    with chromium() as browser:
        yield People(browser, line.url)


def at_the_form(visitor: Watched) -> None:
    visitor.goto("/recordings")
    visitor.page.get_by_role("main").get_by_role("link", name="Bring in footage").click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Bring in footage")


def fill(visitor: Watched, *files: Path) -> None:
    page = visitor.page
    page.get_by_label("Files", exact=True).set_input_files(list(files))
    page.get_by_label("Where it comes from").fill("CCTV of 12 Acre Lane, from its manager")
    page.get_by_label("Why you bring it in").fill("Assault of 8 June")


def row(visitor: Watched, name: str) -> Locator:
    return visitor.page.locator("#files li").filter(has_text=name)


def said(visitor: Watched) -> Locator:
    return visitor.page.get_by_role("status")


def fits(visitor: Watched) -> None:
    assert visitor.violations() == []
    assert not visitor.scrolls_sideways()


def forget_the_cut(visitor: Watched) -> None:
    """What Chromium notes of requests that a cut line, or a pause, ended is no trouble."""
    visitor.troubles = [text for text in visitor.troubles if "net::ERR_" not in text]


def test_several_files_come_in_though_the_line_is_cut(
    visit: People, line: CutLine, tmp_path: Path
) -> None:
    big, phone, notes, empty = (
        tmp_path / name for name in ("CAM4.mp4", "phone.mp4", "notes.bin", "empty.mp4")
    )
    big.write_bytes(long_video(BIG, shade=31))
    phone.write_bytes(video(shade=33))
    notes.write_bytes(b"no video at all " * 999)
    empty.touch()
    paul = visit("DC Paul Lowe")
    at_the_form(paul)
    fits(paul)
    expect(paul.page.locator("main")).to_contain_text("for supervisors and evidence managers")
    fill(paul, big, phone, notes, empty)
    line.hold(HELD)
    before = line.carried
    paul.page.get_by_role("button", name="Check, then bring in").press("Enter")
    refused = paul.page.locator("#problems li")
    expect(refused).to_have_text("empty.mp4: It is empty.")
    line.wait_until_held()
    expect(row(paul, "CAM4.mp4")).to_contain_text(re.compile(r"Being sent: \d+% of 40\.0 MB"))
    expect(row(paul, "phone.mp4")).to_contain_text("Waits for its turn")
    expect(paul.page.get_by_label("How far CAM4.mp4 is")).to_have_role("progressbar")
    fits(paul)
    line.cut()
    expect(row(paul, "CAM4.mp4")).to_contain_text("The line is cut. What came is kept.")
    expect(said(paul)).to_contain_text("The line is cut")
    line.mend()
    page_of = paul.page.get_by_role("link", name="The page of CAM4.mp4")
    expect(page_of).to_be_visible(timeout=LATEST)
    assert line.carried - before < BIG + HELD - 8 * MIB, "it began anew"
    expect(row(paul, "CAM4.mp4")).to_contain_text("no camera vouches for it")
    expect(row(paul, "notes.bin")).to_contain_text("Kept as it came: ", timeout=LATEST)
    expect(said(paul)).to_contain_text("Done.")
    fits(paul)
    page_of.click()
    about = paul.page.get_by_role("region", name="About it")
    expect(about).to_contain_text("CCTV of 12 Acre Lane, from its manager")
    expect(about).to_contain_text("Assault of 8 June")
    expect(about).to_contain_text("Paul Lowe")
    expect(about).to_contain_text(hashlib.sha256(big.read_bytes()).hexdigest())
    forget_the_cut(paul)


def test_paused_and_reloaded_it_goes_on_with_the_same_file_chosen_again(
    visit: People, line: CutLine, tmp_path: Path
) -> None:
    big, other = tmp_path / "gate.mp4", tmp_path / "other.mp4"
    big.write_bytes(long_video(BIG, shade=41))
    other.write_bytes(long_video(BIG, shade=43))
    grace = visit("Grace Okafor")
    grace.page.set_viewport_size({"width": NARROW, "height": 900})
    grace.page.on("dialog", lambda dialog: dialog.accept())
    at_the_form(grace)
    fits(grace)
    fill(grace, big)
    line.hold(HELD)
    grace.page.get_by_role("button", name="Check, then bring in").click()
    line.wait_until_held()
    grace.page.get_by_role("button", name="Pause").press("Enter")
    expect(row(grace, "gate.mp4")).to_contain_text("Paused. What came is kept.")
    expect(grace.page.get_by_role("button", name="Go on")).to_be_visible()
    fits(grace)
    line.cut()  # else what lies in its buffers would still go up
    line.mend()
    grace.page.reload()
    unfinished = grace.page.locator("#begun li").filter(has_text="gate.mp4")
    expect(unfinished).to_contain_text(re.compile(r"[3-7]\d% of 40\.0\sMB are here"))
    fits(grace)
    choose = grace.page.get_by_label("Choose gate.mp4 again")
    choose.set_input_files(other)
    expect(grace.page.locator("#problems")).to_contain_text("This is not gate.mp4 as it was begun")
    before = line.carried
    choose.set_input_files(big)
    page_of = grace.page.get_by_role("link", name="The page of gate.mp4")
    expect(page_of).to_be_visible(timeout=LATEST)
    assert line.carried - before < BIG - 8 * MIB, "it began anew"
    expect(unfinished).to_have_count(0)

    paul = visit("DC Paul Lowe")
    at_the_form(paul)
    fill(paul, big)
    paul.page.get_by_role("button", name="Check, then bring in").click()
    expect(row(paul, "gate.mp4")).to_contain_text(
        re.compile(r"The same bytes as U-\w+\. It becomes a recording of its own"), timeout=LATEST
    )
    paul.page.get_by_role("link", name="The page of gate.mp4").click(timeout=LATEST)
    expect(paul.page.locator("main")).to_contain_text("The same bytes as")
    forget_the_cut(grace)


def test_a_list_is_told_row_by_row_and_brought_in_whole(
    visit: People, line: CutLine, tmp_path: Path
) -> None:
    door, yard = tmp_path / "door.mp4", tmp_path / "yard.mp4"
    door.write_bytes(video(shade=51))
    yard.write_bytes(video(shade=53))
    listing = tmp_path / "export.csv"
    grace = visit("Grace Okafor")
    at_the_form(grace)
    fill(grace, door, yard)
    grace.page.get_by_text("Another system’s list of its files").click()
    choose = grace.page.get_by_label("List (CSV)")
    listing.write_text(
        LIST
        + "day 1/door.mp4,,614LX,2017-06-08 22:13:05,CAD 8812,The door\n"
        + "day 1/roof.mp4,,,,,\n"
        + "day 2/yard.mp4,,999ZZ,,,\n"
    )
    choose.set_input_files(listing)
    expect(grace.page.get_by_label("What it shows")).to_be_hidden()
    before = line.carried
    grace.page.get_by_role("button", name="Check, then bring in").click()
    refused = grace.page.locator("#problems li")
    expect(refused).to_have_count(2)
    expect(refused.nth(0)).to_contain_text("Line 3, day 1/roof.mp4: It is on the list, but")
    expect(refused.nth(1)).to_contain_text("Line 4, day 2/yard.mp4: There is no officer 999ZZ")
    expect(grace.page.locator("#verdict")).to_have_text(re.compile("^Nothing was sent"))
    expect(said(grace)).to_have_text("Nothing was sent. 2 to mend.")
    fits(grace)
    grace.page.set_viewport_size({"width": NARROW, "height": 900})
    fits(grace)
    assert line.carried - before < MIB
    listing.write_text(
        LIST + "door.mp4,,614LX,2017-06-08 22:13:05,CAD 8812,The door\nyard.mp4,,,,,\n"
    )
    choose.set_input_files(listing)
    grace.page.get_by_role("button", name="Check, then bring in").click()
    page_of = grace.page.get_by_role("link", name="The page of yard.mp4")
    expect(page_of).to_be_visible(timeout=LATEST)
    grace.page.get_by_role("link", name="The page of door.mp4").click()
    expect(grace.page.get_by_role("heading", level=1)).to_have_text("CAD 8812")
    expect(grace.page.locator("main")).to_contain_text("Ada Whitlock")
    expect(grace.page.get_by_role("region", name="About it")).to_contain_text("The door")


def test_without_a_script_the_page_says_what_is_needed(people: People) -> None:
    grace = people.visitor(scripts=False)
    grace.sign_in("Grace Okafor")
    grace.goto("/bring-in")
    expect(grace.page.locator("main")).to_contain_text("fairwitness import FILE... --by")
    expect(grace.page.locator("#bring-in")).to_be_hidden()
    people.close()


def sign_in(browser: httpx.Client, who: str) -> None:
    form = browser.get("/sign-in").text
    person = re.search(rf'value="([0-9a-f-]{{36}})"[^>]*>[^<]*Be {who}', form)
    assert person, form
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
    assert token
    data = {"person": person[1], "csrfmiddlewaretoken": token[1]}
    assert browser.post("/sign-in", data=data).status_code == 302


def test_a_session_sends_only_what_a_page_began_for_it(
    site: str, demonstration: Demonstration
) -> None:
    data = video(shade=61)
    asked: dict[str, Any] = {
        "files": [{"name": "a.mp4", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}],
        "came_from": "a phone",
        "why": "a test",
        "told": {},
        "listing": None,
    }
    with httpx.Client(base_url=site) as grace, httpx.Client(base_url=site) as paul:
        sign_in(grace, "Grace Okafor")
        sign_in(paul, "DC Paul Lowe")
        assert grace.post("/bring-in/ask", json=asked).status_code == 403, "no CSRF token"
        crossing = {"X-CSRFToken": grace.cookies["csrftoken"]}
        (file,) = grace.post("/bring-in/ask", json=asked, headers=crossing).json()["files"]
        begun = grace.post(
            "/bring-in/begin", data={"ticket": file["ticket"]}, headers=crossing
        ).json()
        there = f"/uploads/{begun['upload']}"
        may = {"Upload-Pass": begun["pass"]}
        at = {"Upload-Offset": "0"}

        def status(who: httpx.Client, method: str, path: str, headers: dict[str, str]) -> int:
            body = data if method in {"PATCH", "POST"} else None
            return who.request(method, path, headers=headers, content=body).status_code

        assert status(grace, "PATCH", there, BODY | at) == 401, "the cookie alone is nothing"
        assert status(paul, "PATCH", there, BODY | at | may) == 403, "it is another's"
        with httpx.Client(base_url=site) as nobody:
            assert status(nobody, "PATCH", there, BODY | at | may) == 401
        assert status(grace, "HEAD", there, TUS | {"Upload-Pass": "made up"}) == 403
        length = {"Upload-Length": str(len(data)), "Upload-Metadata": "sha256 AAAA"}
        assert status(grace, "POST", "/uploads", BODY | length | may) == 403
        assert status(grace, "DELETE", there, TUS | may) == 403
        assert status(grace, "GET", f"{there}/receipt", TUS | may) == 401
        token = demonstration.run("dock", "token", "--dock", demonstration.dock).strip()
        assert status(grace, "HEAD", there, TUS | {"Authorization": f"Bearer {token}"}) == 404
        assert status(grace, "PATCH", there, BODY | {"Upload-Offset": "7"} | may) == 409
        assert status(grace, "HEAD", there, TUS | may) == 200
        assert status(grace, "PATCH", there, BODY | at | may) == 204
        assert paul.get(f"/bring-in{there}").status_code == 404
