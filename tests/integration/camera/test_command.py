"""`fairwitness camera` on the command line."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fairwitness.camera.identity import load_camera
from fairwitness.camera.volume import Volume
from fairwitness.formats import dsse
from fairwitness.formats.docking import open_enrolment
from fairwitness.formats.recording import RecordingClaim
from fairwitness.formats.statement import open_statement

PROGRAM = str(Path(sys.executable).with_name("fairwitness"))


def camera(*words: str, folders: bool = True, cwd: Path) -> subprocess.CompletedProcess[str]:
    where = ["--volume", "volume", "--device", "device"] if folders else []
    return subprocess.run(
        [PROGRAM, "camera", *words, *where],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = camera("init", "--serial", "00417", "--profile", "flex2", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    return tmp_path


def claim(folder: Path, name: str) -> RecordingClaim:
    identity = load_camera(volume=folder / "volume", device=folder / "device")
    envelope = dsse.parse(Volume(folder / "volume").statement(name).read_bytes())
    keys = {identity.key.keyid: identity.key.public}
    return open_statement(envelope, RecordingClaim, keys).predicate


def test_it_records_for_as_long_as_asked_at_the_time_given(folder: Path) -> None:
    done = camera(*("record", "--seconds", "5", "--started-at", "2017-06-08T22:00:00Z"), cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "♪♪ ≋≋  recording starts" in done.stdout
    made = claim(folder, "00417-1-1")
    assert 34 <= (made.ended_at - made.started_at).total_seconds() <= 35.2
    assert made.started_at.isoformat().startswith("2017-06-08T22:00:0")


def test_it_runs_a_script_that_films_a_file(folder: Path) -> None:
    camera("record", "--seconds", "3", cwd=folder)
    script = folder / "shift.txt"
    script.write_text("at 0s boot\nat 5s double-press\nat 8s cable-out\n")
    done = camera(
        *("run", "--script", str(script), "--source", "volume/recordings/00417-1-1.mp4"),
        *("--quality", "480p"),
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    assert "♪♪♪ ≋≋≋≋≋≋  cable disconnected" in done.stdout
    assert (claim(folder, "00417-2-1").width, claim(folder, "00417-2-1").height) == (848, 480)


def test_it_asks_for_its_enrolment(folder: Path) -> None:
    shown = camera("enrolment-request", cwd=folder)
    written = camera("enrolment-request", "--output", "request.json", cwd=folder)
    assert written.returncode == 0
    for data in (shown.stdout.strip().encode(), (folder / "request.json").read_bytes()):
        assert open_enrolment(dsse.parse(data)).serial == "00417"


def test_it_prints_what_its_signals_mean(tmp_path: Path) -> None:
    shown = camera("signals", folders=False, cwd=tmp_path)
    assert "memory full, will not record" in shown.stdout


@pytest.mark.parametrize(
    ("script", "says"),
    [("at 0s boot\nat 5s jump", "Line 2: there is no `jump`"), ("boot", "Line 1: write")],
)
def test_a_script_that_is_not_understood_records_nothing(
    folder: Path, script: str, says: str
) -> None:
    (folder / "shift.txt").write_text(script)
    done = camera("run", "--script", "shift.txt", cwd=folder)
    assert done.returncode == 1
    assert says in done.stderr + done.stdout
    assert list((folder / "volume" / "recordings").iterdir()) == []


def test_a_folder_without_a_camera_is_told_plainly(tmp_path: Path) -> None:
    done = camera("record", cwd=tmp_path)
    assert done.returncode == 1
    assert "camera init" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_real_time_takes_its_time_and_ctrl_c_leaves_nothing_half_done(folder: Path) -> None:
    script = folder / "shift.txt"
    script.write_text("at 0s boot\nat 3.5s double-press\nat 1h off\n")
    process = subprocess.Popen(
        [
            *(PROGRAM, "camera", "run", "--volume", "volume", "--device", "device"),
            *("--script", "shift.txt", "--speed", "real"),
        ],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    began = time.monotonic()
    recordings = folder / "volume" / "recordings"
    while not any(path.stat().st_size > 30_000 for path in recordings.glob("*.part")):
        assert time.monotonic() - began < 60
        time.sleep(0.05)
    assert time.monotonic() - began > 3.5
    process.send_signal(signal.SIGINT)
    stdout, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "signed" in stdout
    made = claim(folder, "00417-1-1")
    assert not made.interrupted
    lines = (folder / "volume" / "device-log.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["what"] in {"lights", "recording", "power"}
