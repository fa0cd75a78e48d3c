"""What is true of every document of our formats, whatever it says and whoever spoiled it."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.formats.documents import DOCUMENTS, Document

from fairwitness.formats import canonical
from fairwitness.formats.errors import FormatError

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.name)
several = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8)
any_json = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


def assert_refused_or_same(document: Document, data: bytes) -> None:
    """A reader refuses with its own error, or what it read is written as these very bytes."""
    with contextlib.suppress(FormatError):
        assert document.write(document.read(data)) == data


@each_document
@several
@given(data=st.data())
def test_what_is_written_is_read_back(document: Document, data: st.DataObject) -> None:
    value = data.draw(document.examples)
    written = document.write(value)
    read = document.read(written)
    assert read == value
    assert document.write(read) == written


@each_document
@several
@given(noise=st.binary(max_size=200))
def test_noise_raises_nothing_but_a_format_error(document: Document, noise: bytes) -> None:
    assert_refused_or_same(document, noise)


@each_document
@several
@given(value=any_json)
def test_other_json_raises_nothing_but_a_format_error(document: Document, value: Any) -> None:  # noqa: ANN401 -- any JSON
    with contextlib.suppress(FormatError):
        assert_refused_or_same(document, canonical.encode(value))


@each_document
@several
@given(data=st.data())
def test_spoilt_bytes_raise_nothing_but_a_format_error(
    document: Document, data: st.DataObject
) -> None:
    written = bytearray(document.write(data.draw(document.examples)))
    at = data.draw(st.integers(0, len(written) - 1))
    until = data.draw(st.integers(at, min(len(written), at + 8)))
    written[at:until] = data.draw(st.binary(max_size=8))
    assert_refused_or_same(document, bytes(written))


@each_document
@several
@given(data=st.data())
def test_one_value_replaced_raises_nothing_but_a_format_error(
    document: Document, data: st.DataObject
) -> None:
    value = json.loads(document.write(data.draw(document.examples)))
    holder, place = data.draw(st.sampled_from(places(value)))
    holder[place] = data.draw(any_json)
    with contextlib.suppress(FormatError):
        assert_refused_or_same(document, canonical.encode(value))


@each_document
@several
@given(data=st.data())
def test_a_missing_or_unknown_field_is_refused(document: Document, data: st.DataObject) -> None:
    value = json.loads(document.write(data.draw(document.examples)))
    if data.draw(st.booleans()):
        del value[data.draw(st.sampled_from(sorted(value)))]
    else:
        value["unheard_of"] = data.draw(scalars.filter(lambda one: one not in {2**53, -(2**53)}))
    with pytest.raises(FormatError):
        document.read(canonical.encode(value))


@each_document
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_another_spelling_of_the_same_json_is_refused(
    document: Document, data: st.DataObject
) -> None:
    written = document.write(data.draw(document.examples))
    for other in (
        json.dumps(json.loads(written)).encode(),
        written + b"\n",
        b"\xef\xbb\xbf" + written,
        written.decode().encode("utf-16"),
        written.replace(b":", b": ", 1),
    ):
        with pytest.raises(FormatError):
            document.read(other)


def places(value: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 -- any JSON
    """Every place in a JSON value where another could stand."""
    if isinstance(value, dict):
        return [place for name, inner in value.items() for place in [(value, name), *places(inner)]]
    if isinstance(value, list):
        return [
            place
            for number, inner in enumerate(value)
            for place in [(value, number), *places(inner)]
        ]
    return []
