"""Makes the vectors of docs/specs/trail.md: `python -m tests.vectors.make_trail`."""

import json
from typing import Any

from tests.vectors import writing

from fairwitness.formats import canonical
from fairwitness.media import trail
from fairwitness.media.trail import Place, Trail

NAME = "trail"
WALK = Trail(
    "gpmd",
    (
        Place(0, 514952000, -1176000, 12500, 0),
        Place(1000, 514953000, -1176000, None, 1400),
        Place(2000, 514954000, -1175900, 12400, None),
    ),
)


def make() -> dict[str, Any]:
    """The content of the file."""
    single = Trail("xyz", (Place(0, -336568300, 1512153000, None, None),))
    return {
        "valid": [
            writing.valid("three seconds of a walk", trail.encode(WALK), places=3),
            writing.valid("a single place", trail.encode(single), places=1),
            writing.valid("no place", trail.encode(Trail("metadata", ())), places=0),
        ],
        "invalid": _invalid(),
    }


def _invalid() -> list[dict[str, Any]]:
    good = json.loads(trail.encode(WALK))
    changes: dict[str, dict[str, Any]] = {
        "version 2": {"version": 2},
        "an unknown source": {"source": "guess"},
        "a place of four values": {"places": [[0, 1, 2, None]]},
        "a latitude beyond the pole": {"places": [[0, 900000001, 0, None, None]]},
        "a longitude beyond the date line": {"places": [[0, 0, -1800000001, None, None]]},
        "a time before the beginning": {"places": [[-1, 1, 2, None, None]]},
        "a time as text": {"places": [["0", 1, 2, None, None]]},
        "a height in the sky": {"places": [[0, 1, 2, 1000000001, None]]},
        "out of order": {"places": [[1000, 1, 2, None, None], [0, 1, 2, None, None]]},
        "places that are no list": {"places": {}},
        "a field more": {"wearer": "1422"},
    }
    return [
        writing.invalid(name, canonical.encode(good | change), trail.parse)
        for name, change in changes.items()
    ] + [writing.invalid("no JSON", b"{", trail.parse)]


if __name__ == "__main__":
    writing.write(NAME, make())
