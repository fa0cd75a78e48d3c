"""The log walked back from its newest entry, page by page, for whoever looks through all of it.

Design rules:

1. **One condition leads**: the one that narrows most, each by an index that has entries in the
   order in which they are shown. All others are asked of what it yields, so that no database can
   choose a plan that scans the table.
2. **Bounded**: a walk looks at no more than `STEPS` times `STEP` entries, whatever it finds. Where
   it had to stop it says how far it came, and goes on from there when asked.
3. **Paged by key**: a page begins after the last entry of the page before, named by its number
   here. What is written meanwhile moves nothing.
4. **What its reader may not know** is taken out before a page is full: how many were left out
   shows nowhere.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q

from fairwitness.custody import reading
from fairwitness.custody.models import Body as BodyModel
from fairwitness.custody.models import Entry as EntryModel
from fairwitness.custody.reading import HistoryRow
from fairwitness.formats.acts import Act

STEP: Final = 2000
STEPS: Final = 3

Keep = Callable[[list[HistoryRow]], Collection[HistoryRow]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which entries are asked for; what is None does not narrow.

    Attributes:
        actor: who acted, as entries name it; finds nothing whose body was erased or lost.
        acts: what was done, any of these.
        subject: of what, exactly.
        since: not earlier than this.
        until: earlier than this.
    """

    actor: str | None = None
    acts: frozenset[Act] | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Walked:
    """One page.

    Attributes:
        rows: newest first.
        after: where the next page begins; None when there is nothing older.
        back_to: how far was looked, where the walk was stopped before the page was full.
    """

    rows: tuple[HistoryRow, ...]
    after: int | None
    back_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    """An entry that the leading condition yields."""

    number: int
    subject: str
    act: str
    at: datetime


_COLUMNS: Final = ("id", "subject", "act", "at")


def walk(*, sought: Sought, keep: Keep, before: int | None = None, limit: int = 50) -> Walked:
    """One page of what is sought.

    Args:
        sought: which entries.
        keep: takes out what the reader may not know.
        before: the last number of the page before.
        limit: rows on a page.
    """
    found: list[HistoryRow] = []
    at, back_to = before, None
    for _ in range(STEPS):
        step = _lead(sought, at)
        for row in _kept([each for each in step if _matches(each, sought)], sought, keep, limit):
            found.append(row)
            if len(found) > limit:
                return Walked(tuple(found[:limit]), found[limit - 1].entry_id)
        if len(step) < STEP:
            return Walked(tuple(found), None)
        at, back_to = step[-1].number, step[-1].at
    return Walked(tuple(found), at, back_to)


def _kept(seen: Sequence[_Seen], sought: Sought, keep: Keep, limit: int) -> Iterator[HistoryRow]:
    """Rows with their bodies, read only as far as they are wanted."""
    size = limit + 1
    for start in range(0, len(seen), size):
        numbers = [each.number for each in seen[start : start + size]]
        if sought.actor is not None:
            by_them = set(
                BodyModel.objects.filter(entry_id__in=numbers, actor=sought.actor).values_list(
                    "entry_id", flat=True
                )
            )
            numbers = [number for number in numbers if number in by_them]
        entries = EntryModel.objects.in_bulk(numbers)
        yield from keep(reading.rows([entries[number] for number in numbers]))


def _matches(seen: _Seen, sought: Sought) -> bool:
    return (
        (sought.subject is None or seen.subject == sought.subject)
        and (sought.acts is None or seen.act in sought.acts)
        and (sought.since is None or seen.at >= sought.since)
        and (sought.until is None or seen.at < sought.until)
    )


def _lead(sought: Sought, before: int | None) -> list[_Seen]:
    """The next entries by the condition that narrows most."""
    one_thing = sought.subject is not None and ":" in sought.subject
    if one_thing or (sought.subject and sought.actor is None and sought.acts is None):
        return _of_subject(str(sought.subject), before)
    if sought.actor is not None:
        return _of_actor(sought.actor, before)
    if sought.acts is None:
        return _by_time(sought, before, None)
    merged = [seen for act in sorted(sought.acts) for seen in _by_time(sought, before, act)]
    return sorted(merged, key=lambda each: (each.at, each.number), reverse=True)[:STEP]


def _of_subject(subject: str, before: int | None) -> list[_Seen]:
    chain = EntryModel.objects.filter(subject=subject)
    if before is not None:
        last = EntryModel.objects.filter(id=before, subject=subject).values_list("sequence")
        chain = chain.filter(sequence__lt=last[0][0]) if last else chain.none()
    return [_Seen(*row) for row in chain.order_by("-sequence").values_list(*_COLUMNS)[:STEP]]


def _of_actor(actor: str, before: int | None) -> list[_Seen]:
    bodies = BodyModel.objects.filter(actor=actor)
    if before is not None:
        bodies = bodies.filter(entry_id__lt=before)
    numbers = list(bodies.order_by("-entry_id").values_list("entry_id", flat=True)[:STEP])
    found: dict[int, _Seen] = {}
    for start in range(0, len(numbers), reading.MAX_ROWS):
        some = EntryModel.objects.filter(id__in=numbers[start : start + reading.MAX_ROWS])
        found.update((row[0], _Seen(*row)) for row in some.values_list(*_COLUMNS))
    return [found[number] for number in numbers]


def _by_time(sought: Sought, before: int | None, act: Act | None) -> list[_Seen]:
    entries = EntryModel.objects.all() if act is None else EntryModel.objects.filter(act=act.value)
    if sought.since is not None:
        entries = entries.filter(at__gte=sought.since)
    if sought.until is not None:
        entries = entries.filter(at__lt=sought.until)
    if before is not None:
        last = EntryModel.objects.filter(id=before).values_list("at", flat=True).first()
        if last is None:
            return []
        entries = entries.filter(at__lte=last).filter(Q(at__lt=last) | Q(id__lt=before))
    return [_Seen(*row) for row in entries.order_by("-at", "-id").values_list(*_COLUMNS)[:STEP]]
