"""Two cameras film at once; both are watched in step, and what the browser plays is measured."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect
from tests.browser import NARROW, WIDE, People, Watched
from tests.journeys.conftest import Demonstration, served

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]
CAMERAS = ("camera-00417", "camera-21904")
TRANSCRIPT = "WEBVTT\n\n00:01.000 --> 00:03.000\n<v PC Whitlock>Stay where you are.\n"
CLOCKS = """() => [...document.querySelectorAll('.cam')].map(
  (c) => Number(c.dataset.begins) / 1000 + c.querySelector('video').currentTime)"""
IN_STEP = f"""() => {{
  const clocks = ({CLOCKS})();
  const playing = [...document.querySelectorAll('video')].every(
    (v) => !v.paused && !v.seeking && v.currentTime > 0.2);
  return playing && Math.max(...clocks) - Math.min(...clocks) < 0.1;
}}"""
READY = (
    "() => [...document.querySelectorAll('video')].every((v) => v.readyState >= 2 && !v.seeking)"
)


@pytest.fixture(scope="module")
def demonstration(played: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """One of its own: two cameras of it film at the same time."""
    return played.again(tmp_path_factory.mktemp("together"))


@pytest.fixture(scope="module")
def site(demonstration: Demonstration) -> Iterator[str]:
    with served(demonstration) as address:
        yield address


def sound(visitor: Watched) -> None:
    """Nothing that axe knows is wrong with the page, wide or narrow."""
    for width in (WIDE, NARROW):
        visitor.page.set_viewport_size({"width": width, "height": 900})
        assert visitor.violations() == []
        assert not visitor.scrolls_sideways()
    visitor.page.set_viewport_size({"width": WIDE, "height": 900})


def test_two_cameras_play_in_step(demonstration: Demonstration, visit: People) -> None:
    with ThreadPoolExecutor() as pool:
        volumes = list(pool.map(lambda each: demonstration.film(each, "--speed", "real"), CAMERAS))
    for volume in volumes:
        demonstration.offload(volume, expect=0)
    grace = visit("Grace Okafor")
    page = grace.page
    grace.goto("/search?camera=21904")
    page.get_by_role("table").get_by_role("link").first.click()
    page.get_by_role("link", name="Watch it together with others of that time").click()
    sound(grace)
    page.get_by_role("checkbox").first.check()
    grace.press("Watch together")
    sound(grace)
    page.get_by_label("Its number").fill("CAD 4417")
    grace.press("Watch them together")
    expect(page.locator("video")).to_have_count(2)
    page.wait_for_function(READY)
    line = page.get_by_label("Time", exact=True)
    begins = page.locator(".cam").evaluate_all("(cs) => cs.map((c) => Number(c.dataset.begins))")
    line.evaluate(  # the line has steps, and rounds to them: one after all have begun
        "(e, at) => { e.value = at; e.dispatchEvent(new Event('input')); }",
        max(begins) + 2 * int(line.get_attribute("step") or 0),
    )
    page.wait_for_function(READY)
    first, second = page.evaluate(CLOCKS)
    assert abs(first - second) < 0.005
    page.get_by_role("button", name="Play", exact=True).focus()
    page.keyboard.press("k")
    page.wait_for_function(IN_STEP)
    assert page.locator("video").evaluate_all("(vs) => vs.map((v) => v.muted)") == [False, True]
    page.keyboard.press("2")
    assert page.locator("video").evaluate_all("(vs) => vs.map((v) => v.muted)") == [True, False]
    page.keyboard.press("k")
    page.wait_for_function(READY)
    first, second = page.evaluate(CLOCKS)
    assert abs(first - second) < 0.005
    page.keyboard.press(".")
    page.wait_for_function(READY)
    later, also = page.evaluate(CLOCKS)
    assert later > first
    assert abs(later - also) < 0.005
    expect(page.locator("#sure + p")).to_contain_text("side by side")
    sound(grace)


def test_a_transcript_is_captions_and_lines_that_lead_there(visit: People) -> None:
    grace = visit("Grace Okafor")
    page = grace.page
    grace.goto("/search?camera=21904")
    page.get_by_role("table").get_by_role("link").first.click()
    here = page.url
    page.get_by_role("link", name="Transcript", exact=True).click()
    page.get_by_label("Who typed it").fill("PC Whitlock")
    page.get_by_label("WebVTT file").set_input_files(
        {"name": "said.vtt", "mimeType": "text/vtt", "buffer": TRANSCRIPT.encode()}
    )
    expect(page.get_by_label("The transcript, as WebVTT")).to_have_value(TRANSCRIPT)
    sound(grace)
    grace.press("Attach it")
    assert "Attached as transcript 1" in grace.told
    page.goto(here)
    page.get_by_label("Its number").fill("CAD 4417")
    grace.start_watching()
    page.get_by_role("link", name="00:01", exact=True).click()
    page.wait_for_function("() => !document.querySelector('video').seeking")
    assert 1 <= page.locator("video").evaluate("(v) => v.currentTime") < 1.1
    page.wait_for_function(
        "() => { const [t] = document.querySelector('video').textTracks;"
        " return t.activeCues && t.activeCues.length === 1 && t.mode === 'showing'; }"
    )
    page.keyboard.press("t")
    expect(page.get_by_role("button", name="Captions on")).to_be_visible()
    sound(grace)


def test_a_search_shows_stills_for_a_reason(visit: People) -> None:
    grace = visit("Grace Okafor")
    page = grace.page
    grace.goto("/search?camera=00417")
    page.get_by_text("Show pictures of these").click()
    page.get_by_label("Its number").fill("CAD 4417")
    grace.press("Show pictures")
    still = page.get_by_role("img", name="Still of").first
    still.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => { const i = document.querySelector('img.thumb');"
        " return i.complete && i.naturalWidth > 0; }"
    )
    sound(grace)
