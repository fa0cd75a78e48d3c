"""Rows, bars and a file of comma-separated values out of the figures that were counted last."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from django.db.models import Sum

from fairwitness.accountability.months import (
    NO_ANSWER,
    NOT_TOLD,
    SHARED,
    TOLD,
    UNASSIGNED,
    VIEWED,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from fairwitness.accountability.models import FigureCell

PLACES: Final = (
    ("not_yet_due", "Not yet due"),
    ("kept", "Kept"),
    ("under_way", "Being deleted"),
    ("in_quarantine", "In quarantine"),
    ("deleted_by_rule", "Deleted by rule"),
    ("deleted_by_person", "Deleted by a person"),
    ("lost", "Lost"),
)
"""Where what was received is: each recording is in exactly one of these."""

_LOOKS: Final = {"kept": "is-kept", "in_quarantine": "is-soon", "lost": "is-bad"}
APART: Final = (("late", "Docked late"), (UNASSIGNED, "Unassigned"))
_TALL: Final = 200

Numbers = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a month, a unit or a category."""

    name: str
    received: int
    places: tuple[int, ...]
    apart: tuple[int, ...]

    @property
    def adds_up(self) -> bool:
        """Whether what was received is where we say."""
        return self.received == sum(self.places)

    @property
    def told_places(self) -> list[str]:
        """`places` as people read them: 4,402."""
        return [f"{number:,}" for number in self.places]

    @property
    def told_received(self) -> str:
        """`received` as people read it."""
        return f"{self.received:,}"

    @property
    def told_apart(self) -> list[str]:
        """`apart` as people read them."""
        return [f"{number:,}" for number in self.apart]

    @property
    def parts(self) -> list[tuple[str, str, str]]:
        """Each place that has any, its name and its look: together they are what was received."""
        named = zip(PLACES, self.places, strict=True)
        return [
            (f"{number:,}", words.lower(), _LOOKS.get(measure, ""))
            for (measure, words), number in named
            if number or measure == "lost"
        ]

    @property
    def sum(self) -> str:
        """The sum written out: 2 + 1 + 0 = 3."""
        number = sum(self.places)
        shown = " + ".join(told for told, _words, _look in self.parts)
        return f"{shown} = {number:,}"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: its whole height, and the part of it that is filled, of 200."""

    name: str
    number: str
    top: float
    height: float
    part_top: float
    part: float


def by(cells: "QuerySet[FigureCell]", axis: str) -> dict[str, dict[str, int]]:
    """The numbers of each month (`2017-06-01`), unit or category, by measure; one query."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    rows = cells.order_by().values_list(axis, "measure").annotate(sum=Sum("number"))
    for key, measure, number in rows:
        found[str(key)][measure] = number
    return dict(sorted(found.items()))


def together(numbers: Iterable[Numbers]) -> dict[str, int]:
    """The sum of several."""
    found: dict[str, int] = defaultdict(int)
    for each in numbers:
        for measure, number in each.items():
            found[measure] += number
    return dict(found)


def row(name: str, numbers: Numbers, *, apart: Sequence[tuple[str, str]] = APART) -> Row:
    """A line of a table of recordings; `apart` is what stands beside the sum."""
    return Row(
        name=name,
        received=numbers.get("received", 0),
        places=tuple(numbers.get(measure, 0) for measure, _ in PLACES),
        apart=tuple(numbers.get(measure, 0) for measure, _ in apart),
    )


def told_pairs(numbers: Iterable[tuple[str, int]]) -> list[tuple[str, str]]:
    """Named numbers as people read them."""
    return [(name, f"{number:,}") for name, number in numbers]


def told_rows(rows: Iterable[Sequence[str | int]]) -> list[list[str]]:
    """Rows of a name and numbers, the numbers as people read them."""
    return [[str(name), *(f"{number:,}" for number in numbers)] for name, *numbers in rows]


def deleted(numbers: Numbers) -> int:
    """What is gone for good, whoever decided it."""
    return numbers.get("deleted_by_rule", 0) + numbers.get("deleted_by_person", 0)


def told(numbers: Numbers) -> tuple[int, int, int]:
    """People told, not told, and where no camera says."""
    return numbers.get(TOLD, 0), numbers.get(NOT_TOLD, 0), numbers.get(NO_ANSWER, 0)


def views(numbers: Numbers) -> dict[str, int]:
    """Views by reason, the most frequent first."""
    return beginning(numbers, VIEWED)


def beginning(numbers: Numbers, prefix: str) -> dict[str, int]:
    """The numbers of measures that begin so, by the rest of their name, most frequent first."""
    found = {
        measure.removeprefix(prefix): number
        for measure, number in numbers.items()
        if measure.startswith(prefix)
    }
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def shared(numbers: Numbers) -> int:
    """Copies for court."""
    return numbers.get(SHARED, 0)


def bars(points: Sequence[tuple[str, int, int]]) -> list[Bar]:
    """A chart: name, whole and filled part of each bar, against the tallest of them."""
    most = max((whole for _name, whole, _part in points), default=0) or 1
    return [
        Bar(
            name=name,
            number=f"{whole:,}",
            height=(height := round(_TALL * whole / most, 1)),
            top=round(_TALL - height, 1),
            part=(filled := round(_TALL * part / most, 1)),
            part_top=round(_TALL - filled, 1),
        )
        for name, whole, part in points
    ]


def month(text: str) -> date | None:
    """`2017-06` as the first day of that month; None for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def as_csv(cells: "QuerySet[FigureCell]") -> str:
    """Every number: month, unit, category, what, how many."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("month", "unit", "category", "what", "number"))
    columns = ("month", "unit", "category", "measure", "number")
    for day, *rest in cells.order_by("month", "unit", "category", "measure").values_list(*columns):
        writer.writerow((day.isoformat()[:7], *rest))
    return out.getvalue()
