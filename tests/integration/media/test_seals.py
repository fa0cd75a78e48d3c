"""The video's own signatures, checked in the child process."""

import resource

import pytest
from tests.media_samples import Held, encoded, working_copy
from tests.signed_films import flipped, read

from fairwitness.formats.signed_video import VideoVerdict
from fairwitness.formats.video_groups import GroupState
from fairwitness.formats.video_signer import Signer
from fairwitness.media.child import MediaUnreadable
from fairwitness.media.seals import check_seals, read_answer


def test_the_child_says_what_the_reader_says(recording: bytes) -> None:
    for data in (recording, working_copy(recording)[0], recording[: len(recording) // 2]):
        here, there = read(data), check_seals(Held(data))
        assert here.signer is not None
        assert there.signer is not None
        assert (there.verdict, there.groups, there.spans) == (here.verdict, here.groups, here.spans)
        assert there.signer.keyid == here.signer.keyid
        assert (there.maker, there.problem) == (here.maker, here.problem)


def test_a_changed_bit_names_its_group(recording: bytes) -> None:
    report = check_seals(Held(flipped(recording, picture=40)))
    assert report.verdict is VideoVerdict.CHANGED
    assert report.groups[GroupState.CHANGED] == 1


def test_other_footage_is_not_signed() -> None:
    assert check_seals(Held(encoded())).verdict is VideoVerdict.NOT_SIGNED
    assert check_seals(Held(encoded(container="matroska"))).verdict is VideoVerdict.NOT_SIGNED
    assert check_seals(Held(b"no video at all")).verdict is VideoVerdict.NOT_SIGNED
    assert check_seals(Held(b"")).verdict is VideoVerdict.NOT_SIGNED


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
    ],
)
def test_a_lying_child_is_not_believed(lie: dict[str, object]) -> None:
    told: dict[str, object] = {
        "verdict": "intact",
        "scheme": "onvif",
        "keyid": "ab" * 32,
        "name": "Camera\0 7",
        "maker": "",
        "groups": {"intact": 3},
        "spans": [],
        "began_before": False,
        "problem": "",
    }
    assert read_answer(told).signer == Signer("ab" * 32, "Camera 7", b"")
    with pytest.raises(MediaUnreadable):
        read_answer(told | lie)


def test_the_file_is_read_with_little_memory(recording: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    check_seals(Held(recording))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8 * 1024
