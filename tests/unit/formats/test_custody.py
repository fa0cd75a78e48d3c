import dataclasses
import hashlib
import re

import pytest
from tests.vectors import samples

from fairwitness.formats import custody
from fairwitness.formats.custody import Act, Body
from fairwitness.formats.errors import FormatError


def test_acts_are_subject_and_verb() -> None:
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", act) for act in Act)
    assert len(set(Act)) == len(list(Act))
    assert Act.RECORDING_VIEWED.subject == "recording"
    assert Act.RECORDING_VIEWED.verb == "viewed"


def test_names_of_acts_follow_their_values() -> None:
    assert all(act.name == act.value.replace(".", "_").upper() for act in Act)


def test_refusals_are_known_as_such() -> None:
    assert Act.RECORDING_VIEW_REFUSED.is_refusal
    assert Act.ACCESS_REFUSED.is_refusal
    assert not Act.RECORDING_VIEWED.is_refusal


def test_a_leaf_is_a_version_and_a_salted_digest() -> None:
    entry, salt = samples.ENTRY.encode(), samples.BODY.salt
    leaf = custody.leaf(entry, salt)
    assert leaf == b"\x01" + hashlib.sha256(salt + entry).digest()
    assert custody.leaf_hash(entry, salt) == hashlib.sha256(b"\x00" + leaf).digest()


def test_another_salt_makes_another_leaf() -> None:
    entry = samples.ENTRY.encode()
    assert custody.leaf(entry, bytes(16)) != custody.leaf(entry, bytes(15) + b"\1")


def test_salt_and_entry_cannot_run_into_each_other() -> None:
    entry, salt = samples.ENTRY.encode(), samples.BODY.salt
    with pytest.raises(FormatError):
        custody.leaf(entry[1:], salt + entry[:1])


def test_a_leaf_names_nobody() -> None:
    leaf = custody.leaf(samples.ENTRY.encode(), samples.BODY.salt)
    assert len(leaf) == 33
    assert str(samples.RECORDING).encode() not in leaf


def test_the_salt_is_not_shown_with_the_body() -> None:
    assert samples.BODY.salt.hex() not in repr(samples.BODY)
    assert repr(samples.BODY.salt) not in repr(samples.BODY)


@pytest.mark.parametrize(
    "detail",
    [
        {"a": 1.5},
        {"a": ["x", 1]},
        {"a": {"b": 1}},
        {"a": b"bytes"},
        {"A": 1},
        {"": 1},
        {"a-b": 1},
        {"a": "\u0000"},
        {"a": 2**53},
        {"a": frozenset()},
    ],
    ids=repr,
)
def test_details_that_have_no_form_are_not_written(detail: dict[str, custody.Detail]) -> None:
    body = Body(actor="system:test", reason="", salt=bytes(16), detail=detail)
    with pytest.raises(FormatError):
        body.encode()


@pytest.mark.parametrize("actor", ["", "Officer:1", "officer:", "officer: 1", "a:b:c", "x" * 41])
def test_actors_have_a_form(actor: str) -> None:
    with pytest.raises(FormatError):
        Body(actor=actor, reason="", salt=bytes(16))


def test_a_salt_has_16_bytes() -> None:
    with pytest.raises(FormatError):
        Body(actor="system:test", reason="", salt=bytes(15))


def test_reasons_keep_their_lines() -> None:
    body = Body(actor="system:test", reason="one\r\ntwo\tthree", salt=bytes(16))
    assert custody.parse_body(body.encode()).reason == "one\r\ntwo\tthree"


def test_only_the_first_entry_has_no_previous() -> None:
    with pytest.raises(FormatError):
        dataclasses.replace(samples.ENTRY, previous="0" * 64)
    with pytest.raises(FormatError):
        dataclasses.replace(samples.SECOND_ENTRY, previous=None)


@pytest.mark.parametrize("data", [b"null", b"[]", b"{}", b'{"detail":{}}', b'{"detail":null}'])
def test_a_body_is_an_object_with_a_detail(data: bytes) -> None:
    with pytest.raises(FormatError):
        custody.parse_body(data)
