"""What stands out on the web: found by a sweep, shown to who reads the log, closed with a note."""

import html
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.web.conftest import Pages

from fairwitness.accountability import standing_out
from fairwitness.accountability.anomalies import AS_USUAL, LONDON, Kind
from fairwitness.accountability.models import Anomaly
from fairwitness.evidence import access
from fairwitness.evidence.access import AccessRefused
from fairwitness.evidence.models import Viewing
from fairwitness.force import roles
from fairwitness.force.asking import Role, TaskKind
from fairwitness.force.authority import System
from fairwitness.force.models import Officer
from fairwitness.web import anomalies

Acts = Callable[[str], list[str]]
DAY = timedelta(days=1)


def now() -> datetime:
    return datetime.now(UTC)


def read(pages: Pages, officer: Officer) -> str:
    return html.unescape(pages.browser(officer).get("/stands-out").content.decode())


@pytest.fixture
def noon(pages: Pages) -> datetime:
    """The sergeant watched Ada's footage six times by day; Dev was refused it once."""
    noon = now().replace(hour=12, minute=0) - DAY
    for _ in range(6):
        access.grant_viewing(
            recording=pages.recording,
            officer=pages.world.sergeant,
            task=access.Task(TaskKind.REVIEW, "17/042"),
            at=noon,
        )
    with pytest.raises(AccessRefused):
        access.grant_viewing(recording=pages.recording, officer=pages.world.dev, task=None, at=noon)
    standing_out.look(at=now())
    return noon


@pytest.mark.usefixtures("noon")
def test_a_question_is_found_once_shown_and_closed_with_a_note(pages: Pages, acts: Acts) -> None:
    row = Anomaly.objects.get()
    assert (row.kind, row.about, row.concerns, row.number) == (
        "same_person",
        pages.world.sergeant.pk,
        pages.world.ada.pk,
        6,
    )
    assert standing_out.look(at=now()) == 0
    manager = pages.browser(pages.world.manager)
    said = read(pages, pages.world.manager)
    assert "Sgt Jo Hale watched the same person’s footage" in said
    assert "a question, not an accusation" in said
    assert acts("log")[-1] == "log.read"
    there = f"/stands-out/{row.pk}/close"
    assert manager.post(there, {"note": " "}).status_code == 400
    assert manager.post(there, {"note": "She trains her"}).status_code == 302
    assert acts("audit") == ["audit.finding_closed"]
    assert manager.post(there, {"note": "again"}).status_code == 400
    assert standing_out.look(at=now()) == 0, (
        "closed, it is not asked again while it counts the same"
    )
    assert "She trains her" in read(pages, pages.world.standards)


@pytest.mark.usefixtures("noon")
def test_nobody_is_shown_what_is_about_them_or_their_footage(pages: Pages) -> None:
    for officer in (pages.world.sergeant, pages.world.ada):
        roles.grant(
            officer=officer, role=Role.AUDITOR, unit=None, actor=System("test"), at=now() - DAY
        )
        assert "Nothing stands out." in read(pages, officer)
        there = f"/stands-out/{Anomaly.objects.get().pk}/close"
        assert pages.browser(officer).post(there, {"note": "No"}).status_code == 400
    assert Anomaly.objects.get().closed_at is None


@pytest.mark.usefixtures("noon")
def test_others_are_refused(pages: Pages, acts: Acts) -> None:
    there = f"/stands-out/{Anomaly.objects.get().pk}/close"
    for officer in (pages.world.ada, pages.world.sergeant, pages.world.detective):
        browser = pages.browser(officer)
        assert browser.get("/stands-out").status_code == 403
        assert browser.post(there, {"note": "x"}).status_code == 403
    assert acts("log") == ["access.refused"] * 6
    assert pages.browser(None).get("/stands-out").status_code == 302
    manager = pages.browser(pages.world.manager)
    assert manager.post("/stands-out").status_code == 405
    assert manager.get(there).status_code == 405


def test_own_locked_footage_and_every_kind_has_words(pages: Pages) -> None:
    type(pages.recording).objects.filter(pk=pages.recording.pk).update(locked=True)
    pages.recording.refresh_from_db()
    with pytest.raises(AccessRefused):
        access.grant_viewing(
            recording=pages.recording, officer=pages.world.ada, task=None, at=now()
        )
    standing_out.look(at=now())
    assert "Ada Whitlock asked for what they wore" in read(pages, pages.world.manager)
    assert set(anomalies.WORDS) == set(Kind)


def test_the_force_is_not_asked_about_the_independent_investigations_people(
    noon: datetime, pages: Pages
) -> None:
    roles.grant(
        officer=pages.world.sergeant,
        role=Role.INDEPENDENT_INVESTIGATOR,
        unit=None,
        actor=System("test"),
        at=noon - DAY,
    )
    assert "Nothing stands out." in read(pages, pages.world.manager)
    there = f"/stands-out/{Anomaly.objects.get().pk}/close"
    assert pages.browser(pages.world.manager).post(there, {"note": "No"}).status_code == 400
    roles.grant(
        officer=pages.world.detective,
        role=Role.INDEPENDENT_INVESTIGATOR,
        unit=None,
        actor=System("test"),
        at=noon - DAY,
    )
    assert "watched the same person’s footage" in read(pages, pages.world.detective)


def test_stills_in_lists_are_no_viewings(pages: Pages) -> None:
    at = now()
    Viewing.objects.bulk_create(
        Viewing(
            token_hash=f"{number:064}",
            recording=pages.recording,
            officer=pages.world.sergeant,
            only="poster",
            granted_at=at - timedelta(hours=1),
            expires_at=at,
        )
        for number in range(AS_USUAL.views)
    )
    assert standing_out.look(at=at) == 0


def test_footage_whose_day_is_over_is_not_called_locked(pages: Pages) -> None:
    recording = pages.recording
    type(recording).objects.filter(pk=recording.pk).update(shown_gone_by=now() - DAY)
    recording.refresh_from_db()
    with pytest.raises(AccessRefused):
        access.grant_viewing(recording=recording, officer=pages.world.ada, task=None, at=now())
    assert standing_out.look(at=now()) == 0


def test_by_night_ones_own_recording_near_says_that_one_was_on_duty(pages: Pages) -> None:
    night = (now() - DAY).astimezone(LONDON).replace(hour=2, minute=0)
    at = night + timedelta(hours=30)
    for officer in (pages.world.sergeant, pages.world.detective):
        for minute in range(AS_USUAL.night_views):
            access.grant_viewing(
                recording=pages.recording,
                officer=officer,
                task=access.Task(TaskKind.REVIEW, "17/042"),
                at=night + timedelta(minutes=minute),
            )
    pages.world.record(wearer=pages.world.sergeant, ended_at=night - timedelta(hours=2))
    standing_out.look(at=at)
    found = Anomaly.objects.filter(kind=Kind.NIGHT_VIEWS)
    assert [row.about for row in found] == [pages.world.detective.pk]
