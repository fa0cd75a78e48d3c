"""Where the camera was lies in the footage, second by second, and survives cuts and copies."""

import itertools
import math
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import pytest
from tests.camera_making import STARTED, Kit, make_kit, pictures

from fairwitness.camera import gpmf
from fairwitness.camera.positions import Fix, read_trail
from fairwitness.camera.recovery import whole_bytes
from fairwitness.camera.settings import Settings
from fairwitness.formats import canonical
from fairwitness.formats.recording import EventKind

SCRIPT = "at 0s boot\nat 20s double-press\nat 29s hold-event\nat 34s off\n"
ON = Settings(position=True)
ROW = struct.Struct(">7iHH")
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def rows(path: Path) -> Iterator[tuple[Fraction, tuple[int, ...]]]:
    """Time and GPS9 row of each sample, found by walking the GPMF as its specification says."""
    with av.open(str(path)) as container:
        (track,) = container.streams.data
        assert track.time_base is not None
        for packet in container.demux(track):
            if packet.size:
                assert packet.pts is not None
                yield packet.pts * track.time_base, ROW.unpack(found(bytes(packet), b"GPS9"))


def found(data: bytes, key: bytes) -> bytes:
    at = 0
    while at < len(data):
        name, kind, size = data[at : at + 4], data[at + 4], data[at + 5]
        length = size * int.from_bytes(data[at + 6 : at + 8], "big")
        body = data[at + 8 : at + 8 + length]
        if name == key:
            return body
        if kind == 0 and (inner := found(body, key)):
            return inner
        at += 8 + (length + 3) // 4 * 4
    return b""


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return make_kit(tmp_path)


def trail_file(folder: Path) -> str:
    """North by a ten-thousandth of a degree a second, with no position from 24 s to 28 s."""
    times = [*range(25), *range(41, 60)]  # more than ten seconds apart: lost in between
    path = folder / "trail.csv"
    path.write_text("".join(f"{at},{51 + at / 10_000:.4f},-0.1,12\n" for at in times))
    return str(path)


def test_each_second_has_its_place_and_time_the_buffers_too(kit: Kit) -> None:
    (name,) = kit.play(SCRIPT, settings=ON, trail=read_trail("walk")).recordings
    claim, walk = kit.claim(name), read_trail("walk")
    found_rows = list(rows(kit.video(name)))
    lasted = (claim.ended_at - claim.started_at) / timedelta(seconds=1)
    assert [at for at, _ in found_rows] == list(range(math.ceil(lasted)))
    first_ms = (claim.started_at - STARTED) // timedelta(milliseconds=1)
    for at, row in found_rows:
        fix = walk.at(first_ms + int(at) * 1000)
        assert fix is not None
        assert row[0] == pytest.approx(fix.latitude * 1e7, abs=2)
        assert row[1] == pytest.approx(fix.longitude * 1e7, abs=2)
        assert EPOCH + timedelta(days=row[5], milliseconds=row[6]) == (
            claim.started_at + timedelta(seconds=int(at))
        )
        assert row[8] == 3


def test_lost_and_found_are_noted_in_the_signed_statement(kit: Kit, tmp_path: Path) -> None:
    script = "at 0s boot\nat 20s double-press\nat 47s hold-event\n"
    trail = read_trail(trail_file(tmp_path))
    (name,) = kit.play(script, settings=ON, trail=trail).recordings
    claim = kit.claim(name)
    began = (claim.started_at - STARTED) // timedelta(milliseconds=1)
    events = [(event.kind, began + event.at_ms) for event in claim.events]
    assert [kind for kind, _ in events] == [
        EventKind.POSITION_FOUND,
        EventKind.START,
        EventKind.POSITION_LOST,
        EventKind.POSITION_FOUND,
        EventKind.STOP,
    ]
    assert events[0][1] == began
    assert 24_000 <= events[2][1] <= 25_000
    assert 41_000 <= events[3][1] <= 42_000
    fixes = [row[8] for _, row in rows(kit.video(name))]
    assert [fix for fix, _ in itertools.groupby(fixes)] == [3, 0, 3]


def test_it_is_not_recorded_unless_the_settings_say_so(kit: Kit) -> None:
    (name,) = kit.play(SCRIPT, settings=Settings(), trail=read_trail("walk")).recordings
    with av.open(str(kit.video(name))) as container:
        assert len(container.streams.data) == 0
    assert {event.kind for event in kit.claim(name).events} == {EventKind.START, EventKind.STOP}


def test_each_part_of_a_long_recording_has_its_own_track(kit: Kit) -> None:
    names = kit.play(SCRIPT, settings=ON, trail=read_trail("walk"), part_ms=4_000).recordings
    assert len(names) == 3
    for name in names:
        assert [at for at, _ in rows(kit.video(name))][:2] == [0, 1]


def test_a_cut_loses_no_more_of_it_than_of_the_picture(kit: Kit) -> None:
    script = "at 0s boot\nat 10s double-press\nat 20s cut\n"
    kit.play(script, settings=ON, trail=read_trail("walk"))
    (path,) = (kit.volume / "recordings").glob("*.part")
    assert whole_bytes(path) > 0
    kit.play("at 0s boot\nat 20s off\n", settings=ON)
    path = kit.video("00417-1-1")
    told = [at for at, _ in rows(path)]
    seconds = pictures(path) / 15
    assert seconds >= 15  # of 17: what was not yet a whole fragment is gone
    assert told == list(range(len(told)))
    assert abs(len(told) - seconds) <= 1


def test_a_copy_of_the_streams_keeps_it(kit: Kit, tmp_path: Path) -> None:
    (name,) = kit.play(SCRIPT, settings=ON, trail=read_trail("walk")).recordings
    copy = tmp_path / "copy.mp4"
    with av.open(str(kit.video(name))) as source, av.open(str(copy), "w") as target:
        streams = {one.index: target.add_stream_from_template(one) for one in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    assert b"gpmd" in copy.read_bytes()
    assert [row for _, row in rows(copy)] == [row for _, row in rows(kit.video(name))]


def test_gpmf_items_are_filled_to_32_bits() -> None:
    data = gpmf.sample(Fix(51.5, -0.1), at=STARTED, serial="00417")
    assert len(data) % 4 == 0
    assert found(data, b"DVNM") == b"Fairwitness 00417"
    assert found(data, b"TYPE") == b"lllllllSS"
    none = ROW.unpack(found(gpmf.sample(None, at=STARTED, serial="1"), b"GPS9"))
    assert (none[0], none[1], none[8]) == (0, 0, 0)


def test_the_settings_a_dock_pushed_switch_it_on(kit: Kit) -> None:
    pushed = canonical.encode({"position": True, "version": 4})
    (kit.volume / "settings.json").write_bytes(pushed)
    (name,) = kit.play(SCRIPT, trail=read_trail("walk")).recordings
    assert kit.claim(name).settings_version == 4
    assert len(list(rows(kit.video(name)))) > 20
