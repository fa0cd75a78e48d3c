"""The style sheet styles what pages show, and nothing that none shows any more."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

CODE = Path(__file__).parents[3] / "src" / "fairwitness"
SHEET = CODE / "web" / "static" / "fairwitness" / "fairwitness.css"


def test_every_class_of_the_style_sheet_is_shown_somewhere() -> None:
    plain = re.sub(r"/\*.*?\*/", "", SHEET.read_text(), flags=re.DOTALL)
    selectors = re.sub(r"\{[^{}]*\}", " ", plain)
    styled = set(re.findall(r"\.([A-Za-z_][\w-]*)", selectors))
    said = " ".join(shown())
    whole = set(re.findall(r"[A-Za-z_][\w-]*", said))
    begun = tuple(re.findall(r"(?<![\w-])([A-Za-z][\w-]*)\{\{", said))
    assert len(styled) > 100
    assert {name for name in styled - whole if not name.startswith(begun)} == set()


def shown() -> Iterator[str]:
    """Every place that can name a class: attributes of templates, and texts of scripts and code."""
    for path in CODE.rglob("*.html"):
        yield from re.findall(r'class="(.*?)"(?=[\s/>])', path.read_text(), flags=re.DOTALL)
    for path in CODE.rglob("*.js"):
        yield from (text for _, text in re.findall(r"(['\"`])(.*?)\1", path.read_text()))
    for path in (CODE / "web").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
