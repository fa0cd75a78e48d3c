"""The published vectors of a camera's volume: read by camera and dock as docs/specs says."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from tests.vectors import make_camera_volume, writing

from fairwitness.camera.settings import Settings, read_settings
from fairwitness.errors import FairwitnessError
from fairwitness.formats import canonical

STORED = Path(writing.__file__).parent / make_camera_volume.NAME / "vectors.json"
CONTENT: dict[str, Any] = json.loads(STORED.read_bytes())


def cases(group: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", CONTENT[group], ids=lambda case: str(case["name"]))


def test_made_again_without_a_difference() -> None:
    assert writing.text(make_camera_volume.make()) == STORED.read_text(encoding="utf-8")


@cases("valid")
def test_every_reader_accepts(case: dict[str, Any]) -> None:
    data = base64.b64decode(case["data"])
    for read in make_camera_volume.READERS[case["file"]]:
        read(data)


@cases("invalid")
def test_every_reader_refuses(case: dict[str, Any]) -> None:
    for read in make_camera_volume.READERS[case["file"]]:
        with pytest.raises(FairwitnessError) as refusal:
            read(base64.b64decode(case["data"]))
        assert refusal.value.stable_code == case["code"]


def test_what_is_missing_has_its_usual_value() -> None:
    (empty,) = (one for one in CONTENT["valid"] if one["name"] == "none: the usual ones")
    assert read_settings(canonical.decode(base64.b64decode(empty["data"]))) == Settings()
