"""Makes the vectors of docs/specs/trust-list.md: `python -m tests.vectors.make_trust_list`."""

import json
from typing import Any

from tests.vectors import samples, writing

from fairwitness.formats import canonical, trust

NAME = "trust-list"


def make() -> dict[str, Any]:
    """The content of the file."""
    return {
        "valid": [
            writing.valid(
                "one key of each role, one witness",
                trust.encode(samples.TRUST),
                fingerprint=trust.fingerprint(samples.TRUST),
            )
        ],
        "invalid": _invalid(),
    }


def _invalid() -> list[dict[str, Any]]:
    good = json.loads(trust.encode(samples.TRUST))
    key = good["keys"][0]
    changes: dict[str, dict[str, Any]] = {
        "version 2": {"version": 2},
        "keys out of order": {"keys": good["keys"][::-1]},
        "a key twice in one role": {"keys": [key, key]},
        "the id of another key": {"keys": [key | {"keyid": good["keys"][1]["keyid"]}]},
        "unknown role": {"keys": [key | {"role": "administrator"}]},
        "an RSA key": {"keys": [key | {"public_pem": "-----BEGIN RSA PUBLIC KEY-----\n"}]},
        "new line missing after the key": {
            "keys": [key | {"public_pem": key["public_pem"].strip()}]
        },
        "ends before it starts": {"keys": [key | {"valid_until": "2016-01-01T00:00:00.000000Z"}]},
        "a log key under another name": {"log": good["log"] | {"origin": "other.example"}},
        "no log key": {"log": good["log"] | {"vkey": ""}},
        "a private field": {"secret": ""},
    }
    return [
        writing.invalid(name, canonical.encode(good | change), trust.parse)
        for name, change in changes.items()
    ]


if __name__ == "__main__":
    writing.write(NAME, make())
