"""Signed notes: text with Ed25519 signatures that name their signer (C2SP signed-note v1.0.0).

A note's text means nothing until a trusted key has verified it. Signatures of unknown keys are
ignored, as the specification demands: that is how witnesses and key changes come in.

Specification: docs/specs/transparency-log.md, which adopts c2sp.org/signed-note@v1.0.0.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from fairwitness.formats.errors import FormatError

MAX_NOTE_BYTES: Final = 1_000_000
MAX_SIGNATURES: Final = 100
KEY_ID_SIZE: Final = 4
_ED25519_PUBLIC_SIZE: Final = 32
_SIGNATURE_LINE: Final = re.compile("— ([^ +]+) ([A-Za-z0-9+/]+={0,2})", re.DOTALL)
_VKEY: Final = re.compile("([^+]+)\\+([0-9a-f]{8})\\+([A-Za-z0-9+/]+={0,2})", re.DOTALL)


class NoteInvalid(FormatError):
    """A note, a verifier key or a signature on a note is not valid."""

    code = "format.note"


class NoteUnsigned(NoteInvalid):
    """A note that the key one knows did not sign at all."""

    code = "format.note_unsigned"


class SignatureType(IntEnum):
    """The kinds of note signature that Fairwitness knows (C2SP's numbers)."""

    ED25519 = 0x01
    COSIGNATURE_V1 = 0x04


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: who, under which key id, and the signature's bytes."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """The line as it stands in a note, without its newline."""
        return f"— {self.name} {base64.b64encode(self.key_id + self.signature).decode()}"


@dataclass(frozen=True, slots=True)
class Note:
    """Text, ending in a newline, and the signature lines under it; nothing here is verified."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def encode(self) -> bytes:
        """The note's exact bytes."""
        return "".join(
            [self.text, "\n", *(f"{each.line()}\n" for each in self.signatures)]
        ).encode()


def parse(data: bytes) -> Note:
    """Take a note apart without believing it.

    Raises:
        NoteInvalid: if it breaks any rule of the specification, is larger than 1,000,000 bytes, or
            has more than 100 signatures.
    """
    if len(data) > MAX_NOTE_BYTES:
        raise NoteInvalid("The note is larger than any that we accept.")
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise NoteInvalid("The note is not UTF-8.") from error
    if any(char < " " and char != "\n" for char in whole):
        raise NoteInvalid("The note contains control characters.")
    cut = whole.rfind("\n\n")
    if cut < 0 or not whole.endswith("\n"):
        raise NoteInvalid("The note has no signatures, or does not end in a newline.")
    text, tail = whole[: cut + 1], whole[cut + 2 :]
    lines = tail.split("\n")[:-1]
    if not 0 < len(lines) <= MAX_SIGNATURES:
        raise NoteInvalid("The note has no signatures, or more than we accept.")
    return Note(text, tuple(_parse_line(line) for line in lines))


def _parse_line(line: str) -> NoteSignature:
    match = _SIGNATURE_LINE.fullmatch(line)
    if match is None or not _is_name(match[1]):
        raise NoteInvalid("A signature line of the note is malformed.")
    raw = decode_base64(match[2])
    if len(raw) <= KEY_ID_SIZE:
        raise NoteInvalid("A signature of the note is too short.")
    return NoteSignature(match[1], raw[:KEY_ID_SIZE], raw[KEY_ID_SIZE:])


def decode_base64(text: str) -> bytes:
    """Decode standard base64, refusing every spelling but the canonical one.

    Raises:
        NoteInvalid: if the text is anything else.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteInvalid("This is not base64.") from error
    if base64.b64encode(raw).decode() != text:
        raise NoteInvalid("This is not canonical base64.")
    return raw


def _is_name(name: str) -> bool:
    odd = any(char.isspace() or char < " " or char == "+" or _is_half(char) for char in name)
    return bool(name) and not odd


def _is_half(char: str) -> bool:
    """Whether it is half a surrogate pair: no UTF-8 says it, but an argument may hold it."""
    return "\ud800" <= char <= "\udfff"


def key_id(name: str, kind: SignatureType, public: bytes) -> bytes:
    """The four bytes by which a signature names its key."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:KEY_ID_SIZE]


class NoteVerifier:
    """Checks the signatures of one key, given as a C2SP verifier key (*vkey*).

    Attributes:
        vkey: the text it was made from.
        name: the signer's name, which for a log is its origin.
        kind: whether the key signs notes or cosigns checkpoints.
        key_id: the four bytes that its signatures carry.
    """

    def __init__(self, vkey: str) -> None:
        match = _VKEY.fullmatch(vkey)
        if match is None or not _is_name(match[1]):
            raise NoteInvalid("This is not a verifier key.")
        material = decode_base64(match[3])
        try:
            self.kind = SignatureType(material[0])
        except ValueError as error:
            raise NoteInvalid("The verifier key is of a kind that we don't know.") from error
        if len(material) != 1 + _ED25519_PUBLIC_SIZE:
            raise NoteInvalid("The verifier key has the wrong length.")
        self.vkey = vkey
        self.name = match[1]
        self.key_id = key_id(self.name, self.kind, material[1:])
        if self.key_id.hex() != match[2]:
            raise NoteInvalid("The verifier key's id does not match its key.")
        try:
            self._key = Ed25519PublicKey.from_public_bytes(material[1:])
        except (ValueError, UnsupportedAlgorithm) as error:  # pragma: no cover -- all 32 bytes do
            raise NoteInvalid("The verifier key is not an Ed25519 key.") from error

    def find(self, note: Note) -> tuple[NoteSignature, ...]:
        """The signatures of the note that carry this key's name and id, unchecked."""
        return tuple(
            each
            for each in note.signatures
            if each.name == self.name and each.key_id == self.key_id
        )

    def check(self, message: bytes, signature: bytes) -> None:
        """Check one raw Ed25519 signature over the message.

        Raises:
            NoteInvalid: if this key did not make it.
        """
        try:
            self._key.verify(signature, message)
        except InvalidSignature as error:
            raise NoteInvalid(f"The signature of {self.name} is not valid.") from error

    def verify(self, note: Note) -> str:
        """Check the note's signatures by this key, and hand out its text.

        Raises:
            NoteUnsigned: if there is none.
            NoteInvalid: if any of them fails.
        """
        if self.kind is not SignatureType.ED25519:
            raise NoteInvalid("This key cosigns checkpoints; it does not sign notes.")
        found = self.find(note)
        if not found:
            raise NoteUnsigned(f"The note is not signed by the key of {self.name} that we know.")
        for each in found:
            self.check(note.text.encode(), each.signature)
        return note.text


class NoteSigner:
    """Signs notes with an Ed25519 key under a name.

    Attributes:
        name: the signer's name; for a log, its origin.
        kind: what the key signs; a key has one kind for all its life.
    """

    def __init__(
        self,
        key: Ed25519PrivateKey,
        *,
        name: str,
        kind: SignatureType = SignatureType.ED25519,
    ) -> None:
        if not _is_name(name):
            raise NoteInvalid("A signer's name has no spaces and no plus, and is not empty.")
        self.name = name
        self.kind = kind
        self._key = key
        self._public = key.public_key().public_bytes_raw()

    @classmethod
    def generate(cls, name: str, *, kind: SignatureType = SignatureType.ED25519) -> "NoteSigner":
        """Make a new key."""
        return cls(Ed25519PrivateKey.generate(), name=name, kind=kind)

    @classmethod
    def from_pem(
        cls, pem: bytes, *, name: str, kind: SignatureType = SignatureType.ED25519
    ) -> "NoteSigner":
        """Load a key from PKCS#8 PEM, unencrypted.

        Raises:
            NoteInvalid: if it is not an Ed25519 private key.
        """
        try:
            key = serialization.load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise NoteInvalid("This is not an unencrypted private key in PEM.") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise NoteInvalid("This private key is not an Ed25519 key.")
        return cls(key, name=name, kind=kind)

    def pem(self) -> bytes:
        """The private key as PKCS#8 PEM, unencrypted: for a file that only its owner reads."""
        return self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    @property
    def key_id(self) -> bytes:
        """The four bytes that this signer's signatures carry."""
        return key_id(self.name, self.kind, self._public)

    @property
    def vkey(self) -> str:
        """The verifier key to publish."""
        material = base64.b64encode(bytes([self.kind]) + self._public).decode()
        return f"{self.name}+{self.key_id.hex()}+{material}"

    @property
    def verifier(self) -> NoteVerifier:
        """A verifier of this signer's signatures."""
        return NoteVerifier(self.vkey)

    def sign_message(self, message: bytes) -> bytes:
        """The raw Ed25519 signature over the message."""
        return self._key.sign(message)

    def sign(self, text: str) -> Note:
        """Sign a text that ends in a newline.

        Raises:
            NoteInvalid: if the text can't stand in a note.
        """
        if self.kind is not SignatureType.ED25519:
            raise NoteInvalid("This key cosigns checkpoints; it does not sign notes.")
        if not text.endswith("\n") or any(char < " " and char != "\n" for char in text):
            raise NoteInvalid("A note's text ends in a newline and has no other control character.")
        signature = NoteSignature(self.name, self.key_id, self.sign_message(text.encode()))
        return Note(text, (signature,))


def add_signatures(note: Note, signatures: Sequence[NoteSignature]) -> Note:
    """The note with more signatures under those it has; one it has already is not doubled."""
    fresh = [each for each in signatures if each not in note.signatures]
    return Note(note.text, (*note.signatures, *fresh))
