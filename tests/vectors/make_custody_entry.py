"""Makes the vectors of docs/specs/custody-entry.md.

Run it as `python -m tests.vectors.make_custody_entry`.
"""

import json
from typing import Any

from tests.vectors import samples, writing

from fairwitness.formats import canonical, custody
from fairwitness.formats.custody import Body, Entry

NAME = "custody-entry"


def make() -> dict[str, Any]:
    """The content of the file."""
    return {
        "acts": sorted(custody.Act),
        "valid": [
            _pair("the first entry of a recording", samples.ENTRY, samples.BODY),
            _pair("the second", samples.SECOND_ENTRY, samples.SECOND_BODY),
        ],
        "invalid_entries": _invalid_entries(),
        "invalid_bodies": _invalid_bodies(),
    }


def _pair(name: str, entry: Entry, body: Body) -> dict[str, Any]:
    return {
        "name": name,
        "body": body.encode().decode(),
        "body_sha256": custody.body_digest(body.encode()),
        "entry": entry.encode().decode(),
        "leaf": custody.leaf(entry.encode(), body.salt).hex(),
        "leaf_hash": custody.leaf_hash(entry.encode(), body.salt).hex(),
        "salt": body.salt.hex(),
    }


def _invalid_entries() -> list[dict[str, Any]]:
    good = json.loads(samples.ENTRY.encode())
    changes: dict[str, dict[str, Any]] = {
        "unknown act": {"act": "recording.lost_on_purpose"},
        "version 2": {"version": 2},
        "sequence zero": {"sequence": 0},
        "second without a previous": {"sequence": 2},
        "first with a previous": {"previous": "0" * 64},
        "digest too short": {"body": "0" * 63},
        "subject with a space": {"subject": "recording: 1"},
        "subject in capitals": {"subject": "Recording:1"},
        "unknown field": {"actor": "officer:1"},
        "time in another form": {"at": "2017-06-09T05:40:00Z"},
    }
    return [
        writing.invalid(name, canonical.encode(good | change), custody.parse_entry)
        for name, change in changes.items()
    ]


def _invalid_bodies() -> list[dict[str, Any]]:
    good = json.loads(samples.BODY.encode())
    changes: dict[str, dict[str, Any]] = {
        "salt too short": {"salt": "00" * 15},
        "salt in capitals": {"salt": "AA" * 16},
        "detail is a list": {"detail": []},
        "object in the detail": {"detail": {"a": {}}},
        "number in a list": {"detail": {"a": [1]}},
        "name with a space": {"detail": {"a b": 1}},
        "control character": {"reason": "\u0007"},
        "no actor": {"actor": ""},
        "unknown field": {"at": None},
        "version 2": {"version": 2},
    }
    return [
        writing.invalid(name, canonical.encode(good | change), custody.parse_body)
        for name, change in changes.items()
    ]


if __name__ == "__main__":
    writing.write(NAME, make())
