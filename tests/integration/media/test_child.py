"""The child process: what it can't do, and that nothing it does harms its parent."""

import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.media_samples import Held, encoded

from fairwitness.media import child, wire
from fairwitness.media.child import Limits, MediaUnreadable, Output
from fairwitness.media.probe import probe
from fairwitness.media.wire import Kind

TRIES = """
import ctypes, mmap, os, resource, socket, sys, threading
from fairwitness.media.worker import confinement

def tried(name, what):
    try:
        what()
    except (OSError, ValueError) as refused:
        print(name, type(refused).__name__, flush=True)
    else:
        print(name, "worked", flush=True)

libc = ctypes.CDLL(None, use_errno=True)
parent = os.getppid()
other = open(sys.argv[1], "r+b", buffering=0)
import socket as _loaded
confinement.limit(memory=1 << 30, cpu_seconds=5)
forbid_calls = confinement._forbid_calls

def forbid_calls_last():  # afterwards nobody can ask
    print("dumpable", libc.prctl(3, 0, 0, 0, 0), flush=True)
    return forbid_calls()

confinement._forbid_calls = forbid_calls_last
held = confinement.confine()
print("held", *held, flush=True)
tried("read a file", lambda: open("/etc/passwd").read())
tried("write a file", lambda: open(sys.argv[1] + ".new", "w"))
tried("list a folder", lambda: os.listdir("/"))
tried("grow an open file", lambda: other.write(b"x"))
tried("open a socket", lambda: socket.socket())
tried("start a process", lambda: os.fork())
tried("become a program", lambda: os.execv("/bin/true", ["true"]))
tried("signal the parent", lambda: os.kill(parent, 0))
tried("raise a limit", lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)))
def call(*arguments):
    if libc.syscall(*arguments) == -1:
        raise OSError(ctypes.get_errno(), "refused")

# Numbers of x86_64 below; the C library's own functions where there is one.
tried("leave the network", lambda: call(272, 0x40000000))
tried("signal a thread of the parent", lambda: call(234, parent, parent, 0))
tried("signal by another name", lambda: call(200, parent, 0))
tried("change a file's rights", lambda: os.chmod(sys.argv[1], 0o600))
tried("change a file's times", lambda: os.utime(sys.argv[1]))
tried("look at a file", lambda: os.stat(sys.argv[1]))
tried("share memory", lambda: call(29, 0x77, 4096, 0o1600))
tried("make a file of memory", lambda: call(319, b"x", 0))
tried("raise a limit by another name", lambda: call(160, 1, bytes(16)))
tried("make machine code", lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC))
tried("use plain memory", lambda: mmap.mmap(-1, 4096))
tried("start a thread", lambda: threading.Thread(target=int).start())
"""


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    path = tmp_path_factory.mktemp("confined") / "file"
    path.write_bytes(b"")
    done = subprocess.run(
        [sys.executable, "-c", TRIES, str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    lines = [line.rpartition(" ") for line in done.stdout.splitlines()]
    found = {name: result for name, _, result in lines}
    found["held"] = next(line for line in done.stdout.splitlines() if line.startswith("held"))
    return found


@pytest.mark.parametrize(
    ("layer", "what"),
    [
        ("no_files", "read a file"),
        ("no_files", "write a file"),
        ("no_files", "list a folder"),
        ("limits", "grow an open file"),
        ("no_calls", "open a socket"),
        ("no_calls", "start a process"),
        ("no_calls", "become a program"),
        ("no_calls", "signal the parent"),
        ("no_calls", "raise a limit"),
        ("no_calls", "leave the network"),
        ("no_calls", "signal a thread of the parent"),
        ("no_calls", "signal by another name"),
        ("no_calls", "change a file's rights"),
        ("no_calls", "change a file's times"),
        ("no_calls", "look at a file"),
        ("no_calls", "share memory"),
        ("no_calls", "make a file of memory"),
        ("no_calls", "raise a limit by another name"),
        ("no_calls", "make machine code"),
    ],
)
def test_a_confined_child_can_not(tried: dict[str, str], layer: str, what: str) -> None:
    if layer not in tried["held"]:
        pytest.skip(f"this system does not permit {layer}")
    assert tried[what] in {"PermissionError", "OSError", "ValueError"}


def test_a_confined_child_dumps_no_core_not_even_through_a_pipe(tried: dict[str, str]) -> None:
    assert tried["dumpable"] == "0"


def test_a_confined_child_can_still_work(tried: dict[str, str]) -> None:
    assert tried["use plain memory"] == "worked"
    assert tried["start a thread"] == "worked"


@pytest.mark.skipif(os.geteuid() != 0, reason="the child lets nobody but root look into it")
def test_the_child_gets_no_environment_and_no_open_files(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("secret")
    seen: dict[str, object] = {}
    footage = Held(encoded())

    def look() -> None:
        (pid,) = children()
        seen["environment"] = Path(f"/proc/{pid}/environ").read_bytes()
        seen["files"] = {
            str(Path(f"/proc/{pid}/fd/{name.name}").readlink())
            for name in Path(f"/proc/{pid}/fd").iterdir()
        }

    footage.before_read = look
    with secret.open() as held:
        os.set_inheritable(held.fileno(), True)  # noqa: FBT003 (the system's own signature)
        probe(footage)
    assert seen["environment"] == b""
    files = seen["files"]
    assert isinstance(files, set)
    assert {name for name in files if not name.startswith(("/dev/null", "socket:"))} == set()


def children() -> list[int]:
    found = []
    for task in Path("/proc/self/task").iterdir():
        found += [int(word) for word in (task / "children").read_text().split()]
    return found


def test_a_child_that_is_killed_is_a_finding() -> None:
    footage = Held(encoded())

    def kill() -> None:
        for pid in children():
            os.kill(pid, signal.SIGSEGV)

    footage.before_read = kill
    with pytest.raises(MediaUnreadable) as refused:
        probe(footage)
    assert refused.value.stable_code == "media.crashed"


def test_a_child_that_hangs_is_stopped_and_leaves_nothing_behind() -> None:
    footage = Held(encoded())

    def stop() -> None:
        for pid in children():
            os.kill(pid, signal.SIGSTOP)

    footage.before_read = stop
    began = time.monotonic()
    with pytest.raises(MediaUnreadable) as refused:
        probe(footage, limits=Limits(wall_seconds=1.0))
    assert refused.value.stable_code == "media.timeout"
    assert time.monotonic() - began < 10
    assert children() == []


def test_a_child_that_uses_up_its_time_is_stopped_by_the_system() -> None:
    with pytest.raises(MediaUnreadable) as refused:
        probe(Held(encoded()), limits=Limits(cpu_seconds=0))
    assert refused.value.stable_code == "media.crashed"


def test_errors_of_the_reader_and_the_writer_pass_through_and_the_child_ends() -> None:
    class Broken(OSError):
        pass

    def broken(*_anything: object) -> None:
        raise Broken

    footage = Held(encoded())
    footage.before_read = broken
    with pytest.raises(Broken):
        probe(footage)
    with pytest.raises(Broken):
        child.run(
            "working_copy",
            Held(encoded()),
            output=Output(begin=broken, write=broken),
            limits=Limits(),
        )
    assert children() == []


def lied_to(*frames: bytes, output: Output | None = None) -> dict[str, object]:
    """Serve a child that sends exactly these bytes."""
    ours, theirs = socket.socketpair()
    with ours, theirs:

        def send() -> None:
            theirs.sendall(b"".join(frames))
            theirs.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=send)
        thread.start()
        try:
            errand = child._Errand(ours, Held(b"12345"), output, Limits(), time.monotonic() + 5)
            return errand.serve()
        finally:
            thread.join()


def frame(kind: int, body: bytes = b"") -> bytes:
    return struct.pack(">BI", kind, len(body)) + body


NOWHERE = Output(begin=lambda _total: None, write=lambda _data: None)
DONE = frame(Kind.DONE, b"{}")


@pytest.mark.parametrize(
    "frames",
    [
        [frame(Kind.JOB, b"{}")],
        [frame(Kind.DATA, b"x")],
        [frame(Kind.READ, b"short")],
        [frame(Kind.READ, struct.pack(">QI", 0, wire.LONGEST_READ + 1))],
        [frame(Kind.BEGIN, wire.pack_total(Limits().output + 1))],
        [frame(Kind.BEGIN, wire.pack_total(1)), frame(Kind.BEGIN, wire.pack_total(1))],
        [frame(Kind.OUTPUT, b"x")],
        [frame(Kind.BEGIN, wire.pack_total(1)), frame(Kind.OUTPUT, b"xy")],
        [frame(Kind.BEGIN, wire.pack_total(2)), frame(Kind.OUTPUT, b"x"), DONE],
        [DONE],
        [frame(Kind.DONE, b"[]")],
        [frame(Kind.DONE, b"{")],
        [frame(Kind.DONE, b"\xff")],
        [frame(Kind.DONE, b"[" * 100_000)],
        [],
    ],
)
def test_a_lying_child_is_believed_nothing(frames: list[bytes]) -> None:
    with pytest.raises(wire.WireBroken):
        lied_to(*frames, output=NOWHERE)


def test_output_that_nobody_asked_for_is_refused() -> None:
    with pytest.raises(wire.WireBroken):
        lied_to(frame(Kind.BEGIN, wire.pack_total(1)), DONE)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"code": "media.no_index", "message": "m"}, "media.no_index"),
        ({"code": "audit.all_fine", "message": "m"}, "media.unreadable"),
        ({"code": ["media.no_index"]}, "media.unreadable"),
        ({}, "media.unreadable"),
    ],
)
def test_a_failure_has_a_code_that_we_know(answer: dict[str, object], code: str) -> None:
    with pytest.raises(MediaUnreadable) as refused:
        lied_to(frame(Kind.FAIL, json.dumps(answer).encode()))
    assert refused.value.stable_code == code


def test_ranges_outside_the_footage_are_empty_or_short() -> None:
    far = struct.pack(">QI", 1 << 62, 10)
    edge = struct.pack(">QI", 3, 10)
    assert lied_to(frame(Kind.READ, far), frame(Kind.READ, edge), DONE) == {}


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_bytes_from_a_child_end_in_facts_or_a_refusal(sent: bytes) -> None:
    with contextlib.suppress(wire.WireBroken, MediaUnreadable):
        lied_to(sent, output=NOWHERE)
