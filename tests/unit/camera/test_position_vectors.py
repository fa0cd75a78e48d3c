"""The published vectors of the position track: what the camera writes is what its page says."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.vectors import make_position_track, writing

from fairwitness.camera import gpmf
from fairwitness.camera.positions import Fix
from fairwitness.formats import timestamp

STORED = Path(writing.__file__).parent / make_position_track.NAME / "vectors.json"
CONTENT: dict[str, Any] = json.loads(STORED.read_bytes())


def test_made_again_without_a_difference() -> None:
    assert writing.text(make_position_track.make()) == STORED.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CONTENT["samples"], ids=lambda case: str(case["name"]))
def test_the_camera_writes_exactly_this(case: dict[str, Any]) -> None:
    fix = None if case["place"] is None else Fix(*case["place"])
    made = gpmf.sample(fix, at=timestamp.parse(case["at"]), serial=CONTENT["serial"])
    assert made.hex() == case["sample"]
