"""`fairwitness demo`, seen from outside: what it says, what it leaves, and that this holds."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from tests import migrated
from tests.journeys.conftest import Demonstration
from tests.serving import PROGRAM

from fairwitness.config.demonstration import ground

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

SAID = (
    "force of",
    "made their own keys",
    "double press",
    "the cable was pulled",
    "went on where it was cut",
    "Then it erased the camera",
    "PC Ada Whitlock watched it",
    "kept as evidence for CAD 8812",
    "days passed",
    "was deleted in time",
    "can't open it any more",
    "an armed officer",
    "Its copy verifies offline",
    "One flipped bit",
    "The figures add up",
)


def test_every_step_is_seen_to_work(demonstration: Demonstration) -> None:
    assert demonstration.status == 0, (demonstration.steps, demonstration.complaints)
    assert len(demonstration.steps) == len(SAID)
    for number, (step, words) in enumerate(zip(demonstration.steps, SAID, strict=True), 1):
        assert step["step"] == number
        assert words in step["done"]


def test_the_copy_verifies_with_the_keys_only(demonstration: Demonstration) -> None:
    bundle, trust = demonstration.data / "bundle", demonstration.data / "trust.json"
    said = demonstration.run("verify", bundle, "--trust", trust)
    assert "Unchanged since camera 00417 signed it" in said
    demonstration.run("verify", bundle, expect=2)


def test_a_changed_byte_of_any_kind_of_file_is_caught(
    demonstration: Demonstration, tmp_path: Path
) -> None:
    trust = demonstration.data / "trust.json"
    copy = tmp_path / "bundle"
    shutil.copytree(demonstration.data / "bundle", copy)
    kinds = {path.suffix: path for path in sorted(copy.rglob("*")) if path.is_file()}
    for path in kinds.values():
        before = path.read_bytes()
        place = len(before) // 2
        path.write_bytes(before[:place] + bytes([before[place] ^ 1]) + before[place + 1 :])
        demonstration.run("verify", copy, "--trust", trust, expect=1)
        path.write_bytes(before)
    demonstration.run("verify", copy, "--trust", trust)


def test_the_audit_is_clean_and_the_figures_add_up(demonstration: Demonstration) -> None:
    demonstration.run("audit", "--data", demonstration.data)
    counted = json.loads(demonstration.run("figures", "--json", "--data", demonstration.data))
    assert counted["adds_up"] is True
    assert counted["training"] is True
    trust = json.loads((demonstration.data / "trust.json").read_bytes())
    assert "TRAINING, NOT EVIDENCE" in trust["force"]
    total = counted["total"]
    parts = ("not_yet_due", "in_quarantine", "deleted_by_rule", "deleted_by_person", "lost")
    kept = sum(total["kept"].values())
    assert total["received"] == kept + total["under_way"] + sum(total[part] for part in parts)
    assert total["received"] >= 4
    assert total["deleted_by_rule"] == 1
    assert kept >= 1


def test_a_second_run_begins_again_from_nothing(
    demonstration: Demonstration, tmp_path: Path
) -> None:
    left = {path.name for path in demonstration.data.iterdir()}
    assert {name for name in left if not name.startswith("fairwitness.sqlite3")} <= ground.MADE
    data = demonstration.copy(tmp_path / "data")
    again = subprocess.Popen(
        [PROGRAM, "demo", "--exit", "--json", "--footage", "test", "--data", data],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert again.stdout is not None
        first = json.loads(again.stdout.readline())
        assert first["step"] == 1
        assert not (data / "bundle").exists()
    finally:
        os.killpg(again.pid, signal.SIGKILL)
        again.communicate()


def test_a_folder_with_anything_else_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    """Before anything is made there: no database, no key."""
    data = tmp_path / "mine"
    data.mkdir()
    (data / "holiday.jpg").write_bytes(b"mine")
    refused = subprocess.run(
        [PROGRAM, "demo", "--exit", "--data", data], capture_output=True, check=False, text=True
    )
    assert refused.returncode == 1
    assert "holiday.jpg" in refused.stderr
    assert [each.name for each in data.iterdir()] == ["holiday.jpg"]
    assert (data / "holiday.jpg").read_bytes() == b"mine"


def test_a_deployment_in_earnest_is_refused_and_left_alone(
    demonstration: Demonstration, tmp_path: Path
) -> None:
    data = demonstration.copy(tmp_path / "data")
    (data / "training.json").unlink()
    said = demonstration.run("demo", "--exit", "--json", "--data", data, expect=1)
    assert json.loads(said)["code"] == "demo.refused"
    assert (data / "bundle").exists()


def test_a_step_that_fails_ends_it_with_1(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    # Its first step turns the clock to 33 days ago, and a clock is never turned back.
    (data / "training.json").write_text('{"training": true, "clock_ahead_seconds": 0}')
    migrated.copy(data / "fairwitness.sqlite3")
    failed = subprocess.run(
        [PROGRAM, "demo", "--exit", "--json", "--data", data],
        capture_output=True,
        check=False,
        text=True,
    )
    assert failed.returncode == 1
    assert json.loads(failed.stdout)["failed"] == "A training clock only moves forward."
