"""Where the camera was, in a real browser: point and player go together, by mouse and by key."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser import NARROW, WIDE, People
from tests.integration.media.test_trail import camm_full
from tests.journeys.conftest import Demonstration
from tests.media_samples import encoded, with_track

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]


def walk() -> list[bytes]:
    """A place a second: round a corner, with five seconds and more in the middle without a fix."""
    return [
        camm_full(
            51.4952 + min(second, 12) * 4e-5,
            -0.1176 + max(0, second - 12) * 8e-5,
            fix=0 if 14 <= second < 21 else 3,
        )
        for second in range(30)
    ]


def test_the_trail_seeks_the_player_and_the_player_moves_the_point(
    demonstration: Demonstration, visit: People, tmp_path: Path
) -> None:
    film = tmp_path / "helmet.mp4"
    film.write_bytes(with_track(encoded(pictures=300, size=(320, 240)), b"camm", walk()))
    told = json.loads(
        demonstration.run("import", film, "--by", "3318", "--json", "--data", demonstration.data)
    )
    recording = told["files"][0]["recording"]
    paul = visit("DC Paul Lowe")
    page = paul.page
    page.set_viewport_size({"width": WIDE, "height": 900})
    paul.goto(f"/recordings/{recording}")
    page.get_by_label("Task").select_option("incident")
    page.get_by_label("Its number").fill("CAD 8812")
    paul.start_watching()
    trail = page.get_by_role("heading", name="Where the camera was")
    for _ in range(60):  # its copies are made in the background; each look asks again
        if trail.count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    paul.wait_for_frame()
    expect(page.locator("#trail .gap")).to_have_count(1)
    expect(page.get_by_text("no position once")).to_be_visible()
    here, along = page.locator("#trail-here"), page.get_by_label("Along the trail")
    along.focus()
    along.press("End")
    page.wait_for_function("() => document.querySelector('video').currentTime > 28")
    expect(page.locator("#along-said")).to_have_text("00:29")
    at_end = (here.get_attribute("cx"), here.get_attribute("cy"))
    end = page.locator("#trail rect.mark")
    assert abs(float(at_end[0] or 0) - float(end.get_attribute("x") or 0) - 6) < 1
    along.press("ArrowLeft")
    expect(page.locator("#along-said")).to_have_text("00:28")
    along.press("ArrowLeft")
    expect(page.locator("#along-said")).to_have_text("00:27")
    start = page.locator("#trail circle.mark").bounding_box()
    assert start is not None
    page.mouse.click(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.wait_for_function("() => document.querySelector('video').currentTime < 0.5")
    page.locator("video").evaluate("(video) => { video.currentTime = 17; }")
    expect(page.locator("#along-said")).to_have_text("00:17, no position")
    expect(here).to_be_hidden()
    page.get_by_text("The trail as a table").click()
    page.locator("#trail-table").get_by_role("link", name="00:22", exact=True).click()
    page.wait_for_function("() => Math.abs(document.querySelector('video').currentTime - 22) < 0.2")
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        assert paul.violations() == []
        assert not paul.scrolls_sideways()
