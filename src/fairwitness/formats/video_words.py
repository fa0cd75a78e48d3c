"""What was found of a video's own signatures, in words for people."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fairwitness.formats.signed_video import Span, VideoReport, VideoVerdict
from fairwitness.formats.video_groups import GroupState

VERDICTS: Final[Mapping[VideoVerdict, str]] = MappingProxyType(
    {
        VideoVerdict.NOT_SIGNED: "not signed",
        VideoVerdict.INTACT: "intact",
        VideoVerdict.MISSING: "intact but with units missing",
        VideoVerdict.CHANGED: "changed",
        VideoVerdict.OLD_FORMAT: "signed, old format, list consistent, signature not checked",
    }
)
STATES: Final[Mapping[GroupState, str]] = MappingProxyType(
    {
        GroupState.INTACT: "intact",
        GroupState.MISSING: "units missing",
        GroupState.CHANGED: "changed",
        GroupState.UNCOVERED: "not covered",
    }
)
_NAMED: Final = 3


def moment(ms: int) -> str:
    """A time in a recording, `1:02:03.4`."""
    tenths = ms // 100
    minutes, seconds = divmod(tenths // 10, 60)
    hours, minutes = divmod(minutes, 60)
    rest = f"{minutes:02}:{seconds:02}.{tenths % 10}"
    return f"{hours}:{rest}" if hours else rest


def span(of: Span) -> str:
    """A span: its groups, its time, what is found, and why."""
    groups = f"group {of.first}" if of.first == of.last else f"groups {of.first} to {of.last}"
    words = f"{groups} ({moment(of.from_ms)} to {moment(of.to_ms)}): {STATES[of.state]}"
    return f"{words}, {of.detail}" if of.detail else words


def told(report: VideoReport) -> str:
    """The verdict with its numbers, and each place where something is amiss."""
    words = VERDICTS[report.verdict]
    if report.verdict is VideoVerdict.NOT_SIGNED:
        return words
    if report.problem:
        words += ", but not all of it was read"
    words += f": {report.intact} of {report.total} groups of pictures are what was signed"
    amiss = [each for each in report.spans if each.state is not GroupState.INTACT]
    if amiss:
        words += "; " + "; ".join(span(each) for each in amiss[:_NAMED])
    if len(amiss) > _NAMED:
        words += f"; and {len(amiss) - _NAMED} more places"
    return words
