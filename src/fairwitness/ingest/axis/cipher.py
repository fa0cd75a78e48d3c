"""Axis' end-to-end encryption: AES-256-CBC, its key wrapped for us by RSA-OAEP with SHA-1.

CBC has no integrity tag: a changed byte garbles a block and flips bits of the next, and nothing
here notices. What arrived is therefore pinned by the digest of the ciphertext, and what comes out
is believed to be video only if it begins like one. Padding, key and start of file together tell
apart a wrong key from the right one; the footage's own signature, if it has one, does the rest.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import padding as asymmetric
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from fairwitness.errors import FairwitnessError

BLOCK: Final = 16
_KEY: Final = 32
_EBML: Final = b"\x1a\x45\xdf\xa3"
_FIELD: Final = r'"{}"\s*:\s*"([^"]*)"'
HEAD: Final = 12
"""Bytes from the beginning that `looks_like_video` needs."""


class CantDecrypt(FairwitnessError):
    """Footage that does not open with the key that came for it."""

    code = "axis.encryption"


@dataclass(frozen=True, slots=True)
class ContentKey:
    """What a `.key` object holds: the wrapped key, the first block's vector, whose key wraps it."""

    wrapped: bytes = field(repr=False)
    vector: bytes
    key_id: str = ""


def looks_like_video(head: bytes) -> bool:
    """Whether bytes begin as MP4 or Matroska do; encrypted ones do so once in a thousand million.

    Args:
        head: the first `HEAD` bytes, or all there are.
    """
    return head[4:8] in {b"ftyp", b"styp", b"moov", b"free", b"mdat"} or head[:4] == _EBML


def looks_like_json(data: bytes) -> bool:
    """Whether bytes are the text of a JSON object."""
    try:
        return isinstance(json.loads(data), dict)
    except (ValueError, RecursionError):
        return False


def read_key(data: bytes) -> ContentKey:
    """Read a `.key` object, which is text like JSON.

    Raises:
        CantDecrypt: it holds no key and vector.
    """
    text = data.decode("utf-8", errors="replace")
    wrapped, vector = _base64(text, "EncryptedKey"), _base64(text, "ContentEncryptionIV")
    if not wrapped or len(vector) != BLOCK:
        raise CantDecrypt("The key that came for it has no EncryptedKey and ContentEncryptionIV.")
    named = re.search(_FIELD.format("PublicKeyId"), text)
    return ContentKey(wrapped, vector, named[1] if named else "")


def unwrap(key: ContentKey, private: RSAPrivateKey) -> bytes | None:
    """The AES key; None when it was not wrapped for this private key."""
    scheme = asymmetric.OAEP(
        mgf=asymmetric.MGF1(hashes.SHA1()),  # noqa: S303 # Axis' format, safe in OAEP
        algorithm=hashes.SHA1(),  # noqa: S303 # the same
        label=None,
    )
    try:
        opened = private.decrypt(key.wrapped, scheme)
    except ValueError:
        return None
    return opened if len(opened) == _KEY else None


class Decryptor:
    """Decrypts a stream piece by piece; the last block waits for the end, for its padding."""

    def __init__(self, key: bytes, vector: bytes) -> None:
        cipher = Cipher(algorithms.AES(key), modes.CBC(vector))
        self._cipher = cipher.decryptor()
        self._padding = padding.PKCS7(BLOCK * 8).unpadder()

    def update(self, data: bytes) -> bytes:
        """The plaintext that these bytes complete."""
        return self._padding.update(self._cipher.update(data))

    def finish(self) -> bytes:
        """The last bytes.

        Raises:
            CantDecrypt: not whole blocks, or their end is no padding.
        """
        try:
            return self._padding.update(self._cipher.finalize()) + self._padding.finalize()
        except ValueError as error:
            raise CantDecrypt(
                "It does not open with the key that came for it: the end is no padding."
            ) from error


def decrypt(data: bytes, key: bytes, vector: bytes) -> bytes:
    """All of a small object; raises as `Decryptor.finish`."""
    opened = Decryptor(key, vector)
    return opened.update(data) + opened.finish()


def _base64(text: str, name: str) -> bytes:
    found = re.search(_FIELD.format(name), text)
    try:
        return base64.b64decode(found[1], validate=True) if found else b""
    except (binascii.Error, ValueError):
        return b""
