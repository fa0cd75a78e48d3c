"""The face in a terminal: keys where there is one, lines where there is none."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.camera_making import Kit, make_kit

from fairwitness.camera.face_terminal import KEYS
from fairwitness.camera.script import WORDS
from fairwitness.formats.recording import EventKind

pytestmark = pytest.mark.timeout(120)
PROGRAM = str(Path(sys.executable).with_name("fairwitness"))
COMMAND = [PROGRAM, "camera", "--terminal", "--volume", "volume", "--device", "device"]


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return make_kit(tmp_path)


def test_keys_drive_it_in_a_real_terminal(kit: Kit, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        COMMAND, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True
    )
    os.close(theirs)
    seen = ""

    def wait_for(words: str) -> None:
        nonlocal seen
        deadline = time.monotonic() + 20
        while words not in seen:
            ready, _, _ = select.select([ours], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, seen
            seen += os.read(ours, 4096).decode()

    def type_key(keys: str) -> None:
        os.write(ours, keys.encode())

    try:
        type_key("o")  # before the face is there to take it: what is typed early counts
        wait_for("q  end")
        wait_for("[Buffering, not recording]")
        type_key("e")
        time.sleep(0.2)
        type_key("e")
        wait_for("Tell people they are being recorded.")
        assert "♪ beep beep" in seen
        type_key("tf")
        wait_for("marker")
        type_key("E")
        wait_for("♪ long beep  ≋ long buzz")
        type_key("q")
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    kinds = [event.kind for event in kit.claim("00417-1-1").events]
    assert kinds == [EventKind.START, EventKind.PEOPLE_TOLD, EventKind.MARKER, EventKind.STOP]


def test_lines_drive_it_through_a_pipe_and_wrong_words_are_told(kit: Kit, tmp_path: Path) -> None:
    process = subprocess.Popen(
        COMMAND, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    seen = ""
    for words, until in (
        ("boot", "[Buffering"),
        ("jump", "`jump`"),
        ("double-press", "[Recording"),
    ):
        process.stdin.write(f"{words}\n")
        process.stdin.flush()
        while until not in seen:
            line = process.stdout.readline()
            assert line, seen
            seen += line
    time.sleep(1.5)
    process.stdin.write("quit\n")
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert "there is no `jump`" in seen
    assert re.search(r"\[Recording\] .*Operation blinks red.*public light flashes red", seen)
    assert not kit.claim("00417-1-1").interrupted  # ending it finished the recording


def test_each_key_is_a_word_of_the_script_language() -> None:
    assert {words.split()[0] for words, _ in KEYS.values()} <= set(WORDS)


@pytest.mark.parametrize("more", [[], ["--face", "--terminal"], ["--face", "signals"]])
def test_one_face_at_a_time(tmp_path: Path, more: list[str]) -> None:
    done = subprocess.run(
        [PROGRAM, "camera", *more], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert not (tmp_path / "camera").exists()
