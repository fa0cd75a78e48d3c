"""Tables that stand cell under cell on a narrow screen name each cell as their columns do."""

import re
from pathlib import Path

import pytest

import fairwitness.web

TEMPLATES = Path(fairwitness.web.__file__).parent / "templates"
TABLE = re.compile(r'class="[^"]*\bstacks\b.*?</table>', re.DOTALL)
STACKED = [
    (path.stem, found)
    for path in sorted(TEMPLATES.rglob("*.html"))
    for found in TABLE.findall(path.read_text(encoding="utf-8"))
]


def test_there_are_some() -> None:
    assert len(STACKED) >= 8


@pytest.mark.parametrize(("name", "table"), STACKED, ids=[name for name, _ in STACKED])
def test_each_cell_is_named_by_its_column(name: str, table: str) -> None:
    columns = re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', table)
    labels = re.findall(r'data-label="([^"]+)"', table)
    assert labels, name
    assert [each for each in columns if each in labels] == labels
