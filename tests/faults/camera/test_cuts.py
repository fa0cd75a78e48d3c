"""The camera is cut off, anywhere: everything up to the last whole fragment is kept and signed."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from tests.camera_making import QUICK, Kit, make_kit, pictures
from tests.signed_films import read

from fairwitness.camera import journal, recovery
from fairwitness.camera.outputs import LightsChanged
from fairwitness.camera.signals import Function, Operation
from fairwitness.camera.storing import write_whole
from fairwitness.camera.volume import Volume
from fairwitness.formats.recording import EventKind
from fairwitness.formats.video_groups import GroupState

pytestmark = pytest.mark.fault

KILLS = int(os.environ.get("CAMERA_KILLS", "6"))
STEPS = 60
"""More than the durable steps of the short recording, so that the last ones end unharmed."""
MIDDLE, SIGNED = 40, 46
"""Steps of it before which a second is half kept, and before which the file has its name."""
MENDING_STEPS = 30
"""More than the steps of a recovery."""
AFTER = "at 0s boot\nat 6s off"


def sound_volume(kit: Kit) -> list[str]:
    """Check that every recording is finished, signed and whole; give their names."""
    left = sorted(path.name for path in (kit.volume / "recordings").iterdir())
    names = [name.removesuffix(".mp4") for name in left if name.endswith(".mp4")]
    assert left == sorted(f"{name}{end}" for name in names for end in (".mp4", ".dsse.json"))
    assert not kit.identity.journal.exists()
    for name in names:
        claim, data = kit.claim(name), kit.video(name).read_bytes()
        assert (claim.size, claim.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        lasted = (claim.ended_at - claim.started_at) / timedelta(seconds=1)
        assert abs(pictures(kit.video(name)) - lasted * claim.frames_per_second) < 1
        seals = read(data)
        assert seals.groups.keys() <= {GroupState.INTACT, GroupState.UNCOVERED}
        assert seals.groups.get(GroupState.UNCOVERED, 0) <= claim.interrupted
    return names


def killed_at_each(folder: Path, *steps: int) -> dict[int, tuple[str, Kit]]:
    """How each camera that `camera_killing` kills ended, and the camera."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.camera_killing", str(folder), *map(str, steps)],
        capture_output=True,
        text=True,
        check=True,
        timeout=250,
    )
    ends = [line.split() for line in done.stdout.splitlines()]
    return {
        int(number): (end, Kit(folder / number / "volume", folder / number / "device"))
        for number, end in ends
    }


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> dict[int, tuple[str, Kit]]:
    """A camera for each moment at which it makes something durable, killed right before it."""
    return killed_at_each(tmp_path_factory.mktemp("killed"), 1, STEPS)


def test_every_durable_step_was_reached(killed: dict[int, tuple[str, Kit]]) -> None:
    ends = [end for end, _ in killed.values()]
    assert ends == ["killed"] * ends.count("killed") + ["done"] * ends.count("done")
    assert ends.count("killed") > 10
    assert ends.count("done") > 1


def test_a_camera_killed_between_any_two_durable_steps_comes_back_sound(
    killed: dict[int, tuple[str, Kit]],
) -> None:
    kept = []
    for number, (_, kit) in killed.items():
        if not (kit.device / "device.json").exists():
            continue  # killed while it was being made: `camera init` says so
        kit.play(AFTER)
        names = sound_volume(kit)
        kept.append(len(names))
        (again,) = kit.play(
            "at 0s boot\nat 4s double-press\nat 6s hold-event", settings=QUICK
        ).recordings
        assert again not in names, f"step {number}: a number was given twice"
    assert kept == sorted(kept), "once something was kept, a later cut keeps it too"
    assert kept[-1] == 1


@pytest.mark.parametrize("cut", [MIDDLE, SIGNED])
def test_a_recovery_killed_between_any_two_of_its_steps_is_ended_by_the_next(
    tmp_path: Path, cut: int
) -> None:
    killed = killed_at_each(tmp_path, 1, MENDING_STEPS, cut)
    ends = [end for end, _ in killed.values()]
    assert ends == ["killed"] * ends.count("killed") + ["done"] * ends.count("done")
    assert ends.count("killed") > 3, "there were steps to be killed at"
    assert ends.count("done") > 1
    for _, kit in killed.values():
        kit.play(AFTER)
        (name,) = sound_volume(kit)
        assert kit.claim(name).interrupted is (cut == MIDDLE)


def test_the_process_is_killed_at_random(tmp_path: Path) -> None:
    chance = random.Random(417)  # noqa: S311 (moments to kill at, repeatable)
    kit = make_kit(tmp_path)
    script = tmp_path / "shift.txt"
    script.write_text("at 0s boot\nat 4s double-press\nat 20s marker\nat 1h off")
    recovered = 0
    for turn in range(KILLS):
        process = subprocess.Popen(
            [
                *(str(Path(sys.executable).with_name("fairwitness")), "camera", "run"),
                *("--volume", str(kit.volume), "--device", str(kit.device)),
                *("--script", str(script)),
            ],
            stdout=subprocess.DEVNULL,
        )
        part = Volume(kit.volume).recordings
        deadline = time.monotonic() + 60
        while not any(path.stat().st_size > 100_000 for path in part.glob("*.part")):
            assert time.monotonic() < deadline, "it never began to record"
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(chance.random() * 0.7)
        process.send_signal(signal.SIGKILL)
        process.wait()
        (unfinished,) = part.glob("*.part")
        size = unfinished.stat().st_size
        kit.play(AFTER)
        names = sound_volume(kit)
        recovered = len(names)
        claim = kit.claim(unfinished.name.removesuffix(".mp4.part"))
        assert claim.interrupted
        assert claim.size > size - 250_000, "more than a second or two was lost"
        assert recovered == turn + 1


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Kit, str]:
    kit = make_kit(tmp_path_factory.mktemp("finished"))
    (name,) = kit.play(
        "at 0s boot\nat 4s double-press\nat 9s marker\nat 20s hold-event", settings=QUICK
    ).recordings
    return kit, name


def cut_kit(folder: Path, finished: tuple[Kit, str], cut: int) -> Kit:
    """A camera whose recording was cut after `cut` bytes had reached the disk."""
    whole, name = finished
    claim = whole.claim(name)
    kit = make_kit(folder)
    kit.identity.next_counter(Volume(kit.volume))
    facts = journal.OpenRecording(
        counter=claim.counter,
        activation=claim.activation,
        part=claim.part,
        width=claim.width,
        height=claim.height,
        frames_per_second=claim.frames_per_second,
        settings_version=claim.settings_version,
        started_at=claim.started_at,
        buffer_ms=claim.buffer_ms,
        clock=claim.clock,
        events=tuple(event for event in claim.events if event.kind is not EventKind.STOP),
    )
    journal.keep(kit.identity.journal, facts)
    Volume(kit.volume).unfinished(name).write_bytes(whole.video(name).read_bytes()[:cut])
    return kit


def test_wherever_the_bytes_end_all_whole_fragments_are_kept(
    finished: tuple[Kit, str], tmp_path: Path
) -> None:
    kit, name = finished
    data = kit.video(name).read_bytes()
    chance = random.Random(2193)  # noqa: S311 (places to cut at, repeatable)
    cuts = {0, 1, 7, 8, 1_000, len(data) - 1, len(data), *chance.sample(range(len(data)), 25)}
    ends = [at for at in range(len(data)) if data[at + 4 : at + 8] == b"moof"]
    for cut in sorted(cuts):
        cut_off = cut_kit(tmp_path / str(cut), finished, cut)
        found = recovery.recover(volume=Volume(cut_off.volume), identity=cut_off.identity)
        assert found is not None
        whole = [end for end in ends if end <= cut][1:]
        assert found.kept is bool(whole or cut >= len(data) - 100)
        names = sound_volume(cut_off)
        if found.kept:
            claim = cut_off.claim(names[0])
            assert claim.size >= (whole[-1] if whole else 0)
            assert claim.interrupted
            assert claim.events[-1].kind is EventKind.RECOVERED


def test_recovery_may_itself_be_cut(finished: tuple[Kit, str], tmp_path: Path) -> None:
    kit, name = finished
    data = kit.video(name).read_bytes()
    cut_off = cut_kit(tmp_path, finished, len(data) * 2 // 3)
    volume, kept_journal = Volume(cut_off.volume), cut_off.identity.journal.read_bytes()
    recovery.recover(volume=volume, identity=cut_off.identity)
    signed = volume.statement(name).read_bytes()
    # Cut after the statement, before the name: the same statement stands.
    volume.video(name).rename(volume.unfinished(name))
    write_whole(cut_off.identity.journal, kept_journal)
    again = recovery.recover(volume=volume, identity=cut_off.identity)
    assert again is not None
    assert volume.statement(name).read_bytes() == signed
    # Cut after the name, before the journal was forgotten.
    write_whole(cut_off.identity.journal, kept_journal)
    recovery.recover(volume=volume, identity=cut_off.identity)
    assert volume.statement(name).read_bytes() == signed
    assert sound_volume(cut_off) == [name]


def test_both_lights_blink_red_while_it_recovers_and_the_log_tells(
    finished: tuple[Kit, str], tmp_path: Path
) -> None:
    cut_off = cut_kit(tmp_path, finished, 300_000)
    played = cut_off.play(AFTER)
    assert played.recordings == (finished[1],)
    shown = [output.lights for output in played.outputs if isinstance(output, LightsChanged)]
    assert any(
        (lights.operation, lights.function) == (Operation.BLINK_RED, Function.BLINK_RED)
        for lights in shown
    )
    assert any(line["what"] == "recovery" for line in cut_off.logged)


def test_each_second_is_synced_before_the_next_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = make_kit(tmp_path)
    real, synced = os.fsync, []

    def fsync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").resolve()
        if path.suffix == ".part":
            synced.append(path.stat().st_size)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    (name,) = kit.play("at 0s boot\nat 4s double-press\nat 20s hold-event").recordings
    data = kit.video(name).read_bytes()
    fragments = [at for at in range(len(data)) if data[at + 4 : at + 8] == b"moof"]
    assert len(fragments) >= 19
    for begins in fragments[1:-1]:  # the last is written, and synced, as the file is closed
        assert begins in synced, "a fragment began before the one before it was durable"


def test_a_disk_that_fills_up_is_told_and_what_was_stored_is_recovered(tmp_path: Path) -> None:
    kit = make_kit(tmp_path)
    program = Path(sys.executable).with_name("fairwitness")
    command = f"{program} camera record --seconds 30 --volume {kit.volume} --device {kit.device}"
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f 300; {command}"],  # blocks of a kibibyte
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert "memory can't be written" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    kit.play(AFTER)
    (name,) = sound_volume(kit)
    assert kit.claim(name).interrupted
    assert kit.claim(name).size > 200_000
