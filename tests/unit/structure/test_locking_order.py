"""Rows of one kind are locked in one order (ADR 0070), wherever that is done."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[3] / "src" / "fairwitness"
_ONE = {"get", "first"}


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """The smallest statements: a query that is built in two is read as the lock's own alone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            yield node
        elif isinstance(node, ast.For | ast.While | ast.If | ast.With):
            head = node.iter if isinstance(node, ast.For) else getattr(node, "test", None)
            if head is not None:
                yield ast.copy_location(ast.Expr(head), node)


def _called(node: ast.AST) -> set[str]:
    return {
        each.func.attr
        for each in ast.walk(node)
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute)
    }


def unordered(text: str) -> list[int]:
    """The lines of functions that lock rows, and neither only one nor in an order."""
    found = []
    for function in ast.walk(ast.parse(text)):
        if not isinstance(function, ast.FunctionDef):
            continue
        for statement in _statements(function):
            called = _called(statement)
            if "select_for_update" in called and not called & {*_ONE, "order_by"}:
                found.append(statement.lineno)
    return sorted(set(found))


def test_several_rows_are_never_locked_as_they_come() -> None:
    found = {
        f"{path.relative_to(SOURCE)}:{line}"
        for path in SOURCE.rglob("*.py")
        if "migrations" not in path.parts
        for line in unordered(path.read_text())
    }
    assert found == set()


def test_the_test_sees_what_is_locked_as_it_comes() -> None:
    several = "def f():\n    return list(Row.objects.select_for_update().filter(a=1))\n"
    assert unordered(several) == [2]
    assert unordered(several.replace(".filter(a=1)", '.filter(a=1).order_by("pk")')) == []
    assert unordered(several.replace(".filter(a=1)", ".filter(a=1).first()")) == []
