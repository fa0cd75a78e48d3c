"""Rows of what officers say and of broken glass, out of the figures that were counted last."""

from collections.abc import Callable, Mapping, Sequence

from fairwitness.accountability.spoken import (
    GLASS,
    GLASS_RIGHT,
    GLASS_WRONG,
    NOT_RECORDED,
    SAID_TOLD,
)
from fairwitness.retention import reasons
from fairwitness.retention.saying_rows import Matter
from fairwitness.web import figure_tables as tables

Numbers = Mapping[str, int]
Named = Callable[[str], str]


def rows(
    months: Mapping[str, Numbers],
    units: Mapping[str, Numbers],
    whole: Numbers,
    *,
    month_name: Named,
    unit_names: Mapping[str, str],
) -> dict[str, object]:
    """What the page of figures shows of it.

    Args:
        months: numbers by measure, of each month.
        units: of each unit.
        whole: of all together.
        month_name: a month as people read it.
        unit_names: units by code.
    """
    glass_units = [
        (unit_names.get(code, code), *_glass(each))
        for code, each in units.items()
        if each.get(GLASS)
    ]
    return {
        "said_rows": [(month_name(key), *_said(each)) for key, each in months.items()],
        "said_sums": _said(whole),
        "said_why": _reasons(Matter.TOLD.value, whole, SAID_TOLD, but=reasons.TOLD_YES),
        "unrecorded_rows": [(month_name(key), _unrecorded(each)) for key, each in months.items()],
        "unrecorded": _unrecorded(whole),
        "unrecorded_why": _reasons(reasons.NOT_RECORDED, whole, NOT_RECORDED),
        "glass_rows": [(month_name(key), *_glass(each)) for key, each in months.items()],
        "glass_units": sorted(glass_units),
        "glass_sums": _glass(whole),
    }


def _said(numbers: Numbers) -> tuple[int, int]:
    """People told by the officers' word, and not practicable."""
    said = tables.beginning(numbers, SAID_TOLD)
    yes = said.pop(reasons.TOLD_YES, 0)
    return yes, sum(said.values())


def _unrecorded(numbers: Numbers) -> int:
    return sum(tables.beginning(numbers, NOT_RECORDED).values())


def _glass(numbers: Numbers) -> tuple[int, int, int, int]:
    """Broken; judged right, judged wrong, and not judged yet."""
    broken, right, wrong = (numbers.get(name, 0) for name in (GLASS, GLASS_RIGHT, GLASS_WRONG))
    return broken, right, wrong, broken - right - wrong


def _reasons(
    matter: str, numbers: Numbers, prefix: str, *, but: str = ""
) -> Sequence[tuple[str, int]]:
    found = tables.beginning(numbers, prefix)
    names = reasons.lists()[matter]
    return [(names.get(code, code), number) for code, number in found.items() if code != but]
