"""What the child found of the video's own signatures, read as strictly as all that it says."""

import re
from enum import StrEnum
from typing import TypeVar

from fairwitness.formats import video_signer
from fairwitness.formats.signed_video import Span, VideoReport, VideoVerdict
from fairwitness.formats.video_groups import GroupState
from fairwitness.formats.video_seal import Scheme
from fairwitness.formats.video_signer import Signer
from fairwitness.media.answers import Answer
from fairwitness.media.child import MediaUnreadable

W = TypeVar("W", bound=StrEnum)
_KEYID = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_LONGEST_NAME = 200
_LONGEST_MAKER = 400
_MOST = 1_000_000_000


def read_answer(answer: Answer) -> VideoReport:
    """Read what a child found.

    Raises:
        MediaUnreadable: it can't be true.
    """
    scheme, groups = answer.text("scheme"), answer.part("groups") or Answer({})
    report = VideoReport(
        verdict=_word(VideoVerdict, answer.text("verdict")),
        scheme=_word(Scheme, scheme) if scheme else None,
        signer=_signer(answer),
        maker=_words(answer, "maker")[:_LONGEST_MAKER],
        groups={s: groups.number(s, most=_MOST) for s in GroupState if s in groups.facts},
        spans=tuple(_span(part) for part in answer.parts("spans")),
        began_us=_number(answer.text("began_us")),
        began_before=answer.yes("began_before"),
        problem=_words(answer, "problem"),
    )
    if (report.verdict is VideoVerdict.CHANGED) != bool(report.groups.get(GroupState.CHANGED)):
        raise _broken()
    return report


def _signer(answer: Answer) -> Signer | None:
    keyid = answer.text("keyid")
    if keyid and not _KEYID.fullmatch(keyid):
        raise _broken()
    if not keyid:
        return None
    pem = answer.text("certificates", longest=video_signer.CHAIN_LIMIT)
    return Signer(keyid, _words(answer, "name")[:_LONGEST_NAME], pem.encode(errors="replace"))


def _number(text: str) -> int | None:
    if text and not _NUMBER.fullmatch(text):
        raise _broken()
    return int(text) if text else None


def _span(part: Answer) -> Span:
    return Span(
        first=part.number("first"),
        last=part.number("last"),
        from_ms=part.number("from_ms"),
        to_ms=part.number("to_ms"),
        state=_word(GroupState, part.text("state")),
        detail=_words(part, "detail"),
    )


def _words(answer: Answer, name: str) -> str:
    """A text without what can't be printed."""
    return "".join(letter for letter in answer.text(name) if letter.isprintable())


def _word(kind: type[W], text: str) -> W:
    try:
        return kind(text)
    except ValueError:
        raise _broken() from None


def _broken() -> MediaUnreadable:
    message = "The program that reads video found what we don't know."
    return MediaUnreadable(message, code="media.crashed")
