"""What the footage is, and what is wrong with it: every packet counted, one picture decoded."""

import re
from datetime import UTC, datetime
from fractions import Fraction

from av.container import InputContainer
from av.stream import Stream

from fairwitness.media.worker import trailing
from fairwitness.media.worker.counting import Count, Pass
from fairwitness.media.worker.opening import Refused, opened, readable
from fairwitness.media.worker.outer_boxes import OuterBoxes
from fairwitness.media.worker.reading import Remote
from fairwitness.media.worker.sealing import Seals

Facts = dict[str, object]
Finding = dict[str, str]

_BROWSER_VIDEO = frozenset({"h264", "vp8", "vp9", "av1"})
_BROWSER_SOUND = frozenset({"aac", "mp3", "opus", "vorbis", "flac"})
_TIMECODE = re.compile(r"\d\d:\d\d:\d\d[:;.]\d\d", re.ASCII)
_LONGEST_CLAIM = 2
_YEARS = range(1904, 9000)
"""From the first that MP4 can tell on; each can be shown in London's time."""
_SLOWEST_MS = 60_000
"""Footage with less than a picture a minute is no footage."""


def probe(remote: Remote) -> Facts:
    """Look at the footage, reading it once; what it says is in `fairwitness.media.probe`.

    Raises:
        Refused: it can't be read at all.
    """
    outer, seals = OuterBoxes(remote), Seals(remote)

    def watch() -> None:
        outer.follow()
        seals.follow()

    remote.watch = watch
    try:
        with opened(remote) as container:
            facts, findings = _facts(container)
            facts["trail"] = trailing.sources(remote, container)
    except Refused:
        outer.finish()  # a missing index says more than that nothing can be read
        raise
    outer.finish()
    facts["seals"] = seals.finish()
    facts["fragmented"] = outer.fragmented
    facts["findings"] = outer.findings() + findings
    return facts


def _facts(container: InputContainer) -> tuple[Facts, list[Finding]]:
    reading = Pass(container)
    reading.run()
    counts, findings = reading.counts, reading.findings
    duration_ms = max((count.duration_ms for count in counts.values()), default=0)
    _judge(container, findings)
    _judge_length(container, duration_ms, counts, findings)
    rotation = reading.first.rotation % 360 if reading.first is not None else 0
    facts: Facts = {
        "container": container.format.name,
        "duration_ms": duration_ms,
        "created_at": _created(container),
        "timecode": _timecode(container),
        "video": _video(container, counts, rotation),
        "sound": _sound(container),
    }
    return facts, findings


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
    counts: dict[int, Count],
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
    if at.year not in _YEARS:
        return None
    return int(at.replace(tzinfo=at.tzinfo or UTC).timestamp())


def _timecode(container: InputContainer) -> str:
    """What a timecode track or the header says of the first picture; empty when neither does."""
    for told in (container.metadata, *(stream.metadata for stream in container.streams)):
        found = _TIMECODE.match(told.get("timecode", ""))
        if found:
            return found.group()
    return ""


def _video(container: InputContainer, counts: dict[int, Count], rotation: int) -> Facts | None:
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
        "rotation": rotation,
        "pixels": (stream.pix_fmt or "") if readable(stream) else "",
        "variable": count.variable if count else False,
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
