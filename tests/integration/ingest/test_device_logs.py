"""Cameras' own logs: taken once, read only with leave, gone when they explain nothing."""

import json
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from tests.ingest_world import AT, ENDED, SETUP, World, video
from tests.integration.force.made_up import AT as FOUNDED
from tests.retention_world import acts

from fairwitness.evidence.models import Recording
from fairwitness.force import authority, officers, roles
from fairwitness.force.asking import NotAllowed, Role
from fairwitness.force.models import Officer
from fairwitness.force.officers import NewOfficer
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act
from fairwitness.ingest import device_logs
from fairwitness.ingest.device_logs import LogRefused
from fairwitness.ingest.models import DeviceLogChunk

MONTH = timedelta(days=31)


def lines(*times: datetime) -> bytes:
    told = [{"at": timestamp.text(at), "ms": 1, "what": "button", "detail": "x"} for at in times]
    return b"".join(json.dumps(line).encode() + b"\n" for line in told)


def bring(world: World, first: int, body: bytes, at: datetime = AT) -> int:
    return device_logs.receive(
        camera=world.camera, first_line=first, body=body, dock=world.dock, at=at
    )


def test_lines_are_kept_in_order_and_written_down(world: World) -> None:
    assert device_logs.next_line(camera=world.camera) == 1
    assert bring(world, 1, lines(ENDED, ENDED)) == 3
    assert bring(world, 3, lines(AT)) == 4
    chunk = DeviceLogChunk.objects.order_by("first_line")[0]
    assert (chunk.first_at, chunk.last_at, chunk.keep_until) == (ENDED, ENDED, AT + MONTH)
    assert acts(f"camera:{world.camera.pk}").count(Act.CAMERA_LOG_RECEIVED.value) == 2


def test_the_same_lines_again_change_nothing(world: World) -> None:
    bring(world, 1, lines(ENDED))
    bring(world, 2, lines(AT))
    assert bring(world, 1, lines(ENDED), AT + timedelta(hours=1)) == 3
    assert DeviceLogChunk.objects.count() == 2
    assert acts(f"camera:{world.camera.pk}").count(Act.CAMERA_LOG_RECEIVED.value) == 2


@pytest.mark.parametrize(
    ("first", "body", "code"),
    [
        (1, b"", "camera.log"),
        (1, b'{"torn', "camera.log"),
        (1, b"x" * device_logs.LARGEST + b"\n", "camera.log"),
        (3, b"{}\n", "camera.log_line"),
        (0, b"{}\n", "camera.log_line"),
    ],
)
def test_other_lines_are_refused(world: World, first: int, body: bytes, code: str) -> None:
    with pytest.raises(LogRefused) as refused:
        bring(world, first, body)
    assert refused.value.stable_code == code
    assert not DeviceLogChunk.objects.exists()


def test_a_line_number_taken_by_other_lines_is_refused(world: World) -> None:
    bring(world, 1, lines(ENDED))
    with pytest.raises(LogRefused, match="Line 2 is wanted"):
        bring(world, 1, lines(AT))


def test_more_than_is_kept_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_logs, "MOST", 100)
    bring(world, 1, b"x" * 60 + b"\n")
    with pytest.raises(LogRefused, match="more log than is kept"):
        bring(world, 2, b"x" * 60 + b"\n")


def test_torn_and_strange_lines_are_kept_as_they_are(world: World) -> None:
    body = b'{"at": "2017\n\xff\xfe\n[]\n{"at": 5}\n' + b"[" * 5000 + b"\n"
    assert bring(world, 1, body) == 6
    chunk = DeviceLogChunk.objects.get()
    assert (bytes(chunk.body), chunk.first_at) == (body, None)


def test_it_goes_31_days_after_its_docking(world: World) -> None:
    bring(world, 1, lines(ENDED))
    assert device_logs.expire(at=AT + MONTH - timedelta(seconds=1)) == 0
    assert device_logs.expire(at=AT + MONTH) == 1
    assert device_logs.expire(at=AT + MONTH) == 0
    chunk = DeviceLogChunk.objects.get()
    assert (bytes(chunk.body), chunk.sha256) == (b"", "")
    assert acts(f"camera:{world.camera.pk}")[-1] == Act.CAMERA_LOG_DELETED.value
    assert device_logs.next_line(camera=world.camera) == 2
    assert bring(world, 1, lines(ENDED), AT + MONTH) == 2  # an old dock: nothing comes back
    assert bytes(DeviceLogChunk.objects.get().body) == b""


def test_it_stays_while_a_recording_of_its_time_and_camera_is_there(world: World) -> None:
    recording = world.receive(video(), counter=7)
    assert recording.started_at is not None
    assert recording.ended_at is not None
    bring(world, 1, lines(recording.started_at - timedelta(hours=2), recording.started_at))
    bring(world, 3, lines(recording.ended_at + timedelta(seconds=1), AT))
    late = AT + timedelta(days=400)
    assert device_logs.expire(at=late) == 1
    left = DeviceLogChunk.objects.get(deleted_at__isnull=True)
    assert left.first_line == 1
    elsewhere = {"started_at": late, "ended_at": late}
    Recording.objects.filter(pk=recording.pk).update(**elsewhere)
    assert device_logs.expire(at=late) == 1


def test_what_only_oversights_silent_hold_keeps_keeps_no_log_for_the_force(world: World) -> None:
    """The force's day is another than oversight's: from then on the log tells it nothing."""
    recording = world.receive(video(), counter=7)
    assert recording.ended_at is not None
    bring(world, 1, lines(recording.ended_at))
    day = AT + MONTH
    Recording.objects.filter(pk=recording.pk).update(
        gone_by=None, force_gone_by=day, shown_gone_by=day
    )
    rows = (
        NewOfficer("4103", "Pia Long", "PL", "LAM", "", (), (Role.PROFESSIONAL_STANDARDS,)),
        NewOfficer("4104", "Ian Oates", "IO", "LAM", "", (), (Role.INDEPENDENT_INVESTIGATOR,)),
    )
    standards, oversight = officers.register_officers_many(actor=SETUP, officers=rows, at=AT)
    whole = lines(recording.ended_at)
    for reader, late in ((standards, b""), (oversight, whole)):
        for at, told in ((day - timedelta(seconds=1), whole), (day, late)):
            facts = authority.facts(officer=reader, at=at)
            found = device_logs.kept(units=None, reader=facts, at=at)
            assert [each.lines for each in found] == ([1] if told else [])
            read = device_logs.read(camera=world.camera, officer=reader, reason="C/1", at=at)
            assert read == told
    assert device_logs.expire(at=day) == 0


def test_only_who_may_read_logs_reads_it_and_says_why(world: World) -> None:
    pia = NewOfficer("4103", "Pia Long", "PL", "LAM", "", (), (Role.PROFESSIONAL_STANDARDS,))
    (standards,) = officers.register_officers_many(actor=SETUP, officers=[pia], at=AT)
    body = lines(ENDED)
    bring(world, 1, body)
    bring(world, 2, lines(AT))
    read = device_logs.read(
        camera=world.camera, officer=standards, reason="complaint 17/042", at=AT
    )
    assert read == body + lines(AT)
    about = f"camera:{world.camera.pk}"
    assert acts(about)[-1] == Act.CAMERA_LOG_READ.value
    with pytest.raises(NotAllowed):
        device_logs.read(camera=world.camera, officer=world.force.ada, reason="curious", at=AT)
    assert Act.CAMERA_LOG_READ.value not in acts(about)[-1:]
    with pytest.raises(LogRefused, match="why"):
        device_logs.read(camera=world.camera, officer=standards, reason=" ", at=AT)


def test_a_role_in_one_unit_reads_no_log_of_anothers_camera(world: World) -> None:
    for officer, unit in ((world.force.dev, "lewisham"), (world.force.ada, "lambeth")):
        where = getattr(world.force, unit)
        roles.grant(officer=officer, role=Role.AUDITOR, unit=where, actor=SETUP, at=FOUNDED)
    bring(world, 1, lines(ENDED))
    Officer.objects.filter(pk=world.force.dev.pk).update(unit=world.force.lewisham)
    dev = Officer.objects.get(pk=world.force.dev.pk)
    with pytest.raises(NotAllowed):
        device_logs.read(camera=world.camera, officer=dev, reason="an audit", at=AT)
    assert device_logs.read(
        camera=world.camera, officer=world.force.ada, reason="an audit", at=AT
    ) == lines(ENDED)


def test_the_database_holds_nothing_of_what_was_deleted(world: World) -> None:
    bring(world, 1, lines(ENDED))
    with pytest.raises(DatabaseError), transaction.atomic():
        DeviceLogChunk.objects.update(deleted_at=AT)
