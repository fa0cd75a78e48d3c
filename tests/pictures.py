"""Takes the pictures of the README and the guides; started by scripts/take-pictures.

A demonstration is played and a small force made up in temporary folders, or such as are there
already are shown with `--data DIR` and `--force DIR`; their sites are served, and Chromium
photographs the pages.
"""

import argparse
import contextlib
import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from PIL import Image
from playwright.sync_api import Browser
from tests.browser import People, Watched, chromium
from tests.camera_making import make_kit
from tests.camera_wearing import face
from tests.serving import PROGRAM, ROOT, free_port

PICTURES: Final = ROOT / "docs/pictures"
LARGEST: Final = 400_000
COUNTING: Final = "00417-3"
SUPERVISOR: Final = "Sgt "
"""Of a made-up force: who supervises differs with its size."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A page of the made-up force.

    Attributes:
        name: of the picture.
        who: a person's name or how it begins; nobody signs in when it is empty.
        path: where to go.
        link: how the first link to follow from there begins; none when it is empty.
        height: CSS pixels from the top.
    """

    name: str
    who: str
    path: str
    link: str = ""
    height: int = 900


SCENES: Final = (
    Scene("front", "", "/", height=1000),
    Scene("roll-out", "", "/roll-out", height=1000),
    Scene("today", "Grace Okafor", "/today", height=800),
    Scene("week", "Grace Okafor", "/deletions", height=900),
    Scene("figures", "Grace Okafor", "/figures/force", height=1000),
    Scene("team", SUPERVISOR, "/team", height=900),
    Scene("issue", "Grace Okafor", "/force/issue", height=800),
    Scene("search", "DC Paul Lowe", "/search?category=arrest", height=1500),
    Scene("case", "DC Paul Lowe", "/cases", link="R/0", height=1000),
    Scene("incident", "Ch. Insp. Sam Irwin", "/incidents", link="CI/1", height=1100),
    Scene("who-may", "Samuel Finch", "/who-may", height=900),
)


@contextlib.contextmanager
def served(data: Path) -> Iterator[str]:
    """The site of a data folder, for as long as the pictures take."""
    address = f"http://127.0.0.1:{free_port()}"
    port = address.rpartition(":")[2]
    command: list[str | Path] = [PROGRAM, "serve", "--with-worker", "--port", port]
    server = subprocess.Popen([*command, "--data", data], stdout=subprocess.DEVNULL)
    try:
        while server.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{address}/sign-in", timeout=5)
                break
            time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(60)


def watched_recording(ada: Watched) -> None:
    """The page of a recording that counts down, its player showing a frame in the middle."""
    ada.goto(f"/recordings?words={COUNTING}")
    ada.page.get_by_role("table").get_by_role("link").click()
    ada.page.wait_for_url("**/recordings/*")
    ada.start_watching()
    ada.page.locator("video").evaluate("(video) => { video.currentTime = video.duration * 0.6; }")
    ada.wait_for_frame()
    ada.page.wait_for_timeout(500)


def take(visitor: Watched, name: str, *, height: int) -> None:
    """Photograph the top of the open page."""
    visitor.page.set_viewport_size({"width": 1280, "height": height})
    visitor.page.evaluate("() => scrollTo(0, 0)")
    target = PICTURES / f"{name}.png"
    taken = Image.open(io.BytesIO(visitor.page.screenshot()))
    taken.convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT).save(target, optimize=True)
    size = target.stat().st_size
    if size > LARGEST:
        sys.exit(f"{target} has {size:,} bytes; at most {LARGEST:,} are wanted.")
    sys.stdout.write(f"{target.relative_to(ROOT)}: {size:,} bytes\n")


def worn_camera(browser: Browser, folder: Path) -> None:
    """A camera's page while it records, a marker set."""
    make_kit(folder)
    with face(folder) as worn:
        people = People(browser, worn.url)
        visitor = people.visitor()
        visitor.goto("/")
        page = visitor.page
        page.get_by_role("button", name="Switch on").click()
        page.get_by_text("Buffering, not recording").wait_for()
        page.wait_for_timeout(12_000)
        page.keyboard.press("e")
        page.keyboard.press("e")
        page.locator("#life").wait_for()
        page.keyboard.press("f")
        page.wait_for_timeout(2_500)
        take(visitor, "camera", height=1500)
        people.close()


def demonstrated(people: People) -> None:
    """What is of real footage: one officer's recordings."""
    ada = people("PC Ada Whitlock")
    ada.goto("/recordings")
    take(ada, "recordings", height=900)
    watched_recording(ada)
    take(ada, "recording", height=1500)
    ada.goto("/kiosk")
    take(ada, "kiosk", height=800)


def somebody(people: People, who: str) -> Watched:
    """The first whose name begins so, signed in; a visitor when nobody is named."""
    visitor = people.visitor()
    if who:
        visitor.goto("/sign-in")
        visitor.page.get_by_role("button", name=f"Be {who}").first.click()
        visitor.page.wait_for_url("**/today")
    return visitor


def made_up(people: People) -> None:
    """What shows a whole force at work."""
    signed_in: dict[str, Watched] = {}
    for scene in SCENES:
        if scene.who not in signed_in:
            signed_in[scene.who] = somebody(people, scene.who)
        visitor = signed_in[scene.who]
        visitor.goto(scene.path)
        if scene.link:
            link = visitor.page.get_by_role("main").get_by_role("link", name=scene.link)
            visitor.goto(link.first.get_attribute("href") or scene.path)
        take(visitor, scene.name, height=scene.height)
    auditor = signed_in["Samuel Finch"]
    auditor.goto("/log?act=recording.viewed")
    auditor.page.get_by_label("Why you read it").fill("audit of the quarter")
    auditor.page.get_by_role("main").get_by_role("button").first.click()
    auditor.page.wait_for_url("**/log?search=1**")
    take(auditor, "log", height=900)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, help="a demonstration that was played before")
    arguments.add_argument("--force", type=Path, help="a force that was made up before")
    given = arguments.parse_args()
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        data = given.data or Path(folder) / "data"
        force = given.force or Path(folder) / "force"
        if given.data is None:
            subprocess.run([PROGRAM, "demo", "--exit", "--data", data], check=True, cwd=ROOT)
        if given.force is None:
            making = [PROGRAM, "seed", "--force", "met", "--scale", "0.003", "--data", force]
            subprocess.run(making, check=True, cwd=ROOT)
        with chromium() as browser:
            for shown, photograph in ((data, demonstrated), (force, made_up)):
                with served(shown) as address:
                    people = People(browser, address)
                    photograph(people)
                    people.close()
            worn_camera(browser, Path(folder) / "worn")


if __name__ == "__main__":
    main()
