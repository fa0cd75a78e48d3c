"""From its day on, footage that a silent hold keeps looks to its wearer like deleted footage."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.integration.web.conftest import Pages
from tests.retention_world import DAY, HOUR, fresh

from fairwitness.accountability import figures
from fairwitness.evidence import access
from fairwitness.evidence.access import AccessRefused, Task
from fairwitness.evidence.models import Recording, State
from fairwitness.force.asking import TaskKind
from fairwitness.retention import announcements, holds, playable
from fairwitness.retention.holds import Terms
from fairwitness.retention.models import Announcement, HoldKind
from fairwitness.retention.standing import Criteria

NOW = datetime.now(UTC)


@pytest.fixture
def twins(pages: Pages) -> tuple[Recording, Recording]:
    """One kept by a silent hold, one deleted; alike in everything else."""
    world, ended = pages.world, NOW - 33 * DAY
    kept, deleted = world.record(ended_at=ended), world.record(ended_at=ended)
    holds.place(
        terms=Terms(
            HoldKind.PROFESSIONAL_STANDARDS, "PS/9", "x", (NOW + 90 * DAY).date(), silent=True
        ),
        owner=world.manager,
        recordings=[kept.pk],
        at=ended + 2 * DAY,
    )
    Recording.objects.filter(pk__in=[kept.pk, deleted.pk]).update(
        incident="CAD 77",
        filename="A.MP4",
        started_at=ended - 5 * HOUR,
        said={"camera": "B1", "bookmarks": [{"at_ms": 1000, "text": "Gun"}]},
    )
    check = playable.checker(vault=world.vault, at=ended + 3 * DAY)
    assert playable.check_waiting(check=check, at=ended + 3 * DAY)  # made-up bytes are no video
    media = {"container": "mov,mp4", "picture": "h264", "findings": []}
    Recording.objects.filter(pk__in=[kept.pk, deleted.pk]).update(media=media)
    world.sweep(ended + 25 * DAY)
    assert world.sweep(ended + 31 * DAY - HOUR).disposed == (deleted.pk,)
    task = Task(TaskKind.REVIEW, "PS/9")
    for row in fresh([kept]):
        access.grant_viewing(recording=row, officer=world.manager, task=task, at=NOW - DAY)
    return kept, deleted


def seen(browser: Client, recording: Recording, path: str) -> str:
    """A page without what must differ: the number, the id, the form's token, leaves of the log."""
    answer = browser.get(f"/recordings/{recording.pk}{path}")
    return alike(answer.content.decode(), recording)


def alike(text: str, recording: Recording) -> str:
    words = text.replace(str(recording.pk), "ID").replace(recording.reference, "REF")
    return "\n".join(line for line in words.splitlines() if "csrf" not in line)


def test_its_page_is_that_of_a_deleted_one(
    pages: Pages, twins: tuple[Recording, Recording]
) -> None:
    kept, deleted = twins
    browser = pages.browser(pages.world.ada)
    page = seen(browser, kept, "")
    assert "Nobody can open it now" in page
    assert page == seen(browser, deleted, "")
    assert {row.state for row in fresh([kept])} == {State.LIVE}
    assert "Grace" not in page
    for one in twins:
        assert browser.post(f"/recordings/{one.pk}/watch").status_code == 403
        assert browser.get(f"/deletions/{one.pk}").status_code == 404
    assert pages.browser(pages.world.manager).get(f"/deletions/{deleted.pk}").status_code == 200


@pytest.mark.parametrize("path", ["/keep", "/categorise", "/unmark", "/wearer", "/produce"])
def test_its_forms_are_those_of_a_deleted_one(
    pages: Pages, twins: tuple[Recording, Recording], path: str
) -> None:
    kept, deleted = twins
    browser = pages.browser(pages.world.ada)
    assert seen(browser, kept, path) == seen(browser, deleted, path)
    form = {"incident": "CAD 1", "category": "no_further_action", "reason": "x"}
    sent = [browser.post(f"/recordings/{one.pk}{path}", form) for one in twins]
    assert sent[0].status_code == sent[1].status_code
    assert alike(sent[0].content.decode(), kept) == alike(sent[1].content.decode(), deleted)


def test_the_life_line_over_its_entries_is_that_of_a_deleted_one(
    pages: Pages, twins: tuple[Recording, Recording]
) -> None:
    browser = pages.browser(pages.world.ada)
    kept, deleted = (seen(browser, one, "/entries").split('class="lead"')[0] for one in twins)
    assert kept == deleted


def test_no_number_in_the_entries_is_missing(
    pages: Pages, twins: tuple[Recording, Recording]
) -> None:
    world = pages.world
    task = Task(TaskKind.REVIEW, "PS/9")
    access.grant_viewing(recording=pages.recording, officer=world.standards, task=task, at=NOW)
    access.grant_viewing(recording=pages.recording, officer=world.ada, task=None, at=NOW)
    for recording in (pages.recording, *twins):
        page = seen(pages.browser(world.ada), recording, "/entries")
        numbers = [int(n) for n in _cells(page)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert numbers
        assert "disposed" not in page


def _cells(page: str) -> list[str]:
    rows = page.split("<tbody>")[1].split("<tr>")[1:]
    return [row.split(">")[1].split("<")[0] for row in rows]


def test_its_lists_and_searches_are_alike(pages: Pages, twins: tuple[Recording, Recording]) -> None:
    browser = pages.browser(pages.world.ada)
    for query in ("words=CAD", "when=gone", "when=kept", "when=gone&words=CAD", ""):
        page = browser.get(f"/recordings?{query}").content.decode()
        kept, deleted = (str(one.pk) in page for one in twins)
        assert kept == deleted, query
        assert kept == (query == "when=gone"), query


def test_whoever_sees_the_holds_does_not_see_a_silent_one_on_their_own_recording(
    pages: Pages,
) -> None:
    world = pages.world
    mine = world.record(ended_at=NOW - 2 * DAY)
    Recording.objects.filter(pk=mine.pk).update(wearer=world.manager)
    terms = Terms(
        HoldKind.PROFESSIONAL_STANDARDS, "PS/77", "x", (NOW + 90 * DAY).date(), silent=True
    )
    bound = holds.place(terms=terms, owner=world.standards, recordings=[mine.pk], at=NOW)
    criteria = Criteria(officers=(world.manager.pk,), begins_at=NOW)
    later = holds.place(
        terms=replace(terms, reference="PS/77b"), owner=world.standards, criteria=criteria, at=NOW
    )
    for officer, shown in (
        (world.manager, False),
        (world.second_manager, True),
        (world.standards, True),
    ):
        page = pages.browser(officer).get("/holds").content.decode()
        assert page.count("PS/77b") == (page.count("PS/77") - page.count("PS/77b"))
        assert ("PS/77" in page) is shown
    for placed in (bound, later):
        lift = pages.browser(world.manager).post(f"/holds/{placed.hold}/lift", {"reason": "x"})
        assert lift.status_code == 403
        assert "PS/77" not in lift.content.decode()


def test_a_token_given_before_is_refused_as_for_any_other(pages: Pages) -> None:
    world, ended = pages.world, NOW - 10 * DAY
    silent, plain = world.record(ended_at=ended), world.record(ended_at=ended)
    terms = Terms(HoldKind.COMPLAINT, "C/1", "x", (NOW + 90 * DAY).date(), silent=True)
    holds.place(terms=terms, owner=world.manager, recordings=[silent.pk], at=NOW)
    day = ended + 31 * DAY
    said = []
    for row in fresh([silent, plain]):
        grant = access.grant_viewing(
            recording=row, officer=world.ada, task=None, at=day - timedelta(minutes=1)
        )
        access.open_viewing(
            token=grant.token, kind="master", at=day - timedelta(seconds=1), vault=world.vault
        ).close()
        with pytest.raises(AccessRefused) as refused:
            access.open_viewing(token=grant.token, kind="master", at=day, vault=world.vault)
        said.append((refused.value.stable_code, refused.value.message))
    assert said[0] == said[1]


def test_what_its_owner_is_told_ends_with_its_day(pages: Pages) -> None:
    world = pages.world
    recording = world.record(ended_at=NOW - 10 * DAY)
    terms = Terms(HoldKind.COMPLAINT, "C/1", "x", (NOW + 90 * DAY).date(), silent=True)
    holds.place(terms=terms, owner=world.manager, recordings=[recording.pk], at=NOW)
    Announcement.objects.create(officer=world.ada, recording=recording, text="x", at=NOW)
    assert announcements.unseen(officer=world.ada, at=NOW + 20 * DAY)
    assert not announcements.unseen(officer=world.ada, at=NOW + 21 * DAY)


def test_the_public_figures_do_not_announce_it(pages: Pages) -> None:
    world = pages.world
    recording = world.record(ended_at=NOW - 10 * DAY)

    def line(at: datetime) -> figures.Line:
        found = figures.count(at=at).total
        assert found.adds_up
        return found

    before = line(NOW)
    terms = Terms(
        HoldKind.PROFESSIONAL_STANDARDS, "PS/9", "x", (NOW + 90 * DAY).date(), silent=True
    )
    holds.place(terms=terms, owner=world.manager, recordings=[recording.pk], at=NOW)
    assert line(NOW) == before
    assert line(NOW + 21 * DAY).kept == {"other reason": 1}
