"""Bringing one more recording under a hold of one's own: the six questions, and that it keeps."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.integration.web.conftest import Pages
from tests.retention_world import SETUP

from fairwitness.custody import ledger
from fairwitness.evidence.models import Recording
from fairwitness.force import officers
from fairwitness.force.asking import Role
from fairwitness.force.models import Officer
from fairwitness.force.officers import NewOfficer
from fairwitness.formats.acts import Act
from fairwitness.retention import holds, lifting
from fairwitness.retention.models import Hold, HoldKind

Acts = Callable[[str], list[str]]
DAY = timedelta(days=1)
QUERIES = 40


def place(pages: Pages, owner: Officer, *, silent: bool = False, name: str = "C/1") -> Hold:
    now = datetime.now(UTC)
    other = pages.world.record(ended_at=now - DAY)
    terms = holds.Terms(
        HoldKind.LITIGATION, name, "a claim", review_on=(now + 9 * DAY).date(), silent=silent
    )
    placed = holds.place(terms=terms, owner=owner, at=now, recordings=[other.pk])
    return Hold.objects.get(pk=placed.hold)


@pytest.fixture
def hold(pages: Pages) -> Hold:
    return place(pages, pages.world.manager)


def path(hold: Hold) -> str:
    return f"/holds/{hold.pk}/extend"


def form(pages: Pages) -> dict[str, object]:
    return {"recording": pages.recording.pk}


def test_its_owner_keeps_one_more_under_it(pages: Pages, hold: Hold, acts: Acts) -> None:
    browser = pages.browser(pages.world.manager)
    asked = f"/holds/new?recording={pages.recording.pk}"
    page = browser.get(asked).content.decode()
    assert f'action="{path(hold)}"' in page
    assert "Keep it under C/1" in page
    assert "a claim" in page
    answer = browser.post(path(hold), form(pages), follow=True)
    assert "The hold C/1 keeps it too." in answer.content.decode()
    assert Recording.objects.get(pk=pages.recording.pk).gone_by is None
    assert acts(f"recording:{pages.recording.pk}").count("hold.bound") == 1
    (bound,) = ledger.search(subject=f"recording:{pages.recording.pk}", act=Act.HOLD_BOUND)
    assert bound.body is not None
    assert bound.body.actor == f"officer:{pages.world.manager.pk}"
    assert path(hold) not in browser.get(asked).content.decode(), "it is under it already"


def test_wrong_methods_and_signed_out(pages: Pages, hold: Hold) -> None:
    browser = pages.browser(pages.world.manager)
    for method in ("get", "head", "put", "delete"):
        assert getattr(browser, method)(path(hold)).status_code == 405
    answer = pages.browser(None).post(path(hold), form(pages))
    assert answer["Location"].startswith("/sign-in?next=")


def test_without_the_role_it_is_refused_and_written_down(pages: Pages, hold: Hold) -> None:
    dev = pages.world.dev
    assert pages.browser(dev).post(path(hold), form(pages)).status_code == 403
    (refusal,) = ledger.search(actor=f"officer:{dev.pk}", subject=f"hold:{hold.pk}")
    assert refusal.entry.act is Act.ACCESS_REFUSED


def test_another_persons_hold_and_another_units_recording_stay_as_they_are(
    pages: Pages, hold: Hold
) -> None:
    second = pages.browser(pages.world.second_manager)
    answer = second.post(path(hold), form(pages))
    assert answer.status_code == 400
    assert "Only its owner" in answer.content.decode()
    yesterday = datetime.now(UTC) - DAY
    new = NewOfficer("77LX", "Ida Moss", "IM", "LAM", "DC", (Role.INVESTIGATOR,))
    ida = officers.register_officer(actor=SETUP, officer=new, at=yesterday)
    mine = place(pages, ida, name="D/1")
    theirs = pages.world.record(ended_at=yesterday)
    Recording.objects.filter(pk=theirs.pk).update(unit=pages.world.standards.unit)
    detective = pages.browser(ida)
    assert detective.post(path(mine), {"recording": theirs.pk}).status_code == 404
    for nothing in ("x", ""):
        assert detective.post(path(mine), {"recording": nothing}).status_code == 404
    bound = Hold.objects.filter(bindings__recording__in=[pages.recording, theirs])
    assert not bound.exists()


def test_a_silent_hold_of_another_is_not_to_be_guessed(pages: Pages) -> None:
    silent = place(pages, pages.world.standards, silent=True)
    ada = pages.browser(pages.world.ada)
    assert ada.post(path(silent), form(pages)).status_code == 403


def test_one_that_was_lifted_is_not_offered_and_keeps_nothing_more(
    pages: Pages, hold: Hold
) -> None:
    manager = pages.world.manager
    lifting.lift(hold=hold, officer=manager, reason="settled", at=datetime.now(UTC))
    browser = pages.browser(manager)
    asked = browser.get(f"/holds/new?recording={pages.recording.pk}").content.decode()
    assert path(hold) not in asked
    assert browser.post(path(hold), form(pages)).status_code == 400


def test_queries_do_not_grow_with_ones_own_holds(pages: Pages, hold: Hold) -> None:
    browser, asked = (
        pages.browser(pages.world.manager),
        f"/holds/new?recording={pages.recording.pk}",
    )
    browser.get(asked)
    with CaptureQueriesContext(connection) as few:
        assert path(hold) in browser.get(asked).content.decode()
    for number in range(4):
        place(pages, pages.world.manager, name=f"C/2{number}")
    with CaptureQueriesContext(connection) as many:
        browser.get(asked)
    assert len(many) == len(few) <= QUERIES
