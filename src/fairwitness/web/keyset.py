"""Paging by key: a page begins after the last row of the one before, so that none is counted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q

from fairwitness.errors import FairwitnessError
from fairwitness.formats import timestamp

T = TypeVar("T")

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Key:
    """Where a page begins: after the row with this time and this tie-breaker."""

    at: datetime
    tie: str

    def after(self, at: str, tie: str) -> Q:
        """Rows after it, in rising order of the columns of these names."""
        return Q(**{f"{at}__gt": self.at}) | Q(**{at: self.at, f"{tie}__gt": self.tie})

    def before(self, at: str, tie: str) -> Q:
        """Rows after it, in falling order."""
        return Q(**{f"{at}__lt": self.at}) | Q(**{at: self.at, f"{tie}__lt": self.tie})


def read(text: str, *, like: Callable[[str], object] = UUID) -> Key | None:
    """The key in an address; None for the first page, or for what is none.

    Args:
        text: as the address has it.
        like: reads the tie-breaker, and raises `ValueError` for what is none of its kind.
    """
    at, _, tie = text.partition("~")
    try:
        like(tie)
        return Key(timestamp.parse(at), tie)
    except (FairwitnessError, ValueError):
        return None


def text(at: datetime, tie: object) -> str:
    """A key as an address holds it."""
    return f"{timestamp.text(at)}~{tie}"


def cut(found: Iterable[T]) -> tuple[list[T], bool]:
    """A page out of at most one row more than that, and whether there is another page."""
    rows = list(found)
    return rows[:PAGE], len(rows) > PAGE


def link(path: str, key: str, **narrowed: str) -> str:
    """The address of the next page."""
    return f"{path}?{urlencode({**{k: v for k, v in narrowed.items() if v}, 'after': key})}"
