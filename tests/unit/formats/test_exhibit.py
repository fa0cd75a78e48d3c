from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import verifier_bundles as made
from tests.verifier_bundles import Spec

from fairwitness.formats import exhibit
from fairwitness.formats.errors import FormatError
from fairwitness.formats.exhibit import ExhibitFacts, FileFacts
from fairwitness.formats.manifest import Provenance

FACTS = made.facts_of(Spec())


@pytest.mark.parametrize(
    "spec",
    [
        Spec(),
        Spec(camera=None),
        Spec(working_copy=None),
        Spec(docked=False),
        Spec(reference="A/1/2", part=2),
    ],
)
def test_facts_are_written_and_read(spec: Spec) -> None:
    facts = made.facts_of(spec)
    assert exhibit.parse(exhibit.encode(facts)) == facts


@given(st.binary())
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with pytest.raises(FormatError):
        exhibit.parse(data)


@given(
    at=st.integers(0, len(exhibit.encode(FACTS))),
    cut=st.integers(0, 5),
    put=st.binary(max_size=5) | st.sampled_from([b"null", b"-1", b'""', b"[]", b"{}"]),
)
def test_no_edited_facts_raise_anything_else(at: int, cut: int, put: bytes) -> None:
    data = exhibit.encode(FACTS)
    edited = data[:at] + put + data[at + cut :]
    try:
        assert exhibit.encode(exhibit.parse(edited)) == edited
    except FormatError:
        return


@pytest.mark.parametrize(
    "changes",
    [
        {"reference": "ABC"},
        {"reference": "../x"},
        {"title": ""},
        {"wearer": ""},
        {"camera": None},
        {"started_at": None},
        {"started_at": None, "ended_at": None},
        {"ended_at": made.STARTED - timedelta(seconds=1)},
        {"clock_ahead_us_min": None},
        {"clock_ahead_us_min": 5, "clock_ahead_us_max": 4},
        {"duration_ms": -1},
        {"buffer_ms": -1},
        {"part": 0},
        {"counters_missing": (3, 2)},
        {"version": 2},
        {"recording_reference": "00417-2"},
        {"working_copy": replace(FACTS.master, path="other.mp4")},
        {"camera": "not a serial"},
    ],
)
def test_facts_that_can_not_be_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        replace(FACTS, **changes)  # type: ignore[arg-type]  # the table names fields


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "../x"},
        {"media_type": "video"},
        {"size": -1},
        {"sha256": "0"},
    ],
)
def test_files_that_can_not_be_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        replace(FACTS.master, **changes)  # type: ignore[arg-type]  # the table names fields


def test_an_unsigned_recording_may_lack_camera_and_times() -> None:
    facts = replace(
        made.facts_of(Spec(camera=None)), provenance=Provenance.IMPORTED, duration_ms=None
    )
    assert facts.camera is None
    assert facts.started_between is None


def test_the_true_start_lies_between_the_clocks_bounds() -> None:
    earliest, latest = FACTS.started_between or (None, None)
    assert earliest == made.STARTED + timedelta(microseconds=350_000)
    assert latest == made.STARTED + timedelta(microseconds=1_250_000)


def test_bounds_that_leave_the_calendar_give_no_start() -> None:
    early = datetime(1, 1, 1, tzinfo=UTC)
    facts = replace(FACTS, started_at=early, clock_ahead_us_max=2**53 - 1)
    assert facts.started_between is None


def test_facts_agree_with_the_statements_they_come_from() -> None:
    assert exhibit.differences_from_claim(FACTS, made.claim_of(Spec())) == ()
    assert exhibit.differences_from_docking(FACTS, made.docking_of(Spec())) == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("camera", "00533"),
        ("started_at", made.STARTED - timedelta(seconds=1)),
        ("ended_at", made.STARTED + timedelta(minutes=8)),
        ("buffer_ms", 0),
        ("mute", ()),
        ("part", 2),
        ("last_part", False),
        ("interrupted", True),
    ],
)
def test_each_difference_from_the_camera_is_named(field: str, value: object) -> None:
    facts = replace(FACTS, **{field: value})  # type: ignore[arg-type]  # the table names fields
    assert exhibit.differences_from_claim(facts, made.claim_of(Spec())) == (field,)


def test_other_bytes_than_the_cameras_are_named() -> None:
    master = FileFacts(
        path=FACTS.master.path, media_type="video/quicktime", size=1, sha256="0" * 64
    )
    facts = replace(FACTS, master=master)
    assert exhibit.differences_from_claim(facts, made.claim_of(Spec())) == (
        "master.size",
        "master.sha256",
        "master.media_type",
    )


@pytest.mark.parametrize(
    ("low", "high", "wrong"),
    [
        (-1_200_000, -400_000, ()),
        (-1_199_999, -400_000, ("clock_ahead_us_min",)),
        (-1_200_000, -400_001, ("clock_ahead_us_max",)),
        (None, None, ()),
    ],
)
def test_clock_bounds_may_be_wider_than_the_docks_but_never_narrower(
    low: int | None, high: int | None, wrong: tuple[str, ...]
) -> None:
    facts: ExhibitFacts = replace(FACTS, clock_ahead_us_min=low, clock_ahead_us_max=high)
    assert exhibit.differences_from_docking(facts, made.docking_of(Spec())) == wrong


def test_clock_bounds_need_a_dock_that_measured_them() -> None:
    blind = replace(
        made.docking_of(Spec()), camera_clock_ahead_us_min=None, camera_clock_ahead_us_max=None
    )
    assert exhibit.differences_from_docking(FACTS, blind) == (
        "clock_ahead_us_min",
        "clock_ahead_us_max",
    )
