"""Today: what needs one, one's camera, what one did last; and nothing that one may not see."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.integration.web.conftest import Pages
from tests.retention_world import SETUP

from fairwitness.accountability.models import Loss
from fairwitness.evidence import annotations
from fairwitness.evidence.models import Recording
from fairwitness.force import cameras, issue, officers, roles
from fairwitness.force.models import Officer, RoleGrant
from fairwitness.ingest import counter_gaps
from fairwitness.retention import holds, marking
from fairwitness.retention.holds import Terms
from fairwitness.retention.models import Announcement, HoldKind, Review

DAY = timedelta(days=1)
QUERIES = 36


def now() -> datetime:
    return datetime.now(UTC)


def today(pages: Pages, officer: Officer) -> str:
    said = pages.browser(officer).get("/today").content.decode()
    return "\n".join(line for line in said.splitlines() if "csrfmiddlewaretoken" not in line)


def soon(pages: Pages, **changed: object) -> Recording:
    """A recording that goes within a week."""
    row = pages.world.record(ended_at=now() - 25 * DAY)
    if changed:
        Recording.objects.filter(pk=row.pk).update(**changed)
        row.refresh_from_db()
    return row


def evidential(pages: Pages) -> Recording:
    row = pages.recording
    marking.mark_evidential(
        recordings=[row.pk],
        incident="CAD 12",
        codes=["theft"],
        officer=pages.world.ada,
        at=now(),
        review_on=(now() + 40 * DAY).date(),
    )
    return row


def test_one_lands_there(pages: Pages) -> None:
    answer = pages.browser(pages.world.ada).get("/")
    assert answer["Location"] == "/today"
    assert pages.browser(None).get("/").status_code == 200  # the page for everybody


def test_a_quiet_day_says_so(pages: Pages) -> None:
    said = today(pages, pages.world.dev)
    assert "Nothing waits for you." in said
    assert "No camera is issued to you." in said
    assert "Nothing yet." in said


def test_unmarked_footage_that_goes_soon_is_for_its_wearer(pages: Pages) -> None:
    soon(pages)
    said = today(pages, pages.world.ada)
    assert "recording of yours goes within 7 days" in said
    listed = pages.browser(pages.world.ada).get("/recordings?category=none&when=soon")
    assert "1 recording ·" in listed.content.decode()
    assert "recording of yours" not in today(pages, pages.world.dev)


def test_a_silent_hold_changes_nothing_there(pages: Pages) -> None:
    row = soon(pages)
    before = today(pages, pages.world.ada)
    holds.place(
        terms=Terms(
            HoldKind.PROFESSIONAL_STANDARDS,
            "PS 4",
            "An inquiry",
            (now() + 90 * DAY).date(),
            silent=True,
        ),
        owner=pages.world.standards,
        at=now(),
        recordings=[row.pk],
    )
    assert today(pages, pages.world.ada) == before


def test_announcements_are_told_until_read(pages: Pages) -> None:
    Announcement.objects.create(
        officer=pages.world.ada, recording=pages.recording, text="It will go after all.", at=now()
    )
    browser = pages.browser(pages.world.ada)
    assert "It will go after all." in browser.get("/today").content.decode()
    assert pages.browser(pages.world.dev).post("/today/seen").status_code == 302
    assert "It will go after all." in browser.get("/today").content.decode()
    assert browser.post("/today/seen")["Location"] == "/today"
    assert "It will go after all." not in browser.get("/today").content.decode()


def test_requests_wait_for_a_second_person_who_may(pages: Pages) -> None:
    row = evidential(pages)
    marking.ask_unmark(recording=row.pk, reason="not needed", officer=pages.world.ada, at=now())
    other = pages.world.record(ended_at=now() - 3 * DAY)
    annotations.ask_wearer_correction(
        recording=other,
        wearer=pages.world.sergeant,
        officer=pages.world.ada,
        reason="She had it",
        at=now(),
    )
    manager = today(pages, pages.world.manager)
    assert "<b>2</b> <span>requests wait for you as the second person" in manager
    assert f"/recordings/{row.pk}/unmark" in manager
    assert f"/recordings/{other.pk}/wearer" in manager
    sergeant = today(pages, pages.world.sergeant)
    assert "<b>1</b> <span>request waits" in sergeant, "not about herself"
    for officer in (pages.world.ada, pages.world.dev, pages.world.detective):
        assert "as the second person" not in today(pages, officer)


@pytest.mark.parametrize("closed", [{"locked": True}, {"access_class": "confidential"}])
def test_nothing_of_closed_footage_is_counted(pages: Pages, closed: dict[str, object]) -> None:
    row = evidential(pages)
    marking.ask_unmark(recording=row.pk, reason="not needed", officer=pages.world.ada, at=now())
    Review.objects.update(due_on=now().date())
    assert "second person" in today(pages, pages.world.manager)
    Recording.objects.filter(pk=row.pk).update(**closed)
    for officer in (pages.world.manager, pages.world.sergeant):
        said = today(pages, officer)
        assert row.reference not in said
        assert "second person" not in said
        assert "due to be looked at" not in said


def test_a_hold_to_lift_waits_for_another_person(pages: Pages) -> None:
    placed = holds.place(
        terms=Terms(HoldKind.REQUEST, "R 1", "Asked for", (now() + DAY).date()),
        owner=pages.world.manager,
        at=now(),
        recordings=[pages.recording.pk],
    )
    standards = pages.browser(pages.world.standards)
    standards.post(f"/holds/{placed.hold}/lift", {"reason": "over"})
    assert "agree that it is lifted" in today(pages, pages.world.second_manager)
    assert "agree that it is lifted" not in today(pages, pages.world.standards)
    assert "agree that it is lifted" not in today(pages, pages.world.ada)


def test_reviews_due_are_told_to_who_marked_it_and_who_decides(pages: Pages) -> None:
    row = evidential(pages)
    assert "looked at again" not in today(pages, pages.world.ada)
    Review.objects.update(due_on=now().date())
    for officer in (pages.world.ada, pages.world.sergeant, pages.world.manager):
        assert f'href="/recordings/{row.pk}"' in today(pages, officer)
    assert "looked at again" not in today(pages, pages.world.dev)


def test_footage_without_a_wearer_and_gaps_are_for_supervisors(pages: Pages) -> None:
    Recording.objects.filter(pk=pages.recording.pk).update(wearer=None)
    with transaction.atomic():
        counter_gaps.note(camera=pages.world.camera, missing=[7, 8], actor="dock:1", at=now())
    for officer in (pages.world.sergeant, pages.world.manager):
        said = today(pages, officer)
        assert "<b>1</b> <span>recording has no wearer" in said
        assert "<b>2</b> <span>numbers are missing" in said
    said = today(pages, pages.world.dev)
    assert "no wearer" not in said
    assert "missing on" not in said


@pytest.mark.parametrize("way", ["role", "account"])
def test_that_a_watcher_is_gone_is_told_at_once_to_who_reads_the_log(
    pages: Pages, way: str
) -> None:
    world, gone = pages.world, pages.world.investigator
    held = RoleGrant.objects.get(officer=gone)
    readers = (world.standards, world.manager)
    for who in readers:
        assert "no more" not in today(pages, who)
    if way == "role":
        roles.end(grant=held, actor=SETUP, at=now())
    else:
        officers.leave(officer=gone, actor=SETUP, at=now())
    for who in readers:
        said = today(pages, who)
        assert "person watches the force no more" in said
        assert f'<a href="/log?search=1&amp;subject=officer:{gone.pk}">{gone.title}</a>' in said
    for other in (world.ada, world.sergeant):
        assert "no more" not in today(pages, other)
    if way == "role":
        assert "no more" not in today(pages, gone)
    RoleGrant.objects.filter(pk=held.pk).update(ends_at=now() - 15 * DAY)
    assert "no more" not in today(pages, world.standards)


def test_my_camera_says_since_when_and_what_ails_it(pages: Pages) -> None:
    camera, ada = pages.world.camera, pages.world.ada
    issue.issue_camera(actor=SETUP, camera=camera, officer=ada, at=now() - 9 * DAY)
    said = today(pages, ada)
    assert "00417, Body 2 (chest)" in said
    assert "Not docked for 9 days" in said
    cameras.note_docking(camera=camera, last_counter=5, at=now() - DAY)
    said = today(pages, ada)
    assert "yesterday" in said
    assert "none known" in said
    with transaction.atomic():
        counter_gaps.note(camera=camera, missing=[7], actor="dock:1", at=now())
    assert "1 number of its counter never came" in today(pages, ada)
    assert "00417" not in today(pages, pages.world.dev)


def test_what_one_did_last_is_told_from_the_log(pages: Pages) -> None:
    browser = pages.browser(pages.world.ada)
    browser.post(f"/recordings/{pages.recording.pk}/watch")
    browser.get("/holds")
    said = today(pages, pages.world.ada)
    assert "You watched it." in said
    assert f'href="/recordings/{pages.recording.pk}">{pages.recording.reference}' in said
    assert "You were refused: " in said
    assert "You watched it." not in today(pages, pages.world.dev)


def test_what_does_not_open_any_more_is_named_without_a_link(pages: Pages) -> None:
    grace = pages.world.manager
    recording = soon(pages)
    marking.categorise(recordings=[recording.pk], codes=["training"], officer=grace, at=now())
    link = f'<a href="/recordings/{recording.pk}">{recording.reference}</a>'
    assert link in today(pages, grace)
    Recording.objects.filter(pk=recording.pk).update(access_class="confidential")
    done = today(pages, grace).partition("What you did last")[2]
    assert recording.reference in done
    assert link not in done


def test_what_an_audit_found_lost_is_told_until_it_is_found(pages: Pages) -> None:
    words = "recording can’t be opened: an audit found it"
    lost = Loss.objects.create(recording=pages.recording, found_at=now(), problem="no such file")
    said = today(pages, pages.world.manager)
    assert words in said
    assert f'href="/recordings/{pages.recording.pk}"' in said
    assert words not in today(pages, pages.world.ada)
    Recording.objects.filter(pk=pages.recording.pk).update(access_class="confidential")
    assert words not in today(pages, pages.world.manager)
    Recording.objects.filter(pk=pages.recording.pk).update(access_class="open")
    Loss.objects.filter(pk=lost.pk).update(resolved_at=now())
    assert words not in today(pages, pages.world.manager)


def test_queries_do_not_grow_with_what_there_is(pages: Pages) -> None:
    evidential(pages)
    for officer in (pages.world.manager, pages.world.sergeant, pages.world.ada):
        browser = pages.browser(officer)
        browser.get("/today")
        with CaptureQueriesContext(
            connection,
        ) as few:
            browser.get("/today")
        assert len(few) <= QUERIES, officer
        for _ in range(3):
            soon(pages)
            Recording.objects.filter(pk=soon(pages).pk).update(wearer=None)
        with CaptureQueriesContext(connection) as many:
            browser.get("/today")
        assert len(many) <= len(few), officer
