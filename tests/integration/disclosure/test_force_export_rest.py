"""What leaves with a force besides recordings, and whose key signs it."""

import hashlib
import json
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.court_world import Court
from tests.ingest_world import AT, SETUP, video
from tests.integration.disclosure.test_force_export import (
    by_managers,
    checks,
    export,
    person,
    table,
)
from tests.integration.force.made_up import acts

from fairwitness.accountability import firearms
from fairwitness.accountability.models import FirearmsOperations
from fairwitness.disclosure import force_export, keep_requests
from fairwitness.disclosure.keep_requests import LONDON
from fairwitness.disclosure.models import KeepRequest
from fairwitness.force import officers
from fairwitness.force.asking import Role
from fairwitness.force.models import Officer
from fairwitness.force.officers import NewOfficer
from fairwitness.formats import bundle, custody, dsse, history, statement
from fairwitness.formats.disclosure import DisclosureClaim
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.trust import KeyRole
from fairwitness.ingest import device_logs, quarantine
from fairwitness.ingest.models import DeviceLogChunk, Quarantine, QuarantineState
from fairwitness.ingest.quarantine import Proposal
from fairwitness.retention.event_rows import Event, EventKind, EventMatch, EventVersion

pytestmark = pytest.mark.django_db(transaction=True)
LINES = b"".join(
    json.dumps({"at": f"2017-06-08T2{hour}:00:00.000000Z", "what": "button"}).encode() + b"\n"
    for hour in range(3)
)


def quarantined(court: Court, *, shade: int = 90) -> tuple[Quarantine, bytes]:
    """Footage of a camera that nobody enrolled, and its bytes."""
    world = court.world
    data = video(shade=shade)
    signed = world.signed(world.claim(data, camera="09999"), key=SigningKey.generate())
    upload = world.begin_with(world.create(len(data), statement=signed, filename=b"a.mp4"))
    world.send(upload, data)
    world.accept()
    return Quarantine.objects.get(upload=upload), data


def report_of(folder: Path) -> dict[str, object]:
    return dict(json.loads((folder / "data/report.json").read_bytes()))


def test_the_list_of_lists_is_signed_as_a_courts_copy_is(court: Court, tmp_path: Path) -> None:
    court.receive(counter=2193)
    court.settle()
    report = by_managers(court, tmp_path / "all")
    envelope = dsse.parse((tmp_path / "all" / bundle.DISCLOSURE).read_bytes())
    keys = court.trust().keys_for(KeyRole.DISCLOSURE)
    signed = statement.open_statement(envelope, DisclosureClaim, keys).predicate
    lists = (tmp_path / "all/tagmanifest-sha256.txt").read_bytes()
    assert signed.tag_manifest_sha256 == hashlib.sha256(lists).hexdigest()
    assert signed.disclosure == report.export
    assert signed.exhibits == ()
    assert court.world.force.manager.collar_number in signed.produced_by
    assert checks(tmp_path / "all")
    with pytest.raises(OSError, match="full"):
        _cut(court, tmp_path / "all")
    assert not (tmp_path / "all" / bundle.DISCLOSURE).exists(), "an export that was cut is unsigned"


def _cut(court: Court, folder: Path) -> None:
    def full() -> int:
        raise OSError("the disk is full")

    force_export.export_force(
        folder=folder,
        first=court.world.force.manager,
        second=court.world.force.administrator,
        reason="we leave",
        kit=replace(court.kit(), cosign=full),
        at=court.world.at,
    )


def test_a_cameras_own_log_leaves_whole_and_its_reading_is_written_down(
    court: Court, tmp_path: Path
) -> None:
    world = court.world
    body = LINES
    device_logs.receive(camera=world.camera, first_line=1, body=body, dock=world.dock, at=world.at)
    more = LINES.replace(b"button", b"docked")
    device_logs.receive(camera=world.camera, first_line=4, body=more, dock=world.dock, at=world.at)
    world.publish_log()
    report = by_managers(court, tmp_path / "all")
    path = tmp_path / "all/data/camera-logs" / f"{world.camera.pk}.jsonl"
    assert path.read_bytes() == body + more
    assert (report.camera_logs, report.camera_log_lines, report.problems) == (1, 6, [])
    rows = table(tmp_path / "all", "camera_logs")
    assert [(row["first_line"], row["lines"]) for row in rows] == [(1, 3), (4, 3)]
    assert "body" not in rows[0]
    assert acts(f"camera:{world.camera.pk}")[-1] == "camera.log_read"
    DeviceLogChunk.objects.update(body=b"", sha256="", deleted_at=world.at)
    again = by_managers(court, tmp_path / "all")
    assert (again.camera_logs, again.camera_log_lines) == (0, 0)
    assert table(tmp_path / "all", "camera_logs") == [], "nor that it was there"
    assert not path.exists(), "what was deleted meanwhile is taken out"


def test_a_log_that_lost_lines_is_told(court: Court, tmp_path: Path) -> None:
    world = court.world
    device_logs.receive(camera=world.camera, first_line=1, body=LINES, dock=world.dock, at=world.at)
    DeviceLogChunk.objects.update(body=LINES.splitlines(keepends=True)[0])
    world.publish_log()
    report = by_managers(court, tmp_path / "all")
    assert not report.complete
    assert report.problems == [f"The log of {world.camera.serial} has 1 lines of 3."]


def test_what_waits_in_quarantine_leaves_with_its_facts_and_proofs(
    court: Court, tmp_path: Path
) -> None:
    case, data = quarantined(court)
    held, other = quarantined(court, shade=20)
    quarantine.propose(
        case=held,
        proposal=Proposal.REJECT,
        officer=court.world.force.second_manager,
        reason="not ours",
        at=court.world.at,
    )
    quarantine.confirm(
        case=held, proposal="reject", officer=court.world.force.manager, at=court.world.at
    )
    folder = tmp_path / "all"
    report = by_managers(court, folder)
    assert (report.quarantined, report.quarantine_exported, report.problems) == (2, 2, [])
    for one, bytes_of, state in ((case, data, "held"), (held, other, "binned")):
        place = folder / "data/quarantine" / str(one.pk)
        assert (place / "original").read_bytes() == bytes_of
        facts = json.loads((place / "facts.json").read_bytes())
        assert facts["case"]["state"] == state
        assert facts["case"]["reason"] == "camera.unknown"
        assert facts["original"] == {
            "sha256": hashlib.sha256(bytes_of).hexdigest(),
            "size": len(bytes_of),
        }
        assert (place / "statement.txt").read_text() == one.upload.statement
        with (place / "custody.jsonl").open("rb") as file:
            last = list(history.read_lines(file))[-1]
        assert custody.parse_entry(last.entry).act.value == "recording.exported"
        assert acts(f"recording:{one.recording_id}")[-1] == "recording.exported"
    assert checks(folder)
    Quarantine.objects.filter(pk=case.pk).update(gone_by=court.world.at - timedelta(seconds=1))
    again = by_managers(court, folder)
    assert (again.quarantined, again.quarantine_exported, again.complete) == (2, 1, False)
    assert "Its time is over" in again.problems[0]
    assert not (folder / "data/quarantine" / str(case.pk)).exists()
    Quarantine.objects.filter(pk=case.pk).update(state=QuarantineState.REJECTED)
    assert by_managers(court, folder).quarantined == 1


def test_without_who_decides_there_the_quarantine_stays_and_is_told(
    court: Court, tmp_path: Path
) -> None:
    case, _data = quarantined(court)
    standards = person(court, "9001", Role.PROFESSIONAL_STANDARDS)
    independent = person(court, "9002", Role.INDEPENDENT_INVESTIGATOR)
    court.world.publish_log()
    report = export(court, tmp_path / "all", standards, independent)
    assert (report.quarantined, report.quarantine_exported, report.complete) == (1, 0, False)
    assert not (tmp_path / "all/data/quarantine").exists()
    assert "recording.exported" not in acts(f"recording:{case.recording_id}")


def _ask(court: Court, number: str) -> KeepRequest:
    asked = keep_requests.Asked(
        form_key=uuid.uuid4(),
        moment=(court.world.at - timedelta(days=1)).astimezone(LONDON).replace(tzinfo=None),
        within=timedelta(minutes=30),
        number=number,
    )
    given = keep_requests.ask(asked=asked, address=uuid.uuid4().hex, at=court.world.at)
    return KeepRequest.objects.get(code=given.code.replace("-", ""))


def test_requests_leave_with_who_answers_them_and_never_ones_own(
    court: Court, tmp_path: Path
) -> None:
    force = court.world.force
    theirs = _ask(court, "614LX")
    own = _ask(court, force.manager.collar_number)
    folder = tmp_path / "all"
    court.world.publish_log()
    report = by_managers(court, folder)
    assert [row["id"] for row in table(folder, "requests")] == [str(theirs.pk)]
    assert {row["keeprequest_id"] for row in table(folder, "request_holds")} == {str(theirs.pk)}
    assert (report.tables["requests"], report.requests_missing) == (1, 0)
    for path in (folder / "data/tables").iterdir():
        assert str(own.pk) not in path.read_text(), path
    standards = person(court, "9001", Role.PROFESSIONAL_STANDARDS)
    independent = person(court, "9002", Role.INDEPENDENT_INVESTIGATOR)
    without = export(court, tmp_path / "other", standards, independent)
    assert (without.requests_missing, without.complete) == (2, False)
    assert not (tmp_path / "other/data/tables/requests.jsonl").exists()
    assert report_of(tmp_path / "other")["requests_missing"] == 2


def test_firearms_figures_leave_with_the_rest(court: Court, tmp_path: Path) -> None:
    world = court.world
    standards = person(court, "9001", Role.PROFESSIONAL_STANDARDS)
    unit = world.camera.unit
    assert unit is not None
    day = world.at.date()
    firearms.note_operations(unit=unit, month=day, number=31, officer=standards, at=world.at)
    fired = firearms.note_discharge(
        reference="F/1", unit=unit, happened_on=day, officer=standards, at=world.at
    )
    firearms.open_investigation(
        discharge=fired, body="IOPC", opened_on=day, officer=standards, at=world.at
    )
    world.publish_log()
    report = by_managers(court, tmp_path / "all")
    (operations,) = table(tmp_path / "all", "firearms_operations")
    assert (operations["unit_id"], operations["number"]) == (unit.pk, 31)
    (row,) = table(tmp_path / "all", "discharges")
    assert (row["reference"], row["body"], row["outcome"]) == ("F/1", "IOPC", "")
    assert row["happened_on"] == day.isoformat()
    assert report.problems == []
    told = report_of(tmp_path / "all")["tables"]
    assert isinstance(told, dict)
    assert (told["firearms_operations"], told["discharges"]) == (1, 1)
    assert checks(tmp_path / "all")
    FirearmsOperations.objects.update(number=13)
    spoilt = by_managers(court, tmp_path / "all")
    assert not spoilt.complete
    assert spoilt.problems == [
        (
            f"The row of the firearms operations of {unit.code} in {day:%Y-%m} has 13 as number;"
            " the log tells 31."
        )
    ]
    assert report_of(tmp_path / "all")["problems"] == spoilt.problems


def _event(officer: Officer | None, kind: EventKind, reference: str) -> Event:
    event = Event.objects.create(
        kind=kind,
        reference=reference,
        officer=officer,
        officer_key=reference,
        begins_at=AT,
        ends_at=AT + timedelta(minutes=5),
        received_at=AT,
    )
    EventVersion.objects.create(
        event=event, number=1, content={"said": reference}, digest="d" * 64, at=AT
    )
    return event


def test_records_leave_but_no_trace_of_a_complaint_about_one_of_the_two(
    court: Court, tmp_path: Path
) -> None:
    force = court.world.force
    (wore,) = officers.register_officers_many(
        actor=SETUP,
        officers=[
            NewOfficer("4109", "Max Old", "MO", "LAM", "", (), (Role.EVIDENCE_MANAGER,)),
        ],
        at=AT,
    )
    recording = court.receive(counter=2193)
    court.settle()
    type(recording).objects.filter(pk=recording.pk).update(wearer=wore)
    force_used = _event(wore, EventKind.FORCE, "UOF/1")
    complaint = _event(wore, EventKind.COMPLAINT, "COM/1")
    wide = _event(None, EventKind.COMPLAINT, "COM/2")
    for each in (force_used, wide):
        EventMatch.objects.create(event=each, recording=recording, certain=True, matched_at=AT)
    export(court, tmp_path / "own", wore, force.administrator)
    found = {row["reference"] for row in table(tmp_path / "own", "events")}
    assert found == {"UOF/1", "COM/2"}
    matched = {row["event_id"] for row in table(tmp_path / "own", "event_matches")}
    assert matched == {str(force_used.pk)}
    for path in (tmp_path / "own/data/tables").iterdir():
        assert "COM/1" not in path.read_text(), path
    by_managers(court, tmp_path / "all")
    found = {row["reference"] for row in table(tmp_path / "all", "events")}
    assert found == {"UOF/1", "COM/1", "COM/2"}
    versions = table(tmp_path / "all", "event_versions")
    assert {row["event_id"] for row in versions} >= {str(complaint.pk)}
    independent = person(court, "9002", Role.INDEPENDENT_INVESTIGATOR)
    report = export(court, tmp_path / "without", independent, force.administrator)
    assert any("records of force" in words for words in report.left_out)
    assert not (tmp_path / "without/data/tables/events.jsonl").exists()
