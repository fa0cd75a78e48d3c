"""Signed video of other makers: published files where they lie, and every form that a seal has."""

import hashlib
import io
import itertools
import random

import av
import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from tests.signed_films import (
    PUBLISHED,
    OtherCamera,
    Sample,
    anchored,
    mp4,
    pictures,
    read,
)

from fairwitness.formats import video_samples
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.picture_units import escape, unescape
from fairwitness.formats.signed_video import VideoReport, VideoVerdict
from fairwitness.formats.video_groups import GroupState
from fairwitness.formats.video_seal import Scheme
from fairwitness.formats.video_signer import camera_certificates, read_certificates, rooted

SIGNED = ("test_signed_h264.mp4", "test_signed_h265.mp4")
EACH = 5


def published(name: str) -> bytes:
    if not PUBLISHED.exists():
        pytest.skip("the files of onvif/media-signing-framework are not beside this checkout")
    return (PUBLISHED / name).read_bytes()


def states(report: VideoReport) -> list[tuple[int, int, str]]:
    return [(span.first, span.last, span.state.value) for span in report.spans]


# The published files


@pytest.mark.parametrize("name", SIGNED)
def test_the_published_signed_files_are_intact(name: str) -> None:
    report = read(published(name))
    assert (report.verdict, report.scheme) == (VideoVerdict.INTACT, Scheme.ONVIF)
    assert report.groups == {GroupState.INTACT: 5}
    assert report.signer is not None
    assert report.signer.name == "Test camera"
    assert report.maker == "Signed Media Framework, N/A, v0.0.4"


@pytest.mark.parametrize("name", ["test_h264.mp4", "test_h265.mp4"])
def test_the_published_unsigned_files_are_not_signed(name: str) -> None:
    assert read(published(name)).verdict is VideoVerdict.NOT_SIGNED


@pytest.mark.parametrize("name", SIGNED)
def test_their_certificate_is_of_the_published_root_but_not_of_the_time_they_claim(
    name: str,
) -> None:
    report = read(published(name))
    roots = read_certificates(published("ca.pem"))
    assert report.signer is not None
    assert report.began_us is not None
    outside = "its certificate was not valid at the time that the video claims"
    assert rooted(report.signer, roots=roots, claimed_us=report.began_us) == outside
    in_2025 = 1_750_000_000_000_000
    assert rooted(report.signer, roots=roots, claimed_us=in_2025) == ""
    assert rooted(report.signer, roots=[], claimed_us=in_2025)
    ours = camera_certificates(SigningKey.generate(), serial="1").root
    strange = x509.load_pem_x509_certificates(ours)
    assert rooted(report.signer, roots=strange, claimed_us=in_2025)


@pytest.mark.parametrize("name", SIGNED)
def test_one_bit_names_its_group(name: str) -> None:
    data = bytearray(published(name))

    def at(offset: int, length: int) -> bytes:
        return bytes(data[offset : offset + length])

    track = video_samples.find_track(at, size=len(data))
    samples = list(video_samples.samples(at, track, size=len(data)))
    seeded = random.Random(264)  # noqa: S311 -- the same places each time
    for _ in range(60):
        number = seeded.randrange(len(samples) - 1)
        if number % 62 == 1:
            continue  # a seal, of the group before, is in this one
        sample = samples[number]
        place = sample.offset + seeded.randrange(6, sample.size)
        bit = 1 << seeded.randrange(8)
        data[place] ^= bit
        group = number // 62 + 1
        bad = [s for s in states(read(bytes(data))) if s[2] != "intact"]
        data[place] ^= bit
        assert bad == [(group, group, "changed")]


@pytest.mark.parametrize("name", SIGNED)
@pytest.mark.parametrize("container", ["mp4", "fragments"])
def test_copying_them_into_another_file_changes_nothing(name: str, container: str) -> None:
    copied = remuxed(published(name), fragments=container == "fragments")
    assert read(copied).groups == {GroupState.INTACT: 5}


def remuxed(data: bytes, *, fragments: bool) -> bytes:
    out, last = io.BytesIO(), -1
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"} if fragments else {}
    with (
        av.open(io.BytesIO(data), "r") as source,
        av.open(out, "w", format="mp4", options=options) as target,
    ):
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is None:
                continue
            last = packet.dts = max(packet.dts, last + 1)
            packet.pts = max(packet.pts or 0, last)
            packet.stream = stream
            target.mux(packet)
    return out.getvalue()


# Every form of a seal


def grouped(film: list[Sample]) -> list[list[Sample]]:
    return [film[at : at + EACH] for at in range(0, len(film), EACH)]


def units(group: list[Sample]) -> list[bytes]:
    return [unit for sample in group for unit in sample]


def certified(camera: OtherCamera) -> bytes:
    return camera_certificates(camera.key, serial="7").leaf


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("escaped", [True, False])
def test_seals_may_come_late_escaped_and_without_a_list(*, listed: bool, escaped: bool) -> None:
    camera, film = OtherCamera(), pictures(5)
    groups = grouped(film)
    for before, after in itertools.pairwise(groups):
        digests = anchored([u for u in units(before) if u[0] != 6])
        seal = camera.onvif(digests, certificates=certified(camera), listed=listed, escaped=escaped)
        after[2].insert(0, seal)
    film = [sample for group in groups for sample in group]
    assert states(read(mp4(film))) == [(1, 4, "intact"), (5, 5, "uncovered")]
    film[8][0] += b"x"
    expected = [(1, 1, "intact"), (2, 2, "changed"), (3, 4, "intact"), (5, 5, "uncovered")]
    assert states(read(mp4(film))) == expected


@pytest.mark.parametrize("first", [1, 2])
def test_a_clip_whose_first_seal_is_of_what_came_before_is_intact(first: int) -> None:
    camera, groups = OtherCamera(), grouped(pictures(5))
    for before, after in itertools.pairwise(groups):
        digests = anchored([u for u in units(before) if u[0] != 6])
        after[1].insert(0, camera.onvif(digests, certificates=certified(camera)))
    film = [sample for group in groups[first:] for sample in group]
    report = read(mp4(film))
    last = 5 - first
    assert states(report) == [(1, last - 1, "intact"), (last, last, "uncovered")]
    assert report.began_before


def test_a_long_group_may_be_sealed_in_parts() -> None:
    camera, group = OtherCamera(), pictures(1, 30)
    digests = anchored(units(group))
    for number in range(3):
        part = digests[number * 20 : (number + 1) * 20]
        seal = camera.onvif(part, certificates=certified(camera), partial=True)
        group[min(29, number * 10 + 12)].append(seal)
    report = read(mp4(group))
    assert states(report) == [(1, 3, "intact")]
    group[15][0] += b"x"
    assert states(read(mp4(group))) == [(1, 1, "intact"), (2, 2, "changed"), (3, 3, "intact")]


def test_one_signature_may_hold_for_several_groups() -> None:
    camera, groups = OtherCamera(), grouped(pictures(4))
    known: list[bytes] = []
    seal = b""
    for number, group in enumerate(groups):
        if number:
            seal = camera.onvif(known, certificates=certified(camera), sign=number == 3)
            group[0].append(seal)
        plain = anchored([u for u in units(group) if u[0] != 6])
        if 0 < number < 3:
            plain.insert(2, hashlib.sha256(unescape(seal)).digest())
        known = plain
    film = [sample for group in groups for sample in group]
    assert states(read(mp4(film))) == [(1, 3, "intact"), (4, 4, "uncovered")]
    film[7][0] += b"x"
    report = read(mp4(film))
    assert states(report)[1] == (2, 2, "changed")


def test_certificates_may_come_in_a_unit_of_their_own() -> None:
    camera, groups = OtherCamera(), grouped(pictures(2))
    seal = camera.onvif(anchored(units(groups[0])), certificates=b"")
    assert states(read(mp4([*groups[0], [seal, *groups[1][0]]])))[0] == (1, 1, "changed")
    card = camera.card(certified(camera))
    film = [[card, *groups[0][0]], *groups[0][1:], [seal, *groups[1][0]], *groups[1][1:]]
    assert states(read(mp4(film))) == [(1, 1, "intact"), (2, 2, "uncovered")]


def test_h265_is_judged_by_its_own_kinds_of_units() -> None:
    camera = OtherCamera()
    group = [[b"\x26\x01\x80" + bytes([number + 1] * 9)] for number in range(1)]
    group += [[b"\x02\x01\xd0" + bytes([number + 1] * 9)] for number in range(6)]
    after = [[b"\x26\x01\x80" + b"next"]]
    seal = camera.onvif(anchored(units(group)), certificates=certified(camera), hevc=True)
    assert states(read(mp4([*group, [seal], *after], hevc=True))) == [
        (1, 1, "intact"),
        (2, 2, "uncovered"),
    ]
    group[3][0] += b"x"
    assert states(read(mp4([*group, [seal], *after], hevc=True)))[0] == (1, 1, "changed")


@pytest.mark.parametrize("listed", [True, False])
def test_axis_version_2_is_judged_alike(*, listed: bool) -> None:
    camera, groups = OtherCamera(), grouped(pictures(4))
    for before, after in itertools.pairwise(groups):
        digests = anchored([u for u in units(before) if u[0] != 6])
        after[1].insert(0, camera.axis(digests, listed=listed))
    film = [sample for group in groups for sample in group]
    report = read(mp4(film))
    assert (report.verdict, report.scheme) == (VideoVerdict.INTACT, Scheme.AXIS)
    assert states(report) == [(1, 3, "intact"), (4, 4, "uncovered")]
    assert report.maker == "Axis, ACCC8E, 10.12"
    assert report.signer is not None
    assert report.signer.keyid == camera.key.keyid
    assert rooted(report.signer, roots=[], claimed_us=0) == "the video has no certificate"
    film[11][1] += b"x"
    assert states(read(mp4(film)))[1] == (3, 3, "changed")


def test_axis_version_1_is_compared_and_its_signature_is_not_checked() -> None:
    camera, groups = OtherCamera(), grouped(pictures(3))
    film: list[Sample] = []
    before: list[bytes] = []
    for group in groups:
        listed = anchored([*before, group[0][0]])
        film += [[camera.axis(listed, old=True), *group[0]], *group[1:]]
        before = units(group)
    film[-1].append(camera.axis(anchored(before), old=True))
    report = read(mp4(film))
    assert (report.verdict, report.scheme) == (VideoVerdict.OLD_FORMAT, Scheme.AXIS_1)
    assert states(report) == [(1, 3, "intact")]
    film[7][0] += b"x"
    report = read(mp4(film))
    assert report.verdict is VideoVerdict.CHANGED
    assert states(report) == [(1, 1, "intact"), (2, 2, "changed"), (3, 3, "intact")]


@given(st.binary(max_size=200) | st.lists(st.sampled_from([0, 0, 0, 1, 3, 7])).map(bytes))
def test_escaped_bytes_hold_no_start_code_and_come_back(data: bytes) -> None:
    stored = escape(data)
    assert not any(stored.count(bytes([0, 0, last])) for last in (0, 1, 2))
    assert unescape(stored) == data
