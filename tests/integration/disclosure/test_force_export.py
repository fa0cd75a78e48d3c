"""The whole force in a folder: all of it, checked by plain tools; what can't leave, told."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.court_world import Court
from tests.ingest_world import AT, SETUP
from tests.integration.force.made_up import acts

from fairwitness.accountability import firearms, firearms_held
from fairwitness.accountability.models import FirearmsOperations
from fairwitness.disclosure import force_export
from fairwitness.disclosure.force_export import Held, Report
from fairwitness.disclosure.refusing import ExportFailed
from fairwitness.evidence.models import AccessClass, Piece, Recording, State
from fairwitness.force import officers
from fairwitness.force.asking import NotAllowed, Role
from fairwitness.force.models import Officer
from fairwitness.force.officers import NewOfficer
from fairwitness.formats import checkpoint, custody, history, merkle, proof, receipt, tile, trust
from fairwitness.retention import holds
from fairwitness.retention.holds import Terms
from fairwitness.retention.models import Disposal, HoldKind

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def standards(court: Court) -> Officer:
    return person(court, "9001", Role.PROFESSIONAL_STANDARDS)


@pytest.fixture
def independent(court: Court) -> Officer:
    return person(court, "9002", Role.INDEPENDENT_INVESTIGATOR)


def person(court: Court, number: str, role: Role) -> Officer:
    del court  # the force has to be there
    new = NewOfficer(number, f"Person {number}", "PP", "LAM", "", (), (role,))
    (made,) = officers.register_officers_many(actor=SETUP, officers=[new], at=AT)
    return made


def export(
    court: Court,
    folder: Path,
    first: Officer,
    second: Officer,
    held: Held = firearms_held.problems_of_export,
) -> Report:
    return force_export.export_force(
        folder=folder,
        first=first,
        second=second,
        reason="we leave",
        kit=court.kit(),
        at=court.world.at,
        beside=firearms.tables(),
        held=held,
    )


def by_managers(court: Court, folder: Path) -> Report:
    return export(court, folder, court.world.force.manager, court.world.force.administrator)


def place(folder: Path, recording: Recording) -> Path:
    return folder / "data/recordings" / recording.pk.hex[:2] / str(recording.pk)


def table(folder: Path, name: str) -> list[dict[str, Any]]:
    text = (folder / "data/tables" / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def missing(folder: Path) -> dict[str, str]:
    lines = (folder / "data/not-exported.jsonl").read_text().splitlines()
    return {one["reference"]: one["code"] for one in map(json.loads, lines)}


def checks(folder: Path) -> bool:
    """Whether `sha256sum` alone finds every byte as it was written."""
    done = [
        subprocess.run(["sha256sum", "-c", "--quiet", name], cwd=folder, check=False)
        for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt")
    ]
    return all(one.returncode == 0 for one in done)


def test_everything_is_in_it_and_plain_tools_say_so(
    court: Court, standards: Officer, independent: Officer, tmp_path: Path
) -> None:
    court.fill()
    folder = tmp_path / "all"
    report = export(court, folder, standards, independent)
    assert (report.complete, report.problems, report.left_out) == (True, [], [])
    assert (report.quarantined, report.requests_missing) == (0, 0)
    assert report.exported == report.live == Recording.objects.count() == 6
    assert report.bytes == sum(Recording.objects.values_list("size", flat=True))
    assert checks(folder)
    bag = subprocess.run(
        [sys.executable, "-m", "bagit", "--validate", "."],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    assert bag.returncode == 0, bag.stderr
    told = json.loads((folder / "data/report.json").read_bytes())
    assert (told["complete"], told["exported"], told["not_exported"]) == (True, 6, {})
    assert {one["reference"] for one in table(folder, "exhibits")} >= {"LZ/1", "LZ/5"}
    assert {one["code"] for one in table(folder, "units")} == {"LAM", "LSH"}
    assert {one["serial"] for one in table(folder, "cameras")} == {"00417"}
    assert len(table(folder, "officers")) == Officer.objects.count()
    assert len(table(folder, "categories")) > 10
    assert trust.parse((folder / "data/trust.json").read_bytes()) == court.trust()
    log = acts(f"bundle:{report.export}")
    assert log == ["bundle.exported", "bundle.exported"]


def test_a_line_that_the_log_does_not_tell_leaves_the_export_incomplete(
    court: Court, standards: Officer, independent: Officer, tmp_path: Path
) -> None:
    FirearmsOperations.objects.create(
        month=AT.date().replace(day=1),
        unit=standards.unit,
        number=3,
        noted_by=standards,
        noted_at=AT,
    )
    court.world.publish_log()
    report = export(court, tmp_path / "all", standards, independent)
    assert not report.complete
    (problem,) = report.problems
    assert problem.startswith(f"There is a row of the firearms operations of LAM in {AT:%Y-%m}, ")
    assert (report.tables["firearms_operations"], report.tables["discharges"]) == (1, 0)


def test_what_is_noted_while_it_is_made_is_looked_at_again(
    court: Court, standards: Officer, independent: Officer, tmp_path: Path
) -> None:
    looked: list[list[str]] = []
    court.world.publish_log()

    def held(tables: Path) -> list[str]:
        if not looked:  # between the lines and the log
            firearms.note_operations(
                unit=standards.unit, month=AT.date(), number=3, officer=standards, at=AT
            )
        looked.append(firearms_held.problems_of_export(tables))
        return looked[-1]

    report = export(court, tmp_path / "all", standards, independent, held=held)
    assert ([len(found) for found in looked], report.problems) == ([1, 0], [])
    assert report.tables["firearms_operations"] == 1


def test_nothing_secret_is_in_it(court: Court, tmp_path: Path) -> None:
    court.receive(counter=2193)
    court.settle()
    court.detective.set_password("correct horse battery")
    court.detective.save()
    by_managers(court, tmp_path / "all")
    for path in (tmp_path / "all").rglob("*"):
        if path.is_file():
            assert court.detective.password.encode() not in path.read_bytes(), path
    assert (tmp_path / "all").stat().st_mode & 0o077 == 0


def test_each_history_is_proved_by_the_log_beside_it(court: Court, tmp_path: Path) -> None:
    recording = court.receive(counter=2193)
    court.settle()
    folder = tmp_path / "all"
    report = by_managers(court, folder)
    mine = place(folder, recording)
    signer = court.trust().log
    with (mine / "custody.jsonl").open("rb") as file:
        lines = list(history.read_lines(file))
    leaves = []
    for line in lines:
        assert line.body is not None
        body = custody.parse_body(line.body)
        leaf = custody.leaf_hash(line.entry, body.salt)
        proof.verify(proof.parse(line.proof), leaf_hash=leaf, verifier=signer.verifier)
        leaves.append(leaf)
    last = custody.parse_entry(lines[-1].entry)
    assert last.act.value == "recording.exported"
    receipt.parse((mine / "receipt.json").read_bytes())
    # the tiles and leaves beside it give the root that the checkpoint signs
    log = folder / "data/log"
    signed = checkpoint.open_checkpoint((log / "checkpoint").read_bytes(), verifier=signer.verifier)
    assert signed.size == report.log_size < tile.WIDTH
    tree = tile.TileTree(signed.size, lambda one: (log / one.path).read_bytes())
    assert merkle.root(signed.size, tree.node) == signed.root
    entries = (log / tile.entries_path(0, signed.size)).read_bytes()
    logged = [merkle.leaf_hash(one) for one in tile.parse_entries(entries, width=signed.size)]
    assert [tree.node(0, index) for index in range(signed.size)] == logged
    assert set(leaves) <= set(logged)


def test_it_takes_two_people_with_roles_for_the_force(court: Court, tmp_path: Path) -> None:
    force = court.world.force
    for first, second in (
        (force.manager, force.manager),
        (force.administrator, force.manager),
        (force.sergeant, force.manager),
        (force.manager, force.sergeant),
        (court.detective, force.manager),
    ):
        before = len(acts("bundle"))
        with pytest.raises(NotAllowed):
            export(court, tmp_path / "all", first, second)
        assert acts("bundle")[before:] == ["access.refused"]
    assert not (tmp_path / "all").exists()


def test_what_neither_of_the_two_may_open_stays_and_is_told(
    court: Court, standards: Officer, tmp_path: Path
) -> None:
    plain = court.receive(counter=2193)
    close = court.receive(counter=2194, shade=20)
    locked = court.receive(counter=2195, shade=40)
    court.settle()
    Recording.objects.filter(pk=close.pk).update(access_class=AccessClass.CONFIDENTIAL)
    Recording.objects.filter(pk=locked.pk).update(locked=True)
    report = by_managers(court, tmp_path / "all")
    assert not report.complete
    assert (report.live, report.exported) == (3, 1)
    assert missing(tmp_path / "all") == {
        close.reference: "permission.class",
        locked.reference: "permission.locked",
    }
    assert place(tmp_path / "all", plain).is_dir()
    assert not place(tmp_path / "all", locked).exists()
    assert "recording.exported" not in acts(f"recording:{close.pk}")
    again = export(court, tmp_path / "all", court.world.force.manager, standards)
    assert (again.exported, again.not_exported) == (3, {})
    assert again.export == report.export
    assert checks(tmp_path / "all")
    # and what is closed to these two is taken out again
    third = by_managers(court, tmp_path / "all")
    assert (third.exported, third.taken_out) == (1, 2)
    assert not place(tmp_path / "all", close).exists()


def test_a_damaged_master_is_told_and_nothing_of_it_is_left(court: Court, tmp_path: Path) -> None:
    whole = court.receive(counter=2193)
    spoilt = court.receive(counter=2194, shade=20)
    court.settle()
    blob = Piece.objects.filter(recording_id=spoilt.pk, copy="master").first()
    assert blob is not None
    path = next(each for each in court.world.root.rglob("*") if each.name == Path(blob.blob).name)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)
    report = by_managers(court, tmp_path / "all")
    assert (report.live, report.exported) == (2, 1)
    assert list(missing(tmp_path / "all")) == [spoilt.reference]
    assert place(tmp_path / "all", whole).is_dir()
    assert not list((tmp_path / "all").rglob(f"{spoilt.pk}*"))
    assert checks(tmp_path / "all")


def test_begun_again_it_keeps_what_is_whole(court: Court, tmp_path: Path) -> None:
    first = court.receive(counter=2193)
    court.settle()
    folder = tmp_path / "all"
    by_managers(court, folder)
    master = place(folder, first) / "master"
    before = master.stat()
    second = court.receive(counter=2194, shade=20)
    court.settle()
    assert by_managers(court, folder).exported == 2
    assert master.stat() == before
    assert acts(f"recording:{first.pk}").count("recording.exported") == 1
    assert acts(f"recording:{second.pk}").count("recording.exported") == 1
    master.write_bytes(b"cut")  # what somebody spoilt is written anew
    assert by_managers(court, folder).exported == 2
    assert master.stat().st_size == first.size
    assert checks(folder)


def test_what_was_deleted_meanwhile_is_taken_out(court: Court, tmp_path: Path) -> None:
    recording = court.receive(counter=2193)
    court.settle()
    by_managers(court, tmp_path / "all")
    Recording.objects.filter(pk=recording.pk).update(state=State.DISPOSED, sha256="")
    report = by_managers(court, tmp_path / "all")
    assert (report.live, report.exported, report.taken_out) == (0, 0, 1)
    assert report.problems, "the log knows of no deletion"
    assert not place(tmp_path / "all", recording).exists()


def test_past_its_day_a_recording_is_told_as_a_number(court: Court, tmp_path: Path) -> None:
    recording = court.receive(counter=2193)
    court.settle()
    Recording.objects.filter(pk=recording.pk).update(gone_by=court.world.at - timedelta(seconds=1))
    report = by_managers(court, tmp_path / "all")
    assert (report.live, report.exported, report.past_day) == (1, 0, 1)
    assert missing(tmp_path / "all") == {}


def test_oversights_silent_hold_leaves_no_trace_for_the_force(
    court: Court, independent: Officer, tmp_path: Path
) -> None:
    recording = court.receive(counter=2193)
    court.settle()
    holds.place(
        terms=Terms(HoldKind.OVERSIGHT, "IND/7", "an inquiry", date(2018, 1, 1), silent=True),
        owner=independent,
        recordings=[recording.pk],
        at=court.world.at,
    )
    force = court.world.force
    by_managers(court, tmp_path / "theirs")
    for path in (tmp_path / "theirs").rglob("*.json*"):
        assert b"IND/7" not in path.read_bytes(), path
    assert table(tmp_path / "theirs", "holds") == []
    theirs = json.loads((place(tmp_path / "theirs", recording) / "facts.json").read_bytes())
    recording.refresh_from_db()
    day = recording.force_gone_by
    assert day is not None
    assert theirs["recording"]["gone_by"] == day.isoformat().replace("+00:00", "Z")
    assert "31 days" in theirs["recording"]["keep_reason"]
    assert not [name for name in theirs["recording"] if name.startswith("force_")]
    export(court, tmp_path / "all", force.manager, independent)
    assert [one["reference"] for one in table(tmp_path / "all", "holds")] == ["IND/7"]
    row = json.loads((place(tmp_path / "all", recording) / "facts.json").read_bytes())
    assert "IND/7" in row["recording"]["keep_reason"]
    assert row["recording"]["gone_by"] is None


def test_what_oversights_silent_hold_kept_has_no_later_record_for_the_force(
    court: Court, independent: Officer, tmp_path: Path
) -> None:
    recording = court.receive(counter=2194)
    court.settle()
    Recording.objects.filter(pk=recording.pk).update(
        state=State.DISPOSED,
        sha256="",
        gone_by=court.world.at,
        force_gone_by=AT - timedelta(hours=1),
    )
    Disposal.objects.create(
        recording=recording,
        rule="after-a-human-act",
        because="a person let it go",
        due=court.world.at,
        disposed_at=court.world.at,
        entry_leaf="0" * 64,
    )
    by_managers(court, tmp_path / "theirs")
    assert table(tmp_path / "theirs", "deletions") == []
    (row,) = table(tmp_path / "theirs", "deleted")
    assert row["gone_by"] == (AT - timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    export(court, tmp_path / "all", court.world.force.manager, independent)
    assert [one["because"] for one in table(tmp_path / "all", "deletions")] == [
        "a person let it go"
    ]


def test_another_folder_is_refused(court: Court, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(ExportFailed) as refused:
        by_managers(court, tmp_path)
    assert refused.value.stable_code == "export.folder_exists"
    other = tmp_path / "other"
    other.mkdir()
    (other / "export.json").write_text('{"force": "Another", "log": "elsewhere/log", "id": "x"}')
    with pytest.raises(ExportFailed) as refused:
        by_managers(court, other)
    assert refused.value.stable_code == "export.other_force"


def test_without_the_log_nothing_leaves(court: Court, tmp_path: Path) -> None:
    court.receive(counter=2193)
    court.settle()

    def wait() -> None:
        court.world.at += timedelta(seconds=30)

    with pytest.raises(ExportFailed) as refused:
        force_export.export_force(
            folder=tmp_path / "all",
            first=court.world.force.manager,
            second=court.world.force.administrator,
            reason="we leave",
            kit=court.kit(wait=wait),
            at=court.world.at,
        )
    assert refused.value.stable_code == "export.log_behind"
    assert not list((tmp_path / "all").rglob("master"))
