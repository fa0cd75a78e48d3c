"""Statements: in-toto Statement v1 with our predicates, signed in DSSE (docs/specs/statements.md).

A statement says something (the predicate) about some bytes (the subjects, by digest). Our
predicates name the digests themselves, and the subjects are derived from them: a statement whose
subjects say another thing than its predicate is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Generic, Protocol, TypeVar

from fairwitness.formats import canonical, dsse, records
from fairwitness.formats.canonical import Json
from fairwitness.formats.dsse import Envelope
from fairwitness.formats.errors import FormatError
from fairwitness.formats.invariants import require, require_sha256
from fairwitness.formats.keys import PublicKey, SigningKey

STATEMENT_V1 = "https://in-toto.io/Statement/v1"
PREDICATES = "https://fairwitness.org/statement/"

_NAME = re.compile(r"[a-z]{1,40}")
_CODE = "format.statement"
_ALGORITHMS = ("sha256", "hmac-sha256")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a statement is about: a name for people and a digest.

    Attributes:
        name: for people; the digest is what counts.
        digest: 64 hexadecimal digits.
        algorithm: `sha256`; or `hmac-sha256` where the digest itself may not be told any more.
    """

    name: str
    digest: str
    algorithm: str = "sha256"

    def __post_init__(self) -> None:
        require_sha256(self.digest, "A subject's digest", code=_CODE)
        require(self.algorithm in _ALGORITHMS, "Unknown digest algorithm.", code=_CODE)

    def to_json(self) -> Json:
        """The subject as in-toto's ResourceDescriptor."""
        return {"digest": {self.algorithm: self.digest}, "name": records.check_text(self.name)}


class Predicate(Protocol):
    """A frozen dataclass that can be stated.

    Attributes:
        PREDICATE: its name, one word in lower case; the type's address ends in `<name>/v1`.
    """

    PREDICATE: ClassVar[str]

    def subjects(self) -> tuple[Subject, ...]:
        """What it is about, derived from its own fields; at least one."""
        ...


P = TypeVar("P", bound=Predicate)


@dataclass(frozen=True, slots=True)
class Statement(Generic[P]):
    """A predicate, as an in-toto Statement v1 about the predicate's own subjects."""

    predicate: P

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What the statement is about."""
        return self.predicate.subjects()


def predicate_type(predicate: Predicate | type[Predicate]) -> str:
    """The address that names a predicate: `https://fairwitness.org/statement/<name>/v1`."""
    return f"{PREDICATES}{predicate.PREDICATE}/v1"


def encode(statement: Statement[P]) -> bytes:
    """The statement as canonical JSON: what is signed."""
    return canonical.encode(
        {
            "_type": STATEMENT_V1,
            "predicate": records.to_json(statement.predicate),
            "predicateType": predicate_type(statement.predicate),
            "subject": [subject.to_json() for subject in statement.subjects],
        }
    )


def parse(data: bytes, predicate_cls: type[P]) -> Statement[P]:
    """Read a statement of the expected predicate, strictly.

    Raises:
        FormatError: not canonical, not a statement, another predicate, a field missing, unknown or
            of the wrong type, or subjects that differ from what the predicate says.
    """
    fields = _fields(data)
    if fields["predicateType"] != predicate_type(predicate_cls):
        raise FormatError(f"This is no {predicate_cls.PREDICATE} statement.", code=_CODE)
    predicate = records.from_json(predicate_cls, fields["predicate"])
    statement = Statement(predicate)
    if fields["subject"] != [subject.to_json() for subject in statement.subjects]:
        raise FormatError("The statement's subjects are not what it speaks of.", code=_CODE)
    return statement


def predicate_of(data: bytes) -> str:
    """The name of a statement's predicate (`recording`, `receipt` ...), to choose how to read it.

    Raises:
        FormatError: it is no statement with a predicate of ours.
    """
    kind = _fields(data)["predicateType"]
    if isinstance(kind, str) and kind.startswith(PREDICATES) and kind.endswith("/v1"):
        name = kind.removeprefix(PREDICATES).removesuffix("/v1")
        if _NAME.fullmatch(name):
            return name
    raise FormatError("The statement has a predicate that we do not know.", code=_CODE)


def sign_statement(statement: Statement[P], *, key: SigningKey) -> Envelope:
    """Sign a statement with one key."""
    return dsse.sign(encode(statement), key=key)


def open_statement(
    envelope: Envelope, predicate_cls: type[P], keys: Mapping[str, PublicKey]
) -> Statement[P]:
    """Check an envelope's signatures, then read its statement.

    Args:
        envelope: what was received.
        predicate_cls: the predicate expected.
        keys: the keys trusted to state such a thing, by key id.

    Raises:
        KeyUnknown: signed by another key.
        SignatureInvalid: a signature is wrong.
        FormatError: the payload is no such statement.
    """
    dsse.verify(envelope, keys)
    return parse(statement_payload(envelope), predicate_cls)


def statement_payload(envelope: Envelope) -> bytes:
    """The payload of an envelope that says it holds a statement; no signature is checked.

    Raises:
        FormatError: the envelope holds something else.
    """
    if envelope.payload_type != dsse.STATEMENT_TYPE:
        raise FormatError("The envelope holds no statement.", code=_CODE)
    return envelope.payload


def _fields(data: bytes) -> Mapping[str, Json]:
    value = canonical.decode(data, limit=dsse.PAYLOAD_LIMIT)
    if not isinstance(value, Mapping) or value.keys() != {
        "_type",
        "predicate",
        "predicateType",
        "subject",
    }:
        raise FormatError("This is no in-toto statement.", code=_CODE)
    if value["_type"] != STATEMENT_V1:
        raise FormatError("This is no in-toto Statement v1.", code=_CODE)
    return value
