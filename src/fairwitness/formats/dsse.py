"""Signed envelopes: DSSE, the Dead Simple Signing Envelope, version 1 (docs/specs/statements.md).

The signature is over the bytes of the payload and its type, so that nobody needs to write JSON the
same way as we do to check it: `openssl dgst -sha256 -verify` over `pae(...)` is enough.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from fairwitness.formats import canonical
from fairwitness.formats.binarytext import read_base64, write_base64
from fairwitness.formats.canonical import Json
from fairwitness.formats.errors import FormatError
from fairwitness.formats.invariants import require, require_sha256
from fairwitness.formats.keys import KeyUnknown, PublicKey, SignatureInvalid, SigningKey

__all__ = [
    "ENVELOPE_LIMIT",
    "PAYLOAD_LIMIT",
    "STATEMENT_TYPE",
    "Envelope",
    "KeyUnknown",
    "Signature",
    "SignatureInvalid",
    "pae",
    "parse",
    "sign",
    "verify",
]

STATEMENT_TYPE = "application/vnd.in-toto+json"
"""The payload type of every statement."""

PAYLOAD_LIMIT = 2 * 1024 * 1024
"""Bytes of a payload, at most."""

ENVELOPE_LIMIT = 2 * PAYLOAD_LIMIT
"""Bytes of an envelope, at most."""

SIGNATURES = 4
"""Signatures on an envelope, at most."""

_SIGNATURE_LIMIT = 80  # ECDSA P-256 in DER is at most 72 bytes
_TYPE = re.compile(r"application/[a-z0-9][a-z0-9.+-]{0,99}")
_CODE = "format.envelope"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: the id of the key that made it, and ECDSA in DER."""

    keyid: str
    sig: bytes

    def __post_init__(self) -> None:
        require_sha256(self.keyid, "keyid", code=_CODE)
        require(0 < len(self.sig) <= _SIGNATURE_LIMIT, "sig has a wrong length.", code=_CODE)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload, its type, and who signed both. Holding one says nothing of its truth."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        require(_TYPE.fullmatch(self.payload_type) is not None, "Bad payload type.", code=_CODE)
        require(len(self.payload) <= PAYLOAD_LIMIT, "The payload is too long.", code=_CODE)
        count = len(self.signatures)
        require(0 < count <= SIGNATURES, f"It needs 1 to {SIGNATURES} signatures.", code=_CODE)
        signers = {signature.keyid for signature in self.signatures}
        require(len(signers) == count, "The same key signed twice.", code=_CODE)

    def encode(self) -> bytes:
        """The envelope as canonical JSON."""
        return canonical.encode(self.to_json())

    def to_json(self) -> Json:
        """The envelope as a JSON object, to stand inside another document."""
        return {
            "payload": write_base64(self.payload),
            "payloadType": self.payload_type,
            "signatures": [
                {"keyid": one.keyid, "sig": write_base64(one.sig)} for one in self.signatures
            ],
        }

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """Read what `to_json` gives, strictly.

        Raises:
            FormatError: fields missing or unknown, wrong types, lengths or base64.
        """
        fields = _fields(value, "payload", "payloadType", "signatures")
        signatures = fields["signatures"]
        if not isinstance(signatures, list) or len(signatures) > SIGNATURES:
            raise FormatError("The signatures must be a short list.", code=_CODE)
        return cls(
            payload_type=_text(fields["payloadType"]),
            payload=read_base64(_text(fields["payload"])),
            signatures=tuple(_signature(one) for one in signatures),
        )


def pae(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed: DSSE's pre-authentication encoding of type and payload."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, *, key: SigningKey, payload_type: str = STATEMENT_TYPE) -> Envelope:
    """Sign a payload with one key.

    Raises:
        FormatError: the payload is too long, or the type is not one of ours.
    """
    signature = Signature(keyid=key.keyid, sig=key.sign(pae(payload_type, payload)))
    return Envelope(payload_type=payload_type, payload=payload, signatures=(signature,))


def parse(data: bytes) -> Envelope:
    """Read an envelope from its canonical JSON. This checks no signature: `verify` does.

    Raises:
        FormatError: it is not an envelope in the one form that we write.
    """
    return Envelope.from_json(canonical.decode(data, limit=ENVELOPE_LIMIT))


def verify(envelope: Envelope, keys: Mapping[str, PublicKey]) -> str:
    """Check every signature of an envelope against the keys one trusts for its purpose.

    Args:
        envelope: what was read.
        keys: the trusted keys by key id.

    Returns:
        The key id of the first signature.

    Raises:
        KeyUnknown: a signature is by a key that is not among them.
        SignatureInvalid: a signature is wrong.
    """
    signed = pae(envelope.payload_type, envelope.payload)
    for signature in envelope.signatures:
        key = keys.get(signature.keyid)
        if key is None or key.keyid != signature.keyid:
            raise KeyUnknown(f"We do not know the key {signature.keyid[:16]} for this.")
        key.verify(signed, signature.sig)
    return envelope.signatures[0].keyid


def _signature(value: Json) -> Signature:
    fields = _fields(value, "keyid", "sig")
    return Signature(keyid=_text(fields["keyid"]), sig=read_base64(_text(fields["sig"])))


def _fields(value: Json, *names: str) -> Mapping[str, Json]:
    if not isinstance(value, Mapping) or value.keys() != set(names):
        raise FormatError(f"An envelope's object must hold {', '.join(names)}.", code=_CODE)
    return value


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise FormatError("An envelope's field must be text.", code=_CODE)
    return value
