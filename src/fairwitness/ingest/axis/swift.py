"""The part of OpenStack Swift that Axis body-worn systems speak, decided without any socket.

From a request's method, path and headers to what is asked for, or to the one status that the
system understands (docs/specs/axis-content-destination.md). Nothing here knows what a clip is.
"""

import base64
import binascii
import hashlib
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from fairwitness.errors import FairwitnessError

SIGN_IN: Final = "/auth/v1.0"
STORAGE: Final = "/v1/"

CAPABILITIES: Final = "Capabilities.json"
CATEGORIES: Final = "Categories.json"
SYSTEM: Final = "System"

_CONTAINER_BYTES: Final = 256
_OBJECT_BYTES: Final = 1024
_META: Final = re.compile(r"x-(?:container|object)-meta-(.+)")
_MD5: Final = re.compile(r'"?([0-9a-fA-F]{32})"?')
_SECRETS: Final = frozenset(
    {"x-auth-token", "x-auth-key", "x-storage-token", "x-storage-pass", "authorization", "cookie"}
)
_CONTROLS: Final = dict.fromkeys((*range(32), 127), 65533)


class Refused(FairwitnessError):
    """A request that is refused; `code` says what its status is."""

    code = "axis.bad_request"


@dataclass(frozen=True, slots=True)
class Request:
    """What there is of a request before its body; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SignIn:
    """A user and its key, for a token."""

    user: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """A container, or an object in one."""

    account: str
    container: str
    object: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """One of our two files is read."""

    place: Place


@dataclass(frozen=True, slots=True)
class Describe:
    """The metadata of a container or an object is asked for."""

    place: Place


@dataclass(frozen=True, slots=True)
class PutContainer:
    """A container is made, or its metadata merged (`creates` is false)."""

    place: Place
    metadata: Mapping[str, str]
    creates: bool


@dataclass(frozen=True, slots=True)
class PutObject:
    """An object's bytes and metadata come; `etag` is the MD5 that they are said to have."""

    place: Place
    metadata: Mapping[str, str]
    etag: str


@dataclass(frozen=True, slots=True)
class PostObject:
    """An object's metadata is replaced, all of it."""

    place: Place
    metadata: Mapping[str, str]


Decision = Read | Describe | PutContainer | PutObject | PostObject


def decide(request: Request) -> Decision:
    """What a request of somebody who is signed in asks for.

    Raises:
        Refused: with the code that names its status.
    """
    place = _place(request.path)
    if request.method == "GET":
        return _read(place)
    if request.method == "HEAD":
        return Describe(place)
    if request.method not in {"PUT", "POST"}:
        raise Refused("This door takes GET, HEAD, PUT and POST.")
    metadata = metadata_of(request.headers)
    if not place.object:
        return PutContainer(place, metadata, creates=request.method == "PUT")
    if place.container == SYSTEM and place.object in {CAPABILITIES, CATEGORIES}:
        raise Refused("This file is ours to write.", code="axis.forbidden")
    if request.method == "POST":
        return PostObject(place, metadata)
    return PutObject(place, metadata, _etag(request.headers))


def sign_in(request: Request) -> SignIn:
    """Who wants a token, by which key.

    Raises:
        Refused: not with GET.
    """
    if request.method != "GET":
        raise Refused("Sign in with GET.")
    user = request.headers.get("x-auth-user") or request.headers.get("x-storage-user", "")
    key = request.headers.get("x-auth-key") or request.headers.get("x-storage-pass", "")
    return SignIn(user, key)


def metadata_of(headers: Mapping[str, str]) -> dict[str, str]:
    """The metadata in a request, keys in lower case, values decoded.

    Both prefixes count on both kinds of things: Axis' own tests mix them.
    """
    found = {}
    for name, value in headers.items():
        matched = _META.fullmatch(name.lower())
        if matched:
            found[matched[1]] = _text(value)
    return found


def merged(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """A container's metadata after more of it came; a key that is sent empty goes."""
    return {key: value for key, value in (dict(old) | dict(new)).items() if value}


def described(metadata: Mapping[str, str], *, of_object: bool) -> dict[str, str]:
    """Metadata as the headers of an answer."""
    prefix = "X-Object-Meta-" if of_object else "X-Container-Meta-"
    return {
        prefix + key.title(): urllib.parse.quote(value, safe="") for key, value in metadata.items()
    }


def evidence_headers(headers: Mapping[str, str]) -> list[list[str]]:
    """A request's headers as they came, without what would let somebody in."""
    return [[name, value] for name, value in headers.items() if name not in _SECRETS]


def md5(data: bytes) -> str:
    """The MD5 of some bytes, in hexadecimal: what this protocol checks transfers by."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def check_etag(promised: str, found: str) -> None:
    """Compare the MD5 that was promised with that of what came.

    Raises:
        Refused: `axis.etag`, they differ.
    """
    if promised and promised != found:
        raise Refused(
            f"The bytes that came have MD5 {found}, not {promised}. Send them again.",
            code="axis.etag",
        )


def _read(place: Place) -> Read:
    if place.container != SYSTEM or place.object not in {CAPABILITIES, CATEGORIES}:
        raise Refused("Nothing that was sent can be read back here.", code="axis.forbidden")
    return Read(place)


def _place(path: str) -> Place:
    account, _, rest = path.removeprefix(STORAGE).partition("/")
    container, _, name = rest.partition("/")
    container, name = container.strip(), name.strip("/")
    if not path.startswith(STORAGE) or not account or not container:
        raise Refused("Name a container, or an object in one.")
    if any(ord(letter) in _CONTROLS for letter in container + name):
        raise Refused("A name has no control characters.")
    sizes = (len(container.encode(errors="replace")), len(name.encode(errors="replace")))
    if sizes[0] > _CONTAINER_BYTES or sizes[1] > _OBJECT_BYTES:
        raise Refused("A container's name has at most 256 bytes, an object's 1024.")
    return Place(account, container, name)


def _etag(headers: Mapping[str, str]) -> str:
    """The MD5 promised by `ETag`, or by the standard's `Content-MD5`; empty when by none."""
    found = _MD5.fullmatch(headers.get("etag", "").strip())
    if found:
        return found[1].lower()
    try:
        digest = base64.b64decode(headers.get("content-md5", ""), validate=True)
    except (binascii.Error, ValueError):
        return ""
    return digest.hex() if len(digest) == hashlib.md5(usedforsecurity=False).digest_size else ""


def _text(value: str) -> str:
    """A percent-encoded value as text that every database takes; never refused, never cut."""
    raw = value.encode("latin-1", errors="replace")
    text = urllib.parse.unquote_to_bytes(raw).decode("utf-8", errors="replace")
    return text.translate(_CONTROLS)
