"""The video's own signatures, checked in the child process."""

import re
import struct
from pathlib import Path

import pytest
from tests.media_samples import Held, encoded, working_copy
from tests.signed_films import KEY, filmed, flipped, read

from fairwitness.camera.settings import Picture
from fairwitness.formats.signed_video import VideoVerdict
from fairwitness.formats.video_groups import GroupState
from fairwitness.formats.video_signer import Signer
from fairwitness.media.answers import Answer
from fairwitness.media.child import MediaUnreadable
from fairwitness.media.probe import probe
from fairwitness.media.seals import read_answer


def test_the_child_says_what_the_reader_says(recording: bytes) -> None:
    for data in (recording, working_copy(recording)[0], recording[: len(recording) // 2]):
        here, there = read(data), probe(Held(data)).seals
        assert here.signer is not None
        assert there is not None
        assert there.signer is not None
        assert (there.verdict, there.groups, there.spans) == (here.verdict, here.groups, here.spans)
        assert there.signer == here.signer
        assert there.began_us == here.began_us
        assert here.signer.certificates
        assert (there.maker, there.problem) == (here.maker, here.problem)


def test_a_changed_bit_names_its_group(recording: bytes) -> None:
    report = probe(Held(flipped(recording, picture=40))).seals
    assert report is not None
    assert report.verdict is VideoVerdict.CHANGED
    assert report.groups[GroupState.CHANGED] == 1


@pytest.mark.parametrize("container", ["mp4", "matroska", "avi"])
def test_other_footage_is_not_signed(container: str) -> None:
    report = probe(Held(encoded(container=container, sound=None))).seals
    assert report is not None
    assert report.verdict is VideoVerdict.NOT_SIGNED


def test_footage_with_its_index_first_is_read_once_and_little_more(tmp_path: Path) -> None:
    """Its beginning is hashed once it is known that there are seals; it is still held then."""
    film = filmed(tmp_path, key=KEY, seconds=24, picture=Picture(640, 360, 15, 8_000_000))
    assert len(film) > 20 << 20, "more than the child holds at once"
    held = Held(film)
    report = probe(held).seals
    assert report is not None
    assert report.groups == {GroupState.INTACT: 24}
    assert sum(length for _, length in held.reads) <= len(film) + (4 << 20)


def test_signed_footage_with_impossible_times_is_still_footage(tmp_path: Path) -> None:
    film = bytearray(filmed(tmp_path, key=KEY, seconds=4))
    struct.pack_into(">I", film, film.find(b"mdhd") + 16, 1)  # units of time a second
    at = [found.start() for found in re.finditer(b"tfdt", film)][-2]
    struct.pack_into(">Q", film, at + 8, (1 << 64) - 2)
    found = probe(Held(bytes(film)))
    assert found.seals is None
    assert found.video is not None


@pytest.mark.parametrize(
    "lie",
    [
        {"verdict": "authentic"},
        {"verdict": "changed"},
        {"keyid": "not a key"},
        {"groups": {"changed": 1}},
        {"groups": {"intact": 1 << 40}},
        {"spans": [{"first": "one"}]},
        {"spans": 7},
        {"scheme": "ours"},
        {"began_us": "soon"},
        {"certificates": "x" * 16385},
    ],
)
def test_a_lying_child_is_not_believed(lie: dict[str, object]) -> None:
    told: dict[str, object] = {
        "verdict": "intact",
        "scheme": "onvif",
        "keyid": "ab" * 32,
        "name": "Camera\0 7",
        "maker": "",
        "certificates": "",
        "began_us": "",
        "groups": {"intact": 3},
        "spans": [],
        "began_before": False,
        "problem": "",
    }
    assert read_answer(Answer(told)).signer == Signer("ab" * 32, "Camera 7", b"")
    with pytest.raises(MediaUnreadable):
        read_answer(Answer(told | lie))
