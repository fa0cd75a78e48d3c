"""A person who was filmed finds the door, asks by keyboard alone, and checks what is given."""

import subprocess
from pathlib import Path

import httpx
import pytest
from tests.browser import NARROW, People, Watched
from tests.serving import PROGRAM

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

PAGES = ("/", "/roll-out", "/keep-footage", "/get-a-copy", "/how-to-check")


def focus(visitor: Watched, name: str) -> None:
    """Go to a field or button by the tabulator key alone."""
    for _ in range(60):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("() => document.activeElement.name") == name:
            return
    pytest.fail(f"{name} is not reached by the keyboard")


def is_sound(visitor: Watched) -> None:
    assert visitor.violations() == []
    assert not visitor.scrolls_sideways()


def test_somebody_asks_by_keyboard_on_a_narrow_screen(visit: People) -> None:
    person = visit.visitor(width=NARROW)
    person.goto("/")
    person.page.get_by_role("link", name="Ask to keep footage").first.press("Enter")
    person.page.wait_for_url("**/keep-footage")
    focus(person, "day")
    keys = person.page.keyboard
    today = str(person.page.locator("#day").get_attribute("max"))
    person.page.locator("#day").fill(today)
    focus(person, "time")
    person.page.locator("#time").fill("00:00")
    focus(person, "unit")
    keys.type("Lambeth")
    focus(person, "number")
    keys.type("no idea")
    focus(person, "contact")
    keys.type("kim@example.org")
    keys.press("Enter")
    person.page.get_by_role("alert").wait_for()
    person.expect_refusal(400)
    assert "Not sent" in person.page.title()
    assert person.page.get_by_label("How to reach you").input_value() == "kim@example.org"
    is_sound(person)
    focus(person, "number")
    keys.press("Control+A")
    keys.type("614 lx")
    keys.press("Enter")
    person.page.get_by_role("heading", name="Your request is in").wait_for()
    assert "If we have that footage, it is kept from now on." in person.told
    is_sound(person)
    code = person.page.locator(".fingerprint").inner_text()

    grace = visit("Grace Okafor")
    grace.goto("/requests")
    is_sound(grace)
    grace.page.get_by_role("link", name=code).click()
    assert "kim@example.org" in grace.page.locator("main").inner_text()
    is_sound(grace)
    grace.page.get_by_label("We answered it").check()
    grace.page.get_by_label("What was answered").fill("a copy is being made")
    grace.press("Write it down")
    assert grace.told.startswith("Written down.")


@pytest.mark.parametrize("width", [NARROW, 1280])
def test_the_public_pages_hold_without_scripts(visit: People, width: int) -> None:
    person = visit.visitor(width=width, scripts=False)
    for path in PAGES:
        assert person.goto(path).ok
        assert person.page.get_by_role("heading", level=1).is_visible()


def test_the_public_pages_are_sound(visit: People) -> None:
    for width in (NARROW, 1280):
        person = visit.visitor(width=width)
        for path in PAGES:
            person.goto(path)
            is_sound(person)


def test_an_officer_makes_and_prints_a_card(visit: People) -> None:
    ada = visit("PC Ada Whitlock")
    ada.goto("/my-card")
    is_sound(ada)
    ada.press("Make my card")
    is_sound(ada)
    with ada.page.expect_download() as download:
        ada.page.get_by_role("link", name="Download ten cards").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


def test_the_commands_for_checking_us_do_what_the_page_says(
    visit: People, site: str, tmp_path: Path
) -> None:
    person = visit.visitor()
    person.goto("/how-to-check")
    said = {
        name: person.page.locator(f"#{name}").inner_text()
        for name in ("check-sample", "spoil-sample", "follow-log")
    }
    for name in ("fairwitness-sample.zip", "sample-trust.json"):
        (tmp_path / name).write_bytes(httpx.get(f"{site}/how-to-check/{name}").content)

    def run(commands: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["bash", "-c", commands],
            cwd=tmp_path,
            env={"PATH": f"{PROGRAM.parent}:/usr/bin:/bin", "HOME": str(tmp_path)},
            capture_output=True,
            check=False,
            encoding="utf-8",
            timeout=120,
        )

    checked = run(said["check-sample"])
    assert (checked.returncode, "nchanged" in checked.stdout) == (0, True), checked.stdout
    spoiled = run(said["spoil-sample"])
    assert (spoiled.returncode, "hanged" in spoiled.stdout) == (1, True), spoiled.stdout
    sums = run("cd fairwitness-sample && sha256sum --quiet -c manifest-sha256.txt")
    assert sums.returncode == 1
    assert "data/masters/" in sums.stdout
    followed = run(said["follow-log"])
    assert followed.returncode == 0, followed.stderr
    size = int((tmp_path / "checkpoint").read_text().splitlines()[1])
    if size % 256:
        assert (tmp_path / "last-tile").stat().st_size == size % 256 * 32
