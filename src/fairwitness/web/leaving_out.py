"""Each thing that a search says, in words, with the address of the same search without it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from fairwitness.accountability.search import FIELDS, FLAGS

_TOGETHER: Final = {"place": "radius", "around": "radius"}
"""What says nothing any more once its place is left out."""


def told(
    said: Sequence[tuple[str, str]], names: Mapping[str, Mapping[str, str]]
) -> list[tuple[str, str]]:
    """Words and address of each thing said, in its order.

    Args:
        said: fields and values of the search, as its address has them.
        names: of fields whose values are codes, what people call each.
    """
    radius = dict(said).get("radius", "")
    found = []
    for name, value in said:
        if name == "radius":
            continue
        without = [
            field for field in said if field != (name, value) and field[0] != _TOGETHER.get(name)
        ]
        words = names.get(name, {}).get(value, value)
        if name in {"from", "to"}:
            words = words.replace("T", ", ")
        if name in _TOGETHER:
            words += f", {radius} m"
        if name == "flag":
            found.append((FLAGS[value], _to(without)))
        else:
            found.append((f"{FIELDS[name]} {words}", _to(without)))
    return found


def _to(said: Iterable[tuple[str, str]]) -> str:
    query = urlencode(list(said))
    return f"/search?{query}#found" if query else "/search"
