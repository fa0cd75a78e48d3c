"""Who had which camera when: intervals that never overlap, whoever writes them."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.force.made_up import AT, Force, acts, few_queries, make_force

from fairwitness.errors import FairwitnessError
from fairwitness.force import cameras, enrolment, issue
from fairwitness.force.asking import NotAllowed
from fairwitness.force.cameras import CameraRefused
from fairwitness.force.issue import IssueOverlaps, IssueRefused, NewIssue
from fairwitness.force.models import Camera, CameraStatus, Issue

HOUR = timedelta(hours=1)


def test_the_wearer_is_whoever_had_the_camera_at_that_moment(force: Force) -> None:
    camera = force.camera("00001")
    issue.issue_camera(
        camera=camera, officer=force.ada, actor=force.sergeant, at=AT, ends_at=AT + HOUR
    )
    issue.issue_camera(
        camera=camera, officer=force.dev, actor=force.sergeant, at=AT, begins_at=AT + HOUR
    )
    moments = [AT - HOUR, AT, AT + HOUR - timedelta(microseconds=1), AT + HOUR, AT + 9 * HOUR]
    wearers = [issue.wearer_at(camera=camera, at=moment) for moment in moments]
    assert wearers == [None, force.ada, force.ada, force.dev, force.dev]
    assert acts(f"camera:{camera.pk}")[-2:] == ["camera.issued", "camera.issued"]


def test_a_span_over_two_issues_has_no_certain_wearer(force: Force) -> None:
    camera = force.camera("00001")
    issue.issue_camera(
        camera=camera, officer=force.ada, actor=force.sergeant, at=AT, ends_at=AT + HOUR
    )
    issue.issue_camera(
        camera=camera, officer=force.dev, actor=force.sergeant, at=AT, begins_at=AT + HOUR
    )

    def wearer(start: timedelta, end: timedelta) -> object:
        return issue.wearer_between(camera=camera, begins_at=AT + start, ends_at=AT + end)

    assert wearer(0 * HOUR, HOUR) == force.ada
    assert wearer(0 * HOUR, 2 * HOUR) is None
    assert wearer(-HOUR, HOUR) is None
    assert wearer(HOUR, 2 * HOUR) == force.dev


@pytest.mark.parametrize(
    ("start", "end"), [(-1, 1), (0, 2), (1, None), (-1, None), (0, 3), (2, 5), (1, 2)]
)
def test_overlaps_are_refused_in_words(force: Force, start: int, end: int | None) -> None:
    camera = force.camera("00001")
    issue.issue_camera(
        camera=camera, officer=force.ada, actor=force.sergeant, at=AT, ends_at=AT + 3 * HOUR
    )
    with pytest.raises(IssueOverlaps, match="PC Ada Whitlock"):
        issue.issue_camera(
            camera=camera,
            officer=force.dev,
            actor=force.sergeant,
            at=AT,
            begins_at=AT + start * HOUR,
            ends_at=AT + end * HOUR if end is not None else None,
        )
    assert Issue.objects.count() == 1


def test_the_database_refuses_overlaps_whoever_writes(force: Force) -> None:
    camera = force.camera("00001")
    other = force.camera("00002")
    first = Issue.objects.create(camera=camera, officer=force.ada, begins_at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Issue.objects.create(camera=camera, officer=force.dev, begins_at=AT + HOUR)
    Issue.objects.filter(pk=first.pk).update(ends_at=AT + HOUR)
    second = Issue.objects.create(camera=camera, officer=force.dev, begins_at=AT + HOUR)
    with pytest.raises(IntegrityError), transaction.atomic():
        Issue.objects.filter(pk=first.pk).update(ends_at=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Issue.objects.filter(pk=second.pk).update(begins_at=AT)
    moved = Issue.objects.create(camera=other, officer=force.dev, begins_at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Issue.objects.filter(pk=moved.pk).update(camera=camera)


spans = st.lists(
    st.tuples(st.integers(0, 12), st.none() | st.integers(0, 12)), min_size=1, max_size=6
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spans)
def test_whatever_is_asked_no_moment_has_two_wearers(
    force: Force, asked: list[tuple[int, int | None]]
) -> None:
    with transaction.atomic():
        Issue.objects.all().delete()
    camera = Camera.objects.filter(serial="00001").first() or force.camera("00001")
    for start, end in asked:
        officer = force.ada if start % 2 else force.dev
        new = NewIssue(camera, officer, AT + start * HOUR, AT + end * HOUR if end else None)
        try:
            issue.issue_many(actor=force.sergeant, issues=[new], at=AT)
        except IssueRefused:
            continue
    for hour in range(13):
        moment = AT + hour * HOUR
        running = [
            row
            for row in Issue.objects.filter(camera=camera)
            if row.begins_at <= moment and (row.ends_at is None or row.ends_at > moment)
        ]
        assert len(running) <= 1


@pytest.mark.django_db(transaction=True)
def test_two_who_issue_at_once_leave_one_issue() -> None:
    force = make_force()
    camera = force.camera("00001")
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def hand_out(to: object) -> None:
        try:
            start.wait()
            issue.issue_camera(camera=camera, officer=to, actor=force.manager, at=AT)  # type: ignore[arg-type] # an Officer
            outcomes.append("issued")
        except IssueOverlaps:
            outcomes.append("overlaps")
        finally:
            connection.close()

    threads = [threading.Thread(target=hand_out, args=(to,)) for to in (force.ada, force.dev)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["issued", "overlaps"]
    assert Issue.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(4))
def test_two_who_take_it_back_at_once_return_it_once(turn: int) -> None:
    force = make_force()
    camera = force.camera("00001")
    issue.issue_camera(camera=camera, officer=force.ada, actor=force.manager, at=AT)
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def take_back() -> None:
        try:
            start.wait()
            issue.return_camera(camera=camera, actor=force.manager, at=AT + HOUR * (1 + turn))
            outcomes.append("returned")
        except IssueRefused as refused:
            outcomes.append(refused.stable_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=take_back) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert acts(f"camera:{camera.pk}").count("camera.returned") == outcomes.count("returned") == 1


def test_a_key_revoked_meanwhile_is_not_believed_again_by_a_report(force: Force) -> None:
    camera = force.camera("00001")
    seen_before = Camera.objects.get(pk=camera.pk)
    enrolment.revoke(device=camera, officer=force.manager, at=AT, reason="copied")
    with pytest.raises(CameraRefused):
        cameras.report(
            camera=seen_before,
            status=CameraStatus.LOST,
            actor=force.sergeant,
            at=AT,
            reason="on the bus",
        )
    assert Camera.objects.get(pk=camera.pk).status == CameraStatus.REVOKED


def test_a_camera_lost_meanwhile_is_not_issued(force: Force) -> None:
    camera = force.camera("00001")
    seen_before = Camera.objects.get(pk=camera.pk)
    cameras.report(
        camera=camera, status=CameraStatus.LOST, actor=force.sergeant, at=AT, reason="on the bus"
    )
    assert seen_before.status == CameraStatus.APPROVED
    with pytest.raises(IssueRefused) as refused:
        issue.issue_camera(camera=seen_before, officer=force.ada, actor=force.sergeant, at=AT)
    assert refused.value.stable_code == "issue.camera"
    assert not Issue.objects.exists()


def test_issuing_the_same_again_gives_the_standing_issue(force: Force) -> None:
    camera = force.camera("00001")
    new = NewIssue(camera, force.ada, AT)
    (first,) = issue.issue_many(actor=force.sergeant, issues=[new], at=AT)
    (again,) = issue.issue_many(actor=force.sergeant, issues=[new], at=AT)
    assert first.pk == again.pk
    assert acts(f"camera:{camera.pk}").count("camera.issued") == 1


def test_a_list_that_clashes_with_itself_stops_whole(force: Force) -> None:
    camera, other = force.camera("00001"), force.camera("00002")
    issues = [
        NewIssue(other, force.ada, AT),
        NewIssue(camera, force.ada, AT),
        NewIssue(camera, force.dev, AT + HOUR),
    ]
    with pytest.raises(IssueOverlaps):
        issue.issue_many(actor=force.sergeant, issues=issues, at=AT)
    assert not Issue.objects.exists()


def test_nobody_issues_a_camera_to_oneself(force: Force) -> None:
    camera = force.camera("00001")
    with pytest.raises(NotAllowed) as refused:
        issue.issue_camera(camera=camera, officer=force.sergeant, actor=force.sergeant, at=AT)
    assert refused.value.stable_code == "permission.oneself"
    assert acts(f"camera:{camera.pk}")[-1] == "access.refused"


def test_a_supervisor_issues_cameras_of_the_own_unit_only(force: Force) -> None:
    camera = enrolment.request_enrolment(envelope=force.request("00009", station=None), at=AT)
    enrolment.approve(
        device=camera, keyid=camera.keyid, officer=force.manager, at=AT, unit=force.lewisham
    )
    with pytest.raises(NotAllowed):
        issue.issue_camera(
            camera=cameras.named("00009"), officer=force.ada, actor=force.sergeant, at=AT
        )


def test_pool_cameras_are_taken_from_now_and_others_are_not(force: Force) -> None:
    shared, personal = force.camera("00001", pool=True), force.camera("00002")
    taken = issue.take_pool_camera(camera=shared, officer=force.ada, at=AT)
    assert (taken.begins_at, taken.ends_at) == (AT, None)
    with pytest.raises(NotAllowed):
        issue.take_pool_camera(camera=personal, officer=force.ada, at=AT)
    issue.return_camera(camera=shared, actor=force.ada, at=AT + HOUR)
    issue.take_pool_camera(camera=shared, officer=force.dev, at=AT + HOUR)
    assert issue.wearer_at(camera=shared, at=AT + 2 * HOUR) == force.dev


def test_returning_ends_the_issue_and_needs_one(force: Force) -> None:
    camera = force.camera("00001")
    with pytest.raises(IssueRefused) as refused:
        issue.return_camera(camera=camera, actor=force.sergeant, at=AT)
    assert refused.value.stable_code == "issue.not_out"
    issue.issue_camera(camera=camera, officer=force.ada, actor=force.sergeant, at=AT)
    with pytest.raises(NotAllowed):
        issue.return_camera(camera=camera, actor=force.dev, at=AT + HOUR)
    issue.return_camera(camera=camera, actor=force.ada, at=AT + HOUR)
    assert issue.wearer_at(camera=camera, at=AT + HOUR) is None
    assert acts(f"camera:{camera.pk}")[-1] == "camera.returned"


def test_an_issue_called_off_before_it_begins_is_in_nobodys_way(force: Force) -> None:
    camera = force.camera("00001")
    issue.issue_camera(
        camera=camera, officer=force.ada, actor=force.sergeant, at=AT, begins_at=AT + 5 * HOUR
    )
    issue.return_camera(camera=camera, actor=force.sergeant, at=AT + HOUR)
    assert issue.wearer_at(camera=camera, at=AT + 5 * HOUR) is None
    issue.issue_camera(camera=camera, officer=force.dev, actor=force.sergeant, at=AT + HOUR)
    assert issue.wearer_at(camera=camera, at=AT + 5 * HOUR) == force.dev


def test_beginning_long_ago_needs_a_reason(force: Force) -> None:
    camera = force.camera("00001")
    past = NewIssue(camera, force.ada, AT - 13 * HOUR)
    with pytest.raises(IssueRefused) as refused:
        issue.issue_many(actor=force.sergeant, issues=[past], at=AT)
    assert refused.value.stable_code == "issue.backdated"
    issue.issue_many(actor=force.sergeant, issues=[past], at=AT, reason="the list was down")


def test_only_approved_cameras_go_to_people_who_are_here(force: Force) -> None:
    waiting = enrolment.request_enrolment(envelope=force.request("00001"), at=AT)
    with pytest.raises(FairwitnessError) as refused:
        issue.issue_camera(
            camera=cameras.named(waiting.serial), officer=force.ada, actor=force.sergeant, at=AT
        )
    assert refused.value.stable_code == "issue.camera"
    backward = NewIssue(force.camera("00002"), force.ada, AT, AT)
    with pytest.raises(IssueRefused) as refused:
        issue.issue_many(actor=force.sergeant, issues=[backward], at=AT)
    assert refused.value.stable_code == "issue.interval"


@pytest.mark.parametrize(
    ("status", "act"),
    [
        (CameraStatus.LOST, "camera.reported_lost"),
        (CameraStatus.STOLEN, "camera.reported_lost"),
        (CameraStatus.REPAIR, "camera.sent_to_repair"),
    ],
)
def test_a_camera_reported_is_in_nobodys_hands_until_it_is_back(
    force: Force, status: CameraStatus, act: str
) -> None:
    camera = force.camera("00001")
    issue.issue_camera(camera=camera, officer=force.ada, actor=force.sergeant, at=AT)
    later = AT + HOUR
    with pytest.raises(CameraRefused):
        cameras.report(camera=camera, status=status, actor=force.ada, at=later, reason="")
    cameras.report(camera=camera, status=status, actor=force.ada, at=later, reason="on the bus")
    cameras.report(camera=camera, status=status, actor=force.ada, at=later, reason="again")
    assert issue.wearer_at(camera=camera, at=later) is None
    assert acts(f"camera:{camera.pk}")[-2:] == [act, "camera.returned"]
    with pytest.raises(IssueRefused):
        issue.issue_camera(camera=camera, officer=force.dev, actor=force.sergeant, at=later)
    cameras.report(
        camera=camera,
        status=CameraStatus.APPROVED,
        actor=force.sergeant,
        at=later,
        reason="handed in",
    )
    assert acts(f"camera:{camera.pk}")[-1] == "camera.returned_to_use"
    issue.issue_camera(camera=camera, officer=force.dev, actor=force.sergeant, at=later)


def test_what_docking_tells_never_goes_back(force: Force) -> None:
    camera = force.camera("00001")
    cameras.note_docking(camera=camera, last_counter=12, at=AT + HOUR)
    cameras.note_docking(camera=camera, last_counter=7, at=AT)
    cameras.note_docking(camera=camera, last_counter=None, at=AT)
    camera.refresh_from_db()
    assert (camera.last_counter, camera.last_docked_at) == (12, AT + HOUR)


def test_many_issues_take_few_queries(force: Force) -> None:
    envelopes = [force.request(f"{number:05}") for number in range(100)]
    devices = enrolment.request_many(envelopes=envelopes, at=AT)
    with few_queries(20):
        enrolment.approve_many(
            devices=[(device, device.keyid) for device in devices], officer=force.manager, at=AT
        )
    issues = [
        NewIssue(camera, force.ada, AT) for camera in Camera.objects.select_related("unit").all()
    ]
    with few_queries(20):
        issue.issue_many(actor=force.manager, issues=issues, at=AT)
    assert Issue.objects.count() == 100
