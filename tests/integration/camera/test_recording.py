"""A camera records: what lies on its volume afterwards, decoded and checked."""

import hashlib
import itertools
import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import av
import numpy as np
import pytest
from tests.camera_making import CLOCK, QUICK, STARTED, Kit, loudness, make_kit, pictures

from fairwitness.camera.outputs import Log, Signal
from fairwitness.camera.settings import Settings
from fairwitness.camera.signals import Meaning
from fairwitness.camera.storing import write_whole
from fairwitness.formats import canonical
from fairwitness.formats.recording import EventKind, Mount, Profile, Span

SHORT = """
at 0s boot
at 40s double-press
at 44s marker
at 45s people-told
at 47s hold-event
at 52s off
"""


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return make_kit(tmp_path)


def test_a_recording_is_signed_whole_and_counts_right(kit: Kit) -> None:
    (name,) = kit.play(SHORT).recordings
    claim, data = kit.claim(name), kit.video(name).read_bytes()
    assert name == "00417-1-1"
    assert (claim.size, claim.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert (claim.counter, claim.activation, claim.part, claim.last_part) == (1, 1, 1, True)
    assert (claim.width, claim.height, claim.frames_per_second) == (640, 360, 15)
    assert (claim.profile, claim.mount, claim.interrupted) == (Profile.BODY2, Mount.CHEST, False)
    lasted = (claim.ended_at - claim.started_at) / timedelta(milliseconds=1)
    assert pictures(kit.video(name)) == round(lasted * 15 / 1000)


def test_the_buffer_is_in_front_and_silent_and_the_rest_is_heard(kit: Kit) -> None:
    (name,) = kit.play(SHORT).recordings
    claim = kit.claim(name)
    assert 29_000 <= claim.buffer_ms <= 30_000
    pressed_at = STARTED + timedelta(milliseconds=40_200)
    assert claim.started_at + timedelta(milliseconds=claim.buffer_ms) == pressed_at
    sound = loudness(kit.video(name))
    pressed = claim.buffer_ms // 100
    assert sound[: pressed - 1].max() < 1e-4
    assert sound[pressed + 5 : pressed + 60].max() > 0.05


def test_events_have_their_times_from_the_first_picture(kit: Kit) -> None:
    (name,) = kit.play(SHORT).recordings
    claim = kit.claim(name)
    at = {event.kind: event.at_ms - claim.buffer_ms for event in claim.events}
    assert at == {
        EventKind.START: 0,
        EventKind.MARKER: 3_900,
        EventKind.PEOPLE_TOLD: 4_800,
        EventKind.STOP: 9_800,
    }


def test_a_mute_silences_exactly_its_span(kit: Kit) -> None:
    script = "at 0s boot\nat 5s double-press\nat 8s mute\nat 13s mute\nat 20s hold-event"
    (name,) = kit.play(script, settings=QUICK).recordings
    claim = kit.claim(name)
    (span,) = claim.mute
    assert (span.to_ms - span.from_ms, claim.buffer_ms) == (5_000, 0)
    sound = loudness(kit.video(name))
    first, last = span.from_ms // 100 + 1, span.to_ms // 100 - 1
    assert sound[first:last].max() < 1e-3
    assert sound[: first - 2].max() > 0.05
    assert sound[last + 3 :].max() > 0.05


def test_with_no_buffer_nothing_of_before_is_kept(kit: Kit) -> None:
    (name,) = kit.play(SHORT, settings=QUICK).recordings
    claim = kit.claim(name)
    assert claim.buffer_ms == 0
    assert claim.started_at >= STARTED + timedelta(milliseconds=40_200)


def test_two_minutes_of_buffer_are_prepended(kit: Kit) -> None:
    script = "at 0s boot\nat 3m double-press\nat 3m2s hold-event"
    (name,) = kit.play(script, settings=Settings(buffer_seconds=120)).recordings
    assert 119_000 <= kit.claim(name).buffer_ms <= 120_000


def test_a_camera_just_switched_on_has_less_buffer(kit: Kit) -> None:
    (name,) = kit.play("at 0s boot\nat 8s double-press\nat 10s hold-event").recordings
    assert kit.claim(name).buffer_ms == 5_200


def test_recordings_are_numbered_on_and_on(kit: Kit) -> None:
    twice = "at 0s boot\nat 4s double-press\nat 6s hold-event\nat 12s double-press\nat 14s off"
    first = kit.play(twice, settings=QUICK).recordings
    second = kit.play(twice, settings=QUICK).recordings
    assert [*first, *second] == [f"00417-{number}-1" for number in (1, 2, 3, 4)]


def test_a_long_recording_goes_on_in_parts_without_a_gap(kit: Kit) -> None:
    script = "at 0s boot\nat 4s double-press\nat 8s mute\nat 30s hold-event"
    names = kit.play(script, settings=QUICK, part_ms=10_000).recordings
    claims = [kit.claim(name) for name in names]
    assert names == ("00417-1-1", "00417-2-2", "00417-3-3")
    assert [claim.activation for claim in claims] == [1, 1, 1]
    assert [claim.last_part for claim in claims] == [False, False, True]
    for before, after in itertools.pairwise(claims):
        assert abs(after.started_at - before.ended_at) <= timedelta(milliseconds=1)
    assert [claim.mute[0].from_ms for claim in claims[1:]] == [0, 0]
    assert EventKind.SPLIT in {event.kind for event in claims[1].events}


def test_stealth_from_before_is_a_span_of_the_recording(kit: Kit) -> None:
    script = "at 0s boot\nat 4s stealth\nat 20s double-press\nat 24s hold-event"
    allowed = replace(QUICK, stealth_allowed=True)
    played = kit.play(script, settings=allowed)
    claim = kit.claim(played.recordings[0])
    lasted = (claim.ended_at - claim.started_at) // timedelta(milliseconds=1)
    assert claim.stealth == (Span(from_ms=0, to_ms=lasted),)
    heard = [one.meaning for one in played.outputs if isinstance(one, Signal)]
    assert heard == [Meaning.POWER]  # when switched on; from then on nothing


def test_a_clock_ahead_shows_in_the_claim_and_one_not_set_is_said(tmp_path: Path) -> None:
    ahead = make_kit(tmp_path / "a", clock=replace(CLOCK, ahead_us=90_000_000))
    (name,) = ahead.play(SHORT, settings=QUICK).recordings
    claim = ahead.claim(name)
    assert claim.started_at >= STARTED + timedelta(seconds=130)
    unset = make_kit(tmp_path / "b", clock=replace(CLOCK, set=False, set_at=None))
    (name,) = unset.play(SHORT, settings=QUICK).recordings
    claim = unset.claim(name)
    assert not claim.clock.set
    assert EventKind.CLOCK_NOT_SET in {event.kind for event in claim.events}


def test_a_cable_out_finishes_and_signs_the_recording(tmp_path: Path) -> None:
    kit = make_kit(tmp_path, profile=Profile.FLEX2)
    script = "at 0s boot\nat 4s double-press\nat 10s cable-out\nat 20s cable-in\nat 30s off"
    (name,) = kit.play(script, settings=QUICK).recordings
    claim = kit.claim(name)
    assert [event.kind for event in claim.events][-2:] == [EventKind.CABLE_OUT, EventKind.STOP]
    assert (claim.mount, claim.lens_degrees, claim.interrupted) == (Mount.HELMET, 120, False)


def test_a_memory_that_fills_up_ends_the_recording_in_order(kit: Kit) -> None:
    played = kit.play(
        "at 0s boot\nat 4s double-press\nat 60s off",
        settings=QUICK,
        memory_bytes=5_000_000,
    )
    claim = kit.claim(played.recordings[0])
    assert EventKind.MEMORY_FULL in {event.kind for event in claim.events}
    meanings = [one.meaning for one in played.outputs if isinstance(one, Signal)]
    assert Meaning.MEMORY_FULL in meanings


def test_a_memory_found_full_records_nothing_until_a_dock_has_emptied_it(kit: Kit) -> None:
    class Empty:
        """Takes what is on the volume when the camera is docked."""

        def __call__(self, output: object) -> None:
            if isinstance(output, Log) and (output.what, output.detail) == ("dock", "in"):
                filler.unlink()

    filler = kit.volume / "recordings/00417-1-1.mp4"
    filler.write_bytes(bytes(9_000_000))
    played = kit.play(
        "at 0s boot\nat 4s double-press\nat 10s dock\nat 12s undock\n"
        "at 20s double-press\nat 24s hold-event",
        settings=QUICK,
        memory_bytes=10_000_000,
        watch=Empty(),
    )
    assert played.recordings == ("00417-1-1",)
    meanings = [one.meaning for one in played.outputs if isinstance(one, Signal)]
    assert meanings[:3] == [Meaning.POWER, Meaning.MEMORY_FULL, Meaning.POWER]


def test_settings_pushed_while_it_runs_wait_for_the_dock(kit: Kit) -> None:
    class Push:
        """Writes settings when the first recording has started, as a rogue dock might."""

        def __call__(self, output: object) -> None:
            if isinstance(output, Signal) and output.meaning is Meaning.RECORDING_STARTS:
                pushed = Settings(version=5, buffer_seconds=0).to_json()
                write_whole(kit.volume / "settings.json", canonical.encode(pushed))

    script = (
        "at 0s boot\nat 40s double-press\nat 42s hold-event\nat 80s double-press\n"
        "at 82s hold-event\nat 90s dock\nat 95s undock\nat 110s double-press\nat 112s hold-event"
    )
    names = kit.play(script, watch=Push()).recordings
    versions = [kit.claim(name).settings_version for name in names]
    buffers = [kit.claim(name).buffer_ms > 0 for name in names]
    assert versions == [0, 0, 5]
    assert buffers == [True, True, False]


def test_damaged_settings_are_refused_and_logged(kit: Kit) -> None:
    write_whole(kit.volume / "settings.json", b'{"buffer_seconds":45}')
    (name,) = kit.play(SHORT).recordings
    assert kit.claim(name).settings_version == 0
    assert any("refused" in str(line["detail"]) for line in kit.logged)


def test_the_log_has_every_press_and_signal(kit: Kit) -> None:
    kit.play(SHORT)
    lines = [(line["ms"], line["what"], line["detail"]) for line in kit.logged]
    assert (40_200, "button", "event down") in lines
    assert (40_200, "signal", "recording starts: 2 beeps, 2 vibrations") in lines
    assert (44_100, "marker", "") in lines
    assert (50_000, "recording", "00417-1-1 signed") in lines


def test_the_same_script_makes_the_same_pictures(tmp_path: Path) -> None:
    first, second = make_kit(tmp_path / "a"), Kit(tmp_path / "b/volume", tmp_path / "b/device")
    shutil.copytree(tmp_path / "a", tmp_path / "b")  # the key too, which seals them
    files = [kit.video(kit.play(SHORT).recordings[0]).read_bytes() for kit in (first, second)]
    assert hashlib.sha256(files[0]).digest() == hashlib.sha256(files[1]).digest()


def test_nothing_but_finished_recordings_is_left_on_the_volume(kit: Kit) -> None:
    kit.play(SHORT)
    left = sorted(path.name for path in (kit.volume / "recordings").iterdir())
    assert left == ["00417-1-1.dsse.json", "00417-1-1.mp4"]
    assert not kit.identity.journal.exists()


def test_the_picture_says_that_it_is_training(kit: Kit) -> None:
    (name,) = kit.play(SHORT, settings=QUICK).recordings
    with av.open(str(kit.video(name))) as container:
        frame = next(container.decode(video=0))
    strip = frame.to_ndarray(format="gray")[-18:]
    assert np.median(strip) < 25
    assert 800 < np.count_nonzero(strip > 180) < strip.size // 4


def test_a_camera_that_films_all_the_time_keeps_the_same_buffer(kit: Kit) -> None:
    """As in real time, where the buffer can't be left out until it is needed."""
    waits: list[int] = []
    (name,) = kit.play(SHORT, stride_ms=200, pace=waits.append).recordings
    claim = kit.claim(name)
    assert 28_900 <= claim.buffer_ms <= 30_000
    assert pictures(kit.video(name)) >= 38 * 15
    assert max(after - before for before, after in itertools.pairwise(waits)) <= 200


def test_the_dock_sets_the_clock_of_what_is_recorded_next(tmp_path: Path) -> None:
    kit = make_kit(tmp_path, clock=replace(CLOCK, ahead_us=3_600_000_000))

    def dock(output: object) -> None:
        if isinstance(output, Log) and (output.what, output.detail) == ("dock", "in"):
            write_whole(kit.volume / "clock.json", CLOCK.encode())

    script = (
        "at 0s boot\nat 4s double-press\nat 6s hold-event\nat 12s dock\nat 20s undock\n"
        "at 24s double-press\nat 26s hold-event"
    )
    names = kit.play(script, settings=QUICK, watch=dock).recordings
    before, after = (kit.claim(name).started_at - STARTED for name in names)
    assert before > timedelta(hours=1)
    assert after < timedelta(minutes=1)
    logged = [str(line["at"])[11:13] for line in kit.logged]
    assert (logged[0], logged[-1]) == ("14", "13")


def test_a_torn_line_of_the_log_does_not_spoil_the_next(kit: Kit) -> None:
    (kit.volume / "device-log.jsonl").write_bytes(b'{"at": "2017-07-05T1')
    kit.play("at 0s boot\nat 4s off")
    first, *rest = (kit.volume / "device-log.jsonl").read_bytes().splitlines()
    assert first == b'{"at": "2017-07-05T1'
    assert json.loads(rest[0])["what"] == "power"


def test_what_a_dock_says_of_firmware_is_logged_and_the_charge_is_left_for_it(kit: Kit) -> None:
    write_whole(kit.volume / "firmware.json", canonical.encode({"wanted": "9.9"}))
    kit.play("at 0s boot\nat 5s battery-level 61%\nat 10s off\n")
    card = canonical.decode((kit.volume / "camera.json").read_bytes())
    assert isinstance(card, dict)
    said = [line["detail"] for line in kit.logged if line["what"] == "firmware"]
    assert said == [f"{card['firmware']}; the force wants 9.9"]
    battery = canonical.decode((kit.volume / "battery.json").read_bytes())
    assert battery in ({"percent": 61}, {"percent": 60})


@pytest.mark.parametrize("said", [b"", b"[]", b'{"wanted":1}'])
def test_what_is_no_firmware_is_passed_over(kit: Kit, said: bytes) -> None:
    write_whole(kit.volume / "firmware.json", said)
    kit.play("at 0s boot\nat 10s off\n")
    assert not [line for line in kit.logged if line["what"] == "firmware"]
