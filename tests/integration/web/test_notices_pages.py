"""What waits without a second person, on the pages: for anybody, and to be stopped by some."""

import html
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.integration.web.conftest import Pages
from tests.retention_world import SETUP

from fairwitness.custody import ledger
from fairwitness.evidence.models import AccessClass, Recording
from fairwitness.force import one_manager, roles
from fairwitness.force.asking import Role
from fairwitness.force.authority import System
from fairwitness.force.models import Officer, RoleGrant
from fairwitness.retention import early_deletion, marking, notices, rule_changes
from fairwitness.retention.models import EarlyDeletion, OutsideNotice, RuleChange

DAY = timedelta(days=1)
NOBODYS = UUID(int=1)
ROWS = 12
QUERIES = 3


def now() -> datetime:
    return datetime.now(UTC)


def text(pages: Pages, path: str, officer: Officer | None) -> str:
    return html.unescape(pages.browser(officer).get(path).content.decode())


def dismiss_second(pages: Pages) -> None:
    grant = RoleGrant.objects.get(officer=pages.world.second_manager, role=Role.EVIDENCE_MANAGER)
    roles.end(grant=grant, actor=SETUP, at=now())


@pytest.fixture
def small(pages: Pages) -> Pages:
    """The same force with one evidence manager, which says so."""
    dismiss_second(pages)
    one_manager.begin(actor=System("operator"), reason="ten cameras", at=now())
    return pages


def decided(pages: Pages, recording: Recording) -> EarlyDeletion:
    world = pages.world
    asked = early_deletion.ask(
        recording=recording.pk,
        for_person=False,
        reason="left on in the changing room",
        officer=world.ada,
        at=now(),
    )
    early_deletion.decide(
        asked=asked, agreed=True, reason="nothing of use", officer=world.manager, at=now()
    )
    asked.refresh_from_db()
    return asked


def proposed(pages: Pages) -> RuleChange:
    return rule_changes.propose(
        code="use-of-force", days=92, reason="policy", officer=pages.world.manager, at=now()
    )


@pytest.mark.parametrize("path", ["/notices/one-manager", f"/notices/{NOBODYS}/stop"])
def test_what_changes_something_is_asked_the_same_questions(pages: Pages, path: str) -> None:
    for method in ("get", "head", "put", "patch", "delete"):
        assert getattr(pages.browser(pages.world.manager), method)(path).status_code == 405
    assert pages.browser(None).post(path)["Location"].startswith("/sign-in?next=")
    for who in ("wearer", "colleague", "sergeant", "detective"):
        person = pages.people[who]
        assert person is not None
        answer = pages.browser(person).post(path, {"decision": "begin"})
        assert answer.status_code in {403, 404}
        assert b"Go back" in answer.content
        found = ledger.search(actor=f"officer:{person.pk}", limit=100)
        (refusal,) = [row.entry for row in found if row.entry.act.is_refusal]
        assert refusal.subject == "force"  # of no recording: nobody knows what it was about
    assert pages.browser(pages.world.manager).post(f"/notices/{NOBODYS}/stop").status_code == 404


def test_an_administrator_begins_and_ends_it_and_everybody_can_read_so(
    pages: Pages, acts: Callable[[str], list[str]]
) -> None:
    jo = pages.world.sergeant
    roles.grant(actor=SETUP, officer=jo, role=Role.ADMINISTRATOR, unit=None, at=now())
    assert "does not run with one" in text(pages, "/notices", None)
    assert "Run with one evidence manager</h2>" in text(pages, "/notices", jo)
    assert "Run with one evidence manager</h2>" not in text(pages, "/notices", pages.world.manager)
    begin = {"decision": "begin", "reason": "ten cameras"}
    two = pages.browser(jo).post("/notices/one-manager", begin)
    assert two.status_code == 400
    assert "2 evidence managers" in two.content.decode()
    dismiss_second(pages)
    assert pages.browser(jo).post("/notices/one-manager", begin).status_code == 302
    said = text(pages, "/notices", None)
    assert "This force has run with one evidence manager since" in said
    assert "ten cameras" not in said, "the reason may name somebody"
    assert "ten cameras" in text(pages, "/notices", jo)
    pages.browser(jo).post("/notices/one-manager", {"decision": "end", "reason": "hired"})
    assert "does not run with one" in text(pages, "/notices", None)
    assert acts("force")[-2:] == ["one_manager.begun", "one_manager.ended"]


def test_a_rule_waits_in_public_and_standards_stops_it_from_today(
    small: Pages, acts: Callable[[str], list[str]]
) -> None:
    world, change = small.world, proposed(small)
    page = f"/rules/changes/{change.pk}"
    assert "Give public notice of it</button>" in text(small, page, world.manager)
    assert "Give public notice" not in text(small, page, world.standards)
    assert small.browser(world.standards).post(page, {"decision": "notice"}).status_code == 403
    assert small.browser(world.manager).post(page, {"decision": "notice"}).status_code == 302
    notice = OutsideNotice.objects.get()
    assert "Notice of this was given. It goes on" in text(small, page, world.manager)
    public = text(small, "/notices", None)
    assert "A change of how long a category of footage is kept" in public
    assert "Stop it</button>" not in public
    for secret in ("Okafor", "policy", "use-of-force", change.name, str(change.pk)):
        assert secret not in public
    for officer in (world.standards, world.investigator):
        today = text(small, "/today", officer)
        assert "Waits without a second person" in today
        assert f"/notices/{notice.pk}/stop" in today
        assert "Okafor" in today
    assert "Waits without a second person" not in text(small, "/today", world.ada)
    stop = f"/notices/{notice.pk}/stop"
    assert small.browser(world.ada).post(stop, {"reason": "no"}).status_code == 403
    assert small.browser(world.standards).post(stop, {"reason": " "}).status_code == 400
    assert small.browser(world.standards).post(stop, {"reason": "too short"}).status_code == 302
    assert "Nothing waits" in text(small, "/notices", None)
    assert "a second person has to agree" in text(small, page, world.manager)
    assert [act for act in acts("retention") if act.startswith("notice.")] == [
        "notice.given",
        "notice.stopped",
    ]


def test_early_deletion_and_unmarking_offer_notice_to_the_one_manager(
    small: Pages, acts: Callable[[str], list[str]]
) -> None:
    world, early, other = small.world, small.recording, small.world.record(ended_at=now() - DAY)
    asked = decided(small, early)
    assert "Give public notice" in text(small, "/early-deletions", world.manager)
    assert "Give public notice" not in text(small, "/early-deletions", world.sergeant)
    give = {"decision": "notice"}
    small.browser(world.manager).post(f"/early-deletions/{asked.pk}", give)
    marking.mark_evidential(
        recordings=[other.pk],
        incident="CAD 1",
        codes=["use-of-force"],
        officer=world.ada,
        at=now(),
    )
    marking.ask_unmark(recording=other.pk, reason="closed", officer=world.manager, at=now())
    assert "Give public notice" in text(small, f"/recordings/{other.pk}/unmark", world.manager)
    small.browser(world.manager).post(f"/recordings/{other.pk}/unmark/decide", give)
    assert set(OutsideNotice.objects.values_list("kind", flat=True)) == {"early", "unmark"}
    assert "Waits now: 2" in text(small, "/notices", None)
    for recording in (early, other):
        assert acts(f"recording:{recording.pk}")[-1] == "notice.given"
        assert recording.reference not in text(small, "/notices", None)
        assert str(recording.pk) not in text(small, "/notices", None)
    notices.carry_out_due(at=now() + 8 * DAY)
    shown = text(small, "/early-deletions", world.sergeant)
    assert "after public notice" in shown
    told = text(small, f"/recordings/{early.pk}", world.manager)
    assert "gave public notice of it" in told
    assert "after public notice" in told


def test_who_may_stop_is_led_only_to_what_he_may_see(small: Pages) -> None:
    asked = decided(small, small.recording)
    notices.give(about=asked, officer=small.world.manager, at=now())
    link = f'href="/recordings/{small.recording.pk}"'
    assert link in text(small, "/notices", small.world.standards)
    Recording.objects.filter(pk=small.recording.pk).update(access_class=AccessClass.CONFIDENTIAL)
    shown = text(small, "/notices", small.world.investigator)
    assert link not in shown
    assert "Stop it</button>" in shown, "stopping needs no sight of it"


def test_the_figures_and_who_may_lead_there_in_words(small: Pages) -> None:
    assert 'href="/notices"' in text(small, "/figures", None)
    table = text(small, "/who-may", None)
    assert "with one evidence manager, public notice and a delay." in table
    assert 'href="/notices"' in table


def test_the_pages_cost_the_same_however_much_waits(small: Pages) -> None:
    def queries(path: str, officer: Officer | None) -> int:
        browser = small.browser(officer)
        browser.get(path)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert browser.get(path).status_code == 200
        return len(caught)

    asked = decided(small, small.recording)
    notices.give(about=asked, officer=small.world.manager, at=now())
    seen = [
        ("/notices", None),
        ("/notices", small.world.standards),
        ("/today", small.world.standards),
    ]
    before = [queries(*each) for each in seen]
    for _ in range(ROWS):
        recording = small.world.record(ended_at=now() - 2 * DAY)
        notices.give(about=decided(small, recording), officer=small.world.manager, at=now())
    assert [queries(*each) for each in seen] == before
    assert before[0] == QUERIES, "public"
