"""A shooting, whole: declared, locked for its own wearer, accounts, release, oversight, closed."""

import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect
from tests.browser import People, Watched
from tests.journeys.conftest import Demonstration, served

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]
REAL_TIME = ("--speed", "real")
"""A copy for court is no good of footage that ends after its docking."""

LONDON = ZoneInfo("Europe/London")


@pytest.fixture(scope="module")
def demonstration(played: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """One of its own: the incident locks whatever is docked, also for who comes after."""
    return played.again(tmp_path_factory.mktemp("shooting"))


@pytest.fixture(scope="module")
def site(demonstration: Demonstration) -> Iterator[str]:
    with served(demonstration) as address:
        yield address


def clean(visitor: Watched) -> None:
    """Nothing against this page, wide or narrow."""
    assert visitor.violations() == []
    visitor.page.set_viewport_size({"width": 320, "height": 800})
    assert not visitor.scrolls_sideways()
    visitor.page.set_viewport_size({"width": 1280, "height": 900})


def newest(visitor: Watched) -> str:
    """The number of the newest recording of camera 00417 in one's own list."""
    visitor.goto("/recordings?words=00417-")
    numbers = re.findall(r"00417-(\d+)", visitor.page.locator(".recordings").inner_text())
    return f"00417-{max(map(int, numbers))}"


def watch(visitor: Watched, number: str) -> None:
    visitor.goto(f"/recordings?words={number}")
    visitor.page.locator("tbody tr").filter(has_text=number).get_by_role("link").click()
    visitor.start_watching()


def enter_account(visitor: Watched, of: str) -> None:
    card = visitor.page.locator("section.card").filter(has_text=of).first
    card.get_by_text("Enter an account").click()
    card.get_by_label("What kind of account").fill("initial account")
    now = datetime.now(LONDON)
    card.get_by_label("Time it was given").fill(f"{now:%H:%M}")
    card.get_by_label("Day it was given").fill(f"{now:%Y-%m-%d}")
    card.get_by_role("button", name="Enter it").click()
    expect(visitor.page.get_by_role("status")).to_contain_text(f"Whether {of}")


def declare(una: Watched, number: str) -> str:
    """The duty officer's one page, its preview and the act; the incident's address."""
    clean(una)  # where signing in leads
    una.page.get_by_role("link", name="Declare a critical incident").click()
    una.page.get_by_label("In a few words").fill("One shot fired, one man injured")
    una.page.get_by_label("Where", exact=True).fill("Windrush Square")
    una.page.get_by_label("Officers, by collar number").fill("614LX 702LX")
    clean(una)
    una.press("Show what would be locked")
    preview = una.page.get_by_role("region", name="What would be locked now")
    expect(preview).to_contain_text(number)
    expect(preview).to_contain_text("PC Ada Whitlock")
    clean(una)
    una.press("Lock now")
    assert "What is docked later will be too." in una.told
    assert "Tom Alder" in una.told
    incident = una.page.url.removeprefix(una.base)
    clean(una)
    una.page.get_by_role("link", name="Notice to print or read out").click()
    expect(una.page.locator("main")).to_contain_text("entry of the public log")
    clean(una)
    return incident


def see_locked(ada: Watched, its_page: str, playing: str) -> None:
    """Her playback is over, and her page says why."""
    status = ada.page.evaluate("async (path) => (await fetch(path)).status", playing)
    assert status >= 400
    ada.expect_refusal(status)
    ada.goto(its_page)
    expect(ada.page.locator("main")).to_contain_text("You wore this, and it is locked")
    ada.expect_refusal(403)
    clean(ada)


def release(sam: Watched, incident: str, *, number: str, later: str) -> None:
    """The post-incident manager enters accounts; what had been viewed follows from the log."""
    expect(sam.page.locator(".needs")).to_contain_text("wait to be released to view")
    clean(sam)
    sam.goto(incident)
    bound = sam.page.get_by_role("region", name="Recordings under this incident", exact=True)
    expect(bound).to_contain_text(later)
    enter_account(sam, "PC Ada Whitlock")
    enter_account(sam, "PC Dev Anand")
    accounts = sam.page.get_by_role("region", name="Accounts of PC Ada Whitlock")
    expect(accounts).to_contain_text(f"Yes: {number}")
    expect(sam.page.get_by_role("region", name="Accounts of PC Dev Anand")).to_contain_text("No")
    card = sam.page.locator("section.card").filter(has_text="PC Ada Whitlock").first
    card.get_by_text("Release viewing").click()
    card.get_by_label("Why now").fill("initial account given")
    card.get_by_role("button", name="Release").click()
    expect(sam.page.get_by_role("status")).to_contain_text("PC Ada Whitlock")
    expect(sam.page.get_by_role("status")).to_contain_text("may now watch")
    clean(sam)


def investigate(tom: Watched, number: str, folder: Path) -> Path:
    """The oversight body is told, checks, holds, watches, and takes its copy; the bundle."""
    expect(tom.page.locator("main")).to_contain_text("critical incident was declared")
    tom.page.get_by_role("link", name="Open the incidents").click()
    tom.page.get_by_role("link", name=re.compile("police shooting")).first.click()
    tom.page.get_by_role("link", name="Open the investigation’s workspace").click()
    clean(tom)
    workspace = tom.page.url
    tom.press("Check the log of all of these")
    expect(tom.page.get_by_role("region", name="What the check found")).to_contain_text("Sound")
    clean(tom)
    tom.press(f"Read back {number}")
    assert "its bytes are those that were received" in tom.told
    tom.page.get_by_label("On what ground").fill("our inquiry, unseen")
    tom.press("Hold all of these")
    assert tom.told.startswith("Your hold keeps")
    tom.press(f"Watch {number}")
    tom.wait_for_frame()
    tom.page.goto(workspace)
    with tom.page.expect_download() as download:
        tom.page.get_by_role("button", name="Download the copy").click()
    download.value.save_as(folder / "copy.zip")
    with zipfile.ZipFile(folder / "copy.zip") as archive:
        archive.extractall(folder)
    (bundle,) = (path for path in folder.iterdir() if path.is_dir())
    return bundle


def test_a_shooting_is_declared_locked_released_investigated_and_closed(
    visit: People, demonstration: Demonstration, tmp_path: Path
) -> None:
    volume = demonstration.film("camera-00417", *REAL_TIME)
    demonstration.offload(volume, expect=0)
    ada = visit("PC Ada Whitlock")
    number = newest(ada)
    watch(ada, number)  # before anybody has said a word
    playing = str(ada.page.locator("video").get_attribute("src"))
    its_page = ada.page.url.removeprefix(ada.base).partition("#")[0]
    incident = declare(visit("Insp. Una Price"), number)
    see_locked(ada, its_page, playing)
    demonstration.film("camera-00417", *REAL_TIME)  # a camera that is still on somebody's chest
    demonstration.offload(volume, expect=0)
    later = newest(ada)
    assert later != number
    release(visit("Ch. Insp. Sam Irwin"), incident, number=number, later=later)
    watch(ada, later)
    tom = visit("Tom Alder")
    bundle = investigate(tom, number, tmp_path)
    trust = demonstration.data / "trust.json"
    said = demonstration.run("verify", bundle, "--trust", trust)
    assert "Unchanged since camera 00417 signed it" in said
    grace = visit("Grace Okafor")
    grace.goto("/holds")
    expect(grace.page.locator("main")).not_to_contain_text("our inquiry, unseen")
    grace.goto(its_page)
    expect(grace.page.locator("main")).to_contain_text("none that you may see")
    grace.expect_refusal(404)
    tom.goto(incident)
    tom.page.get_by_text("Close this incident").click()
    tom.page.get_by_label("How it ended").fill("No case to answer")
    tom.page.get_by_label("End the lock").check()
    tom.press("Close the incident")
    assert "none sooner than in seven days" in tom.told
    clean(tom)
    watch(ada, number)
