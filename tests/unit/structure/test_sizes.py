"""The size limits of CONTRIBUTING: small files, short functions, few settings."""

import ast
from pathlib import Path

import pytest

from fairwitness.config import environment

ROOT = Path(__file__).parents[3]
FILE_LINES = 400
TEST_FILE_LINES = 600
FUNCTION_LINES = 60
SETTINGS = 40


def _python(folder: str) -> list[Path]:
    return [
        path
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts and "node_modules" not in path.parts
    ]


@pytest.mark.parametrize(
    ("folder", "limit"), [("src", FILE_LINES), ("tests", TEST_FILE_LINES), ("benchmarks", 400)]
)
def test_no_file_is_too_long(folder: str, limit: int) -> None:
    lengths = {str(p.relative_to(ROOT)): len(p.read_text().splitlines()) for p in _python(folder)}
    assert {name: lines for name, lines in lengths.items() if lines > limit} == {}


def test_no_function_is_too_long() -> None:
    long = []
    for path in _python("src"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long.append(f"{path.relative_to(ROOT)}:{node.name} {lines}")
    assert long == []


def test_modules_are_named_by_the_act() -> None:
    banned = {"utils", "helpers", "services", "common", "managers", "misc"}
    assert [str(p) for p in _python("src") if p.stem in banned or banned & set(p.parts)] == []


def test_settings_are_few() -> None:
    assert 0 < len(environment.KNOWN) <= SETTINGS
