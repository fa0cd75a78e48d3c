"""The script language: what it means, and what it says of lines it does not understand."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.camera.buttons import Button
from fairwitness.camera.inputs import PeopleTold, Press, Release
from fairwitness.camera.script import (
    WORDS,
    Doing,
    Happening,
    ScriptInvalid,
    parse,
    recording_script,
    time_ms,
)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("0s", 0),
        ("500ms", 500),
        ("35s", 35_000),
        ("1.25s", 1_250),
        ("1m30s", 90_000),
        ("2h", 7_200_000),
    ],
)
def test_times_read_as_people_write_them(text: str, ms: int) -> None:
    assert time_ms(text) == ms


@pytest.mark.parametrize("text", ["", "35", "s", "-5s", "1s30m", "1,5s", "٣s"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ScriptInvalid):
        time_ms(text)


def test_a_script_becomes_presses_and_releases() -> None:
    script = parse("# a stop\nat 0s boot\n\nat 3s press function for 1.2s  # too long\nat 9s mute")
    assert script.lines == (
        Happening(0, Doing.BOOT),
        Press(3_000, Button.FUNCTION),
        Release(4_200, Button.FUNCTION),
        Press(9_000, Button.FUNCTION),
        Release(12_050, Button.FUNCTION),
    )


def test_people_can_be_told_while_a_button_is_held() -> None:
    script = parse("at 1s hold-event\nat 2s people-told")
    assert [line.at_ms for line in script.lines] == [1_000, 2_000, 4_050]
    assert script.lines[1] == PeopleTold(2_000)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("35s boot", "Line 1: write"),
        ("at 5s boot\nat 4s off", "Line 2: times never go back"),
        ("at 5s explode", "there is no `explode`"),
        ("at 5s press trigger", "the buttons are event, function, battery"),
        ("at 5s boot now", "nothing follows `boot`"),
        ("at 5s battery-level 101%", "give the battery's charge"),
        ("at soon boot", "Line 1: `soon` is no time"),
        ("at 5s hold-event ages", "Line 1: `ages` is no time"),
    ],
)
def test_a_line_that_is_not_understood_says_which_and_why(text: str, says: str) -> None:
    with pytest.raises(ScriptInvalid, match=says):
        parse(text)


def test_every_word_is_understood() -> None:
    for word in WORDS:
        rest = {"press": " event", "battery-level": " 15%"}.get(word, "")
        assert parse(f"at 1s {word}{rest}").lines


@given(seconds=st.integers(1, 600), before=st.integers(0, 120))
def test_the_plain_script_records_as_long_as_asked(seconds: int, before: int) -> None:
    script = recording_script(seconds=seconds, before_seconds=before)
    presses = [
        line for line in script.lines if isinstance(line, Press) and line.button is Button.EVENT
    ]
    starts, stops = presses[1].at_ms, presses[2].at_ms + 3_000
    assert starts == 3_000 + before * 1_000
    assert stops - starts >= seconds * 1_000
    assert seconds < 4 or stops - starts == seconds * 1_000


@given(st.text(max_size=200))
def test_no_text_does_anything_but_parse_or_be_refused(text: str) -> None:
    with contextlib.suppress(ScriptInvalid):
        parse(text)
