"""Transcripts as WebVTT (W3C), a bounded part of it, read strictly.

What is read: the header, notes, and cues with an optional name, a timing line, the usual settings
of a line's place, and text in which only `<v Name>`, `<i>`, `<b>` and `<u>` are marks. Styles,
regions, chapters, links, times within text and everything else is refused: a transcript is words
and times, and no page or player is to be steered by it.

The bytes are kept as they came; this reader says whether they may be, and what they say.
"""

import html
import re
from dataclasses import dataclass
from typing import ClassVar, Final

from fairwitness.formats.errors import FormatError

MEDIA_TYPE: Final = "text/vtt; charset=utf-8"
MOST_BYTES: Final = 256 << 10
MOST_CUES: Final = 5000
LONGEST_CUE: Final = 1000

_HEADER: Final = re.compile(r"WEBVTT(?:[ \t][^\n]*)?")
_STAMP: Final = r"(?:(\d{2,3}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMING: Final = re.compile(rf"{_STAMP}[ \t]+-->[ \t]+{_STAMP}((?:[ \t]+\S+)*)[ \t]*", re.ASCII)
_SETTING: Final = re.compile(
    r"(?:vertical:(?:rl|lr)|line:-?\d{1,3}%?(?:,(?:start|center|end))?|size:\d{1,3}%"
    r"|position:\d{1,3}%(?:,(?:line-left|center|line-right))?|align:(?:start|center|end|left|right))",
    re.ASCII,
)
_MARK: Final = re.compile(r"</?[ibu]>|</v>|<v [^<>&\n]{1,80}>")
_VOICE: Final = re.compile(r"<v ([^<>&\n]{1,80})>")
_ENTITY: Final = re.compile(r"&(?!(?:amp|lt|gt|nbsp);)")
_FORBIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
)


class TranscriptInvalid(FormatError):
    """Bytes that are no transcript as we read them; the code says what is wrong, the text where."""

    code: ClassVar[str] = "transcript.invalid"


@dataclass(frozen=True, slots=True)
class Cue:
    """What is said from one moment to another, in milliseconds; `voice` is who says it, if told."""

    starts_ms: int
    ends_ms: int
    voice: str
    text: str


def parse(data: bytes) -> tuple[Cue, ...]:
    """Read a transcript.

    Raises:
        TranscriptInvalid: with `transcript.size`, `.encoding`, `.character`, `.header`, `.block`,
            `.time`, `.order`, `.text`, `.too_many` or `.empty`.
    """
    if len(data) > MOST_BYTES:
        raise TranscriptInvalid(
            f"A transcript has at most {MOST_BYTES >> 10} KiB.", code="transcript.size"
        )
    first, *blocks = _blocks(_text(data))
    if not _HEADER.fullmatch(first[0][1]) or len(first) > 1:
        raise TranscriptInvalid(
            "It must begin with a line WEBVTT and an empty line.", code="transcript.header"
        )
    cues: list[Cue] = []
    for block in blocks:
        if re.match(r"NOTE(?:[ \t]|$)", block[0][1]):
            continue
        cue = _cue(block)
        if cues and cue.starts_ms < cues[-1].starts_ms:
            raise _wrong(block[0][0], "It begins before the one above it.", "order")
        cues.append(cue)
        if len(cues) > MOST_CUES:
            raise TranscriptInvalid(
                f"A transcript has at most {MOST_CUES} lines.", code="transcript.too_many"
            )
    if not cues:
        raise TranscriptInvalid("There is no line of speech in it.", code="transcript.empty")
    return tuple(cues)


def _wrong(line: int, words: str, what: str) -> TranscriptInvalid:
    return TranscriptInvalid(f"Line {line}: {words}", code=f"transcript.{what}")


def _text(data: bytes) -> str:
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        raise TranscriptInvalid("It is not UTF-8 text.", code="transcript.encoding") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if found := _FORBIDDEN.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise _wrong(line, "It has a character that is not shown.", "character")
    return text


def _blocks(text: str) -> list[list[tuple[int, str]]]:
    """Runs of lines between empty ones, each line with its number; never none at all."""
    blocks: list[list[tuple[int, str]]] = [[]]
    for number, line in enumerate(text.split("\n"), start=1):
        if line:
            blocks[-1].append((number, line))
        elif blocks[-1]:
            blocks.append([])
    found = [block for block in blocks if block]
    return found if text[:1] != "\n" and found else [[(1, "")]]


def _cue(block: list[tuple[int, str]]) -> Cue:
    lines = block if "-->" in block[0][1] else block[1:]
    if not lines or "-->" not in lines[0][1]:
        raise _wrong(
            block[0][0],
            "Words need their times above them: 00:01.000 --> 00:03.500",
            "block",
        )
    number, timing = lines[0]
    found = _TIMING.fullmatch(timing)
    if found is None or not all(map(_SETTING.fullmatch, found[9].split())):
        raise _wrong(number, "Times are written 00:01.000 --> 00:03.500", "time")
    starts_ms, ends_ms = _milliseconds(found.groups()[:4]), _milliseconds(found.groups()[4:8])
    if ends_ms <= starts_ms:
        raise _wrong(number, "It ends before it begins.", "time")
    voice, text = _said(number, "\n".join(line for _, line in lines[1:]))
    return Cue(starts_ms, ends_ms, voice, text)


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, rest = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest


def _said(number: int, payload: str) -> tuple[str, str]:
    """Who speaks, and the plain words of a cue."""
    plain = _MARK.sub("", payload)
    if "<" in plain or ">" in plain or "-->" in payload or _ENTITY.search(plain):
        raise _wrong(number, "Only <v Name>, <i>, <b> and <u> may stand in its words.", "text")
    words = html.unescape(plain).strip()
    if not words or len(words) > LONGEST_CUE:
        raise _wrong(number, f"It needs words, and at most {LONGEST_CUE} characters.", "text")
    found = _VOICE.search(payload)
    return (found[1].strip() if found else ""), words
