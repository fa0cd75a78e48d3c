"""My team: for supervisors and evidence managers, of their units, without what is closed."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.custody_log import Log
from tests.integration.web.conftest import Pages

from fairwitness.custody import ledger
from fairwitness.disclosure.keep_requests import LONDON
from fairwitness.evidence.models import Recording
from fairwitness.force.models import Camera, CameraStatus, Unit
from fairwitness.ingest import counter_gaps
from fairwitness.ingest.models import CounterGap
from fairwitness.retention import sampling
from fairwitness.retention.samples import DipSample, Drawn
from fairwitness.web import missing_numbers, times

DAY = timedelta(days=1)
QUERIES = 22
ANSWERS = {
    "told": "yes",
    "in_time": "no",
    "to_the_end": "unclear",
    "conduct": "good",
    "learning": "Start earlier",
}


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = Log.make(tmp_path / "log")
    yield made
    made.close()


def drawn_in(pages: Pages, log: Log) -> DipSample:
    """A sample of last month, of footage that ended near its end and is still there."""
    month = datetime.combine(times.day(now()).replace(day=1), datetime.min.time(), tzinfo=LONDON)
    for number in range(3):
        ended = month - timedelta(days=3, hours=number)
        docked = max(ended + timedelta(hours=7), now() - 2 * DAY)
        pages.world.record(ended_at=ended, docked_at=docked)
    sampling.list_due(at=now())
    log.integrator().step()
    sampling.draw_due(files=log.opened[-1].files, at=now())
    return DipSample.objects.get()


def team(pages: Pages, who: str = "sergeant") -> str:
    return pages.browser(pages.people[who]).get("/team").content.decode()


def test_what_goes_soon_is_listed_and_written_down(pages: Pages) -> None:
    row = pages.world.record(ended_at=now() - 25 * DAY)
    assert row.reference in team(pages)
    last = ledger.search(actor=f"officer:{pages.world.sergeant.pk}", limit=1)[0]
    assert last.entry.act == "recording.listed"
    assert last.body is not None
    assert last.body.detail["list"] == "team"


@pytest.mark.parametrize(
    "hidden",
    [
        {"locked": True},
        {"access_class": "restricted"},
        {"evidential": True},
        {"category": "theft"},
        {"force_hidden_from": datetime(2017, 1, 1, tzinfo=UTC)},
    ],
)
def test_what_is_closed_marked_or_in_the_bin_is_not(
    pages: Pages, hidden: dict[str, object]
) -> None:
    row = pages.world.record(ended_at=now() - 25 * DAY)
    Recording.objects.filter(pk=row.pk).update(**hidden)
    assert row.reference not in team(pages)


def test_ones_own_and_another_units_are_not_listed(pages: Pages) -> None:
    own = pages.world.record(ended_at=now() - 25 * DAY, wearer=pages.world.sergeant)
    others = pages.world.record(ended_at=now() - 25 * DAY)
    Recording.objects.filter(pk=others.pk).update(unit=Unit.objects.get(code="LSH"))
    said = team(pages)
    assert own.reference not in said
    assert others.reference not in said
    assert others.reference in team(pages, "manager")


def test_a_gap_is_explained_there(pages: Pages) -> None:
    with transaction.atomic():
        counter_gaps.note(camera=pages.world.camera, missing=[4, 5, 6, 9], actor="dock:1", at=now())
    assert "Camera 00417: 4 to 6, 9" in team(pages)
    path = f"/team/cameras/{pages.world.camera.pk}/explain"
    sergeant = pages.browser(pages.world.sergeant)
    assert sergeant.post(path, {"counter": ["4", "5"]}).status_code == 400
    assert sergeant.post(path, {"counter": ["x", "-4", ""], "reason": "z"}).status_code == 400
    answer = sergeant.post(path, {"counter": ["4", "5", "6"], "reason": "Tried out at the desk"})
    assert answer["Location"] == "/team#gaps"
    said = team(pages)
    assert "why 3 missing numbers of camera 00417 never came" not in said, "told to one person only"
    assert "Camera 00417: 9" in said
    assert "why 3 missing numbers of camera" in sergeant.get("/team").content.decode()


def cameras_that_miss(pages: Pages, number: int) -> list[Camera]:
    """So many cameras of the unit, each found to miss one number, the first of them first."""
    cameras = [
        Camera(
            serial=f"8{place:04}",
            keyid=f"{place:064}",
            profile=pages.world.camera.profile,
            mount=pages.world.camera.mount,
            unit=pages.world.camera.unit,
            status=CameraStatus.APPROVED,
            requested_at=now(),
            approved_at=now(),
        )
        for place in range(number)
    ]
    begun = now() - DAY
    for place, camera in enumerate(Camera.objects.bulk_create(cameras)):
        at = begun + timedelta(seconds=place)
        CounterGap.objects.create(camera=camera, counter=7, named_at=at)
    return cameras


def test_cameras_with_missing_numbers_come_a_page_at_a_time(pages: Pages) -> None:
    cameras = cameras_that_miss(pages, missing_numbers.SHOWN + 3)
    browser = pages.browser(pages.world.sergeant)
    first = browser.get("/team").content.decode()
    assert f"<b>{len(cameras)}</b> cameras with missing numbers" in first
    (onward,) = re.findall(r'href="(/team\?after=[^"#]*)#gaps"', first)
    with CaptureQueriesContext(connection) as queries:
        rest = browser.get(html.unescape(onward)).content.decode()
    assert len(queries) <= QUERIES
    shown = [re.findall(r"Camera (8\d+): 7<", said) for said in (first, rest)]
    newest = [camera.serial for camera in reversed(cameras)]
    assert shown == [newest[: missing_numbers.SHOWN], newest[missing_numbers.SHOWN :]]
    assert "/team?after=" not in rest
    assert f"<b>{len(cameras)}</b> cameras with missing numbers" in rest


def test_what_was_explained_leaves_the_page_behind_it_whole(pages: Pages) -> None:
    cameras = cameras_that_miss(pages, missing_numbers.SHOWN + 1)
    browser = pages.browser(pages.world.sergeant)
    (onward,) = re.findall(
        r'href="(/team\?after=[^"#]*)#gaps"', browser.get("/team").content.decode()
    )
    CounterGap.objects.filter(camera=cameras[0]).update(
        explained_at=now(), explained_by=pages.world.sergeant, explanation="Tried out"
    )
    assert (
        "No other camera has an unexplained gap"
        in browser.get(html.unescape(onward)).content.decode()
    )


def test_another_units_gap_is_not_shown_and_can_t_be_explained(pages: Pages) -> None:
    camera = pages.world.camera
    with transaction.atomic():
        counter_gaps.note(camera=camera, missing=[4], actor="dock:1", at=now())
    camera.unit = Unit.objects.get(code="LSH")
    camera.save(update_fields=["unit"])
    assert "Camera 00417" not in team(pages)
    answer = pages.browser(pages.world.sergeant).post(
        f"/team/cameras/{camera.pk}/explain", {"counter": "4", "reason": "lost"}
    )
    assert answer.status_code == 403
    last = ledger.search(subject=f"camera:{camera.pk}", limit=1)[0]
    assert last.entry.act == "access.refused"


def test_the_sample_is_looked_at_from_the_first_press_to_the_last(pages: Pages, log: Log) -> None:
    sample = drawn_in(pages, log)
    one = Drawn.objects.select_related("recording").order_by("lot")[0]
    sergeant = pages.browser(pages.world.sergeant)
    assert f"Look at {one.recording.reference}" in sergeant.get("/team").content.decode()
    path = f"/team/drawn/{one.pk}"
    assert "First, watch it" in sergeant.get(path).content.decode()
    assert sergeant.post(path, ANSWERS).status_code == 400, "not watched yet"
    sergeant.post(
        f"/recordings/{one.recording_id}/watch",
        {"task": "review", "task_reference": "Dip sample"},
    )
    assert "Were people told" in sergeant.get(path).content.decode()
    assert sergeant.post(path, {**ANSWERS, "told": "perhaps"}).status_code == 400
    assert sergeant.post(path, ANSWERS)["Location"] == "/team#sample"
    one.refresh_from_db()
    assert (one.in_time, one.learning) == ("no", "Start earlier")
    said = sergeant.get("/team").content.decode()
    # on a month's first two days the pages' own recording is of last month too
    assert f"1 of {Drawn.objects.count()} looked at" in said
    assert "This form was filled in" in sergeant.get(path).content.decode()
    assert sample.root in sergeant.get(f"/team/samples/{sample.pk}").content.decode()
    history = pages.browser(pages.world.ada).get(f"/recordings/{one.recording_id}").content.decode()
    assert "Sgt Jo Hale looked at it again. Reason: Dip sample" in history


def test_the_list_can_be_taken_away_and_has_its_digest(pages: Pages, log: Log) -> None:
    sample = drawn_in(pages, log)
    answer = pages.browser(pages.world.sergeant).get(f"/team/samples/{sample.pk}/list.txt")
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.content.decode() == "".join(f"{each}\n" for each in sample.population)


@pytest.mark.parametrize("closed", [{"locked": True}, {"access_class": "confidential"}])
def test_what_was_drawn_and_then_closed_is_nobodys_to_see(
    pages: Pages, log: Log, closed: dict[str, object]
) -> None:
    drawn_in(pages, log)
    one = Drawn.objects.select_related("recording").order_by("lot")[0]
    Recording.objects.filter(pk=one.recording_id).update(**closed)
    assert one.recording.reference not in team(pages)
    assert pages.browser(pages.world.sergeant).get(f"/team/drawn/{one.pk}").status_code == 403


def test_another_units_sample_is_refused(pages: Pages, log: Log) -> None:
    sample = drawn_in(pages, log)
    DipSample.objects.update(unit=Unit.objects.get(code="LSH"))
    sergeant = pages.browser(pages.world.sergeant)
    assert sergeant.get(f"/team/samples/{sample.pk}").status_code == 403
    assert sergeant.get(f"/team/samples/{sample.pk}/list.txt").status_code == 403
    assert "No month has ended yet" in team(pages)


def test_queries_do_not_grow_with_what_there_is(pages: Pages, log: Log) -> None:
    drawn_in(pages, log)
    pages.world.record(ended_at=now() - 25 * DAY)
    browser = pages.browser(pages.world.manager)
    browser.get("/team")
    with CaptureQueriesContext(connection) as few:
        browser.get("/team")
    assert len(few) <= QUERIES
    for _ in range(4):
        pages.world.record(ended_at=now() - 25 * DAY)
    with CaptureQueriesContext(connection) as many:
        browser.get("/team")
    assert len(many) == len(few)


def test_whose_units_are_many_reaches_every_sample(pages: Pages) -> None:
    """Those that are done make room: the thirteenth unit's could not be reached before."""
    month = datetime(2017, 5, 1, tzinfo=UTC).date()
    made = [
        DipSample.objects.create(
            unit=Unit.objects.create(code=f"U{number}", name=f"Unit {number:02}", kind="borough"),
            month=month,
            population=[],
            listed_at=now(),
            drawn_at=now() if number < 12 else None,
            tree_size=1 if number < 12 else None,
            root="0" * 64 if number < 12 else "",
        )
        for number in range(13)
    ]
    said = team(pages, "second manager")
    assert f"May 2017, {made[-1].unit.name}" in said
    assert "Others come as these are looked at." in said
    assert "None of the 0 listed could be drawn" in said
