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
    page.wait_for_url("**/search?words=00417-2#found")
    expect(page.locator("#found")).to_be_focused()
    assert page.evaluate("() => scrollY") == 0
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


def test_on_a_narrow_screen_a_search_leads_past_its_form_and_loses_what_is_left_out(
    visit: People,
) -> None:
    grace = visit("Grace Okafor")
    page = grace.page
    page.set_viewport_size({"width": NARROW, "height": 800})
    grace.goto("/search")
    page.get_by_role("textbox", name="Camera").fill("00417")
    page.get_by_label("Unit").select_option(label="Lambeth")
    grace.press("Search")
    expect(page.get_by_role("heading", name="Found")).to_be_focused()
    expect(page.get_by_role("heading", name="Found")).to_be_in_viewport()
    page.get_by_role("list", name="What you look for").get_by_role("link", name="Camera").click()
    page.wait_for_url("**/search?unit=LAM#found")
    expect(page.get_by_role("textbox", name="Camera")).to_have_value("")
    expect(page.get_by_role("heading", name="Found")).to_be_in_viewport()


def test_what_to_do_with_those_ticked_stays_in_view(visit: People) -> None:
    grace = visit("Grace Okafor")
    page = grace.page
    page.set_viewport_size({"width": WIDE, "height": 700})
    grace.goto("/search?unit=LAM")
    acts = page.get_by_role("group", name="With those ticked")
    page.locator("tbody").evaluate(
        "(body) => { for (let i = 0; i < 30; i++) body.append(body.rows[0].cloneNode(true)); }"
    )
    expect(acts).to_be_in_viewport()
    page.set_viewport_size({"width": NARROW, "height": 700})
    expect(acts).not_to_be_in_viewport()
