"""The custody log read back, for people and for proofs."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self

from django.db.models import Count, Exists, Max, OuterRef

from fairwitness.custody.models import Body as BodyModel
from fairwitness.custody.models import BodyState, Leaf
from fairwitness.custody.models import Entry as EntryModel
from fairwitness.formats import custody
from fairwitness.formats.custody import Act

MAX_ROWS: Final = 1000


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """An entry with what is left of its body.

    Attributes:
        entry_id: its number in this database; means nothing outside.
        entry: the entry, read from its canonical bytes.
        canonical: those bytes.
        body: who, why and what; None when erased, lost, or not the one that the entry names.
        body_state: which of these it is.
        salt: what the leaf was salted with; None when erased.
        leaf_hash: the entry's public name.
        index: its place in the tree; None until it is integrated.
    """

    entry_id: int
    entry: custody.Entry
    canonical: bytes
    body: custody.Body | None
    body_state: BodyState
    salt: bytes | None
    leaf_hash: bytes
    index: int | None

    def without_body(self) -> Self:
        """The same row as it is once its body was lawfully erased."""
        return replace(self, body=None, body_state=BodyState.ERASED, salt=None)


def history(subject: str) -> list[HistoryRow]:
    """Everything that was ever written of a subject, oldest first."""
    return rows(EntryModel.objects.filter(subject=subject).order_by("sequence"))


def find(leaf_hash: bytes) -> HistoryRow | None:
    """The entry of this public name."""
    found = rows(EntryModel.objects.filter(leaf_hash=leaf_hash))
    return found[0] if found else None


def count_by_act() -> dict[Act, int]:
    """How many entries there are of each act."""
    rows = EntryModel.objects.order_by().values_list("act").annotate(number=Count("id"))
    return {Act(act): number for act, number in rows}


def count_subjects(act: Act) -> int:
    """To how many subjects this was ever done."""
    return EntryModel.objects.filter(act=act.value).values("subject").distinct().count()


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry as its columns say, without its body; for looking through many.

    Attributes:
        entry_id: its number in this database; means nothing outside.
        subject: what it is about.
        act: what was done.
        at: when.
        leaf_hash: the entry's public name.
    """

    entry_id: int
    subject: str
    act: Act
    at: datetime
    leaf_hash: bytes


_LOGGED: Final = ("id", "subject", "act", "at", "leaf_hash")


def chains(subjects: Sequence[str], *, acts: Collection[Act]) -> dict[str, list[Logged]]:
    """What was done to each of these subjects, of these acts, oldest first; few queries."""
    found: dict[str, list[Logged]] = {subject: [] for subject in subjects}
    for start in range(0, len(subjects), MAX_ROWS // 2):
        some = EntryModel.objects.filter(
            subject__in=subjects[start : start + MAX_ROWS // 2], act__in=[act.value for act in acts]
        )
        for row in some.order_by("subject", "sequence").values_list(*_LOGGED):
            each = _logged(row)
            found[each.subject].append(each)
    return found


def entries_of(acts: Collection[Act], *, size: int = MAX_ROWS // 2) -> Iterator[list[Logged]]:
    """All entries of these acts, oldest first, in lists of at most `size`."""
    last = 0
    of_acts = EntryModel.objects.filter(act__in=[act.value for act in acts]).order_by("id")
    while page := list(of_acts.filter(id__gt=last).values_list(*_LOGGED)[:size]):
        yield [_logged(row) for row in page]
        last = page[-1][0]


def placed(act: Act, *, since: int, size: int = 10_000) -> Iterator[tuple[int, list[HistoryRow]]]:
    """The entries of an act whose place in the tree is `since` or later, in lists.

    Places are given once and in order, so that whoever keeps the last number seen reads each entry
    exactly once.

    Yields:
        How far the tree has been gone through, and the entries found on the way.
    """
    end = (Leaf.objects.aggregate(last=Max("index"))["last"] or -1) + 1
    for start in range(since, end, size):
        stop = min(start + size, end)
        leaves = Leaf.objects.filter(index__gte=start, index__lt=stop)
        found = EntryModel.objects.filter(act=act.value, id__in=leaves.values("entry_id"))
        yield stop, rows(found.order_by("id"))


def _logged(row: tuple[int, str, str, datetime, bytes]) -> Logged:
    entry_id, subject, act, at, leaf_hash = row
    return Logged(entry_id, subject, Act(act), at, bytes(leaf_hash))


def search(
    *,
    actor: str | None = None,
    act: Act | None = None,
    subject: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[HistoryRow]:
    """Entries that meet all conditions given, newest first.

    Args:
        actor: who, exactly; finds nothing whose body was erased or lost.
        act: what.
        subject: of what, exactly.
        since: not earlier than this.
        until: earlier than this.
        before: an `entry_id`: only older entries; the last of one page begins the next.
        limit: at most so many, and never more than 1,000.
    """
    entries = EntryModel.objects.all()
    if subject is not None:
        entries = entries.filter(subject=subject)
    if act is not None:
        entries = entries.filter(act=act.value)
    if since is not None:
        entries = entries.filter(at__gte=since)
    if until is not None:
        entries = entries.filter(at__lt=until)
    if before is not None:
        entries = entries.filter(id__lt=before)
    most = max(0, min(limit, MAX_ROWS))
    if actor is not None and subject is not None:
        theirs = BodyModel.objects.filter(entry_id=OuterRef("id"), actor=actor)
        entries = entries.filter(Exists(theirs))  # a chain is shorter than what somebody ever did
    elif actor is not None:
        bodies = BodyModel.objects.filter(actor=actor).values("entry_id")
        if act is None and since is None and until is None:
            if before is not None:
                bodies = bodies.filter(entry_id__lt=before)
            bodies = bodies.order_by("-entry_id")[:most]  # no more of them are looked up
        entries = entries.filter(id__in=bodies)
    return rows(entries.order_by("-id")[:most])


def rows(entries: Iterable[EntryModel]) -> list[HistoryRow]:
    """These entries with their bodies and places, in the same order; for this package."""
    listed = list(entries)
    ids = [each.id for each in listed]
    bodies: dict[int, BodyModel] = {}  # where a row is gone, the audit says so
    indices: dict[int, int] = {}
    for start in range(0, len(ids), MAX_ROWS):
        chunk = ids[start : start + MAX_ROWS]
        bodies.update(BodyModel.objects.in_bulk(chunk))
        indices.update(Leaf.objects.filter(entry_id__in=chunk).values_list("entry_id", "index"))
    gone = BodyModel(state=BodyState.LOST, salt=b"", canonical=b"")
    return [_row(each, bodies.get(each.id, gone), indices.get(each.id)) for each in listed]


def _row(entry: EntryModel, body: BodyModel, index: int | None) -> HistoryRow:
    canonical, told = bytes(entry.canonical), bytes(body.canonical)
    parsed = custody.parse_entry(canonical)
    named = body.state == BodyState.KEPT and custody.body_digest(told) == parsed.body
    return HistoryRow(
        entry_id=entry.id,
        entry=parsed,
        canonical=canonical,
        body=custody.parse_body(told) if named else None,
        body_state=BodyState(body.state),
        salt=bytes(body.salt) or None,
        leaf_hash=bytes(entry.leaf_hash),
        index=index,
    )
