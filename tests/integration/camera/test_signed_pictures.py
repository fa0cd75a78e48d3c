"""The camera's pictures are sealed, group by group, and stay so in whatever file they are put."""

import io
from datetime import timedelta
from pathlib import Path

import av
import pytest
from cryptography import x509
from tests.camera_making import QUICK, Kit, make_kit, pictures
from tests.media_samples import working_copy
from tests.signed_films import flipped, read

from fairwitness.formats.signed_video import VideoReport, VideoVerdict
from fairwitness.formats.video_groups import GroupState
from fairwitness.formats.video_signer import read_certificates, rooted

SCRIPT = "at 0s boot\nat 3s double-press\nat 9s hold-event\nat 14s off"


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    kit = make_kit(tmp_path_factory.mktemp("camera"))
    assert kit.play(SCRIPT, settings=QUICK).recordings == ("00417-1-1",)
    return kit


@pytest.fixture(scope="module")
def video(kit: Kit) -> bytes:
    return kit.video("00417-1-1").read_bytes()


def wholly_intact(report: VideoReport) -> bool:
    return report.verdict is VideoVerdict.INTACT and report.groups.keys() == {GroupState.INTACT}


def copied(data: bytes, container: str, **options: str) -> bytes:
    """The video track put into another file, packet by packet."""
    out = io.BytesIO()
    with (
        av.open(io.BytesIO(data), "r") as source,
        av.open(out, "w", format=container, options=options) as target,
    ):
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return out.getvalue()


def test_each_second_is_sealed_by_the_cameras_own_key(kit: Kit, video: bytes) -> None:
    report, claim = read(video), kit.claim("00417-1-1")
    assert wholly_intact(report)
    seconds = (claim.ended_at - claim.started_at) / timedelta(seconds=1)
    assert report.total == int(seconds) + (seconds % 1 > 0)
    assert report.signer is not None
    assert report.signer.keyid == kit.identity.key.keyid
    assert report.began_us is not None
    began = report.began_us / 1_000_000
    assert abs(began - claim.started_at.timestamp()) < 0.001
    assert pictures(kit.video("00417-1-1")) == round(seconds * claim.frames_per_second)


def test_its_certificate_is_of_the_root_on_the_volume(kit: Kit, video: bytes) -> None:
    report = read(video)
    root = (kit.volume / "certificate.pem").read_bytes()
    assert report.signer is not None
    assert report.began_us is not None
    assert root not in report.signer.certificates
    roots = read_certificates(root)
    assert rooted(report.signer, roots=roots, claimed_us=report.began_us) == ""
    assert (
        roots[0].public_key()
        == x509.load_pem_x509_certificate(report.signer.certificates).public_key()
    )


@pytest.mark.parametrize("container", ["mp4", "mov", "matroska"])
def test_other_files_of_the_same_pictures_are_intact(video: bytes, container: str) -> None:
    data = copied(video, container)
    if container == "matroska":
        assert read(data).verdict is VideoVerdict.NOT_SIGNED  # we look into MP4 only
        data = copied(data, "mp4", movflags="frag_keyframe+empty_moov+default_base_moof")
    assert wholly_intact(read(data))


def test_the_working_copy_keeps_every_seal(video: bytes) -> None:
    copy, _ = working_copy(video)
    assert copy != video
    assert wholly_intact(read(copy))


def test_a_bit_in_the_middle_names_its_second(video: bytes) -> None:
    report = read(flipped(video, picture=50))
    assert report.verdict is VideoVerdict.CHANGED
    (bad,) = (span for span in report.spans if span.state is GroupState.CHANGED)
    assert (bad.first, bad.last, bad.from_ms, bad.to_ms) == (4, 4, 3000, 4000)


def test_cut_off_anywhere_the_seals_before_still_hold(video: bytes) -> None:
    """As a power cut leaves it, before the camera has mended it."""
    for cut in range(2000, len(video), len(video) // 40):
        report = read(video[:cut])
        assert report.groups.keys() <= {GroupState.INTACT, GroupState.UNCOVERED}
        assert report.groups.get(GroupState.UNCOVERED, 0) <= 2


def test_the_buffer_and_each_part_are_sealed_too(tmp_path: Path) -> None:
    kit = make_kit(tmp_path)
    script = "at 0s boot\nat 20s double-press\nat 36s hold-event\nat 41s off"
    names = kit.play(script, part_ms=10_000).recordings
    assert len(names) == 2
    for name in names:
        report = read(kit.video(name).read_bytes())
        assert wholly_intact(report)
        assert not report.began_before
