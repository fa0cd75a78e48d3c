"""What the footage is, and what is wrong with it: every packet counted, one picture decoded."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

import av
from av.container import InputContainer
from av.stream import Stream
from av.video.stream import VideoStream

from fairwitness.formats import boxes
from fairwitness.media.worker.opening import Refused, opened, readable
from fairwitness.media.worker.reading import Remote

if TYPE_CHECKING:
    from av.packet import Packet

Facts = dict[str, object]
Finding = dict[str, str]

_MP4_FIRST = frozenset({"ftyp", "moov", "mdat", "free", "skip", "wide", "styp", "moof", "uuid"})
_BROWSER_VIDEO = frozenset({"h264", "vp8", "vp9", "av1"})
_BROWSER_SOUND = frozenset({"aac", "mp3", "opus", "vorbis", "flac"})
_LONGEST_CLAIM = 2
_SLOWEST_MS = 60_000
"""Footage with less than a picture a minute is no footage."""


def probe(remote: Remote) -> Facts:
    """Look at the footage; what it says is in `fairwitness.media.probe`.

    Raises:
        Refused: it can't be read at all.
    """
    findings: list[Finding] = []
    fragmented = _walk_boxes(remote, findings)
    with opened(remote) as container:
        counts = _count(container, findings)
        duration_ms = max((count.duration_ms for count in counts.values()), default=0)
        _judge(container, findings)
        _judge_length(container, duration_ms, counts, findings)
        created = _created(container)
        facts: Facts = {
            "container": container.format.name,
            "duration_ms": duration_ms,
            "created_at": created,
            "fragmented": fragmented,
            "video": _video(container, counts),
            "sound": _sound(container),
        }
    facts["video"] = _rotated(remote, facts["video"], findings)
    facts["findings"] = findings
    return facts


def _walk_boxes(remote: Remote, findings: list[Finding]) -> bool:
    """Check the outermost boxes of an MP4; True when it is written in fragments."""
    kinds: list[str] = []
    try:
        for box in boxes.walk(remote.read_at, start=0, stop=remote.size, most=200_000):
            if not kinds and box.kind not in _MP4_FIRST:
                return False
            kinds.append(box.kind)
    except boxes.BoxInvalid as invalid:
        if not kinds and not _looks_like_mp4(remote):
            return False
        if invalid.truncated:
            findings.append(_truncated(f"It ends in the middle, at byte {remote.size}."))
        else:
            findings.append({"code": "media.trailing", "message": invalid.message})
    else:
        if kinds and kinds[-1] == "moof":
            findings.append(_truncated("Its last fragment has no pictures behind it."))
    if "moov" not in kinds:
        raise Refused(
            "media.no_index",
            "The index that says where the pictures are is missing: the file was probably cut "
            "before it was finished.",
        )
    return "moof" in kinds


def _looks_like_mp4(remote: Remote) -> bool:
    return remote.read_at(4, 4).decode("latin-1") in _MP4_FIRST


def _truncated(message: str) -> Finding:
    return {"code": "media.truncated", "message": message}


class _Count:
    """What one stream's packets add up to."""

    def __init__(self, stream: Stream) -> None:
        self.packets = 0
        self._base = stream.time_base or Fraction(1, 1000)
        self._first: int | None = None
        self._end = 0

    def add(self, packet: "Packet[Stream]") -> None:
        self.packets += 1
        at = packet.pts if packet.pts is not None else packet.dts
        if at is None:
            return
        self._first = at if self._first is None else min(self._first, at)
        self._end = max(self._end, at + (packet.duration or 0))

    @property
    def duration_ms(self) -> int:
        if self._first is None:
            return 0
        return max(0, min(round((self._end - self._first) * self._base * 1000), 1 << 60))


def _count(container: InputContainer, findings: list[Finding]) -> dict[int, _Count]:
    counts: dict[int, _Count] = {}
    corrupt = 0
    try:
        for packet in container.demux():
            if packet.size:
                stream = packet.stream
                counts.setdefault(stream.index, _Count(stream)).add(packet)
                corrupt += packet.is_corrupt
    except (av.error.FFmpegError, ValueError) as error:
        findings.append(_damaged(f"Reading stopped before the end: {error}"))
    if corrupt:
        findings.append(_damaged(f"{corrupt} packets are marked as damaged."))
    if not any(count.packets for count in counts.values()):
        raise Refused("media.unreadable", "There is not one picture or sound in it.")
    return counts


def _damaged(message: str) -> Finding:
    return {"code": "media.damaged", "message": message[:400]}


def _judge(container: InputContainer, findings: list[Finding]) -> None:
    videos, sounds = container.streams.video, container.streams.audio
    if not videos:
        findings.append({"code": "media.no_video", "message": "It has no picture."})
    if not sounds:
        findings.append({"code": "media.no_sound", "message": "It has no sound."})
    strange = sorted(
        {_codec(stream) for stream in videos} - _BROWSER_VIDEO
        | {_codec(stream) for stream in sounds} - _BROWSER_SOUND,
    )
    if strange:
        findings.append(
            {"code": "media.browser", "message": f"Browsers may not play {', '.join(strange)}."},
        )


def _judge_length(
    container: InputContainer,
    duration_ms: int,
    counts: dict[int, _Count],
    findings: list[Finding],
) -> None:
    """A file may claim to last for years: by its header, or by the times of its packets."""
    claimed_ms = max((container.duration or 0) // 1000, duration_ms)
    most = max((count.packets for count in counts.values()), default=0)
    believable_ms = min(duration_ms * _LONGEST_CLAIM, most * _SLOWEST_MS) + _SLOWEST_MS
    if claimed_ms > believable_ms:
        findings.append(
            {
                "code": "media.huge_duration",
                "message": f"It claims to last {claimed_ms // 1000} s, with {most} pictures.",
            },
        )


def _codec(stream: Stream) -> str:
    return stream.codec_context.name if readable(stream) else "unknown"


def _created(container: InputContainer) -> int | None:
    claimed = container.metadata.get("creation_time")
    if not claimed:
        return None
    try:
        at = datetime.fromisoformat(claimed)
    except ValueError:
        return None
    return int(at.replace(tzinfo=at.tzinfo or UTC).timestamp())


def _video(container: InputContainer, counts: dict[int, _Count]) -> Facts | None:
    if not container.streams.video:
        return None
    stream = container.streams.video[0]
    count = counts.get(stream.index)
    rate = stream.average_rate or Fraction(0)
    return {
        "codec": _codec(stream),
        "width": max(0, stream.width) if readable(stream) else 0,
        "height": max(0, stream.height) if readable(stream) else 0,
        "frames": count.packets if count else 0,
        "frames_per_second_milli": max(0, round(rate * 1000)),
        "rotation": 0,
    }


def _sound(container: InputContainer) -> Facts | None:
    if not container.streams.audio:
        return None
    stream = container.streams.audio[0]
    if not readable(stream):
        return {"codec": "unknown", "sample_rate": 0, "channels": 0}
    return {
        "codec": _codec(stream),
        "sample_rate": max(0, stream.sample_rate or 0),
        "channels": max(0, stream.channels or 0),
    }


def _rotated(remote: Remote, video: object, findings: list[Finding]) -> object:
    """Decode the first picture: it says how it is turned, or that it can't be decoded."""
    if not isinstance(video, dict):
        return video
    try:
        with opened(remote) as container:
            frame = _first(container, container.streams.video[0])
    except (av.error.FFmpegError, ValueError) as error:
        findings.append(_damaged(f"The first picture can't be decoded: {error}"))
        return video
    if frame is None:
        findings.append(_damaged("Not one picture could be decoded."))
        return video
    return {**video, "rotation": frame.rotation % 360}


def _first(container: InputContainer, stream: VideoStream) -> av.VideoFrame | None:
    if not readable(stream):
        return None
    return next(iter(container.decode(stream)), None)
