from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.formats import erasures
from fairwitness.formats.erasures import MOST, Erased, Erasures
from fairwitness.formats.errors import FormatError

AT = datetime(2017, 6, 8, 22, 41, 7, tzinfo=UTC)
ONE = Erased(recording=UUID("6a0d2a4c-5b6e-4a3e-9a1f-2f6d1a9c0b11"), erased_at=AT)
WRITTEN = (
    b'{"erased":[{"erased_at":"2017-06-08T22:41:07.000000Z",'
    b'"recording":"6a0d2a4c-5b6e-4a3e-9a1f-2f6d1a9c0b11"}],"version":1}'
)


def test_it_is_written_as_the_specification_shows() -> None:
    assert Erasures(erased=(ONE,)).encode() == WRITTEN
    assert erasures.read(WRITTEN) == Erasures(erased=(ONE,))


@pytest.mark.parametrize("number", [0, MOST + 1])
def test_none_and_too_many_are_refused(number: int) -> None:
    with pytest.raises(FormatError, match="1 to 100"):
        Erasures(erased=(ONE,) * number)


def test_the_largest_message_is_within_the_limit() -> None:
    most = Erasures(erased=(ONE,) * MOST)
    assert len(most.encode()) <= erasures.LIMIT
    assert erasures.read(most.encode()) == most


@given(
    st.one_of(
        st.binary(max_size=200),
        st.integers(0, len(WRITTEN) - 1).map(lambda cut: WRITTEN[:cut]),
        st.tuples(st.integers(0, len(WRITTEN) - 1), st.integers(1, 255)).map(
            lambda at: WRITTEN[: at[0]] + bytes([WRITTEN[at[0]] ^ at[1]]) + WRITTEN[at[0] + 1 :]
        ),
    )
)
def test_no_input_makes_the_reader_raise_anything_but_its_own(data: bytes) -> None:
    try:
        found = erasures.read(data)
    except FormatError:
        return
    assert found.encode() == data
