"""A unit's recordings page by page: each kind is walked along an index of its own, none is counted.

What is live goes by its day, the soonest first; then what is kept, then what is deleted, both the
latest first. A page begins behind the last row of the one before. What is typed is looked up as the
beginning of a number or of an incident, up to a hundred of each, or as a collar number; `/search`
finds by all else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, prefetch_related_objects
from django.db.models.lookups import Exact

from fairwitness.evidence import knowing
from fairwitness.evidence.models import Recording, State
from fairwitness.force.models import Officer
from fairwitness.web import keyset

PAGE: Final = 25
_RELATED: Final = ("wearer", "unit", "station", "review", "disposal")
_BY_DAY: Final = ("soon", "later")
_ORDER: Final = (*_BY_DAY, "kept", "gone")
_LOOKED_UP: Final = 100
"""Of how many a number, and of how many an incident, is looked at that begins as was typed: so few
that a database fetches them, and walks no list of days for them."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a list is narrowed to by what was typed.

    Attributes:
        found: the recordings.
        days: the columns by which their days are asked for; no index on days leads.
        more: whether more numbers or incidents begin so than are looked at.
    """

    found: QuerySet[Recording]
    days: knowing.Columns
    more: bool


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


def typed(
    found: QuerySet[Recording], *, words: str, days: knowing.Columns, dead: bool, at: datetime
) -> Typed:
    """Those whose number or, while they live, incident begins so; or that this officer wore.

    Args:
        found: what the list is narrowed to otherwise.
        words: what was typed.
        days: the columns with the days, as this reader may know them.
        dead: whether a number is also looked for among what is deleted.
        at: now.
    """
    gone = days.gone_by
    live = Q(Exact(knowing.led_by_none("state"), State.LIVE))
    live &= Q(**{f"{gone}__isnull": True}) | Q(**{f"{gone}__gt": at})
    there = Recording.objects.filter(live)
    numbered = _beginning(Recording.objects.all() if dead else there, "reference", words)
    of_incident = _beginning(there, "incident", words)
    where = Q(pk__in={*numbered[:_LOOKED_UP], *of_incident[:_LOOKED_UP]})
    wearers = list(Officer.objects.filter(collar_number__iexact=words).values_list("pk", flat=True))
    if wearers:
        where |= Q(wearer__in=wearers)
    # What the list is narrowed to is asked of each that was looked up: said beside them, a unit and
    # its days would lead SQLite through all that the unit keeps.
    wanted = Exists(found.filter(pk=OuterRef("pk")))
    rows = Recording.objects.filter(where, wanted)
    return Typed(
        found=rows.annotate(typed_gone_by=knowing.led_by_none(gone)),
        days=knowing.Columns("typed_gone_by", days.hidden_from),
        more=max(len(numbered), len(of_incident)) > _LOOKED_UP,
    )


def _beginning(found: QuerySet[Recording], column: str, words: str) -> Sequence[UUID]:
    """A stretch of the index on this column, as typed and in capitals, up to one too many."""
    either = Q()
    for text in {words, words.upper()}:
        either |= Q(**{f"{column}__gte": text, f"{column}__lt": f"{text}\uffff"})
    return list(found.filter(either).values_list("pk", flat=True)[: _LOOKED_UP + 1])
