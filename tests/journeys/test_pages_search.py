"""An officer searches; an investigator finds what belongs to it and adds it to a case at once."""

import pytest
from playwright.sync_api import expect
from tests.browser import NARROW, WIDE, People, Watched

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]


def sound(visitor: Watched) -> None:
    """Nothing that axe knows is wrong with the page, wide or narrow."""
    for width in (WIDE, NARROW):
        visitor.page.set_viewport_size({"width": width, "height": 900})
        assert visitor.violations() == []
        assert not visitor.scrolls_sideways()
    visitor.page.set_viewport_size({"width": WIDE, "height": 900})


def test_an_officer_finds_their_own_by_keyboard_alone(visit: People) -> None:
    ada = visit("PC Ada Whitlock")
    ada.goto("/search")
    sound(ada)
    page = ada.page
    page.get_by_label("Words").focus()
    page.keyboard.type("00417-2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?words=00417-2")
    expect(page.get_by_role("table")).to_contain_text("00417-2")
    sound(ada)
    page.get_by_role("table").get_by_role("link").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="same time").click()
    expect(page.get_by_role("table")).to_contain_text("00417-2")


def test_an_investigator_adds_what_was_found_to_a_case(visit: People) -> None:
    paul = visit("DC Paul Lowe")
    page = paul.page
    paul.goto("/cases/new")
    page.get_by_label("Case number").fill("01/932/17")
    page.get_by_label("What it is about").fill("R v Roe")
    paul.press("Open the case")
    paul.goto("/search?camera=00417&words=00417-2")
    page.get_by_role("checkbox", name="Tick 00417-2").check()
    paul.press("Add to a case")
    expect(page.get_by_role("heading", name="Will change: 1")).to_be_visible()
    sound(paul)
    page.get_by_label("Case").select_option(label="01/932/17: R v Roe")
    page.get_by_label("What they are, in the producer’s words").fill("The stop")
    paul.press("Add to a case: 1 recording")
    assert "In case 01/932/17 as AW/" in paul.told
    assert paul.troubles == []
