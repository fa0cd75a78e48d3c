"""Whoever follows the links of their own pages meets none that axe objects to or that is too wide.

The pages are not listed here: each person begins where they come in and goes wherever a link leads,
once to each kind of page, in a window as wide as a telephone.
"""

import re
from collections import deque
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error, Page, Response
from tests.browser import NARROW, People, Watched

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

ROLES = {
    "officer": "PC Ada Whitlock",
    "supervisor": "Insp. Ruth Adeyemi",
    "investigator": "DC Paul Lowe",
    "evidence manager": "Grace Okafor",
    "professional standards": "DCI Helen Marsh",
    "independent investigator": "Tom Alder",
    "disclosure officer": "Priya Raman",
    "auditor": "Samuel Finch",
    "administrator": "Joan Keane",
    "duty officer": "Insp. Una Price",
    "post-incident manager": "Ch. Insp. Sam Irwin",
}
AT_LEAST = 15
"""Kinds of pages that anybody comes to; else the walk is broken."""

_ID = re.compile(r"[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)(\d+|[A-Z]{3}\d?)(?=/|$)")
_LINKS = """() => [...document.querySelectorAll("a[href^='/']:not([download])")]
  .map((one) => one.getAttribute("href"))"""
_BUILT = """() => [...document.querySelectorAll("body *")].map((one) =>
  `${one.parentElement.tagName}>${one.tagName}.${one.getAttribute("class")}`)"""
_NO_PAGE = re.compile(r"\.(csv|json|zip|pdf|txt|mp4|webp|sigstore)$|^/(log/|static/|api/|trust)")

seen: dict[str, set[str]] = {}
"""What pages of each kind were built of when axe looked at one, whoever it was shown to."""


def kind(href: str) -> str:
    """What is one page by another number: its path, and the names of what it is asked."""
    parts = urlsplit(href)
    asked = sorted(pair.partition("=")[0] for pair in parts.query.split("&") if pair)
    return _ID.sub("*", parts.path) + "?" * bool(asked) + "&".join(asked)


def go(visitor: Watched, path: str) -> Response | None:
    """Open it; None if it is a file to keep."""
    try:
        return visitor.goto(path)
    except Error as error:
        if "Download is starting" in str(error):
            return None
        raise


def built_of(page: Page) -> set[str]:
    found: list[str] = page.evaluate(_BUILT)
    return set(found)


def wrong_with(visitor: Watched, path: str) -> list[str]:
    """What is wrong with a page; axe is asked only where something on it is new."""
    wrong = [f"{path}: scrolls sideways"] if visitor.scrolls_sideways() else []
    parts = built_of(visitor.page)
    known = seen.setdefault(kind(path), set())
    if not parts <= known:
        known |= parts
        wrong += [f"{path}: {each}" for each in visitor.violations()]
        if visitor.scrolls_sideways():
            wrong.append(f"{path}: scrolls sideways with its boxes open")
    return wrong


@pytest.fixture(scope="module", autouse=True)
def _asked(people: People) -> None:
    """Somebody of the public has asked to keep footage: a hold that stands for what comes later."""
    person = people.visitor()
    person.goto("/keep-footage")
    day = person.page.get_by_label("Day", exact=True)
    day.fill(str(day.get_attribute("max")))
    person.page.get_by_label("Time, as near as you can").fill("00:00")
    person.page.get_by_label("Borough").select_option("Lambeth")
    person.press("Ask to keep it")
    person.page.get_by_role("heading", name="Your request is in").wait_for()
    people.close()


@pytest.mark.parametrize("who", ROLES.values(), ids=ROLES)
def test_wherever_a_link_leads_the_page_is_sound(visit: People, who: str) -> None:
    visitor = visit(who)
    visitor.page.set_viewport_size({"width": NARROW, "height": 800})
    ahead, kinds, wrong = deque([("/today", ""), ("/", "")]), {"/today", "/"}, []
    while ahead:
        path, on = ahead.popleft()
        answer = go(visitor, path)
        if answer is None:
            continue
        if not answer.ok:
            wrong.append(f"{path}: linked on {on}, and answers {answer.status}")
            visitor.expect_refusal(answer.status)
            continue
        wrong += wrong_with(visitor, path)
        for href in visitor.page.evaluate(_LINKS):
            bare = href.partition("#")[0]
            if kind(bare) not in kinds and not _NO_PAGE.search(urlsplit(bare).path):
                kinds.add(kind(bare))
                ahead.append((bare, path))
    assert wrong == []
    assert len(kinds) >= AT_LEAST, sorted(kinds)
