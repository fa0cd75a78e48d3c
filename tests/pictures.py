"""Takes the pictures of the README and the guides; started by scripts/take-pictures.

A demonstration is played in a temporary folder, or one that is there already is shown with
`--data DIR`; its site is served, and Chromium photographs the pages.
"""

import argparse
import contextlib
import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
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


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, help="a demonstration that was played before")
    given: Path | None = arguments.parse_args().data
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        data = given or Path(folder) / "data"
        if given is None:
            subprocess.run([PROGRAM, "demo", "--exit", "--data", data], check=True, cwd=ROOT)
        with served(data) as address, chromium() as browser:
            people = People(browser, address)
            ada = people("PC Ada Whitlock")
            ada.goto("/recordings")
            take(ada, "recordings", height=900)
            watched_recording(ada)
            take(ada, "recording", height=1500)
            ada.goto("/kiosk")
            take(ada, "kiosk", height=800)
            grace = people("Grace Okafor")
            grace.goto("/deletions")
            take(grace, "deletions", height=900)
            people.close()
            worn_camera(browser, Path(folder) / "worn")


if __name__ == "__main__":
    main()
