"""The subset of Swift that Axis systems speak: what is asked, and what is refused with what."""

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.api import errors
from fairwitness.ingest.axis import connection_file, swift
from fairwitness.ingest.axis.connecting import AxisRefused
from fairwitness.ingest.axis.connection_file import Connection
from fairwitness.ingest.axis.swift import (
    Describe,
    Place,
    PostObject,
    PutContainer,
    PutObject,
    Read,
    Refused,
    Request,
)

MD5 = hashlib.md5(b"x", usedforsecurity=False).hexdigest()


def ask(method: str, path: str, **headers: str) -> swift.Decision:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return swift.decide(Request(method, path, named))


def status(method: str, path: str) -> int:
    with pytest.raises(Refused) as refusal:
        ask(method, path)
    return errors.status_of(refusal.value.stable_code)


def test_each_request_is_understood() -> None:
    assert ask("PUT", "/v1/a/c") == PutContainer(Place("a", "c"), {}, creates=True)
    assert ask("POST", "/v1/a/c/") == PutContainer(Place("a", "c"), {}, creates=False)
    assert ask("PUT", "/v1/a/c/o/p:q") == PutObject(Place("a", "c", "o/p:q"), {}, "")
    assert ask("POST", "/v1/a/c/o") == PostObject(Place("a", "c", "o"), {})
    assert ask("HEAD", "/v1/a/c/o") == Describe(Place("a", "c", "o"))
    assert ask("GET", "/v1/a/System/Categories.json") == Read(
        Place("a", "System", "Categories.json")
    )
    signed = swift.sign_in(Request("GET", "/auth/v1.0", {"x-auth-user": "u", "x-auth-key": "k"}))
    assert (signed.user, signed.key) == ("u", "k")
    assert "k" not in repr(signed).replace("key", "")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("DELETE", "/v1/a/c", 400),
        ("COPY", "/v1/a/c/o", 400),
        ("GET", "/v1/a/c/o", 403),
        ("GET", "/v1/a/System/x", 403),
        ("PUT", "/v1/a/System/Capabilities.json", 403),
        ("PUT", "/v1/a", 400),
        ("PUT", "/v1//c", 400),
        ("PUT", "/other", 400),
        ("PUT", "/v1/a/c/o\x7f", 400),
    ],
)
def test_what_is_refused_has_the_status_that_the_system_knows(
    method: str, path: str, expected: int
) -> None:
    assert status(method, path) == expected


def test_metadata_is_read_with_either_prefix_in_any_case() -> None:
    headers = {
        "X-Container-Meta-Bwcserialnumber": "B8%2FA4",
        "x-object-meta-Status": "Complete",
        "x-object-meta-": "no name",
        "content-type": "no",
        "x-object-meta-empty": "",
    }
    assert swift.metadata_of(headers) == {
        "bwcserialnumber": "B8/A4",
        "status": "Complete",
        "empty": "",
    }


@given(st.text(st.characters(max_codepoint=255), max_size=200))
def test_any_value_becomes_text_that_every_database_takes(value: str) -> None:
    (text,) = swift.metadata_of({"x-object-meta-a": value}).values()
    text.encode()
    assert not any(ord(letter) < 32 for letter in text)


@given(st.text(max_size=300))
def test_what_is_described_is_read_back_the_same(value: str) -> None:
    clean = value.encode(errors="replace").decode().translate(swift._CONTROLS)
    head = swift.described({"name": clean}, of_object=True)
    assert swift.metadata_of(head) == {"name": clean}
    next(iter(head.values())).encode("latin-1")


def test_a_container_merges_and_an_empty_value_takes_a_key_away() -> None:
    assert swift.merged({"a": "1", "b": "2"}, {"b": "", "c": "3"}) == {"a": "1", "c": "3"}


@pytest.mark.parametrize(
    ("header", "value", "found"),
    [
        ("etag", MD5, MD5),
        ("etag", f'"{MD5.upper()}"', MD5),
        ("etag", "no digest", ""),
        ("content_md5", base64.b64encode(bytes.fromhex(MD5)).decode(), MD5),
        ("content_md5", "????", ""),
        ("content_md5", "QUJD", ""),
    ],
)
def test_the_promised_digest_is_found(header: str, value: str, found: str) -> None:
    decision = ask("PUT", "/v1/a/c/o", **{header: value})
    assert isinstance(decision, PutObject)
    assert decision.etag == found


def test_another_digest_than_promised_is_422() -> None:
    swift.check_etag("", MD5)
    swift.check_etag(MD5, MD5)
    with pytest.raises(Refused) as refusal:
        swift.check_etag("0" * 32, MD5)
    assert errors.status_of(refusal.value.stable_code) == 422


def test_secrets_are_not_kept_with_the_headers() -> None:
    headers = {"x-auth-token": "t", "x-auth-key": "k", "cookie": "c", "x-object-meta-a": "1"}
    assert swift.evidence_headers(headers) == [["x-object-meta-a", "1"]]


def connection(**changes: object) -> Connection:
    fields: dict[str, object] = {
        "site": "Metropolitan Police: Brixton",
        "version": "1",
        "urls": ["https://evidence.example:8417/"],
        "certificates": [b"-----BEGIN CERTIFICATE-----\n"],
        "user": "fw-1",
        "key": "k" * 43,
    }
    return Connection(**fields | changes)  # type: ignore[arg-type] # as it is named


def test_the_connection_file_is_as_specified() -> None:
    told = json.loads(connection_file.encode(connection()))
    assert told["AuthenticationTokenURI"] == ["https://evidence.example:8417/auth/v1.0"]
    assert base64.b64decode(told["HTTPSCertificate"][0]).startswith(b"-----BEGIN")
    assert told["ContainerType"] == "mp4"
    assert (told["WantEncryption"], "PublicKey" in told) == (False, False)
    assert told["ContentDestinationAsNTPServer"] is False
    sealed = json.loads(
        connection_file.encode(connection(public_key=b"pem", public_key_id="1f", certificates=[]))
    )
    assert base64.b64decode(sealed["PublicKey"]) == b"pem"
    assert (sealed["WantEncryption"], sealed["PublicKeyId"]) == (True, "1f")
    assert "HTTPSCertificate" not in sealed


@pytest.mark.parametrize(
    "changes",
    [
        {"urls": []},
        {"urls": ["https://e.example"] * 11},
        {"urls": ["https://" + "e" * 510]},
        {"certificates": [b"x" * 13_000]},
        {"certificates": [b"x"] * 11},
        {"certificates": [b"x" * 10_000] * 10},
        {"public_key": b"x" * 2000},
    ],
)
def test_more_than_the_specification_allows_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(AxisRefused):
        connection_file.encode(connection(**changes))
