"""An officer in a real browser: find a recording, watch it, keep it; by mouse and by keyboard."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.browser import NARROW, WIDE, People, Watched

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

COUNTING = "00417-3"
KEPT = "00417-2"
DELETED = "00417-1"


def open_recording(visitor: Watched, number: str) -> None:
    """From the list to the page of one recording."""
    visitor.goto("/recordings?when=soon&when=later&when=kept&when=gone")
    row = visitor.page.locator("tr").filter(has_text=re.compile(rf"{number}(?!\d)"))
    row.get_by_role("link").click()
    expect(visitor.page.locator(".crumbs")).to_contain_text(number)


def time_of(page: Page) -> float:
    return float(page.locator("video").evaluate("(video) => video.currentTime"))


def test_the_list_says_of_each_when_it_is_deleted(visit: People) -> None:
    ada = visit("PC Ada Whitlock")
    ada.goto("/recordings")
    expect(ada.page.get_by_role("heading", level=1)).to_have_text("My recordings")
    counting = ada.page.locator("tr").filter(has_text=COUNTING)
    expect(counting).to_contain_text(re.compile(r"Deletes in \d+ days|Kept"))
    kept = ada.page.locator("tr").filter(has_text=KEPT)
    expect(kept).to_contain_text("Looked at again")
    expect(ada.page.get_by_text(DELETED)).to_have_count(0)
    ada.page.get_by_label("Already deleted").check()
    ada.press("Show recordings")
    gone = ada.page.locator("tr").filter(has_text=re.compile(rf"{DELETED}(?!\d)"))
    expect(gone).to_contain_text("A record of deletion stays")
    assert ada.page.locator("tbody .day-row").all_inner_texts()[-1].startswith("Deleted: ")


def test_one_recording_plays_at_once_and_seeks(visit: People) -> None:
    ada = visit("PC Ada Whitlock")
    open_recording(ada, KEPT)
    ada.start_watching()
    video = ada.page.locator("video")
    assert video.evaluate("(video) => [video.videoWidth, video.videoHeight]") == [640, 360]
    length = float(video.evaluate("(video) => video.duration"))
    seen = set()
    for place in (length * 0.8, length * 0.4, length * 0.6):
        video.evaluate("(video, place) => { video.currentTime = place; }", place)
        ada.wait_for_frame()
        assert abs(time_of(ada.page) - place) < 0.2
        picture = ada.picture()
        assert picture["brightest"] - picture["darkest"] > 60
        seen.add(picture["sum"])
    assert len(seen) > 1, "one picture stands for all"  # two may happen to be as bright
    video.evaluate("(video) => video.play()")
    ada.page.wait_for_function(
        "(from) => document.querySelector('video').currentTime > from", arg=length * 0.6 + 0.4
    )


def test_the_original_is_at_hand_at_the_same_moment_and_so_is_the_way_back(visit: People) -> None:
    ada = visit("PC Ada Whitlock")
    open_recording(ada, KEPT)
    ada.start_watching()
    page, video = ada.page, ada.page.locator("video")
    for way, kind in (
        ("Play the original", "master"),
        ("Play the copy for watching", "working"),
    ):
        video.evaluate("(video) => { video.currentTime = 7.2345; }")
        ada.wait_for_frame()
        page.get_by_role("link", name=way).click()
        page.wait_for_url("**t=00%3A07.234#player")
        ada.wait_for_frame()
        assert f"/{kind}#t=" in str(video.get_attribute("src"))
        assert time_of(page) == pytest.approx(7.234, abs=0.1)
        assert ada.violations() == []


def test_a_note_of_a_moment_stands_in_its_story(visit: People) -> None:
    ada = visit("PC Ada Whitlock")
    open_recording(ada, KEPT)
    ada.start_watching()
    page = ada.page
    page.locator("video").evaluate("(video) => { video.currentTime = 7.2345; }")
    ada.wait_for_frame()
    page.get_by_text("Write a note").click()
    page.get_by_label("Note").fill("He says his name here")
    page.get_by_role("button", name="Take the moment shown now").click()
    expect(page.get_by_label("Moment in the footage")).to_have_value("00:07.234")
    assert ada.violations() == []
    ada.press("Write it down")
    assert ada.told.startswith("Your note is written down.")
    expect(page.locator("#story").locator("xpath=../..")).to_contain_text(
        "At 00:07.234: He says his name here"
    )
    page.set_viewport_size({"width": NARROW, "height": 900})
    assert not ada.scrolls_sideways()


def test_the_players_buttons_work_with_the_mouse(visit: People) -> None:
    ada = visit("PC Ada Whitlock")
    open_recording(ada, KEPT)
    ada.start_watching()
    page, video = ada.page, ada.page.locator("video")
    expect(page.locator("#now")).to_have_text("00:00")
    tops = page.locator("#controls button").evaluate_all("(all) => all.map((one) => one.offsetTop)")
    assert len(set(tops)) == 1, "the buttons stand in one row"
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.3")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.locator("#lanes svg[viewBox]").nth(0).click(position={"x": 300, "y": 10})
    ada.wait_for_frame()
    there = time_of(page)
    assert there > 5
    page.get_by_role("button", name="Frame +").click()
    ada.wait_for_frame()
    assert 0.01 < time_of(page) - there < 0.1
    page.get_by_role("button", name="− 10 s").click()
    ada.wait_for_frame()
    assert time_of(page) == pytest.approx(max(0.0, there - 10), abs=0.2)
    speed = page.get_by_label("Speed")
    for chosen in (0.25, 4):
        speed.select_option(f"{chosen}×")
        assert video.evaluate("(video) => video.playbackRate") == chosen
    page.get_by_role("button", name="Sound off").click()
    expect(page.get_by_role("button", name="Sound on")).to_be_visible()
    assert video.evaluate("(video) => video.muted") is True


def test_the_player_is_driven_by_keys_only_while_the_focus_is_in_it(visit: People) -> None:
    ada = visit("PC Ada Whitlock")
    open_recording(ada, KEPT)
    ada.start_watching()
    page, video = ada.page, ada.page.locator("video")
    page.get_by_role("link", name="Figures").first.focus()
    for key in ("l", "k", "m"):
        page.keyboard.press(key)
    assert video.evaluate("(video) => [video.currentTime, video.paused, video.muted]") == [
        0,
        True,
        False,
    ]
    video.focus()
    page.keyboard.press("l")
    ada.wait_for_frame()
    assert time_of(page) == pytest.approx(10, abs=0.2)
    page.keyboard.press("j")
    ada.wait_for_frame()
    assert time_of(page) == pytest.approx(0, abs=0.2)
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.3")
    page.keyboard.press("k")
    assert video.evaluate("(video) => video.paused") is True
    ada.tab_to("+ 10 s")
    page.keyboard.press("Enter")
    ada.wait_for_frame()
    assert time_of(page) > 10
    there, rate = time_of(page), float(video.get_attribute("data-rate") or 0)
    for key, way in ((".", 1), (".", 1), (",", -1)):
        page.keyboard.press(key)
        ada.wait_for_frame()
        picture = int(there * rate + 0.001) + way
        there = time_of(page)
        assert there == pytest.approx((picture + 0.5) / rate, abs=0.001)
    for key, speed in ((">", 1.5), (">", 2), (">", 4), (">", 4), ("<", 2)):
        page.keyboard.press(key)
        assert video.evaluate("(video) => video.playbackRate") == speed
    page.locator("#keys summary").click()
    expect(page.locator("#keys")).to_contain_text("one frame back, on")


def test_a_link_to_a_moment_starts_there(visit: People) -> None:
    ada = visit("PC Ada Whitlock")
    open_recording(ada, KEPT)
    ada.start_watching()
    page, video = ada.page, ada.page.locator("video")
    video.evaluate("(video) => { video.currentTime = 7.2345; }")
    ada.wait_for_frame()
    page.get_by_role("button", name="Copy a link to this moment").click()
    expect(page.locator("#link-said")).to_contain_text("00:07.234")
    link = page.get_by_label("Link to this moment", exact=True).input_value()
    assert link.endswith("?t=00:07.234")
    assert ada.violations() == []
    page.set_viewport_size({"width": NARROW, "height": 900})
    assert not ada.scrolls_sideways()
    page.set_viewport_size({"width": WIDE, "height": 900})
    again = visit("PC Ada Whitlock")
    again.goto(link.removeprefix(ada.base))
    expect(again.page.locator(".player")).to_contain_text("It starts at 00:07.234")
    again.start_watching()
    assert time_of(again.page) == pytest.approx(7.234, abs=0.002)


def test_the_time_line_draws_what_the_camera_signed(visit: People) -> None:
    ada = visit("PC Ada Whitlock")
    open_recording(ada, COUNTING)
    lanes = ada.page.locator("#lanes")
    expect(lanes.locator("rect.none[height='22']")).to_have_count(1)
    expect(lanes.locator("rect.muted")).to_have_count(1)
    expect(lanes.locator("rect.marker")).to_have_count(2)
    expect(lanes.locator(".lane path.signed")).to_have_count(1)
    expect(lanes.locator("rect.broken")).to_have_count(0)
    expect(lanes.locator("#signatures")).to_contain_text(
        re.compile(r"intact\. (\d+) of \1 groups .* By the enrolled camera")
    )
    lanes.get_by_text("The time line as a table").click()
    table = lanes.get_by_role("table")
    expect(table).to_contain_text("Buffer: picture without sound")
    expect(table).to_contain_text("Muted by the officer")
    expect(table).to_contain_text("People were told")
    expect(table).to_contain_text("Signed inside the video, and intact: groups 1 to")


def test_its_story_names_a_day_once(visit: People) -> None:
    ada = visit("PC Ada Whitlock")
    open_recording(ada, DELETED)
    story = ada.page.locator(".history li")
    expect(story.first).to_contain_text(re.compile(r"\w{3} \d+ \w+ \d{4}, \d\d:\d\d"))
    days = [
        re.sub(r"\d\d:\d\d", "", text)
        for text in ada.page.locator(".history time").all_inner_texts()
    ]
    named = [day for day in days if day]
    assert len(named) == len(set(named)) < len(days)
    expect(story.filter(has_text="key")).to_have_count(0)  # its end looks as under a silent hold
    expect(ada.page.locator(".player")).to_contain_text("Nobody can open it now, we neither")
    assert ada.page.locator("video").count() == 0
    assert ada.page.get_by_role("link", name="Record of deletion").count() == 0


def test_kept_as_evidence_and_unmarked_by_two_people(visit: People) -> None:
    ada = visit("PC Ada Whitlock")
    open_recording(ada, COUNTING)
    expect(ada.page.locator(".life-end")).to_contain_text(
        "unless kept: nobody has said it is needed"
    )
    ada.page.locator(".button-row").get_by_role("link", name="Keep as evidence").click()
    ada.page.get_by_label("Incident, crime or case number").fill("CAD 9001")
    ada.page.get_by_role("radio", name="Robbery").check()
    ada.press("Keep as evidence")
    assert ada.told == "Kept as evidence for CAD 9001. It has left the count."
    expect(ada.page.get_by_role("heading", level=1)).to_have_text("Robbery, CAD 9001")
    expect(ada.page.locator(".life-kept")).to_contain_text("Kept")
    expect(ada.page.locator(".life-end")).to_contain_text("does not happen while it is kept")
    address = ada.page.url.removeprefix(ada.base)

    ada.page.get_by_role("link", name="No longer evidence").click()
    ada.page.get_by_label("Why is it no longer evidence?").fill("Another robbery")
    ada.press("Ask a second person")
    assert "stays kept until a second person agrees" in ada.told
    ada.page.get_by_role("link", name="No longer evidence").click()
    ada.press("Agree, as the second person")
    expect(ada.page.get_by_role("heading", level=1)).to_have_text("You can’t do this")
    ada.expect_refusal(403)

    grace = visit("Grace Okafor")
    grace.goto(address)
    grace.page.get_by_role("link", name="No longer evidence").click()
    expect(grace.page.locator("main")).to_contain_text("Reason: Another robbery")
    grace.press("Agree, as the second person")
    assert "at least seven more days" in grace.told
    ada.goto(address)
    expect(ada.page.locator(".life-end")).to_contain_text("unless kept")


def test_from_sign_in_to_keeping_with_the_keyboard_alone(visit: People) -> None:
    leon = visit.visitor()
    leon.goto("/sign-in")
    page = leon.page
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to main content")
    leon.tab_to("Be Sgt Leon Hamilton")
    page.keyboard.press("Enter")
    page.wait_for_url("**/today")
    leon.tab_to("Recordings")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recordings")
    leon.tab_to("Recording 21904-1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recordings/*")
    leon.tab_to("Watch it")
    page.keyboard.press("Enter")
    leon.wait_for_frame()
    leon.tab_to("Play")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.3")
    expect(page.locator(":focus")).to_have_text("Pause")
    page.keyboard.press("Space")
    assert page.locator("video").evaluate("(video) => video.paused") is True
    leon.tab_to("Keep as evidence")
    page.keyboard.press("Enter")
    page.wait_for_url("**/keep")
    leon.tab_to("Incident, crime or case number")
    page.keyboard.type("CAD 77")
    leon.tab_to("Arrest")
    page.keyboard.press("Space")
    leon.tab_to("Keep as evidence")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recordings/*")
    assert leon.told == "Kept as evidence for CAD 77. It has left the count."
