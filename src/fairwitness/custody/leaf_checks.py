"""Checks 2 to 5 of the audit: each leaf with its entry and its body."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice

from fairwitness.custody import erasure, gaps, reading
from fairwitness.custody.findings import Finding
from fairwitness.custody.models import Body, BodyState, Entry, Leaf
from fairwitness.formats import custody, merkle
from fairwitness.formats.custody import Act
from fairwitness.formats.errors import FormatError

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class LeafFacts:
    """All that the rows know of one leaf."""

    index: int
    entry: Entry
    body: Body | None

    @property
    def leaf_hash(self) -> bytes:
        """The entry's public name, as the row has it."""
        return bytes(self.entry.leaf_hash)

    @property
    def salt(self) -> bytes | None:
        """What is left of the salt."""
        return bytes(self.body.salt) or None if self.body else None


@dataclass(slots=True)
class Erasures:
    """What the log says was erased, and what it has lawfully forgotten.

    Attributes:
        named: leaf hashes, in hexadecimal, of the entries whose bodies were erased.
        forgotten: of a subject, how many erasures have no body left, so that they name nothing;
            each accounts for one erased body.
        deleted: subjects with such an erasure that were deleted: it accounts for all the bodies
            that go with footage.
        closed: stretches of leaves whose bodies a restore lost, agreed by two officers.
    """

    named: set[str] = field(default_factory=set)
    forgotten: Counter[str] = field(default_factory=Counter)
    deleted: set[str] = field(default_factory=set)
    closed: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def read(cls) -> "Erasures":
        """Read them from the log; what can't be read explains nothing, and check 3 names it."""
        try:
            made = cls(closed=gaps.closed_spans())
        except FormatError:
            made = cls()
        acts = Entry.objects.filter(act=Act.LOG_BODY_ERASED.value)
        for each in _readable(acts.iterator(chunk_size=_CHUNK)):
            names = erasure.named_by(each.body) if each.body else []
            made.named.update(names)
            if not names:
                made.forgotten[each.entry.subject] += 1
        disposed = Entry.objects.filter(act=Act.RECORDING_DISPOSED.value)
        forgotten = iter(made.forgotten)
        while some := list(islice(forgotten, _CHUNK)):
            gone = disposed.filter(subject__in=some).values_list("subject", flat=True)
            made.deleted.update(gone)
        return made

    def explain(self, leaf_hash: bytes, entry: custody.Entry) -> bool:
        """Whether the log says that this body was erased; asked once of each."""
        subject = entry.subject
        if leaf_hash.hex() in self.named:
            return True
        if subject in self.deleted and entry.act in erasure.WITH_FOOTAGE:
            return True
        self.forgotten[subject] -= 1
        return self.forgotten[subject] >= 0


def _readable(entries: Iterator[Entry]) -> Iterator[reading.HistoryRow]:
    while some := list(islice(entries, _CHUNK)):
        try:
            yield from reading.rows(some)
        except FormatError:
            for each in some:
                with suppress(FormatError):
                    yield from reading.rows([each])


def read(start: int, stop: int) -> dict[int, LeafFacts]:
    """The leaves from `start` up to `stop` that have an entry, by index."""
    leaves = Leaf.objects.filter(index__gte=start, index__lt=stop)
    places = dict(leaves.values_list("index", "entry_id"))
    entries = Entry.objects.in_bulk(list(places.values()))
    bodies = Body.objects.in_bulk(list(places.values()))
    return {
        index: LeafFacts(index, entries[entry_id], bodies.get(entry_id))
        for index, entry_id in places.items()
        if entry_id in entries
    }


def check(index: int, facts: LeafFacts | None, erasures: Erasures) -> Iterator[Finding]:
    """Check one leaf; `facts` is None where the rows have none."""
    if facts is None:
        yield Finding(2, "custody.leaf_missing", f"Leaf {index} or its entry is gone.", index)
        return
    try:
        entry = custody.parse_entry(bytes(facts.entry.canonical))
    except FormatError as error:
        yield Finding(3, "custody.entry_changed", f"Entry {index}: {error.message}", index)
        return
    subject = entry.subject
    if not _same_columns(facts.entry, entry):
        text = f"Entry {index} has columns that differ from its canonical bytes."
        yield Finding(3, "custody.entry_changed", text, index, subject)
    if not _gives_leaf(facts):
        text = f"Entry {index} is not the one that its leaf commits to."
        yield Finding(4, "custody.leaf_wrong", text, index, subject)
    yield from _check_body(facts, entry, erasures)


def _same_columns(row: Entry, entry: custody.Entry) -> bool:
    columns = (row.subject, row.sequence, row.act, row.at)
    return columns == (entry.subject, entry.sequence, entry.act.value, entry.at)


def _gives_leaf(facts: LeafFacts) -> bool:
    leaf, salt = bytes(facts.entry.leaf), facts.salt
    if merkle.leaf_hash(leaf) != facts.leaf_hash:
        return False
    if salt is None:
        return True  # erased; whether lawfully, check 5 says
    try:
        return custody.leaf(bytes(facts.entry.canonical), salt) == leaf
    except FormatError:
        return False


def _check_body(facts: LeafFacts, entry: custody.Entry, erasures: Erasures) -> Iterator[Finding]:
    index, body = facts.index, facts.body
    code, text = "", ""
    if body is None:
        code, text = "custody.leaf_missing", f"The body row of entry {index} is gone."
        yield Finding(2, code, text, index, entry.subject)
    elif body.state == BodyState.KEPT:
        if not _body_good(body, entry):
            code, text = "custody.body_changed", f"The body of entry {index} was changed."
    elif body.state == BodyState.ERASED:
        if not erasures.explain(facts.leaf_hash, entry):
            code = "custody.body_erased_silently"
            text = f"The body of entry {index} is erased, and no entry says so."
    elif not any(first <= index < size for first, size in erasures.closed):
        code = "custody.body_lost"
        text = f"The body of entry {index} was lost in a restore, and that gap is not closed."
    if code and body is not None:
        yield Finding(5, code, text, index, entry.subject)


def _body_good(row: Body, entry: custody.Entry) -> bool:
    data = bytes(row.canonical)
    if custody.body_digest(data) != entry.body:
        return False
    try:
        body = custody.parse_body(data)
    except FormatError:
        return False
    return (body.actor, body.salt) == (row.actor, bytes(row.salt))
