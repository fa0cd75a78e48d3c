"""The vectors of signed video: made again the same, and read as they say."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from tests.signed_films import read
from tests.vectors import make_signed_video, writing

FILE = Path(__file__).parents[2] / "vectors" / make_signed_video.NAME / "vectors.json"
FILMS: list[dict[str, Any]] = json.loads(FILE.read_bytes())["films"]


def test_they_are_made_again_without_a_difference() -> None:
    assert writing.text(make_signed_video.make()) == FILE.read_text()


@pytest.mark.parametrize("film", FILMS, ids=lambda film: film["name"])
def test_a_reader_finds_what_they_say(film: dict[str, Any]) -> None:
    found = make_signed_video.told(read(base64.b64decode(film["data"])))
    assert found == {name: film[name] for name in found}
