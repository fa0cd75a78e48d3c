"""The program itself: what it starts, where it keeps its data, how it says no."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from tests import migrated

pytestmark = pytest.mark.journey
PROGRAM = Path(sys.executable).parent / "fairwitness"


def _environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("FAIRWITNESS_")}


def _run(*words: str, cwd: Path, status: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [PROGRAM, *words],
        cwd=cwd,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with London's units in it."""
    folder = tmp_path_factory.mktemp("deployment") / "data"
    migrated.copy(folder / "fairwitness.sqlite3")
    _run("units", "load", "met", "--data", str(folder), cwd=folder.parent)
    return folder


def test_help_lists_the_commands_and_starts_nothing(tmp_path: Path) -> None:
    shown = _run("--help", cwd=tmp_path).stdout
    for name in ("verify", "enrol", "issue", "officers", "seed", "units"):
        assert name in shown
    assert list(tmp_path.iterdir()) == []


def test_the_field_tools_start_without_django_or_a_data_folder(tmp_path: Path) -> None:
    program = (
        "import sys; from fairwitness.config.command import run;"
        "run([sys.argv[1], '--help']); print('django' in sys.modules)"
    )
    for tool in ("verify", "camera", "dock"):
        done = subprocess.run(
            [sys.executable, "-c", program, tool],
            cwd=tmp_path,
            env=_environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.splitlines()[-1] == "False", tool
    assert list(tmp_path.iterdir()) == []


def test_a_commands_help_needs_no_data_folder(tmp_path: Path) -> None:
    assert "fingerprint" in _run("enrol", "approve", "--help", cwd=tmp_path).stdout


def test_the_data_folder_is_settled_before_django_reads_its_settings(
    data: Path, tmp_path: Path
) -> None:
    assert (data / "fairwitness.sqlite3").exists()
    for words in (
        ("units", "list", "--json", f"--data={data}"),
        ("units", "--data", str(data), "list", "--json"),
    ):
        units = json.loads(_run(*words, cwd=tmp_path).stdout)
        assert len(units) == 37
    assert list(tmp_path.iterdir()) == []


def test_a_units_cameras_are_planned_and_planned_anew(data: Path, tmp_path: Path) -> None:
    shutil.copytree(data, tmp_path / "data")
    here = ("--data", str(tmp_path / "data"))
    plan = ("units", "plan", "lam", "--cameras")
    _run("units", "add", "NEW", "New Borough", "--cameras", "12", *here, cwd=tmp_path)
    told = _run(*plan, "421", "--first", "2017-09-04", *here, cwd=tmp_path).stdout
    assert told == "Lambeth: 421 cameras, the first on 2017-09-04.\n"
    rows = json.loads(_run("units", "list", "--json", *here, cwd=tmp_path).stdout)
    planned = {row["code"]: (row["planned_cameras"], row["planned"]) for row in rows}
    assert planned["LAM"] == ("421", "2017-09-04")
    assert planned["NEW"] == ("12", "")
    for wrong in ("-1", "100001"):
        refused = _run(*plan, wrong, *here, cwd=tmp_path, status=1)
        assert "[unit.plan]" in refused.stderr
    refused = _run(*plan, "3", "--first", "soon", *here, cwd=tmp_path, status=1)
    assert "is no day" in refused.stderr


def test_unknown_commands_and_missing_folders_are_told(tmp_path: Path) -> None:
    assert "command.unknown" in _run("polish", cwd=tmp_path, status=2).stderr
    assert "command.data" in _run("units", "list", "--data", cwd=tmp_path, status=2).stderr


def test_errors_are_a_sentence_and_a_code_and_json_when_asked(data: Path, tmp_path: Path) -> None:
    told = _run("issue", "return", "00001", "--data", str(data), cwd=tmp_path, status=1)
    assert told.stderr == "There is no camera 00001. [camera.unknown]\n"
    asked = _run("issue", "list", "--unit", "??", "--json", "--data", str(data), cwd=tmp_path)
    assert json.loads(asked.stdout) == []
    words = ("officers", "list", "--unit", "ZZZ", "--json", "--data", str(data))
    refused = json.loads(_run(*words, cwd=tmp_path, status=1).stdout)
    assert refused == {"code": "unit.unknown", "message": "There is no unit ZZZ."}


def test_two_that_start_on_an_empty_folder_at_once_both_work(tmp_path: Path) -> None:
    command = [str(PROGRAM), "units", "list", "--json", "--data", str(tmp_path / "data")]
    both = [
        subprocess.Popen(command, env=_environment(), stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [process.communicate(timeout=280)[0] for process in both] == ["[]\n", "[]\n"]
    assert [process.returncode for process in both] == [0, 0]


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    migrated.copy(tmp_path / "data" / "fairwitness.sqlite3")
    _run("units", "list", "--data", "data", cwd=tmp_path)
    with sqlite3.connect(tmp_path / "data" / "fairwitness.sqlite3") as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('force', '9999_from_tomorrow', '2030-01-01')"
        )
    refused = _run("units", "list", "--data", "data", cwd=tmp_path, status=1)
    assert "database.newer" in refused.stderr


def test_a_camera_is_enrolled_and_issued_on_a_made_up_force(tmp_path: Path) -> None:
    migrated.copy(tmp_path / "data" / "fairwitness.sqlite3")
    made = json.loads(
        _run("seed", "--scale", "0.001", "--json", "--data", "data", cwd=tmp_path).stdout
    )
    assert made["units"] == 37
    assert json.loads((tmp_path / "data" / "training.json").read_text())["training"] is True
    _run("seed", "--data", "data", cwd=tmp_path, status=1)
    wanted = ("--serial", "00417", "--profile", "body2")
    _run("camera", "init", "--device", "device", "--volume", "volume", *wanted, cwd=tmp_path)
    request = ("camera", "enrolment-request", "--device", "device", "--volume", "volume")
    _run(*request, "--output", "request.json", cwd=tmp_path)
    _run("enrol", "request", "request.json", "--by", "4140", "--data", "data", cwd=tmp_path)
    listed = _run("enrol", "list", "--json", "--data", "data", cwd=tmp_path)
    (waiting,) = json.loads(listed.stdout)
    assert (waiting["serial"], waiting["status"]) == ("00417", "pending")
    approve = ("enrol", "approve", "00417", "--unit", "LAM", "--data", "data", "--by")
    wrong = _run(*approve, "4101", "--key", "0" * 64, cwd=tmp_path, status=1)
    assert "enrolment.other_key" in wrong.stderr
    spaced = waiting["key"][:16] + " " + waiting["key"][16:32]
    _run(*approve, "4101", "--key", spaced, cwd=tmp_path)
    _run("issue", "camera", "00417", "--to", "614LX", "--data", "data", cwd=tmp_path)
    out = json.loads(_run("issue", "list", "--json", "--data", "data", cwd=tmp_path).stdout)
    (mine,) = [row for row in out if row["camera"] == "00417"]
    assert (mine["officer"], mine["name"]) == ("614LX", "PC Ada Whitlock")
