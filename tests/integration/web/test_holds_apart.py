"""What only oversight's silent hold keeps looks to the force like what was deleted, or will be."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Q
from django.test import Client
from tests.integration.web.conftest import Pages
from tests.machine_world import Callers
from tests.retention_world import DAY, HOUR, SETUP, acts, fresh

from fairwitness.errors import FairwitnessError
from fairwitness.evidence import access, history, looks
from fairwitness.evidence.access import AccessRefused, Task
from fairwitness.evidence.leave_rows import GONE, BrokenGlass, Naming
from fairwitness.evidence.models import CircleMember, Recording, Standing, State, Viewing
from fairwitness.force import officers
from fairwitness.force.asking import NotAllowed, Role, TaskKind
from fairwitness.force.models import Officer
from fairwitness.force.officers import NewOfficer
from fairwitness.retention import (
    early_deletion,
    holds,
    lifting,
    locking,
    marking,
    reminding,
    week_ahead,
)
from fairwitness.retention.holds import NothingToHold, Terms
from fairwitness.retention.models import Hold, HoldBinding, HoldKind, ListedDisposal, Release
from fairwitness.retention.standing import Criteria

NOW = datetime.now(UTC)
REVIEW = (NOW + 400 * DAY).date()
TERMS = Terms(HoldKind.OVERSIGHT, "IND/7", "an inquiry of ours", REVIEW, silent=True)
OURS = Terms(HoldKind.CASE, "01/9/17", "a case", REVIEW)
TASK = Task(TaskKind.REVIEW, "IND/7")
TELLING = ("IND/7", "independent", "oversight", "Ian Oates")


@dataclass
class Apart:
    """One kept by oversight's silent hold past its day, one deleted, and one that goes soon."""

    pages: Pages
    administrator: Officer
    kept: Recording
    deleted: Recording
    soon: Recording

    @property
    def force(self) -> dict[str, Officer]:
        """Everybody of the force who may come across them."""
        world = self.pages.world
        return {
            "wearer": world.ada,
            "sergeant": world.sergeant,
            "detective": world.detective,
            "manager": world.manager,
            "standards": world.standards,
            "administrator": self.administrator,
        }

    def browser(self, who: str) -> Client:
        return self.pages.browser(self.force[who])


@pytest.fixture
def apart(pages: Pages) -> Apart:
    world, ended = pages.world, NOW - 33 * DAY
    (administrator,) = officers.register_officers_many(
        actor=SETUP,
        officers=[NewOfficer("4109", "Alma Root", "AR", "LAM", "", (), (Role.ADMINISTRATOR,))],
        at=NOW - 40 * DAY,
    )
    kept, deleted = world.record(ended_at=ended), world.record(ended_at=ended)
    soon = world.record(ended_at=NOW - 25 * DAY)
    for row, at in ((kept, ended + 2 * DAY), (soon, NOW - 20 * DAY)):
        holds.place(terms=TERMS, owner=world.investigator, recordings=[row.pk], at=at)
    Recording.objects.filter(pk__in=[kept.pk, deleted.pk]).update(incident="CAD 77")
    world.sweep(ended + 25 * DAY)
    assert world.sweep(ended + 31 * DAY - HOUR).disposed == (deleted.pk,)
    kept, deleted, soon = fresh([kept, deleted, soon])
    access.grant_viewing(recording=kept, officer=world.investigator, task=TASK, at=NOW - DAY)
    return Apart(pages, administrator, kept, deleted, soon)


FORCE = ["sergeant", "detective", "manager", "standards", "administrator"]


def text(browser: Client, path: str) -> str:
    return browser.get(path).content.decode()


def tells(page: str, recording: Recording) -> list[str]:
    """What of this page about a recording tells of the hold."""
    return [word for word in (*TELLING, recording.sha256 or "no digest") if word in page]


def test_its_pages_are_of_something_deleted(apart: Apart) -> None:
    for who in FORCE:
        browser = apart.browser(who)
        for path in ("", "/keep", "/categorise", "/produce", "/delete-early", "/looks", "/entries"):
            kept, deleted = (
                browser.get(f"/recordings/{one.pk}{path}") for one in (apart.kept, apart.deleted)
            )
            assert kept.status_code == deleted.status_code, (who, path)
            page = kept.content.decode()
            assert tells(page, apart.kept) == [], (who, path)
            assert "CAD 77" not in page, (who, path)
            assert "it is kept" not in page, (who, path)
            if kept.status_code == 200 and not path:
                assert "Nobody can open it now" in page, who


def test_before_its_day_it_has_the_day_that_the_rules_give(apart: Apart) -> None:
    for who in FORCE:
        page = text(apart.browser(who), f"/recordings/{apart.soon.pk}")
        assert tells(page, apart.kept) == [], who
        assert ("unless kept" in page) is (who != "administrator"), who


def test_oversight_sees_and_opens_both(apart: Apart) -> None:
    world = apart.pages.world
    browser = apart.pages.browser(world.investigator)
    for row in (apart.kept, apart.soon):
        assert "independent investigation IND/7" in text(browser, f"/recordings/{row.pk}")
        grant = access.grant_viewing(recording=row, officer=world.investigator, task=TASK, at=NOW)
        opened = access.open_viewing(token=grant.token, kind="master", at=NOW, vault=world.vault)
        assert opened.read(0, opened.size) == world.footage[row.pk]
    assert apart.kept.reference in text(browser, "/search?incident=CAD+77")


LISTS = (
    "/today",
    "/search?incident=CAD+77",
    "/search.csv?incident=CAD+77",
    "/search?flag=kept",
    "/search.csv?flag=kept",
    "/recordings?scope=unit&when=kept",
    "/deletions",
    "/deletions/forecast",
    "/deletions/records",
    "/early-deletions",
    "/holds",
    "/reviews",
)


def test_no_list_tells_of_it(apart: Apart) -> None:
    for who in FORCE:
        browser = apart.browser(who)
        for path in LISTS:
            page = text(browser, path)
            assert "IND/7" not in page, (who, path)
            assert "Ian Oates" not in page, (who, path)
            for row in (apart.kept, apart.soon):
                assert str(row.pk) not in page, (who, path)
                assert row.reference not in page, (who, path)


def test_what_goes_soon_is_in_the_lists_of_what_goes(apart: Apart) -> None:
    row, unit = apart.soon, "/recordings?scope=unit"
    for who in ("sergeant", "manager"):
        browser = apart.browser(who)
        for path in ("/team", "/unmarked", f"{unit}&when=soon", "/search?flag=soon"):
            page = text(browser, path)
            assert row.reference in page, (who, path)
            assert "IND/7" not in page, (who, path)
        gone = text(browser, f"{unit}&when=gone")
        assert apart.kept.reference in gone
        assert "CAD 77" not in gone
    week_ahead.renew_due(at=NOW)
    week = week_ahead.counted()
    assert week is not None
    assert week.total == 1
    step = next(one for one in reminding.STEPS[reminding.UNMARKED] if one.told == "supervisor")
    assert row in reminding.unmarked(step, NOW)


def test_in_its_last_days_it_is_in_the_bin(apart: Apart) -> None:
    world = apart.pages.world
    row = world.record(ended_at=NOW - 29 * DAY)
    holds.place(terms=TERMS, owner=world.investigator, recordings=[row.pk], at=NOW - 10 * DAY)
    page = text(apart.browser("manager"), "/deletions/bin")
    assert row.reference in page
    assert "IND/7" not in page
    assert row.reference not in text(apart.browser("sergeant"), "/unmarked")
    asked = apart.browser("sergeant").get(f"/recordings/{row.pk}")
    assert asked.status_code == 403
    assert "IND/7" not in asked.content.decode()
    assert row.reference not in text(apart.pages.browser(world.investigator), "/deletions/bin")


def test_no_act_of_the_force_reaches_it(apart: Apart) -> None:
    """Each is refused as for what is deleted, and none changes what oversight keeps."""
    world, kept = apart.pages.world, apart.kept
    before = acts(f"recording:{kept.pk}")
    with pytest.raises(NothingToHold):
        holds.place(terms=OURS, owner=world.manager, recordings=[kept.pk], at=NOW)
    placed = holds.place(
        terms=OURS,
        owner=world.manager,
        recordings=[apart.soon.pk, kept.pk],
        criteria=Criteria(officers=(world.ada.pk,)),
        at=NOW,
    )
    assert placed.gone == (kept.pk,)
    assert not HoldBinding.objects.filter(hold=placed.hold, recording=kept).exists()
    with pytest.raises(NotAllowed) as refused:
        marking.mark_evidential(
            recordings=[kept.pk],
            incident="CAD 1",
            codes=["use-of-force"],
            officer=world.manager,
            at=NOW,
        )
    assert refused.value.stable_code == "permission.gone"
    for act in (
        lambda: locking.lock(recordings=[kept.pk], reason="x", officer=world.manager, at=NOW),
        lambda: early_deletion.ask(
            recording=kept.pk, for_person=True, reason="x", officer=world.manager, at=NOW
        ),
        lambda: access.grant_viewing(recording=kept, officer=world.manager, task=TASK, at=NOW),
    ):
        with pytest.raises(FairwitnessError):
            act()
    refusals = [one for one in acts(f"recording:{kept.pk}")[len(before) :] if "refused" not in one]
    assert refusals == []
    assert world.opens(kept, NOW)


def test_early_deletion_is_agreed_as_if_it_were_not_there(apart: Apart) -> None:
    world = apart.pages.world
    row = world.record(ended_at=NOW - 3 * DAY)
    holds.place(terms=TERMS, owner=world.investigator, recordings=[row.pk], at=NOW - DAY)
    asked = early_deletion.ask(
        recording=row.pk, for_person=True, reason="x", officer=world.sergeant, at=NOW
    )
    early_deletion.decide(asked=asked, agreed=True, reason="y", officer=world.manager, at=NOW)
    asked.refresh_from_db()
    early_deletion.agree(asked=asked, officer=world.standards, at=NOW)
    (row,) = fresh([row])
    assert row.force_gone_by == NOW + 7 * DAY
    assert row.gone_by is None


def test_a_token_given_before_ends_with_the_day_of_the_force(apart: Apart) -> None:
    world, day = apart.pages.world, apart.soon.force_gone_by
    assert day is not None
    grant = access.grant_viewing(
        recording=apart.soon, officer=world.manager, task=TASK, at=day - timedelta(minutes=1)
    )
    access.open_viewing(
        token=grant.token, kind="master", at=day - timedelta(seconds=1), vault=world.vault
    ).close()
    with pytest.raises(AccessRefused):
        access.open_viewing(token=grant.token, kind="master", at=day, vault=world.vault)


def test_its_history_ends_with_the_day_of_the_force(apart: Apart) -> None:
    world, kept = apart.pages.world, apart.kept
    told = {
        who: " ".join(
            line.text
            for line in history.in_words(recording=kept, to_wearer=False, at=NOW, officer=who)
        )
        for who in (world.manager, world.investigator)
    }
    assert "Ian Oates" not in told[world.manager]
    assert "Ian Oates" in told[world.investigator]
    assert not looks.of(recording=kept, reader=world.manager, at=NOW)
    assert looks.of(recording=kept, reader=world.investigator, at=NOW)
    shown = history.entries(recording=kept, officer=world.manager, to_wearer=False, at=NOW)
    assert "recording.viewed" not in {one.act for one in shown}
    assert {one.act for one in shown} >= {"recording.received", "recording.history_read"}
    assert [one.sequence for one in shown] == list(range(1, len(shown) + 1))


def test_what_oversight_watched_before_the_day_of_the_force_names_nobody(apart: Apart) -> None:
    """Nor of footage that it does not keep: the difference would tell which it does."""
    world, free = apart.pages.world, apart.pages.world.record(ended_at=NOW - 3 * DAY)
    for row in (apart.soon, free):
        access.grant_viewing(recording=row, officer=world.investigator, task=TASK, at=NOW - HOUR)
        page = text(apart.browser("manager"), f"/recordings/{row.pk}")
        assert tells(page, apart.kept) == []
        for path in ("looks", "entries"):
            page = text(apart.browser("manager"), f"/recordings/{row.pk}/{path}")
            assert tells(page, apart.kept) == [], path
            assert "recording.viewed" not in page
        assert looks.of(recording=row, reader=world.investigator, at=NOW)


def test_lifted_it_goes_and_the_force_is_told_nothing_of_it(apart: Apart) -> None:
    world, kept = apart.pages.world, apart.kept
    lift(apart, kept)
    (row,) = fresh([kept])
    assert row.gone_by == NOW + 7 * DAY
    assert (row.force_gone_by, row.force_reason) == (kept.force_gone_by, kept.force_reason)
    assert Release.objects.get(recording=kept).oversight
    world.sweep(NOW + HOUR)
    assert ListedDisposal.objects.filter(recording_id=kept.pk, due=row.gone_by).exists()
    world.sweep(NOW + 4 * DAY)
    assert kept.pk in world.sweep(NOW + 7 * DAY - HOUR).disposed
    (row,) = fresh([kept])
    assert row.state == State.DISPOSED
    for who in FORCE:
        browser = apart.browser(who)
        assert browser.get(f"/deletions/{kept.pk}").status_code == 404, who
        for path in ("/deletions", "/deletions/records"):
            assert kept.reference not in text(browser, path), (who, path)
        assert "a person let it go" not in text(browser, f"/recordings/{kept.pk}"), who
    oversight = apart.pages.browser(world.investigator)
    assert oversight.get(f"/deletions/{kept.pk}").status_code == 200
    assert "a person let it go" in text(oversight, f"/recordings/{kept.pk}")
    shown = history.entries(recording=row, officer=world.manager, to_wearer=False, at=NOW + 8 * DAY)
    assert "recording.disposed" not in {one.act for one in shown}


def test_the_forecast_does_not_list_it_again(apart: Apart) -> None:
    """Listed in the log once its hold is lifted; the force's page leaves its line out."""
    world = apart.pages.world
    lift(apart, apart.kept, at=NOW - 6 * DAY)
    world.sweep(NOW - 5 * DAY)
    assert ListedDisposal.objects.filter(recording_id=apart.kept.pk, due__gt=NOW).exists()
    assert apart.kept.reference not in text(apart.browser("manager"), "/deletions/forecast")
    page = text(apart.pages.browser(world.investigator), "/deletions/forecast")
    assert apart.kept.reference in page


def test_another_hold_shows_and_gives_its_own_seven_days(apart: Apart) -> None:
    """A hold of professional standards, silent for the wearer, is one that the force sees."""
    world, row = apart.pages.world, apart.soon
    terms = Terms(HoldKind.PROFESSIONAL_STANDARDS, "PS/9", "x", REVIEW, silent=True)
    placed = holds.place(terms=terms, owner=world.standards, recordings=[row.pk], at=NOW)
    (held,) = fresh([row])
    assert held.force_reason == "it is kept under professional-standards PS/9"
    assert "IND/7" in held.keep_reason
    assert held.shown_gone_by == row.shown_gone_by
    later = NOW + 20 * DAY
    lifting.lift(
        hold=Hold.objects.get(pk=placed.hold), officer=world.standards, reason="done", at=later
    )
    (held,) = fresh([row])
    assert held.force_gone_by == later + 7 * DAY
    assert held.gone_by is None
    assert held.shown_gone_by == row.shown_gone_by
    assert not Release.objects.get(recording=row).oversight


def test_a_lock_shows_and_after_it_the_hold_does_not(apart: Apart) -> None:
    world, row = apart.pages.world, apart.soon
    locking.lock(recordings=[row.pk], reason="shots fired", officer=world.standards, at=NOW)
    assert fresh([row])[0].force_reason == "it is locked"
    later = NOW + 30 * DAY
    locking.unlock(recordings=[row.pk], reason="over", officer=world.standards, at=later)
    (held,) = fresh([row])
    assert held.force_gone_by == later + 7 * DAY
    assert held.gone_by is None


def test_programs_are_told_what_their_accounts_may_know(apart: Apart) -> None:
    callers = Callers.make(apart.pages)
    kept, soon = f"/recordings/{apart.kept.pk}", f"/recordings/{apart.soon.pk}"
    gone = callers.call("GET", kept).body
    assert b'"deleted"' in gone
    assert b"IND/7" not in gone
    assert b"CAD 77" not in gone
    coming = callers.call("GET", soon).body
    assert b'"deleted_by":null' not in coming.replace(b" ", b"")
    assert b"IND/7" not in coming
    assert (
        apart.kept.reference.encode() not in callers.call("GET", "/recordings?incident=CAD+77").body
    )
    for path in ("/categories", "/evidence", "/notes", "/viewings"):
        body: dict[str, object] = {
            "codes": [],
            "incident": "x",
            "text": "x",
            "task": None,
            "reference": "",
        }
        assert callers.call("POST", kept + path, body=body).status >= 400, path
    assert b"IND/7" in callers.call("GET", kept, who="oversight").body


def lift(apart: Apart, recording: Recording, at: datetime = NOW) -> None:
    hold = Hold.objects.get(bindings__recording=recording)
    owner = apart.pages.world.investigator
    lifting.lift(hold=hold, officer=owner, reason="our inquiry is over", at=at)


def test_what_was_typed_of_it_is_gone_as_with_what_is_deleted(apart: Apart) -> None:
    """The reasons of glass and names go with the footage; the hold that keeps it shows in none."""
    world, kept = apart.pages.world, apart.kept
    BrokenGlass.objects.create(
        recording=kept,
        officer=world.detective,
        emergency="missing",
        reason="A child was last seen there",
        broken_at=NOW - 20 * DAY,
        ends_at=NOW - 20 * DAY + HOUR,
        judged_at=NOW - 19 * DAY,
        judged_by=world.standards,
        justified=True,
        note="I watched all of it",
    )
    Naming.objects.create(
        recording=kept,
        officer=world.dev,
        named_by=world.manager,
        reason="He knows the street",
        named_at=NOW - 20 * DAY,
        ends_at=NOW + 20 * DAY,
    )
    for who in ("manager", "standards"):
        page = text(apart.browser(who), "/broken-glass")
        assert kept.reference in page, who
        assert "last seen there" not in page, who
        assert "I watched all of it" not in page, who
        assert GONE in page, who
    page = text(apart.pages.browser(world.dev), "/today")
    assert kept.reference in page
    assert GONE in page
    assert "He knows the street" not in page


def test_how_often_it_was_watched_in_an_emergency_is_forgotten_too(apart: Apart) -> None:
    world, kept = apart.pages.world, apart.kept
    broken = NOW - 20 * DAY
    BrokenGlass.objects.create(
        recording=kept,
        officer=world.investigator,
        emergency="missing",
        reason="A child was last seen there",
        broken_at=broken,
        ends_at=NOW,
    )
    assert Viewing.objects.filter(recording=kept, granted_at__gte=broken).count() == 1
    page = text(apart.browser("manager"), "/broken-glass")
    assert "<dd>0 times;" in page


def test_who_was_let_in_finds_neither(apart: Apart) -> None:
    """Whom it knew is forgotten when it is deleted, and so by what is kept silently."""
    world = apart.pages.world
    for row in (apart.kept, apart.soon):
        CircleMember.objects.create(
            recording=row,
            officer=world.dev,
            standing=Standing.NAMED,
            reference=str(uuid.uuid4()),
            since=NOW - 20 * DAY,
            until=NOW + 20 * DAY,
        )
    browser = apart.pages.browser(world.dev)
    codes = [
        browser.get(f"/recordings/{row.pk}").status_code
        for row in (apart.soon, apart.kept, apart.deleted)
    ]
    assert codes[0] == 200
    assert codes[1] == codes[2] >= 400


def test_a_preview_counts_nothing_that_is_gone_for_the_force(apart: Apart) -> None:
    callers, world = Callers.make(apart.pages), apart.pages.world
    asked: dict[str, object] = {"officers": [world.ada.collar_number]}
    there = Recording.objects.filter(wearer=world.ada, state=State.LIVE)
    of_force = there.filter(Q(force_gone_by=None) | Q(force_gone_by__gt=NOW)).count()
    numbers = [
        json.loads(callers.call("POST", "/standing-holds/preview", body=asked, who=who).body)
        for who in ("manager", "oversight")
    ]
    assert [each["number"] for each in numbers] == [of_force, of_force + 1]


def test_closing_an_account_counts_nothing_of_oversights(apart: Apart) -> None:
    investigator = apart.pages.world.investigator
    assert Hold.objects.filter(owner=investigator, lifted_at=None).count() == 2
    page = text(apart.browser("administrator"), f"/force/officers/{investigator.pk}/leave")
    assert "No hold of theirs stands that you may know of" in page
