"""Each check alone, their order, and what two people can and can't let in."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.ingest.checks import Bad, Found, Good, Reason, judge
from fairwitness.ingest.identity import Doubt

A, B = "a" * 64, "b" * 64
FINE = Found(
    store_problem=None,
    expected_sha256=A,
    read_sha256=A,
    expected_size=10,
    size=10,
    doubt=None,
    counter_reused=False,
    media_problem=None,
    truncated=False,
    allowed=False,
)

FAULTS: dict[Reason, Found] = {
    Reason.STORE_DAMAGED: replace(FINE, store_problem="A piece is damaged."),
    Reason.SIZE_BAD: replace(FINE, expected_size=11),
    Reason.DIGEST_BAD: replace(FINE, read_sha256=B),
    Reason.SIGNATURE_UNREADABLE: replace(FINE, doubt=Doubt.UNREADABLE),
    Reason.CAMERA_UNKNOWN: replace(FINE, doubt=Doubt.CAMERA_UNKNOWN),
    Reason.SIGNATURE_BAD: replace(FINE, doubt=Doubt.SIGNATURE_BAD),
    Reason.CAMERA_REVOKED: replace(FINE, doubt=Doubt.CAMERA_REVOKED),
    Reason.COUNTER_REUSED: replace(FINE, counter_reused=True),
    Reason.MEDIA_UNREADABLE: replace(FINE, media_problem="no video"),
    Reason.MEDIA_TRUNCATED: replace(FINE, truncated=True),
} | {
    reason: replace(FINE, arrival=Bad(reason, "It did not come as it should."))
    for reason in (
        Reason.CONTENT_REJECTED,
        Reason.OBJECT_REPLACED,
        Reason.ENCRYPTION_KEY_MISSING,
        Reason.ENCRYPTION_BAD,
    )
}


def test_what_passes_every_check_is_good() -> None:
    assert judge(FINE) == Good()
    assert judge(replace(FINE, expected_size=None)) == Good()


def test_every_reason_has_a_case() -> None:
    assert set(FAULTS) == set(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_each_fault_alone_has_its_reason_and_a_sentence(reason: Reason) -> None:
    verdict = judge(FAULTS[reason])
    assert isinstance(verdict, Bad)
    assert verdict.reason is reason
    assert verdict.message.endswith((".", "video"))


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason != "store.damaged"])
def test_two_people_can_let_in_all_but_what_is_not_there(reason: Reason) -> None:
    assert judge(replace(FAULTS[reason], allowed=True)) == Good()
    gone = replace(FAULTS[reason], allowed=True, store_problem="It is not there.")
    assert isinstance(judge(gone), Bad)


@given(
    st.builds(
        Found,
        store_problem=st.none() | st.just("damaged"),
        expected_sha256=st.sampled_from([A, B]),
        read_sha256=st.sampled_from([A, B]),
        expected_size=st.none() | st.integers(0, 2),
        size=st.integers(0, 2),
        doubt=st.none() | st.sampled_from(Doubt),
        counter_reused=st.booleans(),
        media_problem=st.none() | st.just("x"),
        truncated=st.booleans(),
        allowed=st.just(value=False),
        arrival=st.none() | st.just(Bad(Reason.OBJECT_REPLACED, "x")),
    )
)
def test_nothing_wrong_is_ever_good(found: Found) -> None:
    wrong = (
        found.store_problem is not None
        or found.expected_sha256 != found.read_sha256
        or found.expected_size not in {None, found.size}
        or found.doubt is not None
        or found.counter_reused
        or found.media_problem is not None
        or found.truncated
        or found.arrival is not None
    )
    assert isinstance(judge(found), Bad) == wrong
