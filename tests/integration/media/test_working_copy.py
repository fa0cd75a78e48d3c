"""Working copies: the same packets, index first, whatever the master's container."""

import itertools
from io import BytesIO

import av
import pytest
from tests.media_samples import Held, encoded, packets, working_copy

from fairwitness.formats import boxes
from fairwitness.media.child import GIBIBYTE, Limits, MediaUnreadable
from fairwitness.media.probe import probe
from fairwitness.media.working_copy import make_working_copy


def kinds(data: bytes) -> list[str]:
    read = lambda offset, length: data[offset : offset + length]  # noqa: E731 (shortest here)
    return [box.kind for box in boxes.walk(read, start=0, stop=len(data))]


def test_our_recording_becomes_an_ordinary_mp4_of_the_same_packets(recording: bytes) -> None:
    copy, facts = working_copy(recording)
    assert [kind for kind in kinds(copy) if kind != "free"] == ["ftyp", "moov", "mdat"]
    assert packets(copy) == packets(recording)
    found = probe(Held(copy))
    assert (found.findings, found.fragmented) == ((), False)
    assert abs(facts.duration_ms - found.duration_ms) <= 1
    assert "libavformat" in facts.tool


def test_every_picture_of_it_decodes_to_the_same(recording: bytes) -> None:
    copy, _ = working_copy(recording)
    with av.open(BytesIO(copy), "r") as made, av.open(BytesIO(recording), "r") as master:
        for one, other in zip(made.decode(video=0), master.decode(video=0), strict=True):
            assert bytes(one.planes[0]) == bytes(other.planes[0])


def test_it_is_made_the_same_each_time(recording: bytes) -> None:
    assert working_copy(recording)[0] == working_copy(recording)[0]


@pytest.mark.parametrize("container", ["mp4", "matroska", "mpegts", "mov"])
def test_other_containers_keep_their_packets(container: str) -> None:
    master = encoded(container=container)
    copy, _ = working_copy(master)
    pictures = [one for one in packets(copy) if one[0] == "video"]
    assert len(pictures) == 20
    times = sorted(at for _, at, _ in pictures)
    assert [after - before for before, after in itertools.pairwise(times)] == [100] * 19
    if container != "mpegts":  # whose packets are framed otherwise
        assert [one[2] for one in packets(copy)] == [one[2] for one in packets(master)]


def test_a_cut_recording_gives_what_is_whole(recording: bytes) -> None:
    cut = recording[: len(recording) * 2 // 3]
    copy, _ = working_copy(cut)
    assert probe(Held(copy)).findings == ()
    assert 60 < sum(1 for one in packets(copy) if one[0] == "video") < 115


def test_a_long_master_needs_no_more_memory() -> None:
    """Ninety mebibytes of pictures through a child that may have little more for itself."""
    small = encoded(pictures=30, sound=None)
    file = BytesIO()
    with av.open(BytesIO(small), "r") as source, av.open(file, "w", format="mp4") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        (first, *_) = (packet for packet in source.demux(video=0) if packet.size)
        unit = (1 << 20) + 1
        payload = (unit - 4).to_bytes(4, "big") + b"\x06" + bytes(unit - 5)
        for number in range(90):
            packet = av.Packet(payload)
            packet.stream, packet.time_base = stream, first.time_base
            packet.pts = packet.dts = number * 1024
            out.mux(packet)
    master = Held(file.getvalue())
    made = {"announced": 0, "written": 0, "largest": 0}

    def write(data: bytes) -> None:
        made["written"] += len(data)
        made["largest"] = max(made["largest"], len(data))

    # Some 200 MiB are the libraries' own, and how many more depends on the load; all of it twice
    # would be 180 on top.
    limits = Limits(memory=GIBIBYTE // 4, output=2 * master.size)
    make_working_copy(
        master, begin=lambda total: made.update(announced=total), write=write, limits=limits
    )
    assert made["announced"] == made["written"] >= 90 << 20
    assert made["largest"] <= 4 << 20


def test_codecs_that_mp4_can_not_carry_are_said_to_be_unsuited() -> None:
    with pytest.raises(MediaUnreadable) as refused:
        working_copy(encoded(container="avi", codec="wmv2", sound=None))
    assert refused.value.stable_code == "media.unsuited"


def test_sound_alone_makes_no_working_copy() -> None:
    file = BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=48000, layout="mono")
        part = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        part.planes[0].update(bytes(part.planes[0].buffer_size))
        part.sample_rate, part.pts = 48000, 0
        out.mux([*stream.encode(part), *stream.encode(None)])
    with pytest.raises(MediaUnreadable) as refused:
        working_copy(file.getvalue())
    assert refused.value.stable_code == "media.no_video"
