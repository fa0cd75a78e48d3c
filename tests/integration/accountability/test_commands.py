"""`fairwitness audit` and `figures` on a real folder, whose database is then deleted."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fairwitness.custody.keys import log_signer
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import merkle
from fairwitness.formats.checkpoint import Checkpoint

ROOT = Path(__file__).parents[3]
PROGRAM = Path(sys.executable).parent / "fairwitness"


def call(*words: str, data: Path, status: int = 0) -> str:
    ring = f"file://{data}/ring/first,file://{data}/ring/second"
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FAIRWITNESS_", "DJANGO_"))}
    done = subprocess.run(
        words,
        cwd=ROOT,
        env={
            **kept,
            "DJANGO_SETTINGS_MODULE": "fairwitness.config.settings",
            "FAIRWITNESS_DATA": str(data),
            "FAIRWITNESS_KEYRING_URL": ring,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def fairwitness(*words: str, data: Path, status: int = 0) -> str:
    return call(str(PROGRAM), *words, "--data", str(data), data=data, status=status)


def answer(*words: str, data: Path, status: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fairwitness(*words, "--json", data=data, status=status))
    return found


def helper(act: str, *rest: str, data: Path) -> str:
    program = (
        "import sys, django; django.setup(); from pathlib import Path; from tests import"
        " lost_database; getattr(lost_database, sys.argv[1])(Path(sys.argv[2]), *sys.argv[3:])"
    )
    return call(sys.executable, "-c", program, act, str(data), *rest, data=data)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    data = tmp_path_factory.mktemp("deployment") / "data"
    return data, json.loads(helper("fill", data=data))


def test_what_docks_and_witnesses_hold_is_held_against_the_log(
    filled: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    data, _ = filled
    theirs = data / "log" / "checkpoint"
    assert answer("audit", "--seen", str(theirs), data=data)["sound"]
    signer = log_signer(data / "keys" / "log.pem")
    fork = tmp_path / "fork"
    other = Checkpoint(signer.name, 1, merkle.leaf_hash(b"another history"))
    fork.write_bytes(checkpoints.sign(other, signer=signer))
    found = answer("audit", "--seen", str(fork), "--seen", str(theirs), data=data, status=1)
    assert [one["code"] for one in found["findings"]] == ["custody.root_wrong"]
    receipts = json.loads(Path("tests/vectors/receipt/vectors.json").read_text())["valid"]
    (tmp_path / "receipt.json").write_text(receipts[0]["data"])
    strange = answer("audit", "--seen", str(tmp_path / "receipt.json"), data=data, status=1)
    assert [one["code"] for one in strange["findings"]] == ["custody.checkpoint_invalid"]
    refused = answer("audit", "--seen", "/nowhere/receipt.json", data=data, status=1)
    assert refused["code"] == "audit.seen"


def test_a_lost_database_is_rebuilt_and_plays(
    filled: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    whole, recordings = filled
    data = Path(shutil.copytree(whole, tmp_path / "data"))
    sound = answer("audit", "--deep", data=data)
    assert (sound["sound"], sound["deep"], sound["recordings"]) == (True, True, 2)
    assert sound["ring_sealed_at"] is None
    assert "Sound: 2 recordings" in fairwitness("audit", data=data)
    before = answer("figures", data=data)
    assert (before["adds_up"], before["total"]["received"]) == (True, 2)

    for path in data.glob("fairwitness.sqlite3*"):
        path.unlink()
    broken = answer("audit", data=data, status=1)
    assert "recording.row_gone" not in {one["code"] for one in broken["findings"]}
    assert "key.unowned" in {one["code"] for one in broken["findings"]}

    rebuilt = answer("audit", "--rebuild", data=data, status=1)
    assert rebuilt["rebuilt"] == {
        "registered": 2,
        "tombstones": 0,
        "vestiges": 0,
        "transcripts": 0,
        "grown": 0,
        "stubs": 5,
    }
    assert {one["code"] for one in rebuilt["findings"]} == {
        "rebuild.key_unknown",
        "log.gap_open",
        "custody.body_lost",
    }
    recording, digest = next(iter(recordings.items()))
    assert helper("watch", recording, data=data) == digest
    assert "Two people" in fairwitness("gap", "show", data=data, status=1)
    closing = ("gap", "close", "--by", "4101", "--reason", "compared with the lists")
    assert "another person" in fairwitness(*closing, data=data)
    fairwitness(*closing, data=data, status=1)
    after = answer("figures", data=data)
    assert after["adds_up"]
    assert after["total"] == before["total"]
    assert "They add up: 2 received" in fairwitness("figures", data=data)
    again = answer("audit", "--rebuild", data=data, status=1)
    assert set(again["rebuilt"].values()) == {0}

    with sqlite3.connect(data / "fairwitness.sqlite3") as rows:
        rows.execute("PRAGMA foreign_keys = OFF")
        rows.execute("DELETE FROM evidence_recording WHERE counter = 2")
    loud = answer("figures", data=data, status=1)
    assert not loud["adds_up"]
    assert loud["problems"] == ["The custody log holds 2 arrivals, the rows 1."]
    assert "DO NOT ADD UP" in fairwitness("figures", data=data, status=1)


def test_a_trust_file_that_is_not_there_is_said_so(filled: tuple[Path, dict[str, str]]) -> None:
    data, _ = filled
    refused = answer("audit", "--rebuild", "--trust", "/nowhere/trust.json", data=data, status=1)
    assert refused["code"] == "audit.trust"
