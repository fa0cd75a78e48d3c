"""Transcripts: what is read, and that everything else is refused with a stable code."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.formats import webvtt
from fairwitness.formats.webvtt import Cue, TranscriptInvalid, parse

GOOD = b"""WEBVTT - the stop

NOTE heard twice
by the same person

1
00:01.000 --> 00:03.500 align:start position:10%
<v PC Whitlock>Stay where you are.

01:00:04.000 --> 01:00:05.250
<i>inaudible</i> &amp; wind
"""


def test_it_says_who_says_what_when() -> None:
    assert parse(GOOD) == (
        Cue(1000, 3500, "PC Whitlock", "Stay where you are."),
        Cue(3_604_000, 3_605_250, "", "inaudible & wind"),
    )


@pytest.mark.parametrize(
    "change", [lambda b: b"\xef\xbb\xbf" + b, lambda b: b.replace(b"\n", b"\r\n")]
)
def test_marks_of_order_and_line_ends_of_all_kinds_are_read(change: object) -> None:
    assert callable(change)
    assert parse(change(GOOD)) == parse(GOOD)


def cue(words: str, *, times: str = "00:01.000 --> 00:02.000") -> bytes:
    return f"WEBVTT\n\n{times}\n{words}\n".encode()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "header"),
        (b"\n\nWEBVTT\n", "header"),
        (b"WEBVTTX\n\n00:01.000 --> 00:02.000\nHello\n", "header"),
        (b"WEBVTT\n00:01.000 --> 00:02.000\nHello\n", "header"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nSubRip\n", "header"),
        (b"WEBVTT\n\n", "empty"),
        (b"WEBVTT\n\nNOTE only a note\n", "empty"),
        (b"WEBVTT\n\n\xff\xfe", "encoding"),
        (b"WEBVTT\n\nSTYLE\n::cue { background: url(https://example.org/x) }\n", "block"),
        (b"WEBVTT\n\nREGION\nid:fred\n", "block"),
        (b"WEBVTT\n\nHello\n", "block"),
        (cue("Hello", times="00:01 --> 00:02"), "time"),
        (cue("Hello", times="00:01.000 --> 00:02.000 region:fred"), "time"),
        (cue("Hello", times="00:02.000 --> 00:02.000"), "time"),
        (cue("Hello", times="00:61.000 --> 00:62.000"), "time"),
        (cue("Hello", times="\u0661\u0661:01.000 --> 00:02.000"), "time"),
        (cue("<script>alert(1)</script>"), "text"),
        (cue("<c.loud>Hello</c>"), "text"),
        (cue("one <00:01.500>two"), "text"),
        (cue("<v >Hello"), "text"),
        (cue("a < b"), "text"),
        (cue("&#x202e;olleH"), "text"),
        (cue("<i></i>"), "text"),
        (cue("x" * 1001), "text"),
        (cue("Hello\u202eolleH"), "character"),
        (cue("Hello\x00"), "character"),
        (cue("Hello\x1b[31m"), "character"),
        (cue("One") + b"\n00:00.500 --> 00:02.000\nTwo\n", "order"),
        (b"WEBVTT\n\n" + b"x" * webvtt.MOST_BYTES, "size"),
        (b"WEBVTT\n" + b"\n00:01.000 --> 00:02.000\nx\n" * 5001, "too_many"),
    ],
)
def test_anything_else_is_refused_by_name(data: bytes, code: str) -> None:
    with pytest.raises(TranscriptInvalid) as refused:
        parse(data)
    assert refused.value.stable_code == f"transcript.{code}"


@given(st.binary(max_size=300) | st.text(max_size=200).map(cue))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        cues = parse(data)
    except TranscriptInvalid:
        return
    assert all(each.text and each.starts_ms < each.ends_ms for each in cues)


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=3))
def test_a_good_one_with_any_change_is_read_or_refused(place: int, change: bytes) -> None:
    with contextlib.suppress(TranscriptInvalid):
        assert parse(GOOD[:place] + change + GOOD[place + 1 :])
