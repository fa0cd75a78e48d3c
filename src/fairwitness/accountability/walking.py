"""Walking recordings from the newest on, for a search: along an index, until a page is full.

Design rules:

1. What is met is known by its time and id. Nothing is counted off.
2. Where nearly all that is passed is shown, rows are asked for with all that must hold (`first`).
   Where very many are passed, ids alone are read, in strides, from an index (`passed`), and who may
   see them is asked of a page's ids, of all walks at once (`met`).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Aggregate, BinaryField, Min, Q, QuerySet, TextField

from fairwitness.accountability.search import Place
from fairwitness.evidence.models import Recording

MOST_PASSED: Final = 50_000
MOST_LEFT: Final = 5000
"""Where a walk has passed so many, what was near is named after all, if it is no more than this."""
FIRST: Final = 100
STRIDE: Final = 2500
LONGER: Final = 2
LONGEST_STRIDE: Final = 10_000
"""So many are passed at first, elsewhere and at a busy place; then twice as many, up to this."""
MOST_ASKED: Final = 1000
"""Of so many ids it is asked at once who may see them."""
_ID: Final = 16


def after(rows: QuerySet[Recording], place: Place) -> QuerySet[Recording]:
    """Those rows that come after this one, which is older or has a smaller id."""
    return rows.filter(
        Q(began_at__lt=place.began_at) | Q(began_at=place.began_at, pk__lt=place.recording),
        began_at__lte=place.began_at,
    )


def met(
    walks: Sequence[Iterator[UUID]], open_ones: QuerySet[Recording], limit: int
) -> list[list[tuple[datetime, UUID]]]:
    """Of each walk the first that are open, where one passes many: asked of all walks at once.

    By id alone: with its unit beside, PostgreSQL would read all that the unit keeps.
    """
    found: list[list[tuple[datetime, UUID]]] = [[] for _ in walks]
    going, some = list(range(len(walks))), limit
    while going:
        taken = {at: list(islice(walks[at], some)) for at in going}
        asked = open_ones.filter(pk__in={pk for each in taken.values() for pk in each})
        opened = dict(asked.values_list("pk", "began_at"))
        for at, each in taken.items():
            found[at] += [(opened[pk], pk) for pk in each if pk in opened]
        going = [at for at in going if len(taken[at]) == some and len(found[at]) < limit]
        some = min(2 * some, MOST_ASKED)
    return found


def first(rows: QuerySet[Recording], limit: int) -> list[tuple[datetime, UUID]]:
    """The newest of these rows, where nearly all that is passed is shown."""
    return list(rows.order_by("-began_at", "-pk").values_list("began_at", "pk")[:limit])


def passed(rows: QuerySet[Recording]) -> Iterator[UUID]:
    """What a walk over these rows passes, in order."""
    for some, _last in _strides(rows, FIRST):
        yield from (UUID(bytes=each) for each in some)


def passed_near(rows: QuerySet[Recording], near: frozenset[bytes]) -> Iterator[UUID]:
    """What a walk over these rows passes of what was near a busy place, in order.

    Hundreds are passed for each that is shown. Where it is long since something was near, the walk
    does not go on for ever: what is left is named then.
    """
    count = 0
    for some, last in _strides(rows, STRIDE):
        yield from (UUID(bytes=each) for each in some if each in near)
        count += len(some)
        if count >= MOST_PASSED and len(near) <= MOST_LEFT:
            left = after(rows, last).filter(pk__in=[UUID(bytes=each) for each in near])
            yield from passed(left)
            return


def _strides(rows: QuerySet[Recording], stride: int) -> Iterator[tuple[list[bytes], Place]]:
    """The ids of all rows in order, in ever longer strides: asked for all, PostgreSQL sorts all.

    They are read from an index alone, before it is asked who may see them, and come in one piece.
    """
    some = rows
    while True:
        of_stride = some.order_by("-began_at", "-pk")[:stride]
        said = of_stride.aggregate(ids=_ids_met(), last=Min("began_at"))
        ids = bytes.fromhex(said["ids"]) if isinstance(said["ids"], str) else said["ids"]
        if not ids:
            return
        met = [ids[at : at + _ID] for at in range(0, len(ids), _ID)]
        last = Place(said["last"], UUID(bytes=met[-1]))
        yield met, last
        if len(met) < stride:
            return
        some, stride = after(rows, last), min(LONGER * stride, LONGEST_STRIDE)


def _ids_met() -> Aggregate:
    """Ids one after the other, in the order in which they were met: bytes, or as hexadecimal.

    Either database takes rows up in the order in which it is given them.
    """
    if connection.vendor == "sqlite":
        return Aggregate(
            "pk", template="group_concat(%(expressions)s, '')", output_field=TextField()
        )
    packed = "string_agg(uuid_send(%(expressions)s), ''::bytea)"
    return Aggregate("pk", template=packed, output_field=BinaryField())
