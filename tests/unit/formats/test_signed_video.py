"""Signed video, judged group by group: what our camera signs, and what may be done to it."""

import hashlib
from collections.abc import Callable

import pytest
from tests.signed_films import (
    KEY,
    KEY_PICTURE,
    OTHER_KEY,
    OTHER_PICTURE,
    PICTURE,
    Sample,
    mp4,
    pictures,
    read,
    signed,
)

from fairwitness.formats import video_groups
from fairwitness.formats.signed_video import VideoReport, VideoVerdict
from fairwitness.formats.video_groups import GroupState
from fairwitness.formats.video_seal import Scheme

EACH = 5


def found(report: VideoReport) -> list[tuple[int, int, str]]:
    """The groups that are not intact: first, last, state."""
    return [
        (span.first, span.last, span.state.value)
        for span in report.spans
        if span.state is not GroupState.INTACT
    ]


def test_what_the_camera_signed_is_intact() -> None:
    report = read(mp4(signed(pictures())))
    assert (report.verdict, report.scheme) == (VideoVerdict.INTACT, Scheme.ONVIF)
    assert report.groups == {GroupState.INTACT: 4}
    (span,) = report.spans
    assert (span.first, span.last, span.from_ms, span.to_ms) == (1, 4, 0, 4000)
    assert report.signer is not None
    assert (report.signer.keyid, report.signer.name) == (KEY.keyid, "Camera 00417")
    assert report.maker == "Fairwitness, 00417, test 1"
    assert not report.began_before


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_lengths_of_units_may_have_one_to_four_bytes(width: int) -> None:
    film = signed(pictures())
    if width == 1:
        film = pictures()
    expected = VideoVerdict.NOT_SIGNED if width == 1 else VideoVerdict.INTACT
    assert read(mp4(film, width=width)).verdict is expected


def test_a_film_without_seals_is_not_signed() -> None:
    assert read(mp4(pictures())).verdict is VideoVerdict.NOT_SIGNED


def test_other_containers_are_not_looked_into_and_that_is_said() -> None:
    report = read(b"\x1a\x45\xdf\xa3" * 100)
    assert report.verdict is VideoVerdict.NOT_SIGNED
    assert report.problem


@pytest.mark.parametrize("group", [1, 2, 4])
@pytest.mark.parametrize("picture", [0, 1, 4])
@pytest.mark.parametrize("which", [-2, -1])
def test_a_changed_unit_names_its_group_and_no_other(group: int, picture: int, which: int) -> None:
    film = signed(pictures())
    sample = film[(group - 1) * EACH + picture]
    slices = [index for index, unit in enumerate(sample) if unit[0] != 6]
    index = slices[which]
    sample[index] = sample[index][:-1] + bytes([sample[index][-1] ^ 1])
    report = read(mp4(film))
    assert report.verdict is VideoVerdict.CHANGED
    assert found(report) == [(group, group, "changed")]
    unit = picture * 2 + (which + 2) + 1
    bad = next(span for span in report.spans if span.state is GroupState.CHANGED)
    assert bad.detail == f"unit {unit} of 10 is not what was signed"
    assert (bad.from_ms, bad.to_ms) == ((group - 1) * 1000, group * 1000)


def remove_unit(film: list[Sample]) -> None:
    del film[EACH + 2][1]


def remove_picture(film: list[Sample]) -> None:
    film[EACH + 3] = []


@pytest.mark.parametrize("lose", [remove_unit, remove_picture])
def test_lost_units_are_missing_and_the_rest_is_intact(
    lose: Callable[[list[Sample]], None],
) -> None:
    film = signed(pictures())
    lose(film)
    report = read(mp4(film))
    assert report.verdict is VideoVerdict.MISSING
    assert found(report) == [(2, 2, "missing")]


def test_swapped_and_added_units_are_changes() -> None:
    film = signed(pictures())
    film[EACH + 2][0], film[EACH + 3][0] = film[EACH + 3][0], film[EACH + 2][0]
    assert found(read(mp4(film))) == [(2, 2, "changed")]
    film = signed(pictures())
    film[EACH + 2].append(PICTURE + b"another")
    report = read(mp4(film))
    assert found(report) == [(2, 2, "changed")]
    assert report.spans[1].detail == "unit 7 of 11 is not what was signed; 10 were signed"


def test_a_group_whose_seal_was_taken_out_has_none() -> None:
    film = signed(pictures())
    assert film[2 * EACH][0][0] == 6
    del film[2 * EACH][0]
    report = read(mp4(film))
    assert found(report) == [(2, 2, "changed")]
    assert report.spans[1].detail == "no signature covers it"


def test_a_group_taken_out_with_its_seal_leaves_a_gap_that_the_next_one_tells() -> None:
    film = signed(pictures())
    seal_of_first = film[EACH][0]
    del film[EACH : 2 * EACH]
    film[EACH][0] = seal_of_first
    report = read(mp4(film))
    assert found(report) == [(2, 2, "changed")]
    assert report.spans[1].detail == "what came before it was removed or replaced"


def test_another_recording_of_the_same_camera_cannot_be_joined_to_it() -> None:
    film = signed(pictures()) + signed(pictures(seed=1))
    report = read(mp4(film))
    assert report.verdict is VideoVerdict.CHANGED
    assert found(report) == [(5, 5, "changed")]


def test_a_changed_seal_is_told_of_its_own_group() -> None:
    for place in (0, 20, 45, 300, 800, 1000, -20, -60):
        film = signed(pictures())
        seal = bytearray(film[2 * EACH][0])
        seal[place] ^= 4
        film[2 * EACH][0] = bytes(seal)
        assert found(read(mp4(film))) == [(2, 2, "changed")], place


def test_pictures_signed_again_with_another_key_are_another_signers() -> None:
    report = read(mp4(signed(pictures(), key=OTHER_KEY)))
    assert report.verdict is VideoVerdict.INTACT
    assert report.signer is not None
    assert report.signer.keyid == OTHER_KEY.keyid != KEY.keyid


def test_another_key_in_the_middle_is_a_change() -> None:
    film, other = signed(pictures()), signed(pictures(), key=OTHER_KEY)
    film[2 * EACH :] = other[2 * EACH :]
    assert found(read(mp4(film))) == [(2, 4, "changed")]


def test_a_dangling_end_is_told_and_is_no_change() -> None:
    report = read(mp4(signed(pictures(), ends=False)))
    assert report.verdict is VideoVerdict.INTACT
    assert found(report) == [(4, 4, "uncovered")]
    assert report.spans[1].detail == "it ends before its signature came"


@pytest.mark.parametrize("first", [1, 2, 3])
def test_a_clip_from_the_middle_is_intact_and_told(first: int) -> None:
    film = signed(pictures(6))[first * EACH : 5 * EACH]
    report = read(mp4(film))
    assert report.verdict is VideoVerdict.INTACT
    assert report.began_before
    assert found(report) == [(5 - first, 5 - first, "uncovered")]


@pytest.mark.parametrize("first", [1, 2])
def test_a_changed_beginning_of_a_clip_is_told(first: int) -> None:
    film = signed(pictures(6))[first * EACH :]
    film[0][1] = film[0][1][:-1] + b"\x81"
    report = read(mp4(film))
    assert found(report) == [(1, 1, "changed")]
    assert report.spans[0].detail == "unit 1 of 10 is not what was signed"


def test_pictures_put_in_front_are_a_change() -> None:
    film = pictures(1, seed=7) + signed(pictures())
    assert found(read(mp4(film))) == [(1, 1, "changed")]


def test_pictures_of_a_kind_that_nobody_signs_leave_their_group_uncovered() -> None:
    film = signed(pictures())
    film[EACH + 1].append(OTHER_PICTURE + b"shown all the same")
    report = read(mp4(film))
    assert found(report) == [(2, 2, "uncovered")]
    assert "of a kind it does not sign" in report.spans[1].detail


def test_noughts_at_the_end_of_a_unit_do_not_count() -> None:
    film = signed(pictures())
    film[7][0] += b"\0\0"
    assert read(mp4(film)).verdict is VideoVerdict.INTACT


def test_units_larger_than_the_piece_that_is_read_are_hashed_whole() -> None:
    film = pictures(2)
    for place in (0, 3):
        film[place][0] += bytes(range(1, 256)) * 3000 + bytes(400_000) + b"\1"
    sealed = signed(film)
    assert read(mp4(sealed)).verdict is VideoVerdict.INTACT
    sealed[3][0] = sealed[3][0][:-1] + b"\2"
    assert found(read(mp4(sealed))) == [(1, 1, "changed")]


def test_a_film_changed_in_every_group_is_changed_not_unsigned() -> None:
    film = signed(pictures(3))
    for number in range(3):
        sample = film[number * EACH]
        sample[-2] = KEY_PICTURE + hashlib.sha256(bytes([number])).digest()
    report = read(mp4(film))
    assert report.verdict is VideoVerdict.CHANGED
    assert found(report) == [(1, 3, "changed")]


def test_a_single_group_is_judged_too() -> None:
    film = signed(pictures(1))
    assert read(mp4(film)).groups == {GroupState.INTACT: 1}
    film[0][0] = KEY_PICTURE + b"another"
    assert found(read(mp4(film))) == [(1, 1, "changed")]


def test_what_waits_for_a_seal_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_groups, "MOST_WAITING", 35)
    film = pictures(20) + signed(pictures(1, seed=3))
    report = read(mp4(film))
    assert report.verdict is VideoVerdict.CHANGED
    assert report.groups[GroupState.CHANGED] == 20
    assert report.intact == 1


def test_spans_are_bounded() -> None:
    film = signed(pictures(500, 1))
    for number in range(0, 500, 2):
        film[number][-1] += b"x"
    report = read(mp4(film))
    assert len(report.spans) == 200
    assert report.groups == {GroupState.INTACT: 250, GroupState.CHANGED: 250}
    assert report.spans[-1].last == 500
    assert report.spans[-1].state is GroupState.CHANGED
