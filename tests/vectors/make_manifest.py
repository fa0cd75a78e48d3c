"""Makes the vectors of docs/specs/manifest.md: `python -m tests.vectors.make_manifest`."""

import json
from typing import Any

from tests.vectors import samples, writing

from fairwitness.formats import canonical, manifest

NAME = "manifest"


def make() -> dict[str, Any]:
    """The content of the file."""
    return {
        "valid": [writing.valid("signed by a camera", manifest.encode(samples.MANIFEST))],
        "invalid": _invalid(),
    }


def _invalid() -> list[dict[str, Any]]:
    good = json.loads(manifest.encode(samples.MANIFEST))
    piece = good["pieces"][0]
    changes: dict[str, dict[str, Any]] = {
        "version 2": {"version": 2},
        "signed without a statement": {"statement": None},
        "a statement but not signed": {"provenance": "unsigned"},
        "no pieces": {"pieces": []},
        "a gap before the first piece": {"pieces": [piece | {"offset": 1}]},
        "a piece twice": {"pieces": [piece, piece]},
        "a size that the pieces do not have": {"size": good["size"] + 1},
        "a sealed size that does not follow": {"pieces": [piece | {"sealed_size": 100}]},
        "a blob that climbs out": {"pieces": [piece | {"blob": "piece/../../etc"}]},
        "an envelope with an unknown field": {"docking": good["docking"] | {"x": 1}},
        "unknown field": {"colour": "blue"},
    }
    return [
        writing.invalid(name, canonical.encode(good | change), manifest.parse)
        for name, change in changes.items()
    ]


if __name__ == "__main__":
    writing.write(NAME, make())
