"""Figures of what people say and of what they open in an emergency, beside what cameras tell.

What officers say of people told is counted as cameras' word is: each recording once, in the month
it arrived in, by what is said of it now. What they say they did not record has the month in which
it happened; broken glass the month in which it was broken.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Final

from django.db.models import Count, Exists, Max, Min, OuterRef, Q

from fairwitness.accountability import figures
from fairwitness.accountability.months import Cell, month_of, months_between, number_of
from fairwitness.evidence.leave_rows import BrokenGlass
from fairwitness.retention.models import NotRecorded, Said
from fairwitness.retention.saying_rows import Matter

SAID_TOLD: Final = "said told: "
"""Begins the measure of what officers say of people told, by their answer."""
NOT_RECORDED: Final = "not recorded: "
"""Begins the measure of what officers say they did not record, by their reason."""
GLASS: Final = "glass"
GLASS_RIGHT: Final = "glass_right"
GLASS_WRONG: Final = "glass_wrong"
_Key = tuple[str, date, str]


def told() -> Iterator[Cell]:
    """What is said now of people told, each recording once."""
    of_it = Said.objects.filter(matter=Matter.TOLD)
    later = of_it.filter(recording=OuterRef("recording")).filter(
        Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk"))
    )
    standing = of_it.exclude(Exists(later)).exclude(answer="")
    span = standing.aggregate(
        first=Min("recording__received_at"), last=Max("recording__received_at")
    )
    if span["first"] is None:
        return
    months = list(months_between(month_of(span["first"]), month_of(span["last"])))
    rows = (
        standing.order_by()
        .annotate(month=number_of("recording__received_at", months))
        .values_list("answer", "month", "recording__unit__code", "recording__category")
        .annotate(number=Count("pk"))
    )
    for answer, number, unit, category, count in rows:
        yield Cell(SAID_TOLD + answer, months[number], unit or figures.NO_UNIT, category, count)


def not_recorded() -> Iterator[Cell]:
    """What officers say they did not record, without what they corrected since."""
    found: Counter[_Key] = Counter()
    rows = NotRecorded.objects.filter(corrected_by__isnull=True)
    for reason, at, unit in rows.values_list("reason", "happened_at", "unit__code").iterator(1000):
        found[NOT_RECORDED + reason, month_of(at), unit] += 1
    return (Cell(*key, "", number) for key, number in found.items())


def glass() -> Iterator[Cell]:
    """Glass broken, and how it was judged, by the unit of the recording."""
    found: Counter[_Key] = Counter()
    rows = BrokenGlass.objects.values_list("broken_at", "recording__unit__code", "justified")
    for at, unit, justified in rows.iterator(1000):
        where = (month_of(at), unit or figures.NO_UNIT)
        found[GLASS, *where] += 1
        if justified is not None:
            found[GLASS_RIGHT if justified else GLASS_WRONG, *where] += 1
    return (Cell(*key, "", number) for key, number in found.items())
