"""The journal of a recording in the making, and the claim made from it."""

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fairwitness.camera import journal
from fairwitness.camera.identity import DeviceCard, Identity
from fairwitness.camera.journal import OpenRecording
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.recording import (
    ClockState,
    Event,
    EventKind,
    Mount,
    Profile,
    RecordingClaim,
    Span,
)

AT = datetime(2017, 7, 5, 13, 2, 12, tzinfo=UTC)
IDENTITY = Identity(
    folder=Path("device"),
    card=DeviceCard(serial="00417", profile=Profile.FLEX2, mount=Mount.HELMET, volume_id="v1"),
    key=SigningKey.generate(),
)
KINDS = st.sampled_from(
    [
        EventKind.MARKER,
        EventKind.MUTE_ON,
        EventKind.MUTE_OFF,
        EventKind.STEALTH_ON,
        EventKind.STEALTH_OFF,
    ]
)


def opened(**changes: object) -> OpenRecording:
    facts: dict[str, object] = {
        "counter": 7,
        "activation": 7,
        "part": 1,
        "width": 640,
        "height": 360,
        "frames_per_second": 15,
        "settings_version": 2,
        "started_at": AT,
        "buffer_ms": 30_000,
        "clock": ClockState(set=True, set_at=AT, source="dock 0007"),
    }
    return OpenRecording(**(facts | changes))  # type: ignore[arg-type] # by name


def claimed(recording: OpenRecording, *, duration_ms: int) -> RecordingClaim:
    return recording.claim(
        IDENTITY,
        size=1,
        sha256="0" * 64,
        duration_ms=duration_ms,
        last_part=True,
        interrupted=False,
    )


def test_mute_becomes_a_span() -> None:
    recording = opened().noted(EventKind.MUTE_ON, at_ms=4_000)
    recording = recording.noted(EventKind.MUTE_OFF, at_ms=9_000)
    assert claimed(recording, duration_ms=20_000).mute == (Span(from_ms=4_000, to_ms=9_000),)


def test_a_mute_that_never_ended_lasts_to_the_last_picture() -> None:
    recording = opened().noted(EventKind.MUTE_ON, at_ms=4_000)
    assert claimed(recording, duration_ms=20_000).mute == (Span(from_ms=4_000, to_ms=20_000),)


def test_stealth_carried_into_a_part_begins_with_it() -> None:
    recording = opened(stealth_since=0).noted(EventKind.STEALTH_OFF, at_ms=500)
    assert claimed(recording, duration_ms=20_000).stealth == (Span(from_ms=0, to_ms=500),)


def test_nothing_lies_after_the_last_picture() -> None:
    recording = opened().noted(EventKind.MARKER, at_ms=21_000)
    recording = recording.noted(EventKind.MUTE_ON, at_ms=21_500)
    claim = claimed(recording, duration_ms=20_000)
    assert claim.mute == ()
    assert claim.events[0] == Event(at_ms=20_000, kind=EventKind.MARKER)
    assert claimed(opened(), duration_ms=5_000).buffer_ms == 5_000


@given(
    notes=st.lists(st.tuples(KINDS, st.integers(0, 100_000)), max_size=30),
    duration_ms=st.integers(0, 120_000),
)
def test_whatever_is_noted_makes_a_claim_within_the_recording(
    notes: list[tuple[EventKind, int]], duration_ms: int
) -> None:
    recording = opened()
    for kind, at_ms in notes:
        recording = recording.noted(kind, at_ms=at_ms)
    claim = claimed(recording, duration_ms=duration_ms)
    ends = [span.to_ms for span in (*claim.mute, *claim.stealth)]
    assert all(end <= duration_ms for end in ends)
    assert all(event.at_ms <= duration_ms for event in claim.events)


def test_a_kept_journal_is_the_same_when_loaded(tmp_path: Path) -> None:
    path = tmp_path / "recording.json"
    assert journal.load(path) is None
    recording = opened().noted(EventKind.PEOPLE_TOLD, at_ms=31_000, text="not practicable")
    journal.keep(path, recording)
    assert journal.load(path) == recording
    journal.forget(path)
    assert journal.load(path) is None
