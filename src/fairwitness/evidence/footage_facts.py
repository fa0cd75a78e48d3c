"""What a master is as a file, kept beside it: codecs, length, what is wrong with it.

It is what the file claims, read by a child process that may have been lied to: shown as such, and
nothing rests on it but how a working copy is made. Places are left out: they are as private as
pictures, and lie sealed in the trail.
"""

from typing import TypedDict, cast

from fairwitness.evidence.models import CopyKind, Recording
from fairwitness.media import working_copy
from fairwitness.media.child import MediaUnreadable
from fairwitness.media.probe import Probe, SoundFacts, VideoFacts


class ToldFinding(TypedDict):
    """One thing wrong: its code, and a sentence."""

    code: str
    message: str


class MediaFacts(TypedDict, total=False):
    """The row's `media`; a file that can't be read has findings only."""

    container: str
    duration_ms: int
    created_at: str
    timecode: str
    trail: list[str]
    plays: bool
    picture: str
    rotation: int
    variable: bool
    sound: str
    findings: list[ToldFinding]


def told(found: Probe) -> MediaFacts:
    """The facts of a probe."""
    return {
        "container": found.container,
        "duration_ms": found.duration_ms,
        "created_at": found.created_at.isoformat() if found.created_at else "",
        "timecode": found.timecode,
        "trail": list(found.trail),
        "plays": working_copy.plays_in_browsers(found),
        "picture": _picture(found.video),
        "rotation": found.video.rotation if found.video else 0,
        "variable": found.video.variable if found.video else False,
        "sound": _sound(found.sound),
        "findings": [{"code": each.code.value, "message": each.message} for each in found.findings],
    }


def unreadable(error: MediaUnreadable) -> MediaFacts:
    """The facts of a file of which nothing could be read."""
    return {"findings": [{"code": error.stable_code, "message": error.message}]}


def of(recording: Recording) -> MediaFacts | None:
    """The facts of a recording; None when nobody has looked yet."""
    return cast("MediaFacts | None", recording.media)


def further_copies(media: MediaFacts | None) -> tuple[CopyKind, ...]:
    """What can be made of this very footage, beside what is made of all; nothing if not known."""
    media = media or {}
    kinds = []
    if media.get("sound"):
        kinds.append(CopyKind.WAVEFORM)
    if media.get("trail"):
        kinds.append(CopyKind.TRAIL)
    return tuple(kinds)


def _picture(video: VideoFacts | None) -> str:
    if video is None:
        return ""
    rate = video.frames_per_second_milli / 1000
    return f"{video.codec}, {video.width} × {video.height}, {rate:.4g} a second"


def _sound(sound: SoundFacts | None) -> str:
    if sound is None:
        return ""
    channels = {1: "mono", 2: "stereo"}.get(sound.channels, f"{sound.channels} channels")
    return f"{sound.codec}, {sound.sample_rate} Hz, {channels}"
