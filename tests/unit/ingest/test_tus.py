"""The protocol core: a table of requests and answers, and what any pattern of cuts comes to."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.ingest import tus

EXPIRES = datetime(2017, 6, 9, 12, 0, tzinfo=UTC)
TUS = {"tus-resumable": "1.0.0"}
BODY = TUS | {"content-type": "application/offset+octet-stream"}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def ask(method: str, headers: Mapping[str, str], *, upload: bool = True) -> tus.Decision:
    return tus.decide(tus.Request(method, headers, upload), max_size=1000)


def facts(offset: int = 10, length: int = 100, phase: tus.Phase = tus.Phase.RECEIVING) -> tus.Facts:
    return tus.Facts(offset, length, phase, "filename eA==", EXPIRES)


SHA1 = hashlib.sha1(b"x", usedforsecurity=False).digest()
SHA256 = hashlib.sha256(b"x").digest()

ALLOWED: list[tuple[str, dict[str, str], bool, tus.Decision]] = [
    ("OPTIONS", {}, False, tus.Options()),
    ("OPTIONS", {}, True, tus.Options()),
    ("HEAD", TUS, True, tus.Describe()),
    ("DELETE", TUS, True, tus.Terminate()),
    ("POST", TUS | {"x-http-method-override": "delete"}, True, tus.Terminate()),
    (
        "PATCH",
        BODY | {"upload-offset": "10", "content-length": "5"},
        True,
        tus.Append(10, 5, None),
    ),
    ("PATCH", BODY | {"upload-offset": "0"}, True, tus.Append(0, None, None)),
    (
        "POST",
        BODY | {"upload-offset": "7", "x-http-method-override": "PATCH", "content-length": "1"},
        True,
        tus.Append(7, 1, None),
    ),
    (
        "PATCH",
        BODY | {"upload-offset": "0", "upload-checksum": f"sha1 {b64(SHA1)}"},
        True,
        tus.Append(0, None, tus.Checksum("sha1", SHA1)),
    ),
    (
        "PATCH",
        BODY | {"upload-offset": "0", "upload-checksum": f"sha256 {b64(SHA256)}"},
        True,
        tus.Append(0, None, tus.Checksum("sha256", SHA256)),
    ),
    ("POST", TUS | {"upload-length": "100"}, False, tus.Create(100, "", {}, None)),
    (
        "POST",
        TUS | {"upload-length": "1000", "content-length": "0"},
        False,
        tus.Create(1000, "", {}, None),
    ),
    (
        "POST",
        BODY | {"upload-length": "100", "content-length": "40"},
        False,
        tus.Create(100, "", {}, tus.Append(0, 40, None)),
    ),
    (
        "POST",
        TUS | {"upload-length": "1", "upload-metadata": "filename eHk=,empty"},
        False,
        tus.Create(1, "filename eHk=,empty", {"filename": b"xy", "empty": b""}, None),
    ),
]


@pytest.mark.parametrize(("method", "headers", "upload", "decision"), ALLOWED)
def test_what_is_allowed_is_understood(
    *, method: str, headers: dict[str, str], upload: bool, decision: tus.Decision
) -> None:
    assert ask(method, headers, upload=upload) == decision


REFUSED: list[tuple[str, dict[str, str], bool, str]] = [
    ("HEAD", {}, True, "upload.version"),
    ("HEAD", {"tus-resumable": "0.2.2"}, True, "upload.version"),
    ("POST", {"tus-resumable": "2.0.0", "upload-length": "1"}, False, "upload.version"),
    ("GET", TUS, True, "upload.method"),
    ("PUT", TUS, True, "upload.method"),
    ("PATCH", BODY | {"upload-offset": "0"}, False, "upload.method"),
    ("POST", TUS | {"upload-length": "1"}, True, "upload.method"),
    ("PATCH", TUS | {"upload-offset": "0"}, True, "upload.content_type"),
    (
        "PATCH",
        TUS | {"upload-offset": "0", "content-type": "text/plain"},
        True,
        "upload.content_type",
    ),
    ("PATCH", BODY, True, "upload.header_invalid"),
    ("PATCH", BODY | {"upload-offset": "-1"}, True, "upload.header_invalid"),
    ("PATCH", BODY | {"upload-offset": "+1"}, True, "upload.header_invalid"),
    ("PATCH", BODY | {"upload-offset": "01"}, True, "upload.header_invalid"),
    ("PATCH", BODY | {"upload-offset": "1_0"}, True, "upload.header_invalid"),
    ("PATCH", BODY | {"upload-offset": "٣"}, True, "upload.header_invalid"),
    ("PATCH", BODY | {"upload-offset": "9" * 40}, True, "upload.header_invalid"),
    (
        "PATCH",
        BODY | {"upload-offset": "0", "upload-checksum": "crc32 AAAAAA=="},
        True,
        "upload.checksum_unsupported",
    ),
    (
        "PATCH",
        BODY | {"upload-offset": "0", "upload-checksum": "sha1 AAAA"},
        True,
        "upload.header_invalid",
    ),
    (
        "PATCH",
        BODY | {"upload-offset": "0", "upload-checksum": "sha1 !!!"},
        True,
        "upload.header_invalid",
    ),
    ("POST", TUS, False, "upload.header_invalid"),
    ("POST", TUS | {"upload-length": "abc"}, False, "upload.header_invalid"),
    ("POST", TUS | {"upload-length": "0"}, False, "upload.length"),
    ("POST", TUS | {"upload-length": "1001"}, False, "upload.too_large"),
    ("POST", TUS | {"upload-defer-length": "1"}, False, "upload.extension"),
    ("POST", TUS | {"upload-length": "1", "upload-concat": "partial"}, False, "upload.extension"),
    (
        "POST",
        TUS | {"upload-length": "5", "content-length": "1", "content-type": "text/plain"},
        False,
        "upload.content_type",
    ),
    (
        "POST",
        BODY | {"upload-length": "5", "content-length": "6"},
        False,
        "upload.too_large",
    ),
    (
        "POST",
        TUS | {"upload-length": "1", "upload-metadata": "a eA==,a eA=="},
        False,
        "upload.header_invalid",
    ),
    (
        "POST",
        TUS | {"upload-length": "1", "upload-metadata": "a eA"},
        False,
        "upload.header_invalid",
    ),
    (
        "POST",
        TUS | {"upload-length": "1", "upload-metadata": ",,"},
        False,
        "upload.header_invalid",
    ),
    (
        "POST",
        TUS | {"upload-length": "1", "upload-metadata": "a " + "A" * (60 << 10)},
        False,
        "upload.header_invalid",
    ),
]


@pytest.mark.parametrize(("method", "headers", "upload", "code"), REFUSED)
def test_what_is_not_allowed_is_refused_with_its_code(
    *, method: str, headers: dict[str, str], upload: bool, code: str
) -> None:
    with pytest.raises(tus.UploadRefused) as caught:
        ask(method, headers, upload=upload)
    assert caught.value.stable_code == code


def test_bytes_are_taken_only_at_the_durable_offset_and_never_beyond_the_length() -> None:
    assert tus.check_append(tus.Append(10, 90, None), facts()) == 90
    assert tus.check_append(tus.Append(10, None, None), facts()) == 90
    assert tus.check_append(tus.Append(100, 0, None), facts(offset=100)) == 0
    for append, code in [
        (tus.Append(9, 5, None), "upload.offset_mismatch"),
        (tus.Append(11, 5, None), "upload.offset_mismatch"),
        (tus.Append(10, 91, None), "upload.too_large"),
    ]:
        with pytest.raises(tus.UploadRefused) as caught:
            tus.check_append(append, facts())
        assert caught.value.stable_code == code


def test_an_ended_upload_is_gone_for_every_request() -> None:
    gone = facts(phase=tus.Phase.GONE)
    for check in (
        lambda: tus.check_append(tus.Append(10, 1, None), gone),
        lambda: tus.check_terminate(gone),
        lambda: tus.check_present(gone),
    ):
        with pytest.raises(tus.UploadRefused) as caught:
            check()
        assert caught.value.stable_code == "upload.gone"


def test_footage_wholly_received_cannot_be_taken_back() -> None:
    tus.check_terminate(facts())
    with pytest.raises(tus.UploadRefused) as caught:
        tus.check_terminate(facts(100, 100, tus.Phase.COMPLETE))
    assert caught.value.stable_code == "upload.complete"


def test_answers_say_offset_length_and_expiry_as_the_protocol_writes_them() -> None:
    assert tus.state_headers(facts()) == {
        "Upload-Offset": "10",
        "Upload-Length": "100",
        "Cache-Control": "no-store",
        "Upload-Metadata": "filename eA==",
        "Upload-Expires": "Fri, 09 Jun 2017 12:00:00 GMT",
    }
    complete = facts(100, 100, tus.Phase.COMPLETE)
    assert "Upload-Expires" not in tus.progress_headers(complete)
    assert tus.options_headers(max_size=5) == {
        "Tus-Resumable": "1.0.0",
        "Tus-Version": "1.0.0",
        "Tus-Extension": "creation,creation-with-upload,expiration,checksum,termination",
        "Tus-Max-Size": "5",
        "Tus-Checksum-Algorithm": "sha1,sha256",
    }


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_checksum_is_that_of_the_bytes(algorithm: str) -> None:
    checksum = tus.Checksum(algorithm, hashlib.new(algorithm, b"footage").digest())
    good = checksum.start()
    good.update(b"foot")
    good.update(b"age")
    checksum.check(good)
    bad = checksum.start()
    bad.update(b"foOtage")
    with pytest.raises(tus.UploadRefused) as caught:
        checksum.check(bad)
    assert caught.value.stable_code == "upload.checksum_mismatch"


@given(st.text(max_size=200))
def test_no_metadata_raises_anything_but_a_refusal(text: str) -> None:
    try:
        values = tus.parse_metadata(text)
    except tus.UploadRefused as refused:
        assert refused.stable_code == "upload.header_invalid"  # noqa: PT017 - both ends are right
    else:
        assert all(isinstance(value, bytes) for value in values.values())


@given(
    footage=st.binary(min_size=1, max_size=400),
    tries=st.lists(
        st.tuples(st.integers(-3, 3), st.integers(0, 120), st.integers(0, 120)), max_size=40
    ),
)
def test_any_pattern_of_cuts_and_wrong_offsets_ends_with_the_same_digest(
    footage: bytes, tries: list[tuple[int, int, int]]
) -> None:
    """Each try sends `size` bytes from a possibly wrong offset, of which `kept` become durable."""
    stored = b""
    rest = len(footage) + 1
    for slip, size, kept in [*tries, (0, rest, rest)]:
        state = tus.Facts(len(stored), len(footage), tus.Phase.RECEIVING, "", EXPIRES)
        offset = max(0, len(stored) + slip)
        body = footage[offset : offset + size]
        headers = BODY | {"upload-offset": str(offset), "content-length": str(len(body))}
        decision = ask("PATCH", headers)
        assert isinstance(decision, tus.Append)
        try:
            room = tus.check_append(decision, state)
        except tus.UploadRefused as refused:
            assert refused.stable_code == "upload.offset_mismatch"  # noqa: PT017 - see above
            assert offset != len(stored)
            continue
        stored += body[: min(room, kept)]
    assert hashlib.sha256(stored).digest() == hashlib.sha256(footage).digest()
