"""What the probe says of whole, cut, odd and false files."""

import struct
from datetime import UTC, datetime
from io import BytesIO

import av
import pytest
from tests.media_samples import Held, encoded, working_copy

from fairwitness.media.child import GIBIBYTE, Limits, MediaUnreadable
from fairwitness.media.poster import make_poster
from fairwitness.media.probe import FindingCode, Probe, probe


def codes(found: Probe) -> set[FindingCode]:
    return {finding.code for finding in found.findings}


def test_our_cameras_recording_is_described(recording: bytes) -> None:
    found = probe(Held(recording))
    assert found.findings == ()
    assert found.fragmented
    assert found.size == len(recording)
    assert found.created_at == datetime(2017, 7, 5, 13, 0, 4, 200_000, tzinfo=UTC).replace(
        microsecond=0
    )
    assert found.video is not None
    assert found.sound is not None
    assert (found.video.codec, found.video.width, found.video.height) == ("h264", 640, 360)
    assert (found.sound.codec, found.sound.sample_rate, found.sound.channels) == ("aac", 48000, 1)
    assert abs(found.duration_ms - found.video.frames * 1000 / 15) < 50


def test_the_child_was_confined(recording: bytes) -> None:
    held = probe(Held(recording)).confinement
    assert {"limits", "no_new_privileges"} <= set(held)


def test_a_fragmented_recording_that_was_cut_is_truncated_but_read(recording: bytes) -> None:
    found = probe(Held(recording[: len(recording) * 2 // 3]))
    assert found.truncated
    assert found.video is not None
    assert 60 < found.video.frames < 115


@pytest.mark.parametrize("share", [0.35, 0.5, 0.9, 0.999])
def test_wherever_it_is_cut_it_is_found_out(recording: bytes, share: float) -> None:
    found = probe(Held(recording[: int(len(recording) * share)]))
    assert found.truncated


def test_a_faststart_file_that_was_cut_is_truncated(recording: bytes) -> None:
    copy, _ = working_copy(recording)
    found = probe(Held(copy[: len(copy) // 2]))
    assert FindingCode.TRUNCATED in codes(found)


def test_a_file_cut_before_its_index_has_no_index() -> None:
    data = encoded()
    with pytest.raises(MediaUnreadable) as refused:
        probe(Held(data[: data.index(b"moov") - 4]))
    assert refused.value.stable_code == "media.no_index"


def test_bytes_that_are_no_box_are_told(recording: bytes) -> None:
    found = probe(Held(recording + struct.pack(">I4s", 3, b"junk")))
    assert FindingCode.TRAILING in codes(found)


@pytest.mark.parametrize(
    ("container", "codec", "sound", "expected"),
    [
        ("mp4", "libx264", None, {FindingCode.NO_SOUND}),
        ("matroska", "libx264", "aac", set()),
        ("avi", "mjpeg", "mp2", {FindingCode.BROWSER}),
        ("mp4", "libx265", "aac", {FindingCode.BROWSER}),
        ("mpegts", "libx264", "aac", set()),
    ],
)
def test_other_containers_and_codecs_are_described(
    container: str, codec: str, sound: str | None, expected: set[FindingCode]
) -> None:
    found = probe(Held(encoded(container=container, codec=codec, sound=sound)))
    assert codes(found) == expected
    assert found.video is not None
    assert found.video.frames == 20
    assert abs(found.duration_ms - 2_000) <= 120


def test_a_duration_that_can_not_be_is_told() -> None:
    data = bytearray(encoded(sound=None))
    at = data.index(b"stts") + 16  # how long each picture of the first entry is shown
    data[at : at + 4] = struct.pack(">I", 0x7FFFFFFF)
    found = probe(Held(bytes(data)))
    assert FindingCode.HUGE_DURATION in codes(found)


def test_a_picture_that_claims_to_be_huge_is_refused_before_it_is_decoded() -> None:
    data = bytearray(encoded(container="avi", codec="rawvideo", sound=None))
    at = data.index(b"strf") + 12
    data[at : at + 8] = struct.pack("<II", 12_000, 12_000)
    with pytest.raises(MediaUnreadable, match="12000 by 12000"):
        probe(Held(bytes(data)))


def test_a_few_bytes_that_unpack_to_many_are_a_finding_and_not_a_crash() -> None:
    bomb = Held(encoded(pictures=1, size=(4_000, 4_000), sound=None))
    assert bomb.size < 50_000
    with pytest.raises(MediaUnreadable) as refused:
        make_poster(bomb, limits=Limits(memory=GIBIBYTE // 6))
    assert refused.value.stable_code in {"media.memory", "media.unreadable"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"not footage at all",
        b"\0" * 100_000,
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
        b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>',
        struct.pack(">I4s", 0xFFFFFFFF, b"moov") + b"\0" * 64,
        struct.pack(">I4sQ", 1, b"mdat", 1 << 63) + b"\0" * 64,
        struct.pack(">I4s", 0, b"ftyp"),
    ],
    ids=lambda data: repr(data[:12]),
)
def test_what_is_no_footage_is_unreadable_and_nothing_else(data: bytes) -> None:
    with pytest.raises(MediaUnreadable):
        probe(Held(data))


def test_long_footage_is_read_once() -> None:
    """So that ingest may hash it as it is read."""
    whole = Held(padded(40))
    found = probe(whole)
    assert found.findings == (found.findings[0],)
    assert found.findings[0].code is FindingCode.NO_SOUND
    assert found.fragmented
    again = len(whole.reads) - len(set(whole.reads))
    assert again <= 2


def test_a_cut_in_long_footage_is_found() -> None:
    data = padded(40)
    assert probe(Held(data[: len(data) - 700_000])).truncated


def padded(mebibytes: int) -> bytes:
    """Fragments of a picture that begins with a mebibyte of nothing."""
    file = BytesIO()
    flags = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with (
        av.open(BytesIO(encoded(sound=None)), "r") as source,
        av.open(file, "w", format="mp4", options=flags) as out,
    ):
        stream = out.add_stream_from_template(source.streams.video[0])
        first = next(packet for packet in source.demux(video=0) if packet.size)
        filler = (1 << 20).to_bytes(4, "big") + b"\x06" + bytes((1 << 20) - 1)
        for number in range(mebibytes):
            packet = av.Packet(bytes(first) + filler)
            packet.stream, packet.time_base = stream, first.time_base
            packet.pts = packet.dts = number * 1024
            packet.is_keyframe = True
            out.mux(packet)
    return file.getvalue()
