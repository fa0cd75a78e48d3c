"""Custody entries: what the log holds of each act (docs/specs/custody-entry.md).

Three things belong to one act. The *entry* says what was done to what, when, as which act in that
subject's own sequence, and the digest of the body. The *body* says who, why and in what detail;
it holds the salt and may be erased lawfully. The *leaf* is all that the public log shows: a
version byte and the SHA-256 of salt and entry. Without the salt, nobody can guess from a leaf
what it stands for; with it, anybody can check.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self, TypeAlias
from uuid import UUID

from fairwitness.formats import canonical, merkle, records
from fairwitness.formats.acts import Act
from fairwitness.formats.canonical import Json
from fairwitness.formats.errors import FormatError
from fairwitness.formats.invariants import require, require_sha256

__all__ = [
    "BODY_LIMIT",
    "ENTRY_LIMIT",
    "LEAF_VERSION",
    "SALT_SIZE",
    "Act",
    "Body",
    "Detail",
    "Entry",
    "body_digest",
    "leaf",
    "leaf_hash",
    "parse_body",
    "parse_entry",
    "recording_subject",
]

Detail: TypeAlias = "str | int | bool | list[str] | None"

ENTRY_LIMIT = 4096
"""Bytes of an entry, at most."""

BODY_LIMIT = 256 * 1024
"""Bytes of a body, at most."""

SALT_SIZE = 16
"""Bytes of salt in a body, from the operating system's randomness."""

LEAF_VERSION = b"\x01"
"""What every leaf of this version begins with."""

_SUBJECT = re.compile(r"[a-z][a-z_]{0,39}(:[0-9A-Za-z][0-9A-Za-z._-]{0,99})?")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_CODE = "format.custody"
_SEQUENCE_LIMIT = 2**53 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One act, as the log keeps it for ever.

    Attributes:
        subject: what was acted upon: `recording:<uuid>`, `officer:<uuid>`, `log` ...
        sequence: the number of this entry among the entries of this subject, from 1.
        previous: leaf hash of the subject's entry before, in hexadecimal; None for the first.
        act: what was done.
        at: when, by the server's clock.
        body: SHA-256 of the body's canonical bytes, in hexadecimal.
    """

    subject: str
    sequence: int
    previous: str | None
    act: Act
    at: datetime
    body: str
    version: int = 1

    def __post_init__(self) -> None:
        require(self.version == 1, "We know only version 1 of the entry.", code=_CODE)
        _require_reference(self.subject, "subject")
        require(1 <= self.sequence <= _SEQUENCE_LIMIT, "sequence starts at 1.", code=_CODE)
        first = self.sequence == 1
        require(first == (self.previous is None), "previous is null on the first only.", code=_CODE)
        require_sha256(self.previous, "previous", code=_CODE)
        require_sha256(self.body, "body", code=_CODE)

    def encode(self) -> bytes:
        """The entry's canonical bytes, which the leaf commits to."""
        return canonical.encode(records.to_json(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Who did it, why, and in what detail; and the salt of the leaf.

    Attributes:
        actor: `officer:<uuid>`, `dock:<uuid>`, `system:<what>`.
        reason: in the actor's words, or the rule's; may be empty.
        detail: names (lower case, digits, underscores) and plain values.
        salt: 16 random bytes.
    """

    actor: str
    reason: str
    salt: bytes = field(repr=False)
    detail: Mapping[str, Detail] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require_reference(self.actor, "actor")
        require(len(self.salt) == SALT_SIZE, f"The salt has {SALT_SIZE} bytes.", code=_CODE)

    def encode(self) -> bytes:
        """The body's canonical bytes, whose digest stands in the entry."""
        return canonical.encode(self.to_json())

    def to_json(self) -> Json:
        """The body as a JSON object."""
        return {
            "actor": self.actor,
            "detail": _checked_detail(self.detail),
            "reason": records.check_text(self.reason),
            "salt": self.salt.hex(),
            "version": 1,
        }

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """Read what `to_json` gives, strictly.

        Raises:
            FormatError: a field is missing, unknown or of the wrong type.
        """
        shell = records.from_json(_BodyShell, _without_detail(value))
        require(shell.version == 1, "We know only version 1 of the body.", code=_CODE)
        detail = value["detail"] if isinstance(value, Mapping) else None
        if not isinstance(detail, Mapping):
            raise FormatError("detail must be an object.", code=_CODE)
        return cls(
            actor=shell.actor,
            reason=shell.reason,
            salt=shell.salt,
            detail=_checked_detail(detail),
        )


@dataclass(frozen=True, slots=True)
class _BodyShell:
    """A body but for its detail, whose values have no one type."""

    actor: str
    reason: str
    salt: bytes
    version: int


def parse_entry(data: bytes) -> Entry:
    """Read an entry's canonical bytes.

    Raises:
        FormatError: anything else, an unknown act included.
    """
    return records.from_json(Entry, canonical.decode(data, limit=ENTRY_LIMIT))


def parse_body(data: bytes) -> Body:
    """Read a body's canonical bytes.

    Raises:
        FormatError: anything else.
    """
    return Body.from_json(canonical.decode(data, limit=BODY_LIMIT))


def body_digest(body: bytes) -> str:
    """What an entry says of its body: SHA-256 of the body's canonical bytes, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def leaf(entry: bytes, salt: bytes) -> bytes:
    """The leaf of the public log: a version byte and the SHA-256 of salt and entry.

    Args:
        entry: the entry's canonical bytes.
        salt: the 16 bytes from its body.

    Raises:
        FormatError: the salt has another length; salt and entry would run into each other.
    """
    require(len(salt) == SALT_SIZE, f"The salt has {SALT_SIZE} bytes.", code=_CODE)
    return LEAF_VERSION + hashlib.sha256(salt + entry).digest()


def leaf_hash(entry: bytes, salt: bytes) -> bytes:
    """The Merkle leaf hash of an entry: what proofs, receipts and `previous` name it by."""
    return merkle.leaf_hash(leaf(entry, salt))


def recording_subject(recording: UUID) -> str:
    """How the log names a recording: `recording:<uuid>`."""
    return f"recording:{recording}"


def _without_detail(value: Json) -> Json:
    if not isinstance(value, Mapping) or "detail" not in value:
        raise FormatError("The body must be an object with a detail.", code=_CODE)
    return {name: value[name] for name in value if name != "detail"}


def _checked_detail(detail: "Mapping[str, Detail] | Mapping[str, Json]") -> dict[str, Detail]:
    checked: dict[str, Detail] = {}
    for name, value in detail.items():
        require(_NAME.fullmatch(name) is not None, f"Bad name in detail: {name!r}.", code=_CODE)
        if isinstance(value, str):
            checked[name] = records.check_text(value)
        elif value is None or isinstance(value, int):
            checked[name] = value
        else:
            checked[name] = _checked_texts(value)
    return checked


def _checked_texts(value: object) -> list[str]:
    if not isinstance(value, Sequence) or isinstance(value, bytes):
        raise FormatError("A detail is text, a number, true, false, null or texts.", code=_CODE)
    texts: list[str] = []
    for text in value:
        if not isinstance(text, str):
            raise FormatError("A list in the detail holds only texts.", code=_CODE)
        texts.append(records.check_text(text))
    return texts


def _require_reference(value: str, name: str) -> None:
    good = _SUBJECT.fullmatch(value) is not None
    require(good, f"{name} must look like `recording:<uuid>` or `log`.", code=_CODE)
