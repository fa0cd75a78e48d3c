"""Footage that browsers don't play is encoded: upright, in time, silence and all."""

from io import BytesIO

import av
import numpy as np
import pytest
from tests.media_samples import (
    Held,
    encode_again,
    encoded,
    packets,
    picture_times,
    white_corner,
    working_copy,
)

from fairwitness.media.child import Limits, MediaUnreadable
from fairwitness.media.probe import probe
from fairwitness.media.working_copy import encode, plays_in_browsers

UNEVEN = [0, 40, 400, 440, 900, 1500, 1540, 3000, 3033, 4000]


@pytest.mark.parametrize(
    ("made", "plays"),
    [
        ({}, True),
        ({"container": "mpegts"}, True),
        ({"sound": None}, True),
        ({"codec": "libx265"}, False),
        ({"codec": "mjpeg", "container": "avi", "sound": "mp2"}, False),
        ({"codec": "wmv2", "container": "avi", "sound": None}, False),
        ({"sound": "mp2", "container": "matroska"}, False),
        ({"size": (2048, 1152), "pictures": 2}, False),
        ({"codec": "libvpx-vp9", "container": "webm", "sound": "libopus"}, False),
    ],
)
def test_what_browsers_play_is_not_encoded(made: dict[str, object], *, plays: bool) -> None:
    assert plays_in_browsers(probe(Held(encoded(**made)))) is plays  # type: ignore[arg-type] # a table of arguments


@pytest.mark.parametrize(
    "made",
    [
        {"codec": "libx265"},
        {"codec": "mjpeg", "container": "avi", "sound": "mp2"},
        {"codec": "wmv2", "container": "avi", "sound": None},
        {"codec": "libvpx-vp9", "container": "webm", "sound": "libopus"},
    ],
)
def test_odd_footage_becomes_a_copy_that_browsers_play(made: dict[str, object]) -> None:
    master = encoded(**made)  # type: ignore[arg-type] # a table of arguments
    copy, done = encode_again(master)
    found = probe(Held(copy))
    assert plays_in_browsers(found)
    assert found.findings == () or made["sound"] is None
    assert done.pictures == 20
    assert done.damaged == 0
    assert picture_times(copy) == picture_times(master)
    assert done.tool.endswith("libx264")


def test_large_pictures_become_720_lines_and_small_ones_stay() -> None:
    _, large = encode_again(encoded(size=(2560, 1440), pictures=3))
    assert (large.width, large.height) == (1280, 720)
    _, small = encode_again(encoded(codec="libx265", size=(320, 240), pictures=3))
    assert (small.width, small.height) == (320, 240)


@pytest.mark.parametrize(
    ("rotation", "corner", "size"),
    [
        (0, "top left", (96, 64)),
        (90, "bottom left", (64, 96)),
        (180, "bottom right", (96, 64)),
        (270, "top right", (64, 96)),
    ],
)
def test_pictures_are_turned_upright(rotation: int, corner: str, size: tuple[int, int]) -> None:
    master = encoded(size=(96, 64), rotation=rotation)
    found = probe(Held(master))
    assert found.video is not None
    assert found.video.rotation == rotation
    copy, done = encode_again(master)
    assert (done.width, done.height) == size
    assert white_corner(copy) == corner
    again = probe(Held(copy)).video
    assert again is not None
    assert again.rotation == 0


@pytest.mark.parametrize("rotation", [90, 270])
def test_a_copy_that_is_not_encoded_still_says_how_it_is_turned(rotation: int) -> None:
    found = probe(Held(working_copy(encoded(rotation=rotation))[0])).video
    assert found is not None
    assert found.rotation == rotation


def test_an_uneven_rate_is_found_and_kept_to_the_millisecond() -> None:
    master = encoded(pictures=len(UNEVEN), times=UNEVEN, codec="libx265", sound=None)
    found = probe(Held(master)).video
    assert found is not None
    assert found.variable
    assert picture_times(encode_again(master)[0]) == UNEVEN
    even = probe(Held(encoded())).video
    assert even is not None
    assert not even.variable


def test_a_buffer_without_sound_stays_silent_and_in_time() -> None:
    """Sound that begins after a second is heard after a second, with silence before it."""
    master = encoded(codec="libx265", pictures=30, sound_from=1.0)
    copy, _ = encode_again(master)
    heard = loudness(copy)
    before = [level for at, level in heard if at < 900]
    after = [level for at, level in heard if 1100 < at < 2900]
    assert picture_times(copy, "sound")[0] == 0
    assert max(before) < 0.001
    assert min(after) > 0.01


def loudness(data: bytes) -> list[tuple[float, float]]:
    with av.open(BytesIO(data), "r") as container:
        return [
            ((frame.time or 0) * 1000, float(np.abs(frame.to_ndarray()).max()))
            for frame in container.decode(audio=0)
        ]


def test_a_cut_master_gives_what_is_whole() -> None:
    whole = encoded(codec="libx265", container="matroska", pictures=60, size=(320, 240))
    copy, done = encode_again(whole[: len(whole) * 2 // 3])
    assert 10 < done.pictures < 60
    assert plays_in_browsers(probe(Held(copy)))


@pytest.mark.parametrize("codec", ["mjpeg", "wmv2"])
def test_damaged_packets_are_passed_over_and_counted(codec: str) -> None:
    data = bytearray(encoded(codec=codec, container="avi", sound=None))
    for _, _, packet in packets(bytes(data))[5:8]:
        at = data.index(packet)
        data[at : at + len(packet)] = bytes(len(packet))
    _, done = encode_again(bytes(data))
    assert done.damaged == 3
    assert done.pictures == 17


def test_the_same_footage_is_encoded_the_same() -> None:
    master = encoded(codec="libx265")
    assert packets(encode_again(master)[0]) == packets(encode_again(master)[0])


def test_sound_alone_is_not_encoded() -> None:
    file = BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=48000, layout="mono")
        part = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        part.planes[0].update(bytes(part.planes[0].buffer_size))
        part.sample_rate, part.pts = 48000, 0
        out.mux([*stream.encode(part), *stream.encode(None)])
    with pytest.raises(MediaUnreadable) as refused:
        encode(Held(file.getvalue()), duration_ms=1000, write=lambda _data: None)
    assert refused.value.stable_code == "media.no_video"


def test_no_more_comes_back_than_may() -> None:
    """A child that was taken over can't fill our disk."""
    with pytest.raises(MediaUnreadable) as refused:
        encode(
            Held(encoded(codec="libx265")),
            duration_ms=2000,
            write=lambda _data: None,
            limits=Limits(memory=2 << 30, output=5_000),
        )
    assert refused.value.stable_code == "media.crashed"
