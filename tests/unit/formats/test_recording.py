import dataclasses
from datetime import UTC, datetime

import pytest
from tests.vectors import samples

from fairwitness.formats import dsse, recording, statement
from fairwitness.formats.errors import FormatError
from fairwitness.formats.recording import Event, EventKind, RecordingClaim, Span
from fairwitness.formats.statement import Statement

CAMERA = {samples.CAMERA_KEY.keyid: samples.CAMERA_KEY.public}


def refused(message: str) -> "pytest.RaisesExc[FormatError]":
    return pytest.raises(FormatError, match=message)


def test_the_greatest_recording_claim_fits_into_an_envelope() -> None:
    longest = "\U0001f600"
    spans = tuple(
        Span(from_ms=10**8 + place, to_ms=10**8 + place, reason=longest * 100)
        for place in range(1000)
    )
    event = Event(at_ms=10**8, kind=EventKind.BATTERY_CHECKED, note=longest * 100)
    claim = dataclasses.replace(
        samples.RECORDING_CLAIM,
        firmware=longest * 4096,
        volume_id=longest * 4096,
        mute=spans,
        stealth=spans,
        events=(event,) * 2000,
    )
    envelope = statement.sign_statement(Statement(claim), key=samples.CAMERA_KEY)
    parsed = dsse.parse(envelope.encode())
    assert statement.open_statement(parsed, RecordingClaim, CAMERA).predicate == claim


@pytest.mark.parametrize(
    "change",
    [
        {"events": (Event(at_ms=0, kind=EventKind.MARKER),) * 2001},
        {"mute": (Span(from_ms=0, to_ms=0),) * 1001},
        {"width": 0},
        {"lens_degrees": 361},
        {"frames_per_second": 0},
        {"part": 0},
        {"size": -1},
        {"firmware": ""},
        {"volume_id": "x" * 4097},
        {"media_type": "video"},
        {"camera": "00417-"},
        {"camera": "4" * 33},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_no_camera_can_mean_is_refused(change: dict[str, object]) -> None:
    fields = {
        field.name: getattr(samples.RECORDING_CLAIM, field.name)
        for field in dataclasses.fields(samples.RECORDING_CLAIM)
    }
    with pytest.raises(FormatError):
        RecordingClaim(**fields | change)


def test_how_people_name_a_recording() -> None:
    assert samples.RECORDING_CLAIM.reference == "00417-2193"
    assert recording.reference(camera="00417", counter=2193, part=2) == "00417-2193/2"


def test_a_clock_that_was_never_set_has_no_time_of_setting() -> None:
    at = datetime(2017, 1, 1, tzinfo=UTC)
    with pytest.raises(FormatError):
        recording.ClockState(set=False, set_at=at, source=None)
