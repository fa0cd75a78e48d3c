"""Hostile films: whatever the bytes are, there is a verdict, in bounded time and memory."""

import struct
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.signed_films import OtherCamera, anchored, flat, mp4, pictures, read, signed

from fairwitness.formats import signed_video, video_samples, video_words
from fairwitness.formats.boxes import Box
from fairwitness.formats.errors import FormatError
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.picture_units import Picture, UnitReader, UserData
from fairwitness.formats.signed_video import VideoVerdict
from fairwitness.formats.video_groups import GroupState
from fairwitness.formats.video_samples import Codec, Sample, Track
from fairwitness.formats.video_seal import AXIS_UUID, ONVIF_UUID, read_seal
from fairwitness.formats.video_signer import camera_certificates

FILM = mp4(signed(pictures(2)))
INDEX = FILM.index(b"moov") - 4


@given(st.binary(max_size=400))
def test_any_bytes_have_a_verdict(data: bytes) -> None:
    assert read(data).verdict is VideoVerdict.NOT_SIGNED


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(FILM) - 1), st.binary(min_size=1, max_size=8)),
        min_size=1,
        max_size=6,
    ),
    st.integers(0, len(FILM)),
)
def test_a_film_overwritten_and_cut_anywhere_has_a_verdict(
    changes: list[tuple[int, bytes]], end: int
) -> None:
    data = bytearray(FILM)
    for place, change in changes:
        data[place : place + len(change)] = change
    report = read(bytes(data[:end]))
    assert report.total == sum(span.last - span.first + 1 for span in report.spans)


@settings(max_examples=300, deadline=None)
@given(st.integers(INDEX, len(FILM) - 5), st.integers(0, (1 << 32) - 1))
def test_any_number_in_the_index_may_be_any_number(place: int, number: int) -> None:
    data = bytearray(FILM)
    data[place : place + 4] = struct.pack(">I", number)
    report = read(bytes(data))
    assert report.verdict in set(VideoVerdict)


@given(st.binary(max_size=300), st.sampled_from([ONVIF_UUID, AXIS_UUID]), st.integers(0, 600))
def test_any_bytes_after_the_name_of_a_scheme_make_a_seal_or_a_fault(
    data: bytes, uuid: bytes, size: int
) -> None:
    seal = read_seal(UserData(b"\6\5\xff\1" + uuid + data, 4, size))
    assert seal is not None


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=3000))
def test_any_certificates_are_read_or_refused(certificates: bytes) -> None:
    camera, film = OtherCamera(), pictures(2)
    seal = camera.onvif(anchored(flat(film[:5])), certificates=certificates)
    film[5].insert(0, seal)
    report = read(mp4(film))
    assert report.signer is None
    assert report.intact == 0


def test_a_certificate_with_another_kind_of_key_is_told() -> None:
    camera, film = OtherCamera(), pictures(2)
    pem = camera_certificates(camera.key, serial="1").leaf
    seal = camera.onvif(anchored(flat(film[:5])), certificates=pem * 9)
    film[5].insert(0, seal)
    report = read(mp4(film))
    assert report.spans[0].state is GroupState.CHANGED
    assert report.spans[0].detail == "it has no certificate, or too many"


def test_a_table_that_claims_billions_of_pictures_costs_nothing() -> None:
    data = bytearray(FILM)
    place = data.index(b"stsz") + 8
    data[place : place + 8] = struct.pack(">II", 1, 0xFFFFFFFF)
    reads = 0

    def at(offset: int, length: int) -> bytes:
        nonlocal reads
        reads += 1
        return bytes(data[offset : offset + length])

    track = video_samples.find_track(at, size=len(data))
    with pytest.raises(FormatError):
        for _ in video_samples.samples(at, track, size=len(data)):
            pass
    assert reads < 200


def test_a_unit_of_noughts_without_end_takes_no_memory() -> None:
    size = 1 << 28

    def at(offset: int, length: int) -> bytes:
        data = bytearray(length)
        if offset == 0:
            data[:5] = struct.pack(">IB", size - 4, 0x41)
        return bytes(data)

    track = Track(1, Codec.H264, 4, 1000, Box("stbl", 0, 8, 8))
    tracemalloc.start()
    (only,) = UnitReader(at, track).units(Sample(0, size, 0, 0))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(only, Picture)
    assert peak < 4 << 20


def test_many_groups_leave_no_memory_behind() -> None:
    film = mp4(signed(pictures(400, 10)))

    def at(offset: int, length: int) -> bytes:
        return film[offset : offset + length]

    tracemalloc.start()
    report = signed_video.check(at, size=len(film))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert report.groups == {GroupState.INTACT: 400}
    assert peak < 2 << 20


def test_a_seal_by_a_key_that_its_certificate_does_not_hold_is_wrong() -> None:
    camera, film = OtherCamera(), pictures(2)
    pem = camera_certificates(SigningKey.generate(), serial="1").leaf
    film[5].insert(0, camera.onvif(anchored(flat(film[:5])), certificates=pem))
    report = read(mp4(film))
    assert report.spans[0].detail == "its signature is wrong"


def test_groups_without_seals_and_seals_without_groups_wait_only_so_long() -> None:
    camera = OtherCamera()
    pem = camera_certificates(camera.key, serial="1").leaf
    stray = camera.onvif([bytes(32)] * 3, certificates=pem)
    film = pictures(600, 1)
    for sample in film:
        sample.append(stray)
    report = read(mp4([*signed(pictures(1, seed=9)), *film]))
    assert report.verdict is VideoVerdict.CHANGED
    assert (report.intact, report.groups[GroupState.CHANGED]) == (1, 600)


def test_groups_whose_seals_are_never_covered_wait_only_so_long() -> None:
    camera = OtherCamera()
    film = pictures(600, 1)
    for sample in film:
        sample.append(camera.onvif(anchored(sample), certificates=b"", sign=False, listed=False))
    report = read(mp4(film))
    assert report.groups == {GroupState.UNCOVERED: 600}
    assert [span.detail for span in report.spans] == [
        "its signature comes too late",
        "it ends before its signature came",
    ]
    assert report.spans[1].first > 400


def test_pictures_beside_the_signed_ones_are_told_of() -> None:
    film = mp4(signed(pictures()))
    at = film.find(b"moov") - 4
    track = film[at + 8 :]
    shown = track.replace(b"avc1", b"mp4v")
    moov = struct.pack(">I4s", 8 + len(shown) + len(track), b"moov")
    report = read(film[:at] + moov + shown + track)
    assert report.problem.startswith("It has other pictures too")
    assert video_words.told(report) == (
        "intact, but not all of it was read: 4 of 4 groups of pictures are what was signed"
    )


def test_more_seals_than_any_camera_makes_end_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed_video, "_MOST_SEALS", 10)
    report = read(mp4(signed(pictures(20))))
    assert report.problem == "It has more signatures than any camera makes."
    assert report.intact == 10
    assert video_words.told(report).startswith("intact, but not all of it was read: 10 of")
    assert report.verdict is VideoVerdict.INTACT
