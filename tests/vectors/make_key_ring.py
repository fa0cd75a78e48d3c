"""Makes the vectors of docs/specs/key-ring.md.

Run it as `python -m tests.vectors.make_key_ring`. It seals by itself, from the specification: it
fixes the nonce, which the product rightly can't.
"""

import json
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from tests.vectors import writing

NAME = "key-ring"
MASTER = bytes(range(32, 64))
RING_KEY = bytes(range(64, 96))
RING_KEY_ID = "00112233aabbccdd"
KEY = bytes(range(32))
NONCE = bytes(range(96, 108))
RECORDING = "6f1f6c1e-5a52-4f0a-9a55-0d9b6f3f2c11"
OTHER = "6f1f6c1e-5a52-4f0a-9a55-0d9b6f3f2c12"


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def entry(**changes: Any) -> str:  # noqa: ANN401 # any JSON
    """An entry's bytes as text, with these fields changed after it was sealed."""
    bound = f"fairwitness.org/ring-entry/v1\n{RECORDING}\n{RING_KEY_ID}\n".encode()
    sealed = NONCE + AESGCM(RING_KEY).encrypt(NONCE, KEY, bound)
    whole = {"recording": RECORDING, "ring_key": RING_KEY_ID, "sealed": sealed.hex(), "version": 1}
    return _text({**whole, **changes})


def make() -> dict[str, Any]:
    """The content of the file."""
    right = json.loads(entry())["sealed"]
    flipped = f"{int(right[:2], 16) ^ 1:02x}{right[2:]}"
    at = "2017-07-09T22:13:10.123456Z"
    return {
        "master_key": MASTER.hex(),
        "ring_key": RING_KEY.hex(),
        "wrapped": aes_key_wrap(MASTER, RING_KEY).hex(),
        "recording": RECORDING,
        "key": KEY.hex(),
        "entry": entry(),
        "invalid_entries": [
            {"name": "flipped bit in the nonce", "data": entry(sealed=flipped)},
            {"name": "flipped bit in the tag", "data": entry(sealed=right[:-1] + "0")},
            {"name": "cut", "data": entry(sealed=right[:20])},
            {"name": "another recording's", "data": entry(recording=OTHER)},
            {"name": "names another ring key", "data": entry(ring_key="0" * 16)},
            {"name": "another version", "data": entry(version=2)},
            {"name": "another field", "data": entry(note="x")},
            {"name": "not canonical", "data": entry() + "\n"},
            {"name": "nothing", "data": ""},
        ],
        "destroyed": [
            _text({"destroyed_at": at, "recording": RECORDING, "version": 1}),
            _text({"destroyed_at": None, "recording": RECORDING, "version": 1}),
        ],
        "invalid_destroyed": [
            {
                "name": "another's",
                "data": _text({"destroyed_at": at, "recording": OTHER, "version": 1}),
            },
            {"name": "cut short", "data": '{"destroyed_at":'},
            {"name": "an entry", "data": entry()},
        ],
    }


if __name__ == "__main__":
    writing.write(NAME, make())
