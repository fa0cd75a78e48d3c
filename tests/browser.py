"""Debian's Chromium, driven for journeys; every page is watched for trouble in its console."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, Response, sync_playwright

CHROMIUM: Final = Path("/usr/bin/chromium")
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
WIDE: Final = 1280
NARROW: Final = 320
"""CSS pixels: what 400% zoom leaves of a desktop (WCAG 2.2, 1.4.10)."""

_TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN: Final = """
() => {
  document.querySelectorAll("details").forEach((box) => { box.open = true; });
  return axe.run(document, %s).then((found) => found.violations.map((each) =>
    `${each.id} (${each.impact}): ` + each.nodes.map((node) =>
      `${node.target} ${node.any.concat(node.all).map((why) => why.message)}`).join(" | ")));
}
"""
_TABS: Final = 150
# The name of a control is its label's, or its own words.
_IS_IT: Final = """
(one, [name, beside]) => {
  const said = (one.labels?.[0] ?? one).innerText.trim();
  const around = one.closest("article, form, tr, section")?.innerText ?? "";
  return said.startsWith(name) && around.includes(beside);
}
"""
# A tap's own field is not seen: its label wears the outline of the focus.
_OUTLINE: Final = """
(one) => [one, ...(one.labels ?? [])]
  .map((each) => getComputedStyle(each).outlineStyle).find((style) => style !== "none")
"""
# A frame was really shown: the picture drawn on a canvas is neither black nor of one colour.
_PICTURE: Final = """
(video) => {
  const canvas = document.createElement("canvas");
  canvas.width = 64; canvas.height = 36;
  const pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0, 64, 36);
  const bytes = pen.getImageData(0, 0, 64, 36).data;
  const light = [];
  for (let i = 0; i < bytes.length; i += 4) light.push(bytes[i] + bytes[i + 1] + bytes[i + 2]);
  const sum = light.reduce((a, b) => a + b);
  return { brightest: Math.max(...light), darkest: Math.min(...light), sum };
}
"""


@dataclass
class Watched:
    """A page of one signed-in person, and what went wrong on it.

    Attributes:
        base: the site's address.
        page: Playwright's page.
        troubles: console errors, script errors and answers of 400 and above.
    """

    base: str
    page: Page
    troubles: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", lambda said: self._said(said.type, said.text))
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.page.on("response", self._answered)

    def goto(self, path: str) -> Response:
        answer = self.page.goto(self.base + path)
        assert answer is not None
        return answer

    def expect_refusal(self, *statuses: int) -> None:
        """The last page was refused, as it should be; Chromium's note of that is no trouble."""
        said = tuple(str(status) for status in statuses)
        found = [text for text in self.troubles if any(status in text for status in said)]
        assert found, self.troubles
        self.troubles = [text for text in self.troubles if text not in found]

    def sign_in(self, who: str) -> None:
        self.goto("/sign-in")
        self.page.get_by_role("button", name=f"Be {who}").click()
        self.page.wait_for_url("**/today")

    def press(self, button: str) -> None:
        """Press the one button of that name, and wait for the page it leads to."""
        self.page.get_by_role("button", name=button, exact=True).click()
        self.page.wait_for_load_state()

    def tab_to(self, name: str, *, beside: str = "") -> None:
        """Press Tab until the focus, which can be seen, is on the control whose name begins so.

        With `beside`, on the one in the card, form or row that has these words.
        """
        for _ in range(_TABS):
            self.page.keyboard.press("Tab")
            focused = self.page.locator(":focus")
            if focused.count() and focused.evaluate(_IS_IT, [name, beside]):
                self._focus_is_seen(name)
                return
        raise AssertionError(f"Tab never came to {name!r} on {self.page.url}")

    def choose(self, name: str) -> None:
        """Press Tab until the focus is in the group that has this choice, then arrows in it."""
        group = self.page.get_by_role("radio", name=name).get_attribute("name")
        for _ in range(_TABS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("() => document.activeElement.name") == group:
                break
        self.page.keyboard.press("Space")
        for _ in range(_TABS):
            if self.page.locator(":focus").evaluate(_IS_IT, [name, ""]):
                self._focus_is_seen(name)
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"No arrow came to {name!r} on {self.page.url}")

    def _focus_is_seen(self, name: str) -> None:
        shown = self.page.locator(":focus").evaluate(_OUTLINE)
        assert shown == "solid", f"the focus on {name!r} is not seen"

    def enter(self, name: str, *, beside: str = "") -> None:
        """Go to a link or button by the keyboard, press Enter and wait for where it leads."""
        self.tab_to(name, beside=beside)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def type_into(self, name: str, text: str) -> None:
        """Go to a field by the keyboard and type over what it holds."""
        self.tab_to(name)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    @property
    def told(self) -> str:
        """What the page says was just done."""
        return self.page.get_by_role("status").inner_text()

    def start_watching(self) -> None:
        """Ask to watch one's own recording, and wait until its first frame is there."""
        self.press("Watch it")
        self.wait_for_frame()

    def wait_for_frame(self) -> None:
        self.page.wait_for_function(
            "() => { const v = document.querySelector('video');"
            " return v && v.readyState >= 2 && !v.seeking && v.videoWidth > 0; }"
        )

    def picture(self) -> dict[str, int]:
        """The light of the frame that the player shows."""
        found: dict[str, int] = self.page.locator("video").evaluate(_PICTURE)
        return found

    def violations(self) -> list[str]:
        """What axe has against this page as it is now, all its boxes open."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(_axe())
        options = json.dumps({"runOnly": {"type": "tag", "values": _TAGS}})
        found: list[str] = self.page.evaluate(_RUN % options)
        return found

    def scrolls_sideways(self) -> bool:
        """Whether the page as a whole is wider than its window."""
        wide: bool = self.page.evaluate(
            "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return wide

    def _said(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.troubles.append(f"{kind}: {text}")

    def _answered(self, answer: Response) -> None:
        if answer.status >= 400:
            self.troubles.append(f"answer: {answer.status} {answer.url}")


@cache
def _axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser for a module of tests. No longer: its event loop must not meet Django's tests."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed; `make system` installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
        yield browser
        browser.close()


class People:
    """Opens pages for people, and sees at the end that nothing went wrong on any."""

    def __init__(self, browser: Browser, base: str) -> None:
        self._browser = browser
        self._base = base
        self._opened: list[Watched] = []

    def visitor(self, *, width: int = WIDE, height: int = 900, scripts: bool = True) -> Watched:
        """Somebody who has not signed in."""
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            locale="en-GB",
            reduced_motion="reduce",
            accept_downloads=True,
            java_script_enabled=scripts,
        )
        context.set_default_timeout(30_000)
        watched = Watched(self._base, context.new_page())
        watched.watch()
        self._opened.append(watched)
        return watched

    def __call__(self, who: str) -> Watched:
        """Somebody of the demonstration, signed in."""
        watched = self.visitor()
        watched.sign_in(who)
        return watched

    def close(self) -> None:
        opened, self._opened = self._opened, []
        troubles = [trouble for watched in opened for trouble in watched.troubles]
        for watched in opened:
            watched.page.context.close()
        assert troubles == [], troubles
