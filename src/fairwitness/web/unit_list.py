"""A unit's recordings page by page: each kind is walked along an index of its own, none is counted.

What is live goes by its day, the soonest first; then what is kept, then what is deleted, both the
latest first. A page begins behind the last row of the one before. What is typed is looked up as the
beginning of a number or of an incident, or as a collar number; `/search` finds by all else.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet, prefetch_related_objects

from fairwitness.evidence.models import Recording, State
from fairwitness.force.models import Officer
from fairwitness.web import keyset

PAGE: Final = 25
_RELATED: Final = ("wearer", "unit", "station", "review", "disposal")
_BY_DAY: Final = ("soon", "later")
_ORDER: Final = (*_BY_DAY, "kept", "gone")
_LOOKED_UP: Final = 500


def page_of(
    found: QuerySet[Recording], kinds: Mapping[str, Q], gone: str, after: str
) -> tuple[list[Recording], str]:
    """One page, and where the next one begins; empty when there is none.

    Args:
        found: what the list is narrowed to.
        kinds: which of `soon`, `later`, `kept`, `gone` are wanted, and what each is.
        gone: the column with the day from which on nobody opens it, as this reader may know it.
        after: where the page begins, as the page before said it.
    """
    kind, _, text = after.partition("~")
    key = keyset.read(text)
    rows: list[Recording] = []
    wanted = [each for each in _ORDER if each in kinds]
    begins = wanted.index(kind) if key and kind in wanted else 0
    last = ""
    for each in wanted[begins:]:
        walk = _walk(found.filter(kinds[each]), each, gone, key if each == kind else None)
        some = list(walk.select_related(*_RELATED)[: PAGE + 1 - len(rows)])
        if len(rows) + len(some) > PAGE:
            rows += some[:-1]
            last = last if len(some) == 1 else _key(each, gone, some[-2])
            break
        rows += some
        last = _key(each, gone, some[-1]) if some else last
    else:
        last = ""
    prefetch_related_objects(rows, "bindings__hold")
    return rows, last


def _walk(
    found: QuerySet[Recording], kind: str, gone: str, key: keyset.Key | None
) -> QuerySet[Recording]:
    if kind in _BY_DAY:
        rising = found.order_by(gone, "pk")
        return rising.filter(key.after(gone, "pk")) if key else rising
    falling = found.order_by("-began_at", "-pk")
    return falling.filter(key.before("began_at", "pk")) if key else falling


def _key(kind: str, gone: str, row: Recording) -> str:
    at = getattr(row, gone) if kind in _BY_DAY else row.began_at
    return f"{kind}~{keyset.text(at, row.pk)}"


def typed(found: QuerySet[Recording], words: str, gone: str, at: datetime) -> QuerySet[Recording]:
    """Those whose number or, while they live, incident begins so; or that this officer wore."""
    live = Q(state=State.LIVE) & (Q(**{f"{gone}__isnull": True}) | Q(**{f"{gone}__gt": at}))
    wearer = Officer.objects.filter(collar_number__iexact=words).values_list("pk", flat=True)
    numbered = _beginning(Recording.objects.all(), "reference", words)
    of_incident = _beginning(Recording.objects.filter(live), "incident", words)
    return found.filter(
        Q(pk__in={*numbered, *of_incident}) | Q(wearer__in=list(wearer)),
    )


def _beginning(found: QuerySet[Recording], column: str, words: str) -> Sequence[UUID]:
    """A stretch of the index on this column, as typed and in capitals."""
    either = Q()
    for text in {words, words.upper()}:
        either |= Q(**{f"{column}__gte": text, f"{column}__lt": f"{text}\uffff"})
    return list(found.filter(either).values_list("pk", flat=True)[:_LOOKED_UP])
