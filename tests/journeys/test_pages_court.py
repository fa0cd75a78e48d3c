"""An investigator takes a recording to court; the copy plays and verifies far from the site."""

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser import People, Watched
from tests.journeys.conftest import Demonstration

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def copy(people: People, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy for court, made on the pages from an empty case, downloaded and unpacked."""
    paul = people("DC Paul Lowe")
    page = paul.page
    paul.goto("/cases/new")
    page.get_by_label("Case number").fill("01/911/17")
    page.get_by_label("What it is about").fill("R v Doe")
    paul.press("Open the case")
    assert paul.told.startswith("Case 01/911/17 is open.")
    paul.goto("/recordings?scope=unit&words=00417-2")
    page.get_by_role("table").get_by_role("link").click()
    page.get_by_role("link", name="Produce as exhibit").click()
    page.get_by_label("Case").select_option(label="01/911/17: R v Doe")
    expect(page.get_by_label("Collar number of who produces it")).to_have_value("614LX")
    page.get_by_label("What it is, in the producer’s words").fill("Windrush Square, 22:10")
    paul.press("Produce it")
    assert re.match(r"It is exhibit AW/\d in case 01/911/17, and is kept\.", paul.told)
    page.get_by_label("For whom").fill("Crown Prosecution Service")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the copy").click()
    folder = tmp_path_factory.mktemp("court")
    download.value.save_as(folder / "copy.zip")
    page.reload()
    expect(page.get_by_role("region", name="Copies made", exact=True)).to_contain_text(
        "Crown Prosecution"
    )
    people.close()
    with zipfile.ZipFile(folder / "copy.zip") as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    (bundle,) = (path for path in folder.iterdir() if path.is_dir())
    return bundle


def test_the_downloaded_copy_verifies(copy: Path, demonstration: Demonstration) -> None:
    trust = demonstration.data / "trust.json"
    said = demonstration.run("verify", copy, "--trust", trust)
    assert "Unchanged since camera 00417 signed it" in said
    demonstration.run("verify", copy, expect=2)


def test_its_page_plays_from_the_folder_without_a_network(copy: Path, visit: People) -> None:
    court = visit.visitor()
    asked: list[str] = []
    court.page.on("request", lambda request: asked.append(request.url))
    court.page.context.set_offline(True)
    court.page.goto((copy / "index.html").as_uri())
    assert_plays(court.page, court)
    expect(court.page.locator("body")).to_contain_text("AW/")
    assert all(url.startswith(("file:", "data:")) for url in asked)
    assert court.violations() == []
    court.page.set_viewport_size({"width": 320, "height": 800})
    assert not court.scrolls_sideways()


def assert_plays(page: Page, court: Watched) -> None:
    page.wait_for_selector("video")
    page.locator("video").evaluate("(video) => { video.preload = 'auto'; video.currentTime = 8; }")
    court.wait_for_frame()
    shown = page.locator("video").evaluate("(video) => [video.currentTime, video.videoWidth]")
    assert shown[0] == pytest.approx(8, abs=0.2)
    assert shown[1] == 640
    page.locator("video").evaluate("(video) => video.play()")
    page.wait_for_function("() => document.querySelector('video').currentTime > 8.4")
