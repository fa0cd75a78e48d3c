import tracemalloc
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fairwitness.formats import canonical
from fairwitness.formats.errors import FormatError

values = st.recursive(
    st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(values)
def test_what_is_encoded_is_decoded(value: Any) -> None:  # noqa: ANN401 -- any JSON
    assert canonical.decode(canonical.encode(value)) == value


@given(st.binary() | st.text().map(str.encode))
@example(b'{"a":' * 40 + b"1" + b"}" * 40)
@example(b"[" * 1_000_000)
@example(b'"\\ud800"')
@example(b"1e400")
@example(b"-")
def test_whatever_is_decoded_is_its_only_spelling(data: bytes) -> None:
    try:
        value = canonical.decode(data)
    except FormatError:
        return
    assert canonical.encode(value) == data


@pytest.mark.parametrize(
    "value",
    [1.0, 2**53, -(2**53), b"bytes", {1: "a"}, {"a": {1, 2}}, "\ud800", {"\ud800\u0100": 1}],
    ids=repr,
)
def test_what_json_cannot_say_is_not_encoded(value: Any) -> None:  # noqa: ANN401 -- no JSON
    with pytest.raises(FormatError):
        canonical.encode(value)


def test_names_are_ordered_by_utf16_code_units() -> None:
    names = ["\ufb33", "\U0001f600", "\u20ac", "\u00f6", "\u0080", "1", "\r"]
    decoded = canonical.decode(canonical.encode(dict.fromkeys(names)))
    assert isinstance(decoded, dict)
    assert list(decoded) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_tuples_are_written_as_lists() -> None:
    assert canonical.encode({"a": (1, 2)}) == b'{"a":[1,2]}'


def test_length_is_limited() -> None:
    assert canonical.decode(b'"1234"', limit=6) == "1234"
    with pytest.raises(FormatError, match="longer than 5 bytes"):
        canonical.decode(b'"1234"', limit=5)


def test_depth_is_limited_both_ways() -> None:
    value: list[Any] = []
    for _ in range(31):
        value = [value]
    assert canonical.decode(canonical.encode(value)) == value
    with pytest.raises(FormatError, match="More than 32"):
        canonical.encode([value])
    with pytest.raises(FormatError, match="More than 32"):
        canonical.decode(b"[" * 33 + b"]" * 33)


def test_a_document_that_would_swell_in_memory_is_refused_before_it_is_read() -> None:
    swelling = b"[" + b"{}," * 4_000_000 + b"{}]"
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match="values"):
            canonical.decode(swelling)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000
