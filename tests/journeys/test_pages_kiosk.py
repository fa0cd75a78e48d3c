"""At the dock: an officer says what a recording is of in two taps, and the next begins clean."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from tests.browser import NARROW, People, Watched

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

SMALLEST = 48
_COUNT = """
addEventListener("pointerdown", () => {
  sessionStorage.setItem("taps", 1 + Number(sessionStorage.getItem("taps") ?? 0));
}, true);
"""
_SMALL = """
(all) => all.filter((one) => one.offsetHeight && one.offsetHeight < %d).map((one) => one.innerText)
"""


def at_the_dock(people: People, *, width: int = 1280, height: int = 800) -> Watched:
    ada = people.visitor(width=width, height=height)
    ada.goto("/sign-in?next=/kiosk")
    return signed_in(ada)


def signed_in(ada: Watched) -> Watched:
    ada.page.get_by_role("button", name="Be PC Ada Whitlock").click()
    ada.page.wait_for_url("**/kiosk")
    return ada


def counted(visitor: Watched) -> list[str]:
    """From here on taps are counted, and the pages that come are in this list."""
    loads: list[str] = []
    visitor.page.on("load", lambda page: loads.append(page.url))
    visitor.page.add_init_script(_COUNT)
    visitor.page.evaluate(_COUNT)
    return loads


def taps(visitor: Watched) -> int:
    """How often somebody touched the page since."""
    return int(visitor.page.evaluate("() => sessionStorage.getItem('taps') ?? 0"))


@pytest.fixture
def ada(visit: People) -> Iterator[Watched]:
    """Ada at the dock; what she did there last is undone for whoever comes after."""
    ada = at_the_dock(visit)
    yield ada
    undo = ada.page.get_by_role("button", name="Undo", exact=True)
    if undo.count():
        undo.click()
        expect(ada.page.get_by_text("Undone. It waits for you again.")).to_be_visible()


def test_two_taps_a_recording(ada: Watched) -> None:
    page = ada.page
    still = page.get_by_role("img", name="The first still of this recording")
    still.wait_for()
    assert still.evaluate("(one) => one.decode().then(() => one.naturalWidth)") > 0
    assert ada.violations() == []
    ada.goto("/kiosk")
    small = page.locator("main label.tap, main .button, main summary")
    assert small.evaluate_all(_SMALL % SMALLEST) == []
    number = page.locator(".kiosk-one .soft").first.inner_text().split(",")[0]
    loads = counted(ada)
    page.get_by_label("Training or demonstration").check()
    page.get_by_role("button", name="Save, next").click()
    expect(page.locator(".kiosk-last")).to_contain_text(f"{number}: Training or demonstration")
    assert (taps(ada), len(loads)) == (2, 1)  # which is all that the five seconds are for


def test_a_reason_is_two_taps_more_and_no_page(ada: Watched) -> None:
    page = ada.page
    loads = counted(ada)
    told = page.locator("details", has_text="People told")
    told.locator("summary").click()
    told.get_by_role("radio").first.check()
    assert (taps(ada), len(loads)) == (2, 0)
    page.get_by_label("Training or demonstration").check()
    page.get_by_role("button", name="Save, next").click()
    expect(page.locator(".kiosk-last")).to_contain_text("Training or demonstration")
    assert (taps(ada), len(loads)) == (4, 1)


def test_not_recording_is_said_in_two_taps_beside_its_number(visit: People) -> None:
    dev = visit("PC Dev Anand")
    dev.goto("/not-recorded")
    loads = counted(dev)
    dev.page.get_by_label("Incident number").press_sequentially("CAD 77")
    dev.page.get_by_label("I forgot").check()
    dev.page.get_by_role("button", name="Write it down").click()
    mine = dev.page.get_by_role("region", name="What you said before")
    expect(mine).to_contain_text("CAD 77")
    assert (taps(dev), len(loads)) == (2, 1)


def test_the_keyboard_alone_does_it(ada: Watched) -> None:
    page = ada.page
    page.get_by_label("Collision with injury").focus()
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Training or demonstration")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.locator(".kiosk-last")).to_contain_text("Training or demonstration")


def test_evidence_asks_for_its_number_and_says_what_is_missing(ada: Watched) -> None:
    page = ada.page
    asked = page.get_by_label("Incident, crime or case number")
    expect(asked.first).to_be_hidden()
    page.get_by_label("Arrest").check()
    expect(page.locator(".asks:not([hidden])")).to_have_count(1)
    ada.press("Save, next")
    expect(page.get_by_role("alert")).to_contain_text("Give an incident or case number")
    expect(page.get_by_label("Arrest")).to_be_checked()
    ada.expect_refusal(400)


def test_it_fits_a_narrow_screen(visit: People) -> None:
    ada = at_the_dock(visit, width=NARROW, height=700)
    for path in ("/kiosk", "/not-recorded"):
        ada.goto(path)
        assert not ada.scrolls_sideways()
        assert ada.violations() == []


def test_it_signs_out_by_itself_and_keeps_what_was_typed(visit: People) -> None:
    ada = visit.visitor(width=1280, height=800)
    page = ada.page
    page.clock.install()
    ada.goto("/sign-in?next=/kiosk")
    signed_in(ada)
    page.locator("summary", has_text="Started late").click()
    page.get_by_label("In a few words").nth(1).fill("A dog held my sleeve")
    warning = page.get_by_role("alertdialog")
    for _ in range(40):  # a touch that the page still tells the server of begins the 60 s anew
        if warning.is_visible():
            break
        page.clock.fast_forward(5_000)
    expect(warning).to_contain_text("signed out in a few seconds")
    page.clock.fast_forward(20_000)
    page.wait_for_url("**/sign-in?next=/kiosk")
    expect(page.get_by_text("A dog held my sleeve")).to_have_count(0)
    signed_in(ada)
    expect(page.get_by_text("What you typed before is still here.")).to_be_visible()
    expect(page.get_by_label("In a few words").nth(1)).to_have_value("A dog held my sleeve")
