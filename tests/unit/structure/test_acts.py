"""Every act of the custody log is written somewhere, or the design says what it waits for."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fairwitness.formats.acts import Act

ROOT: Final = Path(__file__).parents[3]
READERS: Final = {"chains", "count_subjects", "entries_of", "find", "frozenset", "get", "search"}
"""Calls that ask for entries of an act, or gather acts to look at; none of them writes one."""


def _written(tree: ast.Module) -> Iterator[str]:
    """Names of acts that this module hands on to be written: given to a call, kept or returned."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
            continue
        if node.value.id != "Act" or node.attr not in Act.__members__:
            continue
        above = parents[node]
        while isinstance(above, ast.IfExp | ast.keyword):
            above = parents[above]
        if isinstance(above, ast.Call):
            called = above.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name not in READERS:
                yield node.attr
        elif isinstance(above, ast.Assign | ast.Return) or _is_value(node, above):
            yield node.attr


def _is_value(node: ast.AST, above: ast.AST) -> bool:
    return isinstance(above, ast.Dict) and node in above.values


def _all_written() -> set[str]:
    modules = [
        path
        for path in (ROOT / "src/fairwitness").rglob("*.py")
        if "formats.acts import Act" in (text := path.read_text(encoding="utf-8"))
        or re.search(r"formats\.custody import [^\n]*\bAct\b", text)
    ]
    return {Act[name].value for path in modules for name in _written(ast.parse(path.read_text()))}


def _awaited() -> list[str]:
    page = (ROOT / "docs/design/custody.md").read_text(encoding="utf-8")
    section = page.partition("## Acts that nothing writes yet")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`([a-z_]+\.[a-z_]+)`", row.split("|")[1])]


def test_every_act_is_written_or_said_to_wait() -> None:
    written, awaited = _all_written(), _awaited()
    assert len(awaited) == len(set(awaited))
    assert sorted(set(Act) - written - set(awaited)) == [], "written nowhere, and not said so"
    assert sorted(written & set(awaited)) == [], "said to wait, and written"
    assert sorted(set(awaited) - set(Act)) == [], "no act"


def test_what_only_reads_acts_does_not_count_as_writing() -> None:
    read = """
rows = ledger.search(act=Act.LOG_READ)
if row.act is Act.LOG_STARTED or row.act in {Act.LOG_GAP_FOUND}:
    words = {Act.LOG_BODY_ERASED: "gone"}
"""
    written = """
ledger.append(act=Act.LOG_READ)
_log(Act.LOG_STARTED if first else Act.LOG_GAP_FOUND, at)
act = {"lost": Act.LOG_BODY_ERASED}
"""
    assert list(_written(ast.parse(read))) == []
    assert set(_written(ast.parse(written))) == {
        "LOG_READ",
        "LOG_STARTED",
        "LOG_GAP_FOUND",
        "LOG_BODY_ERASED",
    }
