"""Going through anything in lists of bounded length."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

T = TypeVar("T")

PAGE: Final = 500
"""How many things are in memory at once; fewer than any database's limit of parameters."""


def pages(items: Iterable[T], size: int = PAGE) -> Iterator[list[T]]:
    """The items in lists of `size`, the last one shorter."""
    iterator = iter(items)
    while page := list(islice(iterator, size)):
        yield page
