"""Every page, for those who may see it: WCAG 2.2 AA by axe, light and dark, wide and narrow."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

import pytest
from tests.browser import NARROW, WIDE, People, Watched
from tests.journeys.conftest import Demonstration

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

PUBLIC = (
    *("/who-may", "/sign-in", "/figures", "/notices"),
    *("/how-to-check", "/privacy", "/accessibility"),
)
KEEPER = (
    *("/today", "/team"),
    *("/quarantine", "/holds", "/deletions", "/unassigned", "/recordings?scope=unit", "/cases"),
    *("/camera-logs", "/figures/force", "/figures/firearms"),
)
LOOKS: Final[tuple[tuple[int, Literal["dark", "light"]], ...]] = (
    (WIDE, "dark"),
    (WIDE, "light"),
    (NARROW, "light"),
)


@dataclass
class Findings:
    """What is wrong, with where and how it was looked at."""

    wrong: list[str] = field(default_factory=list)

    def look(self, visitor: Watched, where: str) -> None:
        """Look at the open page in the dark, in the light, and narrow."""
        for width, scheme in LOOKS:
            visitor.page.set_viewport_size({"width": width, "height": 900})
            visitor.page.emulate_media(color_scheme=scheme)
            if visitor.scrolls_sideways():
                self.wrong.append(f"{where} at {width}: scrolls sideways")
            found = visitor.violations()
            self.wrong += [f"{where} at {width} in {scheme}: {each}" for each in found]

    def look_at(self, visitor: Watched, paths: Iterable[str]) -> None:
        for path in paths:
            assert visitor.goto(path).ok, path
            self.look(visitor, path)


@pytest.fixture
def findings() -> Findings:
    return Findings()


def own(visitor: Watched, number: str) -> str:
    """The address of one of the visitor's recordings."""
    visitor.goto(f"/recordings?when=soon&when=later&when=kept&when=gone&words={number}")
    links = visitor.page.get_by_role("table").get_by_role("link")
    return str(links.first.get_attribute("href"))


def test_pages_for_anyone(visit: People, findings: Findings) -> None:
    findings.look_at(visit.visitor(), PUBLIC)
    assert findings.wrong == []


def test_an_officers_pages(visit: People, findings: Findings) -> None:
    ada = visit("PC Ada Whitlock")
    kept, counting, gone = (own(ada, f"00417-{number}") for number in (2, 3, 1))
    findings.look_at(ada, ("/recordings?when=soon&when=later&when=kept&when=gone", counting, gone))
    findings.look_at(ada, ("/today",))
    findings.look_at(
        ada, (f"{counting}/keep", f"{counting}/categorise", f"{kept}/entries", f"{kept}/looks")
    )
    findings.look_at(ada, (f"{kept}/unmark",))
    ada.goto(kept)
    ada.start_watching()
    findings.look(ada, "a playing recording")
    assert ada.goto("/holds").status == 403
    ada.expect_refusal(403)
    findings.look(ada, "a refusal")
    assert ada.goto("/nosuch").status == 404
    ada.expect_refusal(404)
    findings.look(ada, "an unknown address")
    assert findings.wrong == []


def test_the_evidence_managers_pages(visit: People, findings: Findings) -> None:
    grace = visit("Grace Okafor")
    findings.look_at(grace, KEEPER)
    grace.goto("/recordings?scope=unit&words=00417-2")
    address = str(grace.page.get_by_role("table").get_by_role("link").first.get_attribute("href"))
    findings.look_at(grace, (address, f"/holds/new?recording={address.rpartition('/')[2]}"))
    grace.goto("/camera-logs")
    grace.page.get_by_role("link", name="00417").click()
    grace.page.get_by_label("Why do you read it?").fill("complaint 17/042")
    grace.press("Read it")
    findings.look(grace, "a camera's log")
    assert findings.wrong == []


def test_the_quarantine_desk(
    demonstration: Demonstration, visit: People, findings: Findings
) -> None:
    volume = demonstration.stranger("77777")
    demonstration.send(volume)
    grace = visit("Grace Okafor")
    grace.goto("/quarantine?why=camera.unknown&words=77777")
    findings.look(grace, "a filtered quarantine")
    grace.page.get_by_role("link", name="Its camera is not enrolled").click()
    findings.look(grace, "a case in quarantine")
    grace.start_watching()
    findings.look(grace, "a case that plays")
    grace.page.get_by_label("Reason").fill("A toy, by the look of it")
    grace.press("Propose to reject it")
    findings.look(grace, "a proposal")
    assert findings.wrong == []


def test_the_investigators_pages(visit: People, findings: Findings) -> None:
    paul = visit("DC Paul Lowe")
    paul.goto("/recordings?scope=unit&words=00417-2")
    address = str(paul.page.get_by_role("table").get_by_role("link").first.get_attribute("href"))
    findings.look_at(paul, (address, f"{address}/produce", "/cases/new", "/cases"))
    paul.page.get_by_role("link", name="01/803/17").click()
    findings.look(paul, "a case")
    assert findings.wrong == []


_HEIGHTS = """
(numbers) => numbers.map((number) => {
  document.querySelector("main").innerHTML = `<ul class="needs card"><li><a href="#"><b>${number}
    </b> <span>recordings of the dip sample to look at</span></a></li></ul>`;
  return document.querySelector(".needs b").getBoundingClientRect().height;
})
"""


def test_a_large_number_of_work_stays_on_one_line(visit: People) -> None:
    grace = visit("Grace Okafor")
    for width in (WIDE, NARROW):
        grace.page.set_viewport_size({"width": width, "height": 900})
        grace.goto("/today")
        one, *others = grace.page.evaluate(_HEIGHTS, ["1", "160", "1,000+"])
        assert others == [one, one]
        assert not grace.scrolls_sideways()
