"""What a file of footage is: container, streams, length, and what is wrong with it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fairwitness.formats.signed_video import VideoReport
from fairwitness.media import child
from fairwitness.media.answers import Answer
from fairwitness.media.child import Footage, Limits, limits_for
from fairwitness.media.seals import read_answer


class FindingCode(StrEnum):
    """What may be wrong with footage that can still be read."""

    TRUNCATED = "media.truncated"  # it ends in the middle; everything before plays
    DAMAGED = "media.damaged"  # some packets or pictures can't be decoded
    NO_VIDEO = "media.no_video"
    NO_SOUND = "media.no_sound"
    HUGE_DURATION = "media.huge_duration"  # it claims to last longer than its bytes can
    TRAILING = "media.trailing"  # bytes after the last box that are no box
    BROWSER = "media.browser"  # browsers may not play these codecs


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong, with a sentence for people."""

    code: FindingCode
    message: str


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """The first video stream.

    `frames` counts packets; `rotation` is by how many degrees players turn it, against the clock;
    `pixels` is libav's name of their layout; `variable` says that pictures come at an uneven rate.
    """

    codec: str
    width: int
    height: int
    frames: int
    frames_per_second_milli: int
    rotation: int
    pixels: str
    variable: bool


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """The first sound stream."""

    codec: str
    sample_rate: int
    channels: int


@dataclass(frozen=True, slots=True)
class Probe:
    """The facts of one file, as the file claims them.

    Attributes:
        container: libav's name of the format, such as `mov,mp4,m4a,3gp,3g2,mj2`.
        size: bytes.
        duration_ms: of the longest stream, counted from its packets, not from its header.
        created_at: what the file claims, UTC; None when it claims nothing that can be.
        timecode: of the first picture, as the file claims; empty when it has none.
        trail: what in it tells places (`camm`, `gpmd`, `xyz`, `loci`, `metadata`).
        fragmented: an MP4 in fragments, as our cameras write.
        findings: what is wrong; empty for a whole, playable file.
        confinement: what held the child: `limits`, `no_new_privileges`, `no_network`,
            `no_files`, `no_calls`.
        seals: what the signatures inside the video say, group of pictures by group; None when
            looking at them broke.
    """

    container: str
    size: int
    duration_ms: int
    created_at: datetime | None
    timecode: str
    trail: tuple[str, ...]
    fragmented: bool
    video: VideoFacts | None
    sound: SoundFacts | None
    findings: tuple[Finding, ...]
    confinement: tuple[str, ...]
    seals: VideoReport | None

    @property
    def truncated(self) -> bool:
        """True when the file ends in the middle."""
        return any(finding.code is FindingCode.TRUNCATED for finding in self.findings)


def probe(footage: Footage, *, limits: Limits | None = None) -> Probe:
    """Look at `footage` in a child process and say what it is.

    Every packet is read and counted, but only the first picture is decoded. The signatures inside
    the video, if there are any, are checked on the way.

    Raises:
        MediaUnreadable: it is no video that we know, or the child died of it.
    """
    facts = child.run("probe", footage, limits=limits or limits_for(footage, output=0))
    answer = Answer(facts)
    return Probe(
        container=answer.text("container"),
        size=footage.size,
        duration_ms=answer.number("duration_ms"),
        created_at=answer.time("created_at"),
        timecode=answer.text("timecode"),
        trail=answer.texts("trail"),
        fragmented=answer.yes("fragmented"),
        video=_video(answer.part("video")),
        sound=_sound(answer.part("sound")),
        findings=tuple(_finding(part) for part in answer.parts("findings")),
        confinement=answer.texts("confinement"),
        seals=_seals(answer),
    )


def _seals(answer: Answer) -> VideoReport | None:
    """What was found of the signatures; strange times in a seal make no footage unreadable."""
    try:
        part = answer.part("seals")
        return read_answer(part) if part else None
    except child.MediaUnreadable:
        return None


def _video(answer: Answer | None) -> VideoFacts | None:
    if answer is None:
        return None
    return VideoFacts(
        codec=answer.text("codec"),
        width=answer.number("width"),
        height=answer.number("height"),
        frames=answer.number("frames"),
        frames_per_second_milli=answer.number("frames_per_second_milli"),
        rotation=answer.number("rotation", least=-360, most=360),
        pixels=answer.text("pixels"),
        variable=answer.yes("variable"),
    )


def _sound(answer: Answer | None) -> SoundFacts | None:
    if answer is None:
        return None
    return SoundFacts(
        codec=answer.text("codec"),
        sample_rate=answer.number("sample_rate"),
        channels=answer.number("channels"),
    )


def _finding(answer: Answer) -> Finding:
    try:
        code = FindingCode(answer.text("code"))
    except ValueError:
        message = "The program that reads video found what we don't know."
        raise child.MediaUnreadable(message, code="media.crashed") from None
    return Finding(code=code, message=answer.text("message"))
