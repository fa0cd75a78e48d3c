"""Commands on a real deployment: who decides proves who they are; lists are all or nothing."""

from pathlib import Path
from uuid import uuid4

import pytest
from tests.integration.force.made_up import AT, SETUP, Force, make_force
from typer.testing import CliRunner

from fairwitness.config import telling
from fairwitness.config.commands import enrol, issue, officers, seed, volume
from fairwitness.config.telling import InputInvalid
from fairwitness.errors import FairwitnessError
from fairwitness.force import cameras, enrolment, volumes
from fairwitness.force import officers as people
from fairwitness.force.issue import wearer_at
from fairwitness.force.models import Camera, Officer
from fairwitness.formats.enrolled_volume import VolumeRequest

PHRASE = "long enough, dear"
RUNNER = CliRunner()


@pytest.fixture
def force(db: None) -> Force:  # noqa: ARG001 - opens the database for the test
    made = make_force()
    people.set_password(officer=made.manager, password=PHRASE, actor=SETUP, at=AT)
    return made


def _refusal(app: object, words: list[str], typed: str = "") -> FairwitnessError:
    """What a command refused with, as `fairwitness` itself would tell it."""
    result = RUNNER.invoke(app, words, input=typed)  # type: ignore[arg-type] # a Typer
    assert isinstance(result.exception, FairwitnessError), result.output
    return result.exception


def test_approval_asks_for_the_password_of_who_decides(force: Force) -> None:
    camera = enrolment.request_enrolment(envelope=force.request("00001"), at=AT)
    words = ["approve", "00001", "--by", "4101", "--key", camera.keyid]
    assert _refusal(enrol.app, words, "wrong one\n").stable_code == "input.password"
    assert Camera.objects.get(pk=camera.pk).status == "pending"
    result = RUNNER.invoke(enrol.app, words, input=f"{PHRASE}\n")
    assert result.exit_code == 0, result.output
    assert Camera.objects.get(pk=camera.pk).approved_by == force.manager


def test_who_has_no_password_decides_nothing(force: Force) -> None:
    enrolment.request_enrolment(envelope=force.request("00001"), at=AT)
    words = ["decline", "00001", "--by", "4102", "--reason", "not ours"]
    assert _refusal(enrol.app, words, "\nanything\n").stable_code == "input.password"
    assert Camera.objects.get(serial="00001").status == "pending"


@pytest.mark.parametrize("key", ["1234", "", "not hexadecimal at all"])
def test_a_few_digits_are_no_fingerprint(force: Force, key: str) -> None:
    enrolment.request_enrolment(envelope=force.request("00001"), at=AT)
    words = ["approve", "00001", "--by", "4101", "--key", key]
    assert _refusal(enrol.app, words).stable_code == "enrolment.other_key"


def test_a_list_of_keys_is_approved_whole_or_not(force: Force, tmp_path: Path) -> None:
    one, two = enrolment.request_many(
        envelopes=[force.request("00001"), force.request("00002")], at=AT
    )
    file = tmp_path / "keys.csv"
    words = ["approve-many", str(file), "--by", "4101", "--pool"]
    file.write_text(f"serial,key\n00001,{one.keyid}\n00002,{one.keyid}\n")
    assert _refusal(enrol.app, words, f"{PHRASE}\n").stable_code == "enrolment.other_key"
    assert not Camera.objects.filter(status="approved").exists()
    file.write_text(f"serial,key\n00001,{one.keyid}\n00002,{two.keyid}\n")
    result = RUNNER.invoke(enrol.app, words, input=f"{PHRASE}\n")
    assert "2 approved." in result.output
    assert Camera.objects.filter(status="approved", pool=True).count() == 2


def test_a_list_of_issues_is_read_in_london_time(force: Force, tmp_path: Path) -> None:
    camera = force.camera("00001")
    file = tmp_path / "issues.csv"
    file.write_text("camera,to,from,until\n00001,614LX,2017-06-10 07:00,2017-06-10 19:00\n")
    result = RUNNER.invoke(issue.app, ["csv", str(file), "--reason", "the list of the week"])
    assert "1 issued." in result.output
    assert wearer_at(camera=camera, at=telling.moment("2017-06-10T06:00Z")) == force.ada
    assert wearer_at(camera=camera, at=telling.moment("2017-06-10T05:59Z")) is None
    file.write_text("camera\n00001\n")
    assert "lacks the column to" in _refusal(issue.app, ["csv", str(file)]).message
    file.write_text("camera,to\n00001,nobody\n")
    assert _refusal(issue.app, ["csv", str(file)]).stable_code == "officer.unknown"


def test_a_pool_camera_is_taken_by_who_proves_who_they_are(force: Force) -> None:
    camera = force.camera("00001", pool=True)
    words = ["take", "00001", "--by", "614LX"]
    assert _refusal(issue.app, words, "a guess\n").stable_code == "input.password"
    people.set_password(officer=force.ada, password=PHRASE, actor=SETUP, at=AT)
    result = RUNNER.invoke(issue.app, words, input=f"{PHRASE}\n")
    assert "has camera 00001 now" in result.output
    assert camera.issues.get().officer == force.ada


def test_reports_take_the_camera_out_of_use(force: Force) -> None:
    force.camera("00001")
    result = RUNNER.invoke(issue.app, ["report", "00001", "lost", "--reason", "on the bus"])
    assert "lost" in result.output
    assert cameras.named("00001").status == "lost"
    assert _refusal(issue.app, ["report", "00001", "gone", "--reason", "x"]).stable_code == (
        "input.invalid"
    )


def test_officers_join_by_a_list_and_get_roles_and_passwords(force: Force, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("collar_number,name,initials,unit,rank\n901lx,Zoe Quinn,zq,lam,PC\n")
    assert "1 registered." in RUNNER.invoke(officers.app, ["csv", str(file)]).output
    granted = RUNNER.invoke(officers.app, ["role", "901LX", "auditor", "--force-wide"])
    assert "auditor for the whole force" in granted.output
    ended = RUNNER.invoke(officers.app, ["role", "901LX", "auditor", "--force-wide", "--end"])
    assert "no more" in ended.output
    words = ["role", "901LX", "auditor", "--force-wide", "--end"]
    assert _refusal(officers.app, words).stable_code == "role.not_held"
    result = RUNNER.invoke(officers.app, ["password", "901LX"], input=f"{PHRASE}\n{PHRASE}\n")
    assert result.exit_code == 0, result.output
    assert Officer.objects.get(collar_number="901LX").check_password(PHRASE)
    moved = RUNNER.invoke(officers.app, ["move", "901LX", "--to", "LSH"])
    assert force.lewisham.name in moved.output
    assert "closed" in RUNNER.invoke(officers.app, ["leave", "901LX"]).output


@pytest.mark.usefixtures("force")
def test_made_up_people_are_not_mixed_into_a_real_force() -> None:
    before = Officer.objects.count()
    assert _refusal(seed.app, []).stable_code == "seed.real"
    assert Officer.objects.count() == before > 0


@pytest.mark.parametrize("text", ["yesterday", "2017-06-31", "22:13"])
def test_times_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InputInvalid):
        telling.moment(text)


def test_a_volume_is_listed_approved_and_revoked_by_who_proves_who_they_are(force: Force) -> None:
    request = VolumeRequest(
        volume=uuid4(), label="blue stick", made_by="Drift HD", brought_by="614LX"
    )
    volumes.request(asked=request, dock=force.dock("D-0007"), at=AT)
    listed = RUNNER.invoke(volume.app, ["list", "--json"])
    assert '"label": "blue stick"' in listed.output
    assert _refusal(
        volume.app, ["decline", "red", "--by", "4101", "--reason", "x"]
    ).stable_code == ("volume.unknown")
    words = ["approve", "blue stick", "--by", "4101", "--erase", "--wearer", "702LX"]
    assert _refusal(volume.app, words, "wrong one\n").stable_code == "input.password"
    result = RUNNER.invoke(volume.app, words, input=f"{PHRASE}\n")
    assert "may erase from it what was received" in result.output
    row = volumes.named(request.volume)
    assert (row.status, row.erase, row.wearer) == ("approved", True, force.dev)
    words = ["revoke", str(request.volume), "--by", "4101", "--reason", "lost"]
    assert RUNNER.invoke(volume.app, words, input=f"{PHRASE}\n").exit_code == 0
    assert volumes.named(request.volume).status == "revoked"
