"""Every place that a page points to is there for whoever is pointed to it, and says enough."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.integration.web.conftest import Pages
from tests.retention_world import SETUP

from fairwitness.config import clock, composition
from fairwitness.config.settings import ENVIRONMENT
from fairwitness.evidence.models import Recording, Viewing
from fairwitness.force import officers, permissions
from fairwitness.force.asking import Role

ABOUT_ONE = ("", "/entries", "/keep", "/categorise", "/unmark", "/wearer", "/produce")
"""The pages of one recording, by the rest of their address."""


def test_no_place_in_the_header_refuses_whoever_sees_it(pages: Pages) -> None:
    people = {**pages.people, "independent": pages.world.investigator}
    for who, its in (("auditor of a unit", (Role.AUDITOR,)), ("all of a unit", tuple(Role))):
        new = officers.NewOfficer(f"U{len(its)}", "Una Vale", "UV", "LAM", "", its)
        people[who] = officers.register_officer(
            actor=SETUP, officer=new, at=datetime.now(UTC) - timedelta(days=1)
        )
    seen: dict[str, set[str]] = {}
    for who, officer in people.items():
        if officer is None:
            continue
        browser = pages.browser(officer)
        ahead, seen[who] = ["/today"], set()
        while ahead:
            href = ahead.pop()
            answer = browser.get(href)
            assert answer.status_code == 200, (who, href)
            header = answer.content.decode().partition("<main")[0]
            found = set(re.findall(r'<li><a href="([^"]+)"', header))
            ahead += found - seen[who]
            seen[who] |= found
    assert seen["wearer"] == {
        "/today",
        "/recordings",
        "/search",
        "/break-glass",
        "/categorise",
        "/not-recorded",
        "/cases",
        "/force/issue",
        "/figures/force",
        "/figures/firearms",
        "/who-may",
    }
    assert "/camera-logs" in seen["auditor of a unit"]
    assert "/log" in seen["independent"]
    assert not {"/log", "/stands-out"} & (seen["auditor of a unit"] | seen["all of a unit"])
    assert "/unassigned" not in seen["standards"]
    assert "/holds" in seen["detective"]
    assert "/deletions" in seen["independent"]
    assert {"/unassigned", "/team"} <= seen["sergeant"]
    assert {"/force/cameras", "/force/docks", "/force/officers"} <= seen["sergeant"]
    assert {"/team", "/volumes", "/camera-logs", "/requests"} <= seen["manager"]


@pytest.mark.parametrize("rest", ABOUT_ONE)
def test_every_page_of_a_recording_shows_its_life_line(pages: Pages, rest: str) -> None:
    browser = pages.browser(pages.world.manager)
    page = browser.get(f"/recordings/{pages.recording.pk}{rest}").content.decode()
    assert '<ol class="life-track">' in page
    assert "unless kept: nobody has said it is needed" in page


def test_a_list_shows_a_small_life_line_of_each(pages: Pages) -> None:
    pages.browser(pages.world.detective).post(
        f"/recordings/{pages.recording.pk}/produce",
        {"case": pages.case.pk, "producer": "614LX", "title": "Stop"},
    )
    nobodys = pages.world.record(ended_at=datetime.now(UTC) - timedelta(days=1))
    Recording.objects.filter(pk=nobodys.pk).update(wearer=None)
    detective = pages.browser(pages.world.detective)
    assert "life-mini is-kept" in detective.get(f"/cases/{pages.case.pk}").content.decode()
    assert "life-mini" in pages.browser(pages.world.manager).get("/unassigned").content.decode()


def test_a_hold_page_shows_the_life_line(pages: Pages) -> None:
    browser = pages.browser(pages.world.manager)
    page = browser.get(f"/holds/new?recording={pages.recording.pk}").content.decode()
    assert '<ol class="life-track">' in page


def test_keeping_is_offered_only_to_those_who_may(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/recordings/{pages.recording.pk}"
    assert f'href="{path}/keep"' in pages.browser(pages.world.ada).get(path).content.decode()
    rules = dict(permissions.RULES)
    rules.pop(permissions.Action.MARK_EVIDENTIAL)
    monkeypatch.setattr(permissions, "RULES", rules)
    assert f'href="{path}/keep"' not in pages.browser(pages.world.ada).get(path).content.decode()


def test_what_is_deleted_is_found_by_those_who_could_see_it(pages: Pages) -> None:
    now = datetime.now(UTC)
    Recording.objects.filter(pk=pages.recording.pk).update(
        force_gone_by=now - timedelta(hours=1), force_hidden_from=now - timedelta(days=3)
    )
    for officer in (pages.world.manager, pages.world.standards, pages.world.sergeant):
        browser = pages.browser(officer)
        found = browser.get("/recordings?scope=unit&when=gone").content.decode()
        assert f"/recordings/{pages.recording.pk}" in found
        page = browser.get(f"/recordings/{pages.recording.pk}")
        assert page.status_code == 200
        assert "Nobody can open it now, we neither" in page.content.decode()
        assert "/recordings/" not in browser.get("/recordings?scope=unit").content.decode()


def test_a_viewing_is_not_the_next_persons_at_the_same_browser(pages: Pages) -> None:
    path = f"/recordings/{pages.recording.pk}"
    browser = pages.browser(pages.world.ada)
    browser.post(f"{path}/watch")
    assert "<video" in browser.get(path).content.decode()
    browser.force_login(pages.world.manager)
    page = browser.get(path).content.decode()
    assert "<video" not in page
    assert "This is not your own recording" in page


def test_a_viewing_ends_with_the_sign_out(pages: Pages) -> None:
    browser = pages.browser(pages.world.ada)
    browser.post(f"/recordings/{pages.recording.pk}/watch")
    assert Viewing.objects.get().expires_at > datetime.now(UTC)
    browser.post("/sign-out")
    assert Viewing.objects.get().expires_at <= datetime.now(UTC)


def test_a_viewing_that_has_ended_asks_again(pages: Pages) -> None:
    browser = pages.browser(pages.world.ada)
    path = f"/recordings/{pages.recording.pk}"
    browser.post(f"{path}/watch")
    Viewing.objects.update(expires_at=datetime.now(UTC))
    assert "Watch it" in browser.get(path).content.decode()


def test_deletions_link_only_to_pages_that_open(pages: Pages) -> None:
    now = datetime.now(UTC)
    gone = pages.world.record(ended_at=now - timedelta(days=33))
    pages.world.live_through(now - timedelta(days=8), now)
    auditor = officers.register_officer(
        actor=SETUP,
        officer=officers.NewOfficer("4130", "Samuel Finch", "SF", "LSH", "", (), (Role.AUDITOR,)),
        at=now - timedelta(days=1),
    )
    link = f'href="/recordings/{gone.pk}"'
    for officer, opens in (
        (pages.world.manager, True),
        (pages.world.standards, True),
        (auditor, False),
    ):
        browser = pages.browser(officer)
        page = browser.get("/deletions").content.decode()
        assert f"/deletions/{gone.pk}" in page
        assert "life-mini" in page
        assert (link in page) == opens
        assert (browser.get(f"/recordings/{gone.pk}").status_code == 200) == opens


def test_the_clock_stands_beside_the_seconds(pages: Pages) -> None:
    page = pages.browser(pages.world.ada).get(f"/recordings/{pages.recording.pk}")
    about = page.content.decode().partition('id="about"')[2]
    assert re.search(r"<dt>Recorded</dt><dd>\w{3} \d+ \w+ \d{4}, \d\d:\d\d:\d\d to ", about)
    assert re.search(r"give or take|not set", about)


def test_an_unknown_address_and_an_old_form_answer_in_our_words(pages: Pages) -> None:
    missing = pages.browser(pages.world.ada).get("/nosuch")
    assert missing.status_code == 404
    assert "There is no page here" in missing.content.decode()
    strict = Client(enforce_csrf_checks=True)
    old = strict.post("/sign-in", {"collar_number": "614LX", "password": "x"})
    assert old.status_code == 403
    assert "This form is out of date" in old.content.decode()


def test_a_failure_is_told_in_our_words_and_asks_no_database(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = pages.browser(pages.world.ada)
    browser.raise_request_exception = False

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("fairwitness.accountability.figures.count", fails)
    answer = browser.get("/figures")
    assert answer.status_code == 500
    assert "it is our fault" in answer.content.decode()


def test_a_refused_form_gives_back_what_was_typed(pages: Pages) -> None:
    answer = pages.browser(pages.world.detective).post(
        f"/recordings/{pages.recording.pk}/produce",
        {"case": pages.case.pk, "producer": "nobody", "title": "Stop, Windrush Square"},
    )
    assert answer.status_code == 400
    assert "Stop, Windrush Square" in answer.content.decode()


def test_training_is_said_on_every_page_also_on_errors(pages: Pages) -> None:
    said = "Training, not evidence."
    browser = pages.browser(pages.world.ada)
    assert said not in browser.get("/recordings").content.decode()
    assert "TRAINING" not in composition.deployment().trust().force
    clock.set_training(ENVIRONMENT.data, ahead=timedelta())
    try:
        for path in ("/recordings", "/nosuch", "/figures", "/sign-in", "/holds"):
            assert said in browser.get(path).content.decode(), path
        assert composition.deployment().trust().force.endswith("(TRAINING, NOT EVIDENCE)")
    finally:
        (ENVIRONMENT.data / clock.FILE).unlink()
