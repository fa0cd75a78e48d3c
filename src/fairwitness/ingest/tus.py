"""The tus 1.0.0 protocol without a socket: headers and an upload's state in, a decision out.

Source: tus.io, "Resumable upload protocol 1.0.0", with the extensions creation,
creation-with-upload, expiration, checksum and termination; docs/specs/upload.md is our profile.
Everything refused is an `UploadRefused` whose code `api.errors` turns into a status. Nothing here
reads a clock, a database or a byte of footage.
"""

import base64
import binascii
import enum
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Protocol

from fairwitness.errors import FairwitnessError

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
CONTENT_TYPE = "application/offset+octet-stream"
MAX_SIZE = 64 << 30
METADATA_LIMIT = 60 << 10  # one header line; common clients read no line longer than 64 KiB

_NUMBER = re.compile(r"(0|[1-9][0-9]{0,17})\Z")
_KEY = re.compile(r"[!-+\--~]+\Z")  # printable ASCII but space and comma


class UploadRefused(FairwitnessError):
    """A request that the protocol, or the upload's state, does not allow."""

    code = "upload.refused"


class Hash(Protocol):
    """What a checksum is computed with."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Take more bytes."""

    def digest(self) -> bytes:
        """The digest so far."""


class Phase(enum.Enum):
    """What an upload can still do."""

    RECEIVING = "receiving"
    COMPLETE = "complete"  # every byte is durable; what follows is acceptance's business
    GONE = "gone"  # terminated or expired


@dataclass(frozen=True, slots=True)
class Request:
    """One request: the method, headers with lower-case names, and whether it names an upload."""

    method: str
    headers: Mapping[str, str]
    names_upload: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an upload: `offset` is the contiguous durable prefix, in bytes."""

    offset: int
    length: int
    phase: Phase
    metadata: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Checksum:
    """The digest that the client announced for one body."""

    algorithm: str
    digest: bytes

    def start(self) -> Hash:
        """A fresh hash of the announced kind."""
        return _HASHES[self.algorithm]()

    def check(self, seen: Hash) -> None:
        """Compare.

        Raises:
            UploadRefused: `upload.checksum_mismatch`; the body must be discarded.
        """
        if seen.digest() != self.digest:
            raise UploadRefused(
                "These bytes do not have the checksum sent with them; they were discarded.",
                code="upload.checksum_mismatch",
            )


@dataclass(frozen=True, slots=True)
class Options:
    """Say what this server speaks."""


@dataclass(frozen=True, slots=True)
class Describe:
    """HEAD: say how far the upload has come, after ending any running PATCH."""


@dataclass(frozen=True, slots=True)
class Terminate:
    """DELETE: forget the upload."""


@dataclass(frozen=True, slots=True)
class Append:
    """Take a body at `offset`; `size` is its announced length, None when chunked."""

    offset: int
    size: int | None
    checksum: Checksum | None


@dataclass(frozen=True, slots=True)
class Create:
    """Begin an upload of `length` bytes; `body` when the first bytes come with it."""

    length: int
    metadata: str
    values: Mapping[str, bytes]
    body: Append | None


Decision = Options | Describe | Terminate | Append | Create


def _sha1() -> Hash:
    return hashlib.sha1(usedforsecurity=False)  # the protocol demands it; guards against accidents


_HASHES = {"sha1": _sha1, "sha256": hashlib.sha256}
CHECKSUM_ALGORITHMS = ",".join(_HASHES)


def method_of(method: str, headers: Mapping[str, str]) -> str:
    """The method meant: `X-HTTP-Method-Override` wins, for clients that can't send PATCH."""
    return headers.get("x-http-method-override", method).strip().upper()


def decide(request: Request, *, max_size: int = MAX_SIZE) -> Decision:
    """What is asked for, from the head of a request alone.

    Args:
        request: its method, headers and target.
        max_size: the longest upload taken, in bytes.

    Raises:
        UploadRefused: `upload.version`, `.method`, `.header_invalid`, `.too_large`,
            `.content_type`, `.checksum_unsupported`, `.extension` or `.length`.
    """
    method = method_of(request.method, request.headers)
    if method == "OPTIONS":
        return Options()
    if request.headers.get("tus-resumable") != VERSION:
        raise UploadRefused(
            f"This server speaks tus {VERSION}: send it as Tus-Resumable.", code="upload.version"
        )
    if not request.names_upload and method == "POST":
        return _create(request.headers, max_size)
    if request.names_upload and method == "HEAD":
        return Describe()
    if request.names_upload and method == "PATCH":
        _content_type(request.headers)
        return _append(request.headers, _number(request.headers, "upload-offset"))
    if request.names_upload and method == "DELETE":
        return Terminate()
    raise UploadRefused(f"{method} can't be used here.", code="upload.method")


def check_append(append: Append, facts: Facts) -> int:
    """Whether these bytes may be taken, and at most how many.

    Raises:
        UploadRefused: `upload.gone`, `.offset_mismatch` or `.too_large`.
    """
    check_present(facts)
    if append.offset != facts.offset:
        raise UploadRefused(
            f"The upload stands at byte {facts.offset}, not {append.offset}: ask with HEAD.",
            code="upload.offset_mismatch",
        )
    room = facts.length - facts.offset
    if append.size is not None and append.size > room:
        raise UploadRefused(
            f"{append.size} bytes are more than the {room} still to come.", code="upload.too_large"
        )
    return room


def check_terminate(facts: Facts) -> None:
    """Whether an upload may be forgotten: footage wholly received may not.

    Raises:
        UploadRefused: `upload.gone` or `upload.complete`.
    """
    check_present(facts)
    if facts.phase is Phase.COMPLETE:
        raise UploadRefused(
            "Every byte of this recording was received: it can't be taken back.",
            code="upload.complete",
        )


def check_present(facts: Facts) -> None:
    """Whether the upload is still there.

    Raises:
        UploadRefused: `upload.gone`.
    """
    if facts.phase is Phase.GONE:
        raise UploadRefused("This upload was ended: begin a new one.", code="upload.gone")


def options_headers(*, max_size: int = MAX_SIZE) -> dict[str, str]:
    """The answer to OPTIONS."""
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(max_size),
        "Tus-Checksum-Algorithm": CHECKSUM_ALGORITHMS,
    }


def state_headers(facts: Facts) -> dict[str, str]:
    """The answer to HEAD."""
    headers = {
        "Upload-Offset": str(facts.offset),
        "Upload-Length": str(facts.length),
        "Cache-Control": "no-store",
    }
    if facts.metadata:
        headers["Upload-Metadata"] = facts.metadata
    return headers | expiry_headers(facts)


def progress_headers(facts: Facts) -> dict[str, str]:
    """The answer to PATCH, and to POST with a body."""
    return {"Upload-Offset": str(facts.offset)} | expiry_headers(facts)


def expiry_headers(facts: Facts) -> dict[str, str]:
    """When an unfinished upload will be ended; a complete one does not expire."""
    if facts.phase is not Phase.RECEIVING:
        return {}
    return {"Upload-Expires": format_datetime(facts.expires_at.astimezone(UTC), usegmt=True)}


def parse_metadata(text: str) -> dict[str, bytes]:
    """Read `Upload-Metadata`: `key base64,key base64`; a key alone has an empty value.

    Raises:
        UploadRefused: `upload.header_invalid`.
    """
    if len(text) > METADATA_LIMIT:
        raise _invalid("Upload-Metadata", f"at most {METADATA_LIMIT} characters")
    values: dict[str, bytes] = {}
    for pair in text.split(",") if text.strip() else []:
        key, _, value = pair.strip().partition(" ")
        if not _KEY.match(key) or key in values:
            raise _invalid("Upload-Metadata", "each key once, printable, without space or comma")
        values[key] = _base64(value, "Upload-Metadata")
    return values


def _create(headers: Mapping[str, str], max_size: int) -> Create:
    if "upload-concat" in headers or "upload-defer-length" in headers:
        raise UploadRefused(
            "Concatenation and uploads of unknown length are not offered here.",
            code="upload.extension",
        )
    length = _number(headers, "upload-length")
    if length == 0:
        raise UploadRefused("A recording has at least one byte.", code="upload.length")
    if length > max_size:
        raise UploadRefused(
            f"A recording may have at most {max_size} bytes.", code="upload.too_large"
        )
    metadata = headers.get("upload-metadata", "")
    values = parse_metadata(metadata)
    body = None
    if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
        _content_type(headers)
        body = _append(headers, 0)
        if body.size is not None and body.size > length:
            raise UploadRefused("The body is longer than Upload-Length.", code="upload.too_large")
    return Create(length=length, metadata=metadata, values=values, body=body)


def _append(headers: Mapping[str, str], offset: int) -> Append:
    size = _number(headers, "content-length") if "content-length" in headers else None
    return Append(offset=offset, size=size, checksum=_checksum(headers))


def _checksum(headers: Mapping[str, str]) -> Checksum | None:
    text = headers.get("upload-checksum")
    if text is None:
        return None
    algorithm, _, value = text.partition(" ")
    if algorithm not in _HASHES:
        raise UploadRefused(
            f"Checksums may be {CHECKSUM_ALGORITHMS}.", code="upload.checksum_unsupported"
        )
    digest = _base64(value, "Upload-Checksum")
    if len(digest) != len(_HASHES[algorithm]().digest()):
        raise _invalid("Upload-Checksum", f"a whole {algorithm} digest in base64")
    return Checksum(algorithm, digest)


def _content_type(headers: Mapping[str, str]) -> None:
    if headers.get("content-type", "").partition(";")[0].strip().lower() != CONTENT_TYPE:
        raise UploadRefused(f"Bytes come as {CONTENT_TYPE}.", code="upload.content_type")


def _number(headers: Mapping[str, str], name: str) -> int:
    text = headers.get(name, "")
    if not _NUMBER.match(text):
        raise _invalid(name.title(), "a whole number of bytes")
    return int(text)


def _base64(text: str, name: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _invalid(name, "valid base64") from error


def _invalid(name: str, wanted: str) -> UploadRefused:
    return UploadRefused(f"{name} must be {wanted}.", code="upload.header_invalid")
