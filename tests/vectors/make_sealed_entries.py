"""Makes the vectors of docs/specs/sealed-entries.md.

Run it as `python -m tests.vectors.make_sealed_entries`. It packs and seals by itself, from the
specification, and never calls the product: it fixes what the product draws at random.
"""

import base64
import struct
from typing import Any

from tests.vectors import make_sealed_piece, writing

NAME = "sealed-entries"
ORIGIN = "log.training.example"
ENTRY = (
    b'{"act":"recording.viewed","at":"2017-06-08T22:13:10.123456Z","body":"' + b"0" * 64 + b'",'
    b'"previous":null,"sequence":1,"subject":"recording:6f1f6c1e-5a52-4f0a-9a55-0d9b6f3f2c11",'
    b'"version":1}'
)
SALT = bytes(range(16))

BUNDLES: dict[str, list[tuple[bytes, bytes | None]]] = {
    "one entry": [(ENTRY, SALT)],
    "an erased body's entry between two others": [(ENTRY, SALT), (ENTRY, None), (ENTRY, SALT)],
    "a full bundle": [(ENTRY, SALT)] * 256,
}


def pack(entry: bytes, salt: bytes | None) -> bytes:
    """One item: its kind, the salt if there is one, the entry."""
    return b"\x00" + entry if salt is None else b"\x01" + salt + entry


def bundle(items: list[bytes]) -> bytes:
    """Each item after its length in two bytes, most significant first."""
    return b"".join(struct.pack(">H", len(item)) + item for item in items)


def associated_data(index: int, width: int) -> bytes:
    """What the file is bound to."""
    return f"fairwitness.org/sealed-entries/v1\n{ORIGIN}\n{index}\n{width}\n".encode()


def seal(items: list[bytes], index: int, width: int) -> bytes:
    """The file of the bundle at `index`."""
    return make_sealed_piece.seal(bundle(items), associated_data(index, width))


def _case(name: str, index: int, width: int, data: bytes, **more: object) -> dict[str, Any]:
    text = base64.b64encode(data).decode()
    return {"name": name, "index": index, "width": width, "data": text, **more}


def make() -> dict[str, Any]:
    """The content of the file."""
    one = [pack(ENTRY, SALT)]
    valid = [
        _case(
            name,
            7,
            len(entries),
            seal([pack(*each) for each in entries], 7, len(entries)),
            salts=[None if salt is None else salt.hex() for _, salt in entries],
        )
        for name, entries in BUNDLES.items()
    ]
    invalid = [
        _case("another index", 8, 1, seal(one, 7, 1)),
        _case("another width", 7, 2, seal(one * 2, 7, 1)),
        _case("fewer than its width", 7, 2, seal(one, 7, 2)),
        _case("more than its width", 7, 1, seal(one * 2, 7, 1)),
        _case("an unknown kind", 7, 1, seal([b"\x02" + ENTRY], 7, 1)),
        _case("a salt and no entry", 7, 1, seal([pack(b"", SALT)], 7, 1)),
        _case("an empty item", 7, 1, seal([b""], 7, 1)),
        _case("cut by a byte", 7, 1, seal(one, 7, 1)[:-1]),
        _case("nothing", 7, 1, b""),
    ]
    return {
        "key": make_sealed_piece.KEY.hex(),
        "origin": ORIGIN,
        "entry": base64.b64encode(ENTRY).decode(),
        "valid": valid,
        "invalid": invalid,
    }


if __name__ == "__main__":
    writing.write(NAME, make())
