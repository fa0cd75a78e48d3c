"""Makes the vectors of docs/specs/sealed-piece.md.

Run it as `python -m tests.vectors.make_sealed_piece`. It seals by itself, from the specification,
and never calls the product: it fixes salt and prefix, which the product rightly can't.
"""

import base64
import hashlib
import struct
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from tests.vectors import writing

NAME = "sealed-piece"
KEY = bytes(range(32))
SALT = bytes(range(100, 132))
PREFIX = bytes(range(200, 207))
RECORDING = "6f1f6c1e-5a52-4f0a-9a55-0d9b6f3f2c11"
SEGMENT = 1 << 20
SHOWN = 1024  # sealed bytes up to which a case holds them whole

SIZES = (
    ("empty", 0),
    ("one byte", 1),
    ("short", 100),
    ("first segment but for a byte", SEGMENT - 57),
    ("first segment", SEGMENT - 56),
    ("first segment and a byte", SEGMENT - 55),
    ("two segments", 2 * SEGMENT - 72),
    ("full piece", 16 * SEGMENT - 40 - 256),
)

EDITS: tuple[tuple[str, str, str, tuple[int, ...]], ...] = (
    ("cut by a byte", "short", "cut", (155,)),
    ("cut inside the tag", "short", "cut", (50,)),
    ("cut to the header", "short", "cut", (40,)),
    ("cut to an empty piece's size", "short", "cut", (56,)),
    ("nothing", "short", "cut", (0,)),
    ("a byte added", "short", "append", (0,)),
    ("length byte of the header", "short", "flip", (0,)),
    ("salt", "short", "flip", (1,)),
    ("prefix", "short", "flip", (33,)),
    ("ciphertext", "short", "flip", (40,)),
    ("tag", "short", "flip", (155,)),
    ("empty piece without its tag", "empty", "cut", (40,)),
    ("cut at the segment's edge", "two segments", "cut", (SEGMENT,)),
    ("last segment emptied to its tag", "first segment and a byte", "cut", (SEGMENT + 16,)),
    ("segments 1 and 2 exchanged", "full piece", "swap", (1, 2)),
    ("last segment twice", "full piece", "repeat", (15,)),
)


def plaintext(size: int) -> bytes:
    """Block j of 32 bytes is the SHA-256 of j as eight bytes, most significant first."""
    blocks = range(-(-size // 32))
    return b"".join(hashlib.sha256(struct.pack(">Q", j)).digest() for j in blocks)[:size]


def associated_data(size: int) -> bytes:
    """As the specification says, for a whole master of one piece."""
    return f"fairwitness.org/piece/v1\n{RECORDING}\nmaster\n0\n{size}\n".encode()


def seal(data: bytes, bound: bytes) -> bytes:
    """The specification's algorithm, in its order."""
    aead = AESGCM(HKDF(SHA256(), 32, SALT, bound).derive(KEY))
    sealed = b"\x28" + SALT + PREFIX
    first = SEGMENT - 56
    rest = range(first, len(data), SEGMENT - 16)
    parts = [data[:first], *(data[at : at + SEGMENT - 16] for at in rest)]
    for number, part in enumerate(parts):
        nonce = PREFIX + struct.pack(">IB", number, number == len(parts) - 1)
        sealed += aead.encrypt(nonce, part, None)
    return sealed


def edit(sealed: bytes, how: str, where: tuple[int, ...]) -> bytes:
    """A sealed piece with one of the changes that every reader must refuse."""
    at = where[0]
    segments = [sealed[start : start + SEGMENT] for start in range(0, len(sealed), SEGMENT)]
    if how == "cut":
        return sealed[:at]
    if how == "append":
        return sealed + bytes([at])
    if how == "flip":
        return sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
    if how == "swap":
        segments[at], segments[where[1]] = segments[where[1]], segments[at]
        return b"".join(segments)
    if how == "repeat":
        return sealed + segments[at]
    raise ValueError(how)


def make() -> dict[str, Any]:
    """The content of the file."""
    valid = []
    for name, size in SIZES:
        sealed = seal(plaintext(size), associated_data(size))
        case: dict[str, Any] = {
            "name": name,
            "size": size,
            "associated_data": associated_data(size).decode(),
            "sealed_size": len(sealed),
            "sealed_sha256": hashlib.sha256(sealed).hexdigest(),
        }
        if len(sealed) <= SHOWN:
            case["sealed"] = base64.b64encode(sealed).decode()
        valid.append(case)
    return {
        "key": KEY.hex(),
        "salt": SALT.hex(),
        "prefix": PREFIX.hex(),
        "plaintext": str(plaintext.__doc__),
        "valid": valid,
        "invalid": [
            {"name": name, "of": of, "edit": how, "where": list(where)}
            for name, of, how, where in EDITS
        ],
    }


if __name__ == "__main__":
    writing.write(NAME, make())
