"""An officer trains on the camera's page: by keyboard, by touch, into a real dock and server."""

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect
from tests.browser import NARROW, Watched, chromium
from tests.camera_making import Kit, make_kit
from tests.camera_wearing import Face, face
from tests.docking_world import Docking, digests
from tests.offloading import offload
from tests.serving import Site, serving

from fairwitness.camera.positions import read_trail
from fairwitness.camera.settings import Settings
from fairwitness.formats import canonical
from fairwitness.formats.recording import EventKind, Profile

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

# Chromium's own beeps and vibrations, counted as they are asked for.
_COUNT = """
window.beeps = 0; window.buzzes = [];
const make = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () {
  window.beeps += 1; return make.call(this);
};
Navigator.prototype.vibrate = (pattern) => { window.buzzes.push(pattern.length / 2); return true; };
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return make_kit(tmp_path)


def known(kit: Kit, site: Site) -> None:
    """Give the camera the key by which the site knows camera 00417."""
    (kit.device / "key.pem").write_bytes(site.camera.pem())
    card = canonical.decode((kit.volume / "camera.json").read_bytes())
    assert isinstance(card, dict)
    public = site.camera.public.pem().decode()
    (kit.volume / "camera.json").write_bytes(canonical.encode({**card, "public_key": public}))


def wear(browser: Browser, worn: Face, *, width: int = 1280, touch: bool = False) -> Watched:
    """The page, by somebody who wants no motion; its beeps are counted."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        locale="en-GB",
        reduced_motion="reduce",
        has_touch=touch,
    )
    context.add_init_script(_COUNT)
    watched = Watched(worn.url, context.new_page())
    watched.watch()
    watched.goto("/")
    expect(watched.page.locator("#state")).to_have_text("Off")
    return watched


def hold_key(page: Page, key: str, ms: int) -> None:
    page.keyboard.down(key)
    page.wait_for_timeout(ms)
    page.keyboard.up(key)


def touch(page: Page, button: str, ms: int) -> None:
    """A finger on a button for so long."""
    box = page.locator(f"button[data-button={button}]").bounding_box()
    assert box is not None
    finger = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    wire = page.context.new_cdp_session(page)
    send: Any = wire.send
    send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [finger]})
    page.wait_for_timeout(ms)
    send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    wire.detach()


def touch_twice(page: Page, button: str) -> None:
    touch(page, button, 80)
    touch(page, button, 80)


def state(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.locator("#state")).to_have_text(words, timeout=30_000)


def switch_on(page: Page) -> None:
    page.get_by_role("button", name="Switch on").focus()
    page.keyboard.press("Enter")
    state(page, "Buffering, not recording")


def until_it_records(page: Page, press_twice: Callable[[], object]) -> None:
    """Two presses that start a recording; again, where a busy machine came too late with one.

    Two that came within the second always start it, however late the page then says so.
    """
    for _ in range(4):
        press_twice()
        with contextlib.suppress(AssertionError):
            expect(page.locator("#state")).to_have_text("Recording", timeout=15_000)
            return
    raise AssertionError("it never began to record")


def press_twice(page: Page, key: str) -> None:
    """Both presses are one errand of the browser's, so that nobody is waited for between them."""
    until_it_records(page, lambda: page.keyboard.type(key * 2, delay=50))


def mark_and_mute(page: Page) -> None:
    page.keyboard.press("f")
    expect(page.locator("#number")).to_contain_text("Markers: 1")
    hold_key(page, "f", 4_200)
    expect(page.locator("#l-function")).to_have_text("blinks blue")
    expect(page.locator("button[data-button=function]")).to_contain_text("Brings the sound back")
    hold_key(page, "F", 4_200)  # with the capital lock on
    expect(page.locator("#l-function")).to_have_text("off")


def test_a_shift_by_keyboard_alone_lands_on_the_server(
    browser: Browser, site: Site, kit: Kit, tmp_path: Path
) -> None:
    known(kit, site)
    docking = Docking(site, tmp_path / "station")
    docking.set_up()
    with face(tmp_path, "--bays", "bays") as worn:
        ada = wear(browser, worn)
        page = ada.page
        switch_on(page)
        event = page.locator("button[data-button=event]")
        event.focus()
        expect(event).to_be_focused()
        expect(event).to_contain_text("pressed twice: Starts recording")
        press_twice(page, " ")
        expect(page.locator("#caption")).to_have_text("♪ beep beep ≋ buzz buzz")
        expect(page.get_by_text("Tell people they are being recorded").first).to_be_visible()
        told = page.get_by_role("button", name="I told them")
        told.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#told")).to_have_text("Noted: people were told.")
        mark_and_mute(page)
        event.focus()
        hold_key(page, "Enter", 4_200)
        state(page, "Buffering, not recording")
        expect(page.locator("#caption")).to_have_text("♪ long beep ≋ long buzz")
        assert page.evaluate("() => [window.beeps, window.buzzes]") == [1 + 2 + 1, [1, 2, 1]]
        claim = kit.claim("00417-1-1")
        expect(page.locator("#stored")).to_contain_text("1 recording")
        dock = page.locator("#dock-button")
        dock.focus()
        page.keyboard.press("Enter")
        state(page, "In the dock")
        tally = offload(docking.dock, tmp_path / "bays/00417")
        assert tally.erased == ["00417-1-1"]
        expect(page.locator("#stored")).to_have_text("nothing; 1 received by the server and erased")
        dock.click()
        state(page, re.compile("Starting|Buffering"))
        worn.end()
        assert ada.troubles == []
    kinds = [one.kind for one in claim.events]
    assert kinds == [
        EventKind.START,
        EventKind.PEOPLE_TOLD,
        EventKind.MARKER,
        EventKind.MUTE_ON,
        EventKind.MUTE_OFF,
        EventKind.STOP,
    ]
    (muted,) = claim.mute
    assert 3_000 <= muted.to_ms - muted.from_ms <= 60_000
    assert claim.sha256 in digests(site)
    assert not list((kit.volume / "recordings").iterdir())


def test_by_touch_at_320_pixels(browser: Browser, kit: Kit, tmp_path: Path) -> None:
    with face(tmp_path) as worn:
        page = wear(browser, worn, width=NARROW, touch=True).page
        page.get_by_role("button", name="Switch on").tap()
        state(page, "Buffering, not recording")
        page.locator("button[data-button=event]").scroll_into_view_if_needed()
        until_it_records(page, lambda: touch_twice(page, "event"))
        touch(page, "event", 1_000)
        page.wait_for_timeout(500)
        state(page, "Recording")  # a second is not three
        touch(page, "event", 4_200)
        state(page, "Buffering, not recording")
        worn.end()
    lasted = kit.claim("00417-1-1").ended_at - kit.claim("00417-1-1").started_at
    assert lasted.total_seconds() >= 5


def test_a_press_of_assistive_technology_counts_and_holding_can_be_left_to_the_page(
    browser: Browser, kit: Kit, tmp_path: Path
) -> None:
    del kit
    with face(tmp_path) as worn:
        page = wear(browser, worn).page
        switch_on(page)
        event = page.locator("button[data-button=event]")
        twice = "(one) => { one.click(); setTimeout(() => one.click(), 250); }"
        # no pointer, no key: as a screen reader does
        until_it_records(page, lambda: event.evaluate(twice))
        page.get_by_text("If you can’t press twice or hold").click()
        page.get_by_role("button", name="Hold Event 3 s").click()
        state(page, "Buffering, not recording")
        page.locator("#keys").uncheck()
        page.get_by_role("heading", level=1).click()
        page.keyboard.press("e")
        page.keyboard.press("e")
        page.wait_for_timeout(600)
        state(page, "Buffering, not recording")


def test_a_press_of_assistive_technology_counts_after_one_by_key(
    browser: Browser, kit: Kit, tmp_path: Path
) -> None:
    del kit
    with face(tmp_path) as worn:
        page = wear(browser, worn).page
        battery = page.locator("button[data-button=battery]")
        battery.focus()
        presses = []
        page.on("request", lambda asked: presses.append(1) if _is_press(asked) else None)
        hold_key(page, "Enter", 50)
        hold_key(page, "Space", 50)
        battery.evaluate("(one) => one.click()")
        deadline = time.monotonic() + 20
        while len(presses) < 3:
            assert time.monotonic() < deadline, "a press was swallowed"
            page.wait_for_timeout(50)


def _is_press(asked: Request) -> bool:
    return asked.url.endswith("/act") and (asked.post_data_json or {}).get("do") == "press"


def test_a_key_that_is_never_let_go_is_let_go_when_the_page_loses_the_focus(
    browser: Browser, kit: Kit, tmp_path: Path
) -> None:
    del kit
    with face(tmp_path) as worn:
        page = wear(browser, worn).page
        page.keyboard.down("e")
        assert page.locator("button[data-button=event].is-down").count() == 1
        page.evaluate("() => window.dispatchEvent(new Event('blur'))")
        assert page.locator(".is-down").count() == 0


@pytest.mark.parametrize("profile", [Profile.FLEX2, Profile.BODY2])
def test_axe_finds_nothing_in_any_state_of_either_camera(
    browser: Browser, tmp_path: Path, profile: Profile
) -> None:
    make_kit(tmp_path, profile=profile)
    with face(tmp_path) as worn:
        worn_by = wear(browser, worn)
        page, helmet = worn_by.page, profile is Profile.FLEX2
        assert page.locator("#draw-flex2").is_visible() is helmet
        assert page.locator("#draw-body2").is_visible() is not helmet
        expect(page.locator("#mount")).to_have_text("Helmet" if helmet else "Chest")
        assert worn_by.violations() == []
        switch_on(page)
        press_twice(page, "e")
        for width in (1280, NARROW):
            page.set_viewport_size({"width": width, "height": 900})
            assert not worn_by.scrolls_sideways()
            page.emulate_media(color_scheme="light" if width == NARROW else "dark")
            assert worn_by.violations() == []
        page.get_by_role("button", name="Clock loses its time").click()
        expect(page.locator("#caption-words")).to_contain_text("Clock not set. Repeats every 20 s")
        if helmet:
            page.get_by_role("button", name="Pull the cable out").click()
            state(page, re.compile("Switching off|Off"))
            expect(page.locator("#caption")).to_have_text("♪ beep beep beep ≋" + " buzz" * 6)
            expect(page.locator("#cable")).to_have_class("is-out")
        assert worn_by.violations() == []
        worn.end()
        assert worn_by.troubles == []


def test_lights_flash_slowly_and_stay_lit_where_motion_is_not_wanted(
    browser: Browser, kit: Kit, tmp_path: Path
) -> None:
    del kit
    with face(tmp_path) as worn:
        page = wear(browser, worn).page
        switch_on(page)
        press_twice(page, "e")
        light = page.locator("#draw-body2 [data-light=operation]")
        look = "(one) => [getComputedStyle(one).animationName, getComputedStyle(one).opacity]"
        assert light.evaluate(look) == ["none", "1"]
        page.emulate_media(reduced_motion="no-preference")
        lasts = light.evaluate("(one) => getComputedStyle(one).animationDuration")
        assert lasts == "1.2s"  # 0.83 Hz; WCAG allows three flashes a second
        assert light.get_attribute("fill") == "#ff4034"


def test_it_makes_a_camera_to_train_on_where_there_is_none(
    browser: Browser, tmp_path: Path
) -> None:
    with face(tmp_path, "--profile", "flex2") as worn:
        page = wear(browser, worn).page
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"Camera T\d{4} on"))
        expect(page.locator("#kind")).to_have_text("Flex 2, 120° lens, with cable")
        worn.end()
    assert (tmp_path / "volume/camera.json").exists()


def test_a_recording_with_a_position_track_plays_in_the_browser(
    browser: Browser, kit: Kit, tmp_path: Path
) -> None:
    script = "at 0s boot\nat 5s double-press\nat 11s hold-event\n"
    settings = Settings(position=True, buffer_seconds=0)
    (name,) = kit.play(script, settings=settings, trail=read_trail("walk")).recordings
    film = kit.video(name).read_bytes()
    assert b"gpmd" in film
    with face(tmp_path) as worn:
        page = browser.new_page()
        page.route("**/film.mp4", lambda asked: asked.fulfill(body=film, content_type="video/mp4"))
        page.route(
            "**/film.html",
            lambda asked: asked.fulfill(
                body="<video src=film.mp4 muted></video>", content_type="text/html"
            ),
        )
        page.goto(f"{worn.url}/film.html")
        video = page.locator("video")
        video.evaluate("(one) => one.play()")
        page.wait_for_function("() => document.querySelector('video').currentTime > 1")
        assert video.evaluate("(one) => one.videoWidth") == 640
        page.close()
