from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.dock import offload
from fairwitness.dock.offload import Act, Held, Noted, State, Wanted

A = Held(name="00417-7-1", counter=7, part=1, size=10, sha256="a" * 64)
B = Held(name="00417-8-1", counter=8, part=1, size=10, sha256="b" * 64)


@pytest.mark.parametrize(
    ("state", "act"),
    [
        (State.SEEN, Act.UPLOAD),
        (State.UPLOADING, Act.RESUME),
        (State.SENT, Act.AWAIT_RECEIPT),
        (State.RECEIPTED, Act.ERASE),
        (State.ERASED, Act.ERASE),
        (State.REFUSED, Act.AWAIT_RECEIPT),
    ],
)
def test_each_state_has_its_next_act(state: State, act: Act) -> None:
    (step,) = offload.plan([A], {A.name: Noted(sha256=A.sha256, state=state, upload="/u/1")})
    assert step.act is act


def test_what_was_refused_before_any_byte_is_tried_anew() -> None:
    (step,) = offload.plan([A], {A.name: Noted(sha256=A.sha256, state=State.REFUSED)})
    assert step.act is Act.UPLOAD


def test_a_recordings_number_is_in_its_name() -> None:
    assert offload.counter_of("00417-2193-1") == 2193
    assert offload.counter_of("X-1-7-2193-12") == 2193


def test_a_new_recording_is_uploaded() -> None:
    (step,) = offload.plan([A], {})
    assert step.act is Act.UPLOAD


def test_other_bytes_under_a_known_name_are_never_erased() -> None:
    changed = replace(A, sha256="c" * 64)
    (step,) = offload.plan([changed], {A.name: Noted(sha256=A.sha256, state=State.RECEIPTED)})
    assert step.act is Act.UPLOAD


def test_erasures_free_the_camera_first_then_what_was_marked_then_by_number() -> None:
    third = replace(A, name="00417-9-1", counter=9, sha256="d" * 64)
    marked = replace(B, first=True)
    steps = offload.plan(
        [A, marked, third], {third.name: Noted(sha256=third.sha256, state=State.RECEIPTED)}
    )
    assert [s.recording.counter for s in steps] == [9, 8, 7]


@given(
    held=st.lists(
        st.builds(
            Held,
            name=st.sampled_from(["a", "b", "c"]),
            counter=st.integers(1, 9),
            part=st.just(1),
            size=st.just(1),
            sha256=st.sampled_from(["a" * 64, "b" * 64]),
            first=st.booleans(),
        ),
        unique_by=lambda h: h.name,
    ),
    journal=st.dictionaries(
        st.sampled_from(["a", "b", "c"]),
        st.builds(
            Noted, sha256=st.sampled_from(["a" * 64, "b" * 64]), state=st.sampled_from(State)
        ),
    ),
)
def test_nothing_is_erased_without_a_checked_receipt_for_these_very_bytes(
    held: list[Held], journal: dict[str, Noted]
) -> None:
    steps = offload.plan(held, journal)
    assert sorted(s.recording.name for s in steps) == sorted(h.name for h in held)
    for step in steps:
        if step.act is Act.ERASE:
            noted = journal[step.recording.name]
            assert noted.sha256 == step.recording.sha256
            assert noted.state in {State.RECEIPTED, State.ERASED}


@pytest.mark.parametrize(
    ("last", "present", "missing"),
    [
        (None, [], ()),
        (None, [5, 6], ()),
        (None, [5, 7], (6,)),
        (3, [5], (4,)),
        (4, [5], ()),
        (9, [5], ()),
    ],
)
def test_gaps_in_the_counter(
    last: int | None, present: list[int], missing: tuple[int, ...]
) -> None:
    assert offload.missing_counters(last_seen=last, present=present) == missing


def test_a_runaway_counter_names_a_thousand_gaps_and_no_more() -> None:
    assert len(offload.missing_counters(last_seen=1, present=[10**12])) == 1000


EARLY = datetime(2017, 6, 8, 22, 0, tzinfo=UTC)
WISHES = st.lists(
    st.builds(
        Wanted,
        bay=st.integers(1, 9),
        docked_at=st.integers(0, 5).map(lambda minutes: EARLY + timedelta(minutes=minutes)),
        recording=st.booleans().map(lambda first: replace(A, first=first)),
    ),
    unique_by=lambda wish: wish.bay,
)


@given(waiting=WISHES, free=st.integers(-2, 6))
def test_what_was_marked_sends_first_in_whichever_bay_and_no_more_than_may(
    waiting: list[Wanted], free: int
) -> None:
    chosen = offload.next_turns(waiting, free=free)
    assert len(chosen) == min(max(free, 0), len(waiting))
    assert set(chosen) <= set(waiting)
    passed = [wish for wish in waiting if wish not in chosen]
    for one in chosen:
        for other in passed:
            assert one.recording.first >= other.recording.first
            if one.recording.first == other.recording.first:
                assert (one.docked_at, one.bay) < (other.docked_at, other.bay)


@given(waiting=WISHES.filter(bool))
def test_whoever_waits_gets_a_turn_once_those_before_have_had_theirs(
    waiting: list[Wanted],
) -> None:
    left, served = list(waiting), 0
    while left:
        (one,) = offload.next_turns(left, free=1)
        left.remove(one)
        served += 1
    assert served == len(waiting)
