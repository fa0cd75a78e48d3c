"""The RSA keys that Axis systems encrypt for: made by the server, kept in its key folder.

Each is a file `axis-content-<id>.pem`; the id is the beginning of the public key's SHA-256. All
stay, for what was recorded under an old one may be docked much later; the newest is given out.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from fairwitness.ingest.axis import cipher
from fairwitness.ingest.axis.cipher import CantDecrypt, ContentKey

_BITS: Final = 3072
_PREFIX: Final = "axis-content-"


@dataclass(frozen=True, slots=True)
class PublicHalf:
    """What a connection file says of a key."""

    key_id: str
    pem: bytes


@dataclass(frozen=True, slots=True)
class ContentKeys:
    """The keys in a folder, read when they are needed."""

    folder: Path

    def make(self) -> PublicHalf:
        """Make a key: readable by us alone, on disk on return."""
        private = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
        half = _public(private)
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path = self.folder / f"{_PREFIX}{half.key_id}.pem"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return half

    def newest(self) -> PublicHalf | None:
        """The key to give out; None when there is none yet."""
        paths = self._paths()
        return _public(_read(paths[-1])) if paths else None

    def open(self, key: ContentKey) -> bytes:
        """Unwrap an object's key with whichever of ours it was wrapped for, the named one first.

        Raises:
            CantDecrypt: with none of them.
        """
        for path in sorted(self._paths(), key=lambda path: key.key_id not in path.name):
            opened = cipher.unwrap(key, _read(path))
            if opened is not None:
                return opened
        raise CantDecrypt("The key that came for it was not wrapped for any key of ours.")

    def _paths(self) -> list[Path]:
        found = self.folder.glob(f"{_PREFIX}*.pem")
        return sorted(found, key=lambda path: (path.stat().st_mtime, path.name))


def _public(private: RSAPrivateKey) -> PublicHalf:
    public = private.public_key()
    der = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return PublicHalf(hashlib.sha256(der).hexdigest()[:16], pem)


def _read(path: Path) -> RSAPrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise CantDecrypt(f"{path.name} is not an RSA key.")
    return key
