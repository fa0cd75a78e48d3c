"""The vectors of docs/specs/trail.md: made anew they are the same, and ours reads them so."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from tests.vectors import make_trail, writing

from fairwitness.formats.errors import FormatError
from fairwitness.media import trail

STORED = (Path(__file__).parents[2] / "vectors/trail/vectors.json").read_text(encoding="utf-8")


def test_the_stored_vectors_are_those_that_are_made() -> None:
    assert writing.text(make_trail.make()) == STORED


@pytest.mark.parametrize("case", json.loads(STORED)["valid"], ids=lambda case: case["name"])
def test_valid_ones_are_read_and_written_the_same(case: dict[str, Any]) -> None:
    data = base64.b64decode(case["data"])
    found = trail.parse(data)
    assert len(found.places) == case["places"]
    assert trail.encode(found) == data


@pytest.mark.parametrize("case", json.loads(STORED)["invalid"], ids=lambda case: case["name"])
def test_invalid_ones_are_refused(case: dict[str, Any]) -> None:
    with pytest.raises(FormatError) as refused:
        trail.parse(base64.b64decode(case["data"]))
    assert refused.value.stable_code == case["code"]
