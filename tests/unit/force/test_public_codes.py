"""Codes that people copy: a slip is found, and nothing else is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.force import public_codes
from fairwitness.force.public_codes import SIGNS, CodeInvalid

bodies = st.text(alphabet=SIGNS, min_size=7, max_size=7)


def code_of(body: str) -> str:
    return next(body + sign for sign in SIGNS if _well(body + sign))


def _well(code: str) -> bool:
    try:
        return public_codes.read(code, 8) == code
    except CodeInvalid:
        return False


def test_a_made_code_is_read_however_it_is_typed() -> None:
    for _ in range(50):
        code = public_codes.make(8)
        assert public_codes.read(code, 8) == code
        assert public_codes.read(f" {public_codes.spaced(code).lower()} ", 8) == code


@given(bodies, st.integers(0, 7), st.sampled_from(SIGNS))
def test_one_wrong_sign_is_found(body: str, place: int, sign: str) -> None:
    code = code_of(body)
    spoiled = code[:place] + sign + code[place + 1 :]
    assert _well(spoiled) is (spoiled == code)


@given(bodies, st.integers(0, 6))
def test_two_neighbours_exchanged_are_found(body: str, place: int) -> None:
    code = code_of(body)
    spoiled = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert _well(spoiled) is (spoiled == code)


@pytest.mark.parametrize("typed", ["", "K7P4", "K7P49XW20", "ÀÀÀÀÀÀÀÀ", "0000-0000", "K7P4/9XW"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(CodeInvalid, match="slip"):
        public_codes.read(typed, 8)
