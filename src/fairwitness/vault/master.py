"""The master key, which wraps the keys of the key ring and nothing else.

It is one file, made once and never changed, with a twin in a second place. Whoever runs the server
keeps one more copy of it in a safe: it alone opens nothing, but without it nothing opens. It must
not be kept together with a copy of the key ring. Beside it, in the same two places, lie the wrapped
ring keys (`fairwitness.vault.ringkeys`), which change every night and belong in no backup.

A later PKCS#11 adapter wraps with a key that never leaves its token; the mechanism is AES key wrap
(RFC 3394), which such tokens have.
"""

import secrets
from pathlib import Path
from typing import Final, Self

from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)

from fairwitness.errors import FairwitnessError
from fairwitness.vault import durable

_LABEL: Final = "fairwitness-master-key-v1"
_KEY: Final = 32
RING_KEYS: Final = "ring-keys"
"""Name of the file of wrapped ring keys beside the master key."""


class MasterKeyInvalid(FairwitnessError):
    """The master key is missing, damaged, or not the one that wrapped this ring key."""

    code = "keyring.master_key"


class MasterKey:
    """Wraps and unwraps ring keys.

    Attributes:
        places: the two folders in which the key and what it wraps lie.
    """

    def __init__(self, *, key: bytes, places: tuple[Path, Path]) -> None:
        self._key = key
        self.places = places

    @classmethod
    def load_or_create(cls, path: Path, *, twin: Path | None = None) -> Self:
        """Reads the master key, or makes it where there never was one.

        Args:
            path: of the file.
            twin: of its twin, on another disk if there is one; by default `twin/` beside it.

        Raises:
            MasterKeyInvalid: the file is damaged, differs from its twin, or is gone although ring
                keys are there that it wrapped.
        """
        twin = twin or path.parent / "twin" / path.name
        places = (path.parent, twin.parent)
        for place in places:
            durable.make_folder(place)
        with durable.locked(places[0] / ".master.lock"):
            for file in (path, twin):  # who was killed while writing may have left the key there
                durable.sweep(file.parent, of=file.name)
            found = {key for file in (path, twin) if (key := _read(file)) is not None}
            if len(found) > 1:
                raise MasterKeyInvalid(f"The master key {path} is not the same as its twin {twin}.")
            if not found:
                for place in places:
                    if (place / RING_KEYS).exists():
                        raise MasterKeyInvalid(
                            f"The master key {path} is gone. Put back the copy kept in the safe."
                        )
            key = found.pop() if found else secrets.token_bytes(_KEY)
            for file in (path, twin):
                if not file.exists():
                    durable.write_new(file, f"{_LABEL} {key.hex()}\n".encode())
        return cls(key=key, places=places)

    def wrap(self, key: bytes) -> bytes:
        """A key of 32 bytes, wrapped for keeping."""
        return aes_key_wrap(self._key, key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """The key that was wrapped.

        Raises:
            MasterKeyInvalid: it was not wrapped by this master key.
        """
        try:
            return aes_key_unwrap(self._key, wrapped)
        except (InvalidUnwrap, ValueError) as error:
            raise MasterKeyInvalid("A ring key does not open with this master key.") from error


def _read(file: Path) -> bytes | None:
    data = durable.read(file)
    if data is None:
        return None
    label, _, text = data.decode(errors="replace").strip().partition(" ")
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if label != _LABEL or len(key) != _KEY:
        raise MasterKeyInvalid(f"{file} is not a master key, or is damaged.")
    return key
