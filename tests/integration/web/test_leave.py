"""Naming somebody for one recording, changing its class, and breaking the glass, on the web."""

import html
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.integration.web.conftest import Pages

from fairwitness.accountability import finding
from fairwitness.accountability.search import Sought
from fairwitness.custody import reading
from fairwitness.evidence import access, history, naming
from fairwitness.evidence.access import AccessRefused
from fairwitness.evidence.leave_rows import BrokenGlass, Naming
from fairwitness.evidence.models import CircleMember, Recording, Standing, Viewing
from fairwitness.force import authority, roles
from fairwitness.force.asking import Role, TaskKind
from fairwitness.force.authority import System
from fairwitness.force.models import Officer
from fairwitness.retention import holds
from fairwitness.retention.models import HoldKind

Acts = Callable[[str], list[str]]
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
WHY = {"emergency": "missing", "reason": "A child was last seen in this street at nine"}


def now() -> datetime:
    return datetime.now(UTC)


def about(pages: Pages) -> str:
    return f"recording:{pages.recording.pk}"


def path(pages: Pages, rest: str = "") -> str:
    return f"/recordings/{pages.recording.pk}{rest}"


def text(browser: Client, address: str) -> str:
    return html.unescape(browser.get(address).content.decode())


def finds(pages: Pages, officer: Officer, at: datetime | None = None) -> bool:
    at = at or now()
    facts = authority.facts(officer=officer, at=at)
    ring = pages.world.vault.ring
    found = finding.find(sought=Sought(camera="00417"), facts=facts, at=at, ring=ring)
    return pages.recording.pk in {each.pk for each in found.recordings}


def named(pages: Pages, **changes: object) -> Naming:
    said = {
        "recording": pages.recording,
        "officer": pages.world.dev,
        "by": pages.world.manager,
        "reason": "A witness for 17/042",
        "until": now() + DAY,
        "at": now(),
    }
    return naming.name(**(said | changes))  # type: ignore[arg-type] # the test's own mix


def keep_as(pages: Pages, access_class: str) -> None:
    Recording.objects.filter(pk=pages.recording.pk).update(access_class=access_class)
    pages.recording.refresh_from_db()


@pytest.fixture
def breaker(pages: Pages) -> Officer:
    """A constable of another unit, who has the role of an officer."""
    dev = pages.world.dev
    unit = pages.world.second_manager.unit
    roles.grant(officer=dev, role=Role.OFFICER, unit=unit, actor=System("test"), at=now() - DAY)
    return dev


def test_who_is_named_finds_it_watches_it_and_is_told(pages: Pages, acts: Acts) -> None:
    dev = pages.browser(pages.world.dev)
    assert dev.get(path(pages)).status_code == 404
    assert not finds(pages, pages.world.dev)
    manager = pages.browser(pages.world.manager)
    until = (now() + 3 * DAY).date().isoformat()
    said = {"collar_number": "702LX", "until": until, "reason": "A witness for 17/042"}
    answer = manager.post(path(pages, "/access/name"), said, follow=True)
    assert "PC Dev Anand can see it until" in answer.content.decode()
    assert acts(about(pages))[-1] == "recording.access_granted"
    assert finds(pages, pages.world.dev)
    assert "A witness for 17/042" in text(dev, "/today")
    assert "You are named for it" in text(dev, path(pages))
    asked = {"task": "case", "task_reference": "17/042"}
    assert dev.post(path(pages, "/watch"), asked).status_code == 302
    assert "PC Dev Anand, until" in text(manager, path(pages))
    assert "PC Dev Anand, until" not in text(pages.browser(pages.world.ada), path(pages))


def test_it_ends_by_itself_before_any_sweeper_and_a_sweeper_says_so(
    pages: Pages, acts: Acts
) -> None:
    made = named(pages)
    granted = access.grant_viewing(
        recording=pages.recording,
        officer=pages.world.dev,
        task=access.Task(TaskKind.CASE, "17/042"),
        at=now(),
    )
    Viewing.objects.update(expires_at=made.ends_at + DAY)
    over = made.ends_at
    assert finds(pages, pages.world.dev, over - timedelta(seconds=1))
    assert not finds(pages, pages.world.dev, over)
    with pytest.raises(AccessRefused):
        access.open_viewing(token=granted.token, kind="master", at=over, vault=pages.world.vault)
    assert naming.end_due(at=over - timedelta(seconds=1)) == 0
    assert naming.end_due(at=over) == 1
    assert naming.end_due(at=over) == 0
    assert acts(about(pages))[-1] == "recording.access_ended"
    assert not CircleMember.objects.filter(standing=Standing.NAMED).exists()


def test_it_is_ended_early_with_a_reason(pages: Pages, acts: Acts) -> None:
    made = named(pages)
    manager = pages.browser(pages.world.manager)
    there = path(pages, f"/access/{made.pk}/end")
    assert manager.post(there, {"reason": " "}).status_code == 400
    manager.post(there, {"reason": "The case is closed"})
    assert acts(about(pages))[-1] == "recording.access_ended"
    assert not finds(pages, pages.world.dev)
    assert manager.post(there, {"reason": "again"}).status_code == 400


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"collar_number": "4101"}, "can’t do this for yourself"),
        ({"collar_number": "614LX"}, "wore it"),
        ({"collar_number": "999ZZ"}, "There is no officer 999ZZ"),
        ({"until": "2016-01-01"}, "Give an end that is to come"),
        ({"until": "2999-01-01"}, "Give an end that is to come"),
        ({"until": "soon"}, "Say on which day it ends"),
        ({"reason": " "}, "Say why this person needs it"),
    ],
)
def test_what_is_wrong_with_a_name_is_said(
    pages: Pages, changes: dict[str, str], says: str
) -> None:
    manager = pages.browser(pages.world.manager)
    until = (now() + 3 * DAY).date().isoformat()
    said = {"collar_number": "702LX", "until": until, "reason": "A witness"} | changes
    answer = manager.post(path(pages, "/access/name"), said)
    assert answer.status_code in {400, 403}
    assert says.replace("’", "'") in html.unescape(answer.content.decode()).replace("’", "'")
    assert not Naming.objects.exists()


def test_nobody_is_named_twice_at_a_time(pages: Pages) -> None:
    named(pages)
    with pytest.raises(naming.NamingInvalid):
        named(pages)


def test_a_name_opens_no_lock(pages: Pages) -> None:
    named(pages)
    Recording.objects.filter(pk=pages.recording.pk).update(locked=True)
    assert pages.browser(pages.world.dev).get(path(pages)).status_code == 404
    assert not finds(pages, pages.world.dev)


def test_whom_standards_named_the_wearer_does_not_learn(pages: Pages) -> None:
    """Neither that they were named, nor that they looked, nor that it ended."""
    before = history.in_words(recording=pages.recording, to_wearer=True, at=now())
    made = named(pages, by=pages.world.standards)
    access.grant_viewing(
        recording=pages.recording,
        officer=pages.world.dev,
        task=access.Task(TaskKind.REVIEW, "PS 4"),
        at=now(),
    )
    naming.end_due(at=made.ends_at)
    assert history.in_words(recording=pages.recording, to_wearer=True, at=now()) == before
    whole = history.in_words(recording=pages.recording, to_wearer=False, at=now())
    assert len(whole) == len(before) + 3


def test_a_change_of_class_says_before_who_would_lose_sight(pages: Pages, acts: Acts) -> None:
    access.grant_viewing(
        recording=pages.recording,
        officer=pages.world.sergeant,
        task=access.Task(TaskKind.REVIEW, "17/042"),
        at=now(),
    )
    Viewing.objects.create(
        token_hash="0" * 64,
        recording=pages.recording,
        officer=pages.world.detective,
        only="poster",
        granted_at=now(),
        expires_at=now() + HOUR,
    )
    manager = pages.browser(pages.world.manager)
    told = text(manager, path(pages, "/access/class?to=restricted"))
    assert "<dt>Supervisor</dt><dd>1 person</dd>" in told
    assert "<dt>Investigator</dt><dd>1 person</dd>" in told
    assert "<dt>Have watched it</dt><dd>Sgt Jo Hale</dd>" in told
    assert "Evidence manager</dt>" not in told
    assert acts(about(pages))[-1] != "recording.access_class_changed"
    asked = {"to": "restricted", "reason": "A child is in it"}
    assert manager.post(path(pages, "/access/class"), asked).status_code == 302
    assert acts(about(pages))[-1] == "recording.access_class_changed"
    assert pages.browser(pages.world.sergeant).get(path(pages)).status_code == 404
    assert "Restricted" in text(pages.browser(pages.world.ada), path(pages))
    assert manager.post(path(pages, "/access/class"), asked).status_code == 400, "it is already"


def test_who_would_lose_sight_too_has_to_say_that_they_know(pages: Pages) -> None:
    manager = pages.browser(pages.world.manager)
    asked = {"to": "confidential", "reason": "An inquiry"}
    assert "You would lose sight of it yourself" in text(
        manager, path(pages, "/access/class?to=confidential")
    )
    assert manager.post(path(pages, "/access/class"), asked).status_code == 400
    assert manager.post(path(pages, "/access/class"), asked | {"sure": "1"}).status_code == 302
    assert manager.get(path(pages)).status_code == 404
    standards = pages.browser(pages.world.standards)
    back = {"to": "open", "reason": "It is over"}
    assert standards.post(path(pages, "/access/class"), back).status_code == 302
    assert manager.get(path(pages)).status_code == 200


@pytest.mark.parametrize("rest", ["/access", "/access/class?to=restricted"])
def test_others_and_the_wearer_change_nothing(pages: Pages, rest: str, acts: Acts) -> None:
    for officer, status in (
        (pages.world.ada, 403),
        (pages.world.sergeant, 403),
        (pages.world.dev, 404),
    ):
        assert pages.browser(officer).get(path(pages, rest)).status_code == status
        assert acts(about(pages))[-1] == "access.refused"
    assert pages.browser(None).get(path(pages, rest))["Location"].startswith("/sign-in")


def test_addresses_that_only_take_a_form(pages: Pages) -> None:
    made = named(pages)
    manager = pages.browser(pages.world.manager)
    for rest in ("/access/name", f"/access/{made.pk}/end"):
        assert manager.get(path(pages, rest)).status_code == 405
        for officer, status in ((pages.world.ada, 403), (pages.world.dev, 403)):
            answer = pages.browser(officer).post(path(pages, rest), {"reason": "x"})
            assert answer.status_code == status
    assert manager.get(f"/broken-glass/{made.pk}/judge").status_code == 405
    assert pages.browser(None).post(path(pages, "/access/name")).status_code == 302
    assert manager.put("/break-glass").status_code == 405
    assert manager.post("/broken-glass").status_code == 405


def test_glass_is_broken_for_an_hour_and_rings_until_it_is_judged(
    pages: Pages, breaker: Officer, acts: Acts
) -> None:
    dev = pages.browser(breaker)
    assert dev.get(path(pages)).status_code == 404
    asked = WHY | {"number": pages.recording.reference}
    told = dev.post("/break-glass", asked, follow=True).content.decode()
    assert "You broke the glass: open to you until" in told
    assert "recording.break_glass_used" in acts(about(pages))
    assert dev.post(path(pages, "/watch")).status_code == 302, "no task is asked for"
    row = [
        each for each in reading.history(about(pages)) if each.entry.act.value == "recording.viewed"
    ][-1]
    assert row.body is not None
    assert row.body.detail["glass"] == str(BrokenGlass.objects.get().pk)
    assert "A child was last seen" in row.body.reason
    for keeper in (pages.world.manager, pages.world.standards):
        assert "opened in an emergency" in text(pages.browser(keeper), "/today")
    for other in (pages.world.ada, pages.world.sergeant, breaker):
        assert "opened in an emergency" not in text(pages.browser(other), "/today")
    over = BrokenGlass.objects.get().ends_at
    assert over - BrokenGlass.objects.get().broken_at == HOUR
    assert Viewing.objects.get().expires_at == over
    assert finds(pages, breaker, over - timedelta(seconds=1))
    assert not finds(pages, breaker, over)
    manager = pages.browser(pages.world.manager)
    assert "A child was last seen" in text(manager, "/broken-glass")
    judge = f"/broken-glass/{BrokenGlass.objects.get().pk}/judge"
    assert manager.post(judge, {"justified": "yes", "note": " "}).status_code == 400
    assert manager.post(judge, {"note": "Looked at it"}).status_code == 400
    assert manager.post(judge, {"justified": "yes", "note": "CAD 81 says so"}).status_code == 302
    assert acts(about(pages))[-1] == "recording.break_glass_judged"
    assert manager.post(judge, {"justified": "no", "note": "again"}).status_code == 400
    assert "opened in an emergency" not in text(manager, "/today")
    assert "CAD 81 says so" in text(manager, "/broken-glass")


def test_nobody_judges_their_own_nor_what_they_wore(pages: Pages, breaker: Officer) -> None:
    asked = WHY | {"number": pages.recording.reference}
    pages.browser(breaker).post("/break-glass", asked)
    broken = BrokenGlass.objects.get()
    for officer in (breaker, pages.world.ada):
        roles.grant(
            officer=officer,
            role=Role.EVIDENCE_MANAGER,
            unit=None,
            actor=System("test"),
            at=now() - HOUR,
        )
        browser = pages.browser(officer)
        assert "A child was last seen" not in text(browser, "/broken-glass")
        said = {"justified": "yes", "note": "I know"}
        assert browser.post(f"/broken-glass/{broken.pk}/judge", said).status_code == 403
    for officer in (pages.world.sergeant, pages.world.detective):
        assert pages.browser(officer).get("/broken-glass").status_code == 403


def test_one_answer_stands_for_all_that_it_does_not_open(
    pages: Pages, breaker: Officer, acts: Acts
) -> None:
    browser = pages.browser(breaker)
    rows = Recording.objects.filter(pk=pages.recording.pk)

    def answer(number: str) -> str:
        said = browser.post("/break-glass", WHY | {"number": number})
        assert said.status_code == 400
        shown = said.content.decode().split('role="alert"')[1]
        return shown.split("</p>")[0]

    unknown = answer("00417-999/1")
    for change, back in (
        ({"locked": True}, {"locked": False}),
        ({"access_class": "confidential"}, {"access_class": "open"}),
        ({"gone_by": now() - DAY}, {"gone_by": None}),
        ({"shown_gone_by": now() - DAY}, {"shown_gone_by": now() + DAY}),
    ):
        rows.update(**change)
        assert answer(pages.recording.reference) == unknown, change
        rows.update(**back)
    assert acts("force").count("access.refused") == 5
    assert not BrokenGlass.objects.exists()
    keep_as(pages, "restricted")
    asked = WHY | {"number": pages.recording.reference}
    assert browser.post("/break-glass", asked).status_code == 302


def test_a_silent_hold_changes_nothing_of_it(pages: Pages, breaker: Officer) -> None:
    holds.place(
        terms=holds.Terms(
            HoldKind.PROFESSIONAL_STANDARDS,
            "PS 4",
            "An inquiry",
            (now() + 90 * DAY).date(),
            silent=True,
        ),
        owner=pages.world.standards,
        at=now(),
        recordings=[pages.recording.pk],
    )
    asked = WHY | {"number": path(pages)}
    assert pages.browser(breaker).post("/break-glass", asked).status_code == 302


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"emergency": "curious"}, "Say what is at stake"),
        ({"reason": "because"}, "Say in a sentence"),
    ],
)
def test_it_takes_an_emergency_in_words(
    pages: Pages, breaker: Officer, changes: dict[str, str], says: str
) -> None:
    asked = WHY | {"number": pages.recording.reference} | changes
    answer = pages.browser(breaker).post("/break-glass", asked)
    assert answer.status_code == 400
    assert says in answer.content.decode()


def test_auditors_and_administrators_break_no_glass(pages: Pages) -> None:
    for officer, role in (
        (pages.world.standards, Role.AUDITOR),
        (pages.world.investigator, Role.ADMINISTRATOR),
    ):
        roles.grant(officer=officer, role=role, unit=None, actor=System("test"), at=now() - DAY)
        assert pages.browser(officer).get("/break-glass").status_code == 403
    assert pages.browser(None).get("/break-glass").status_code == 302
