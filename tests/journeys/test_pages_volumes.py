"""A stick of another maker's footage: enrolled at the dock, approved on a page, looked at."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser import NARROW, People, Watched
from tests.ingest_world import video
from tests.journeys.conftest import Demonstration

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]


def in_order(visitor: Watched) -> None:
    """No trouble in the console, nothing that axe has against it, wide and narrow."""
    assert visitor.violations() == []
    size = visitor.page.viewport_size
    assert size is not None
    visitor.page.set_viewport_size({"width": NARROW, "height": size["height"]})
    assert not visitor.scrolls_sideways()
    visitor.page.set_viewport_size(size)
    assert visitor.troubles == []


def test_a_stick_is_approved_on_its_page_and_its_footage_says_where_it_came_from(
    demonstration: Demonstration, visit: People, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "DRFT0001.MP4").write_bytes(video(seconds=4))
    enrol = ("dock", "volume", "enrol", stick, "--dock", demonstration.dock)
    told = ("--label", "Blue stick of PC Whitlock", "--made-by", "Drift HD", "--brought-by")
    demonstration.run(*enrol, *told, "614LX")
    said = demonstration.offload(stick, expect=1)
    assert "volume.not_enrolled" in said
    grace = visit("Grace Okafor")
    notice = grace.page.locator(".notice").filter(has_text="waits for approval")
    in_order(grace)
    notice.get_by_role("link", name="Decide").click()
    waiting = grace.page.locator("section.card").filter(has_text="Blue stick of PC Whitlock")
    expect(waiting).to_contain_text("Drift HD")
    in_order(grace)
    waiting.get_by_label("Docks may erase from it what was received").check()
    grace.press("Approve Blue stick of PC Whitlock")
    assert "from now on" in grace.told
    said = demonstration.offload(stick, expect=0)
    assert "1 received, 1 erased, 0 not received" in said
    assert not (stick / "DRFT0001.MP4").exists()
    grace.goto("/volumes")
    expect(grace.page.locator("main")).to_contain_text("1 recording")
    in_order(grace)
    grace.goto("/unassigned")
    queued = grace.page.locator("section.card").filter(has_text="Volume Blue stick of PC Whitlock")
    queued.get_by_role("link").first.click()
    main = grace.page.locator("main")
    expect(main).to_contain_text("Unchanged since we took it from a volume")
    expect(main).to_contain_text("Blue stick of PC Whitlock")
    expect(main).to_contain_text("DRFT0001.MP4")
    in_order(grace)
    grace.goto("/volumes")
    approved = grace.page.locator("section.card").filter(has_text="Blue stick of PC Whitlock")
    approved.get_by_text("Revoke Blue stick").click()
    approved.get_by_label("Why").fill("the trial is over")
    grace.press("Revoke it")
    expect(grace.page.get_by_role("region", name="Table of declined")).to_contain_text(
        "the trial is over"
    )
    in_order(grace)
