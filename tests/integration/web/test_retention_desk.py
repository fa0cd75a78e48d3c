"""The retention desk on the pages: rules, what goes, records, early deletion, reviews."""

import html
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.integration.web.conftest import Pages
from tests.retention_world import SETUP

from fairwitness.custody import ledger
from fairwitness.evidence.models import AccessClass, Recording
from fairwitness.force import officers
from fairwitness.force.asking import Role
from fairwitness.force.models import Officer, Unit
from fairwitness.force.officers import NewOfficer
from fairwitness.retention import (
    early_deletion,
    holds,
    listing,
    marking,
    rule_changes,
    sweep,
    trials,
    week_ahead,
)
from fairwitness.retention.models import (
    Disposal,
    DisposalRun,
    EarlyDeletion,
    HoldKind,
    ListedDisposal,
    Review,
    RuleChange,
    RuleTrial,
)
from fairwitness.web import keyset, times

DAY = timedelta(days=1)
NOBODYS = UUID(int=1)
READ = ("get", "head")


def now() -> datetime:
    return datetime.now(UTC)


def text(pages: Pages, path: str, officer: Officer) -> str:
    return html.unescape(pages.browser(officer).get(path).content.decode())


@dataclass(frozen=True)
class Address:
    """An address, its methods, for whom it works and who is refused."""

    name: str
    path: Callable[[Pages], str]
    methods: tuple[str, ...]
    works_for: tuple[str, ...]
    refused: tuple[str, ...]


def _at(path: str) -> Callable[[Pages], str]:
    return lambda _pages: path


ADDRESSES = (
    Address("rules", _at("/rules"), READ, ("wearer", "manager", "standards"), ()),
    Address("try", _at("/rules/try"), (*READ, "post"), ("manager",), ("wearer", "standards")),
    Address("trial", _at(f"/rules/trials/{NOBODYS}"), (*READ, "post"), (), ("wearer", "standards")),
    Address(
        "change", _at(f"/rules/changes/{NOBODYS}"), (*READ, "post"), (), ("wearer", "sergeant")
    ),
    Address("forecast", _at("/deletions/forecast"), READ, ("manager", "standards"), ("wearer",)),
    Address("bin", _at("/deletions/bin"), READ, ("wearer", "manager", "standards"), ()),
    Address("stop", _at("/deletions/stop"), ("post",), (), ()),
    Address("let on", _at("/deletions/runs/1/let-on"), ("post",), (), ("wearer", "sergeant")),
    Address(
        "records",
        _at("/deletions/records"),
        READ,
        ("manager", "standards"),
        ("wearer", "detective"),
    ),
    Address("record", _at(f"/deletions/records/{NOBODYS}"), READ, (), ("wearer", "detective")),
    Address(
        "ask early",
        lambda pages: f"/recordings/{pages.recording.pk}/delete-early",
        (*READ, "post"),
        ("wearer", "manager", "sergeant"),
        ("colleague",),
    ),
    Address("early", _at("/early-deletions"), READ, ("wearer", "manager"), ()),
    Address(
        "decide early", _at(f"/early-deletions/{NOBODYS}"), ("post",), (), ("wearer", "detective")
    ),
    Address("reviews", _at("/reviews"), READ, ("wearer", "manager", "detective"), ()),
    Address(
        "decide a review",
        lambda pages: f"/reviews/{pages.recording.pk}",
        ("post",),
        (),
        ("colleague",),
    ),
    Address(
        "decide a hold's review", _at(f"/reviews/holds/{NOBODYS}"), ("post",), (), ("colleague",)
    ),
)
by_name = pytest.mark.parametrize("address", ADDRESSES, ids=lambda one: one.name)


@by_name
def test_each_address_is_asked_the_same_questions(pages: Pages, address: Address) -> None:
    path = address.path(pages)
    for who in address.works_for:
        answer = pages.browser(pages.people[who]).get(path)
        assert answer.status_code == 200, who
        assert answer["Cache-Control"] == "no-store"
    manager = pages.browser(pages.world.manager)
    for method in ("get", "head", "post", "put", "patch", "delete"):
        wrong = getattr(manager, method)(path).status_code == 405
        assert wrong == (method not in address.methods), method
    for method in address.methods:
        answer = getattr(pages.browser(None), method)(path)
        assert answer["Location"].startswith("/sign-in?next=")
    for who in address.refused:
        person = pages.people[who]
        assert person is not None
        for method in set(address.methods) - {"head"}:
            before = _refusals(person)
            answer = getattr(pages.browser(person), method)(path)
            assert answer.status_code in {400, 403, 404}, (who, method)
            assert b"Go back" in answer.content
            assert _refusals(person) == before + 1, (who, method)


def _refusals(person: Officer) -> int:
    rows = ledger.search(actor=f"officer:{person.pk}", limit=1000)
    return sum(row.entry.act.is_refusal for row in rows)


def _categorised(pages: Pages) -> Recording:
    marking.categorise(
        recordings=[pages.recording.pk],
        codes=["use-of-force"],
        officer=pages.world.ada,
        at=now(),
    )
    return pages.recording


def test_a_rule_is_tried_proposed_approved_by_another_and_waits(
    pages: Pages, acts: Callable[[str], list[str]]
) -> None:
    recording, world = _categorised(pages), pages.world
    grace = pages.browser(world.manager)
    tried = grace.post("/rules/try", {"code": "use-of-force", "days": "92"})
    trial = RuleTrial.objects.get()
    assert tried["Location"] == f"/rules/trials/{trial.pk}"
    shown = text(pages, f"/rules/trials/{trial.pk}", world.manager)
    assert 'Go earlier</th><td class="num">1<' in shown
    assert recording.reference in shown
    assert acts("retention") == [], "a trial changes nothing"
    empty = grace.post(f"/rules/trials/{trial.pk}", {"reason": " "})
    assert empty.status_code == 400
    proposed = grace.post(f"/rules/trials/{trial.pk}", {"reason": "policy of 1 June"})
    change = RuleChange.objects.get()
    page = f"/rules/changes/{change.pk}"
    assert proposed["Location"] == page
    mine = text(pages, page, world.manager)
    assert "You proposed this, so somebody else approves it" in mine
    assert "Approve, as the second person</button>" not in mine
    assert grace.post(page, {"decision": "approve"}).status_code == 403
    waits = "change of a rule waits for a second person"
    assert waits in text(pages, "/today", world.standards)
    assert waits not in text(pages, "/today", world.manager)
    theirs = text(pages, page, world.standards)
    assert "You are the second person" in theirs
    assert "policy of 1 June" in theirs
    pages.browser(world.standards).post(page, {"decision": "approve"})
    change.refresh_from_db()
    assert change.approved_by == world.standards
    said = text(pages, page, world.manager)
    assert "In force from then on (in 7 days)" in said
    assert change.name in text(pages, "/rules", world.second_manager)
    refused = pages.browser(world.second_manager).post(page, {"decision": "withdraw"})
    assert refused.status_code == 400
    pages.browser(world.second_manager).post(page, {"decision": "withdraw", "reason": "too soon"})
    change.refresh_from_db()
    assert change.withdrawn_at is not None
    assert [act for act in acts("retention") if act.startswith("rule.")] == [
        "rule.proposed",
        "rule.approved",
        "rule.rejected",
    ]


@pytest.mark.parametrize("days", ["", "30", "-5", "9999999999", "soon", "٣٦٦"])
def test_a_period_is_a_number_that_undercuts_nothing(pages: Pages, days: str) -> None:
    answer = pages.browser(pages.world.manager).post(
        "/rules/try", {"code": "use-of-force", "days": days}
    )
    assert answer.status_code == 400
    assert not RuleTrial.objects.exists()


def test_the_nearest_are_named_only_to_who_may_see_them(pages: Pages) -> None:
    recording, world = _categorised(pages), pages.world
    Recording.objects.filter(pk=recording.pk).update(access_class=AccessClass.CONFIDENTIAL)
    trial = trials.ask(code="use-of-force", days=92, officer=world.manager, at=now())
    shown = text(pages, f"/rules/trials/{trial.pk}", world.manager)
    assert recording.reference not in shown
    assert "not yours to see" in shown
    change = trials.propose(trial=trial, reason="why", officer=world.manager, at=now())
    assert recording.reference in text(pages, f"/rules/changes/{change.pk}", world.standards)


def test_a_new_category_is_tried_and_a_trial_that_waits_says_so(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "AT_ONCE", -1)
    grace = pages.browser(pages.world.manager)
    grace.post("/rules/try", {"code": "carnival", "name": "Carnival", "days": "92"})
    trial = RuleTrial.objects.get()
    assert "Being worked out" in text(pages, f"/rules/trials/{trial.pk}", pages.world.manager)
    assert grace.post(f"/rules/trials/{trial.pk}", {"reason": "why"}).status_code == 400
    trials.play_due(at=now())
    assert "Carnival: 92 days" in text(pages, f"/rules/trials/{trial.pk}", pages.world.manager)


def _ending(pages: Pages, days: float, count: int = 1) -> list[Recording]:
    """Recordings that are gone by in so many days."""
    return [pages.world.record(ended_at=now() - timedelta(days=31 - days)) for _ in range(count)]


def test_the_forecast_shows_the_lists_and_what_became_of_each(pages: Pages) -> None:
    world = pages.world
    going, kept = _ending(pages, 1.5, 2)
    listing.commit_lists(now() - 3 * DAY)
    holds.place(
        terms=holds.Terms(HoldKind.LITIGATION, "17/1", "a claim", (now() + 90 * DAY).date()),
        owner=world.manager,
        at=now(),
        recordings=[kept.pk],
    )
    shown = text(pages, "/deletions/forecast", world.manager)
    assert going.reference in shown
    assert "Kept since it was listed" in shown
    assert "The same" in shown
    line = ListedDisposal.objects.get(recording_id=going.pk)
    ListedDisposal.objects.filter(pk=line.pk).update(due=line.due + timedelta(hours=1))
    shown = text(pages, "/deletions/forecast", world.manager)
    assert "Not the same: nothing on it is deleted" in shown


def test_the_forecast_and_the_bin_go_on_by_key_with_few_queries(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyset, "PAGE", 2)
    world = pages.world
    made = _ending(pages, 1.5, 5)
    listing.commit_lists(now() - 3 * DAY)
    for path in ("/deletions/forecast", "/deletions/bin"):
        seen: list[str] = []
        here: str | None = path
        while here:
            shown = text(pages, here, world.manager)
            seen += [row.reference for row in made if row.reference in shown]
            after = shown.partition('class="button button-plain" href="')[2].partition('"')[0]
            here = after if "after=" in after else None
        assert sorted(seen) == sorted(row.reference for row in made), path
    browser = pages.browser(world.manager)
    browser.get("/deletions/bin")
    for path, most in (("/deletions/forecast", 25), ("/deletions/bin", 26)):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            browser.get(path)
        assert len(queries) <= most, path


def test_the_bin_is_for_its_wearer_and_the_manager_of_the_unit(pages: Pages) -> None:
    world = pages.world
    (row,) = _ending(pages, 2)
    assert f"/recordings/{row.pk}/keep" in text(pages, "/deletions/bin", world.ada)
    assert f"/recordings/{row.pk}/keep" in text(pages, "/deletions/bin", world.manager)
    for other in (world.dev, world.sergeant, world.detective, world.standards):
        assert row.reference not in text(pages, "/deletions/bin", other)
    Recording.objects.filter(pk=row.pk).update(access_class=AccessClass.CONFIDENTIAL)
    assert row.reference not in text(pages, "/deletions/bin", world.manager)


def test_a_silent_hold_shows_its_wearer_the_bin_as_ever(pages: Pages) -> None:
    world = pages.world
    (row,) = _ending(pages, 2)
    before = text(pages, "/deletions/bin", world.ada)
    holds.place(
        terms=holds.Terms(
            HoldKind.PROFESSIONAL_STANDARDS, "PS/9", "x", (now() + 90 * DAY).date(), silent=True
        ),
        owner=world.standards,
        at=now(),
        recordings=[row.pk],
    )
    after = text(pages, "/deletions/bin", world.ada)
    assert [line for line in before.splitlines() if row.reference in line] == [
        line for line in after.splitlines() if row.reference in line
    ]


def test_what_goes_this_week_is_shown_as_counted(pages: Pages) -> None:
    assert "Not counted yet" in text(pages, "/deletions", pages.world.manager)
    _ending(pages, 2, 3)
    week_ahead.renew_due(at=now())
    shown = text(pages, "/deletions", pages.world.manager)
    assert "<b>3</b> within seven days" in shown
    assert "Lambeth" in shown
    assert "Not categorised" in shown


def test_deletion_is_stopped_by_one_and_let_on_by_two(
    pages: Pages, acts: Callable[[str], list[str]]
) -> None:
    world = pages.world
    grace = pages.browser(world.manager)
    for path in ("/deletions", "/deletions/forecast"):
        assert "This stops it <b>in the whole force</b>" in text(pages, path, world.manager)
    assert pages.browser(world.ada).post("/deletions/stop", {"reason": "no"}).status_code == 403
    assert grace.post("/deletions/stop", {"reason": ""}).status_code == 400
    grace.post("/deletions/stop", {"reason": "the numbers look wrong"})
    run = DisposalRun.objects.get()
    assert run.problem_code == sweep.BY_PERSON
    seen = text(pages, "/deletions", world.standards)
    assert "Deletion is stopped in the whole force" in seen
    assert "by Grace Okafor: the numbers look wrong" in seen
    for who in (world.manager, world.standards):
        assert "stop of deletion in the whole force" in text(pages, "/today", who)
    assert "stop of deletion" not in text(pages, "/today", world.ada)
    path = f"/deletions/runs/{run.pk}/let-on"
    grace.post(path, {"reason": "they were right"})
    assert "asked that it go on" in text(pages, "/deletions/forecast", world.standards)
    assert "stop of deletion" not in text(pages, "/today", world.manager)  # another's turn
    assert grace.post(path, {"reason": "again"}).status_code == 400
    pages.browser(world.standards).post(path, {"reason": "so I see"})
    assert "Deletion is stopped" not in text(pages, "/deletions", world.manager)
    assert [act for act in acts("retention") if act.startswith("disposal_run")] == [
        "disposal_run.stopped",
        "disposal_run.resumed",
        "disposal_run.resumed",
    ]


def test_a_record_of_deletion_is_found_read_and_downloaded(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = pages.world
    rows = [
        world.record(ended_at=now() - timedelta(days=32), docked_at=now() - 30 * DAY)
        for _ in range(3)
    ]
    listing.commit_lists(now() - 3 * DAY)
    assert len(world.sweep(now()).disposed) == 3
    monkeypatch.setattr(keyset, "PAGE", 2)
    first = text(pages, "/deletions/records", world.manager)
    after = first.partition('class="button button-plain" href="')[2].partition('"')[0]
    second = text(pages, after, world.manager)
    assert sum(row.reference in first for row in rows) == 2
    assert sum(row.reference in second for row in rows) == 1
    one = rows[0]
    path = f"/deletions/records?number={one.reference}"
    assert one.reference in text(pages, path, world.manager)
    today = f"{now():%Y-%m-%d}"
    assert rows[1].reference not in text(pages, f"{path}&day=2017-01-01", world.manager)
    assert one.reference in text(pages, f"{path}&day={today}", world.manager)
    record = text(pages, f"/deletions/records/{one.pk}", world.manager)
    leaf = Disposal.objects.get(pk=one.pk).entry_leaf
    assert leaf in record
    assert "Download the signed record" in record
    assert pages.browser(world.manager).get(f"/deletions/{one.pk}").status_code == 200
    assert pages.browser(world.ada).get(f"/deletions/records/{one.pk}").status_code == 404


def test_a_request_for_early_deletion_goes_through_three_hands(pages: Pages) -> None:
    world, recording = pages.world, pages.recording
    path = f"/recordings/{recording.pk}/delete-early"
    assert path in text(pages, f"/recordings/{recording.pk}", world.ada)
    asks = pages.browser(world.ada)
    assert asks.post(path, {"asks": "officer", "reason": ""}).status_code == 400
    asks.post(path, {"asks": "officer", "reason": "left on in the changing room"})
    request = EarlyDeletion.objects.get()
    shown = text(pages, "/early-deletions", world.manager)
    assert "left on in the changing room" in shown
    assert "Delete it early</button>" in shown
    assert "Delete it early</button>" not in text(pages, "/early-deletions", world.ada)
    assert "request waits for you about deleting early" in text(pages, "/today", world.manager)
    act = f"/early-deletions/{request.pk}"
    assert asks.post(act, {"decision": "yes", "reason": "mine"}).status_code == 403
    grace = pages.browser(world.manager)
    grace.post(act, {"decision": "yes", "reason": "nothing of use"})
    assert grace.post(act, {"decision": "agree"}).status_code == 403
    assert "Agree, as the second person</button>" in text(pages, "/early-deletions", world.sergeant)
    pages.browser(world.sergeant).post(act, {"decision": "agree"})
    recording.refresh_from_db()
    assert recording.gone_by is not None
    assert recording.gone_by < now() + 7 * DAY
    said = text(pages, f"/recordings/{recording.pk}", world.ada)
    assert "decided that it be deleted early" in said
    assert recording.reference in text(pages, "/deletions/bin", world.ada)
    assert "Stop it" in text(pages, "/early-deletions", world.manager)
    grace.post(act, {"decision": "stop", "reason": "a complaint came"})
    request.refresh_from_db()
    assert request.state == "stopped"


@pytest.mark.parametrize("tie", ["abc", "1", "9" * 30, "0" * 32])
def test_a_page_after_what_is_no_row_is_a_page(pages: Pages, tie: str) -> None:
    browser = pages.browser(pages.world.manager)
    for path in ("/reviews", "/deletions/bin", "/deletions/records", "/deletions/forecast"):
        answer = browser.get(path, {"after": keyset.text(now(), tie)})
        assert answer.status_code == 200, path


def test_what_was_agreed_and_held_since_hides_no_request_that_waits(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairwitness.web.early._SHOWN", 1)
    world = pages.world
    first, second = pages.recording, world.record(ended_at=now() - DAY)
    for recording in (first, second):
        early_deletion.ask(
            recording=recording.pk, for_person=False, reason="oops", officer=world.ada, at=now()
        )
    done = EarlyDeletion.objects.get(recording=first)
    early_deletion.decide(asked=done, agreed=True, reason="yes", officer=world.manager, at=now())
    done.refresh_from_db()
    early_deletion.agree(asked=done, officer=world.sergeant, at=now())
    assert second.reference in text(pages, "/early-deletions", world.manager)


def test_another_units_request_is_neither_shown_nor_decided(pages: Pages) -> None:
    world, recording = pages.world, pages.recording
    asked = early_deletion.ask(
        recording=recording.pk, for_person=False, reason="oops", officer=world.ada, at=now()
    )
    early_deletion.decide(asked=asked, agreed=True, reason="yes", officer=world.manager, at=now())
    assert recording.reference in text(pages, "/early-deletions", world.sergeant)
    lewisham = Unit.objects.get(code="LSH")
    Recording.objects.filter(pk=recording.pk).update(unit=lewisham)
    assert recording.reference not in text(pages, "/early-deletions", world.sergeant)
    path = f"/early-deletions/{asked.pk}"
    refused = pages.browser(world.sergeant).post(path, {"decision": "agree"})
    assert refused.status_code == 403
    Recording.objects.filter(pk=recording.pk).update(access_class=AccessClass.CONFIDENTIAL)
    assert recording.reference not in text(pages, "/early-deletions", world.second_manager)
    refused = pages.browser(world.second_manager).post(path, {"decision": "agree"})
    assert refused.status_code == 403


def test_reviews_are_shown_overdue_first_and_decided_with_a_reason(
    pages: Pages, acts: Callable[[str], list[str]]
) -> None:
    world, recording = pages.world, pages.recording
    later = world.record(ended_at=now() - DAY)
    for row in (recording, later):
        marking.mark_evidential(
            recordings=[row.pk], incident="CAD 1", codes=["theft"], officer=world.ada, at=now()
        )
    Review.objects.filter(pk=recording.pk).update(due_on=times.day(now()) - 3 * DAY)
    Review.objects.filter(pk=later.pk).update(due_on=times.day(now()) + 9 * DAY)
    shown = text(pages, "/reviews", world.manager)
    assert shown.index(recording.reference) < shown.index(later.reference)
    assert "3 days overdue" in shown
    assert 'href="/reviews"' in text(pages, "/today", world.manager)
    grace, path = pages.browser(world.manager), f"/reviews/{recording.pk}"
    until = (now() + 200 * DAY).date()
    for missing in ({"reason": "", "until": until}, {"reason": "needed", "until": ""}):
        assert grace.post(path, {"decision": "keep", **missing}).status_code == 400
    grace.post(path, {"decision": "keep", "reason": "the appeal", "until": until})
    assert Review.objects.get(pk=recording.pk).due_on == until
    assert recording.reference not in text(pages, "/reviews", world.manager)
    grace.post(f"/reviews/{later.pk}", {"decision": "go", "reason": "no charge"})
    assert "a second person decides" in text(pages, "/reviews", world.manager)
    assert "recording.reviewed" in acts(f"recording:{recording.pk}")
    assert "recording.unmark_requested" in acts(f"recording:{later.pk}")
    assert recording.reference not in text(pages, "/reviews", world.dev)


def test_a_holds_review_is_its_owners_and_lets_it_stand_or_lifts_it(
    pages: Pages, acts: Callable[[str], list[str]]
) -> None:
    world = pages.world
    placed = holds.place(
        terms=holds.Terms(HoldKind.LITIGATION, "17/1", "a claim", (now() + 9 * DAY).date()),
        owner=world.manager,
        at=now(),
        recordings=[pages.recording.pk],
    )
    path = f"/reviews/holds/{placed.hold}"
    assert "17/1" in text(pages, "/reviews", world.manager)
    assert "17/1" not in text(pages, "/reviews", world.ada)
    assert pages.browser(world.ada).post(path, {"decision": "go", "reason": "x"}).status_code == 403
    grace, until = pages.browser(world.manager), (now() + 90 * DAY).date()
    grace.post(path, {"decision": "keep", "reason": "still sued", "until": until})
    assert "17/1" not in text(pages, "/reviews", world.manager)
    grace.post(path, {"decision": "go", "reason": "settled"})
    assert acts(f"hold:{placed.hold}")[-2:] == ["hold.reviewed", "hold.lifted"]


def test_pages_take_few_queries(pages: Pages) -> None:
    world = pages.world
    for count in range(4):
        row = world.record(ended_at=now() - DAY * (count + 1))
        marking.mark_evidential(
            recordings=[row.pk],
            incident="CAD 1",
            codes=["theft"],
            officer=world.ada,
            at=now(),
            review_on=(now() + 9 * DAY).date(),
        )
        fresh = world.record(ended_at=now() - DAY)
        early_deletion.ask(
            recording=fresh.pk, for_person=False, reason="oops", officer=world.ada, at=now()
        )
    _categorised(pages)
    change = rule_changes.propose(
        code="use-of-force", days=92, reason="why", officer=world.manager, at=now()
    )
    browser = pages.browser(world.manager)
    browser.get("/rules")
    for path, most in (
        ("/rules", 14),
        (f"/rules/changes/{change.pk}", 18),
        ("/reviews", 24),
        ("/early-deletions", 24),
        ("/deletions/records", 18),
        ("/deletions", 24),
    ):
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(path).status_code == 200
        assert len(queries) <= most, path


def test_a_units_manager_reads_the_rules_and_proposes_none(pages: Pages) -> None:
    local = officers.register_officer(
        actor=SETUP,
        officer=NewOfficer("4198", "Eve Orr", "EO", "LAM", "", (Role.EVIDENCE_MANAGER,), ()),
        at=now() - DAY,
    )
    assert "/rules/try" not in text(pages, "/rules", local)
    assert "/rules/try" in text(pages, "/rules", pages.world.manager)
    refused = pages.browser(local).get("/rules/try?code=use-of-force")
    assert refused.status_code == 403
    assert "Evidence managers of the whole force propose them" in refused.content.decode()
    rule_changes.propose(
        code="use-of-force", days=400, reason="ours", officer=pages.world.manager, at=now()
    )
    waits = "change of a rule waits for a second person"
    assert waits in text(pages, "/today", pages.world.second_manager)
    assert waits not in text(pages, "/today", local)


def test_a_new_category_names_what_it_asks_and_the_desk_asks_it(pages: Pages) -> None:
    browser = pages.browser(pages.world.manager)
    asked = {"code": "moped-crime", "name": "Moped crime", "days": "100"}
    there = browser.post("/rules/try", asked)["Location"]
    assert "What it asks whoever gives it" in text(pages, there, pages.world.manager)
    said = {
        "reason": "a pilot",
        "field-1-name": "Crime number",
        "field-1-kind": "reference",
        "field-1-needed": "1",
        "field-1-extra": "01/803/17",
        "field-2-name": "Outcome",
        "field-2-kind": "choice",
        "field-2-extra": "charged",
    }
    refused = browser.post(there, said)
    assert refused.status_code == 400
    assert "say what the choice is between" in html.unescape(refused.content.decode())
    done = browser.post(there, {**said, "field-2-extra": "charged, no action"})
    assert done.status_code == 302
    page = text(pages, done["Location"], pages.world.standards)
    assert "Crime number: reference, needed" in page
    assert "Outcome: charged, no action" in page
    change = RuleChange.objects.get(code="moped-crime")
    rule_changes.approve(change=change, officer=pages.world.standards, at=now() - 8 * DAY)
    rule_changes.apply_due(at=now())
    desk = text(pages, "/categorise", pages.world.ada)
    assert "f-moped-crime-crime_number" in desk
    again = browser.post("/rules/try", {"code": "moped-crime", "days": "100"})["Location"]
    assert 'value="Crime number"' in text(pages, again, pages.world.manager)
    use = browser.post("/rules/try", {"code": "use-of-force", "days": "400"})["Location"]
    assert "What it asks whoever gives it" not in text(pages, use, pages.world.manager)
