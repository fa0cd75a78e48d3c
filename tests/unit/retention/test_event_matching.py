"""Which recordings a record of force, search, arrest, complaint or a call marks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from fairwitness.retention.event_matching import Answer, Footage, Wanted, matches

ADA, DEV, CAMERA, OTHER = (UUID(int=number) for number in range(1, 5))
START = datetime(2017, 6, 8, 22, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SEARCH = Wanted(officer=ADA, unit="LAM", begins_at=START, ends_at=START + 20 * MINUTE)
FILMED = Footage(
    officer=ADA,
    camera=CAMERA,
    unit="LAM",
    station="LAM1",
    started=START + MINUTE,
    ended=START + 15 * MINUTE,
    ahead=(timedelta(0), timedelta(0)),
    docked_at=START + 7 * HOUR,
)


def test_an_officers_recording_of_that_time_is_of_it() -> None:
    assert matches(SEARCH, FILMED) is Answer.YES


@pytest.mark.parametrize(
    ("began", "ended", "answer"),
    [
        (-30, -6, Answer.NO),
        (-30, -5, Answer.YES),  # the lead
        (-30, 40, Answer.YES),  # began before and went on
        (20, 40, Answer.YES),
        (21, 40, Answer.NO),
    ],
)
def test_the_time_is_measured_to_the_minute(began: int, ended: int, answer: Answer) -> None:
    filmed = replace(FILMED, started=START + began * MINUTE, ended=START + ended * MINUTE)
    assert matches(SEARCH, filmed) is answer


def test_a_clocks_error_is_reckoned_with() -> None:
    ahead = replace(
        FILMED,
        started=START + HOUR,
        ended=START + HOUR + 10 * MINUTE,
        ahead=(HOUR, HOUR + timedelta(seconds=2)),
    )
    assert matches(SEARCH, ahead) is Answer.YES
    assert matches(SEARCH, replace(ahead, ahead=(timedelta(0), HOUR))) is Answer.MAYBE
    assert matches(SEARCH, replace(ahead, ahead=(timedelta(0), MINUTE))) is Answer.NO


def test_a_clock_that_nobody_compared_makes_it_doubtful() -> None:
    unchecked = replace(FILMED, ahead=None)
    assert matches(SEARCH, unchecked) is Answer.MAYBE
    year_2000 = datetime(2000, 1, 1, tzinfo=UTC)
    lost = replace(unchecked, started=year_2000, ended=year_2000 + HOUR)
    assert matches(SEARCH, lost) is Answer.MAYBE, "docked that night"
    assert matches(SEARCH, replace(lost, docked_at=START + 30 * HOUR)) is Answer.NO
    untold = replace(unchecked, started=None, ended=None)
    assert matches(SEARCH, untold) is Answer.MAYBE


def test_what_was_docked_before_is_not_of_it() -> None:
    assert matches(SEARCH, replace(FILMED, ahead=None, docked_at=START - HOUR)) is Answer.NO


def test_a_clock_at_the_end_of_the_calendar_says_nothing() -> None:
    end = datetime.max.replace(tzinfo=UTC)
    filmed = replace(FILMED, started=end, ended=end, ahead=(-HOUR, HOUR))
    assert matches(SEARCH, filmed) is Answer.NO


def test_another_officers_is_not_and_an_unknown_wearers_may_be() -> None:
    assert matches(SEARCH, replace(FILMED, officer=DEV)) is Answer.NO
    unknown = replace(FILMED, officer=None)
    assert matches(SEARCH, unknown) is Answer.MAYBE
    assert matches(SEARCH, replace(unknown, unit="LSH")) is Answer.NO
    assert matches(SEARCH, replace(unknown, worn=False)) is Answer.NO, "a street's CCTV"
    with_camera = replace(SEARCH, camera=OTHER)
    assert matches(with_camera, unknown) is Answer.NO
    assert matches(replace(SEARCH, camera=CAMERA), unknown) is Answer.MAYBE


def test_another_camera_station_or_incident_makes_it_doubtful() -> None:
    assert matches(replace(SEARCH, camera=CAMERA), FILMED) is Answer.YES
    assert matches(replace(SEARCH, camera=OTHER), FILMED) is Answer.MAYBE
    assert matches(replace(SEARCH, station="LAM1"), FILMED) is Answer.YES
    assert matches(replace(SEARCH, station="LSH1"), FILMED) is Answer.MAYBE
    called = replace(SEARCH, incident="CAD 8812")
    assert matches(called, FILMED) is Answer.YES
    assert matches(called, replace(FILMED, incident="CAD 1")) is Answer.MAYBE


def test_without_an_officer_the_camera_or_the_incident_decides() -> None:
    by_camera = replace(SEARCH, officer=None, camera=CAMERA)
    assert matches(by_camera, replace(FILMED, officer=DEV)) is Answer.YES
    assert matches(by_camera, replace(FILMED, camera=OTHER)) is Answer.NO
    by_incident = replace(SEARCH, officer=None, incident="CAD 8812")
    assert matches(by_incident, replace(FILMED, incident="CAD 8812")) is Answer.YES
    assert matches(by_incident, FILMED) is Answer.NO
    assert matches(replace(by_incident, incident=""), FILMED) is Answer.NO
