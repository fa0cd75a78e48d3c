"""Entries and leaves brought back from the sealed files into a restored database."""

from collections.abc import Sequence
from dataclasses import dataclass

from fairwitness.custody.files import LogFileMissing, LogFiles
from fairwitness.custody.memory import LogForked
from fairwitness.custody.models import Body, BodyState, Entry, Leaf
from fairwitness.custody.sealed import SealedEntry, Sealing
from fairwitness.errors import FairwitnessError
from fairwitness.formats import custody, merkle, tile
from fairwitness.formats.errors import FormatError
from fairwitness.formats.tile import WIDTH, Tile


class SealedEntriesWrong(FairwitnessError):
    """A sealed entry is not the one that its leaf commits to."""

    code = "log.sealed_entries_wrong"


@dataclass(frozen=True, slots=True)
class Reimported:
    """How much came back.

    Attributes:
        leaves: that have their place again.
        bodies_lost: how many of their entries came back without a body.
    """

    leaves: int
    bodies_lost: int


@dataclass(frozen=True, slots=True)
class _Found:
    index: int
    sealed: SealedEntry
    entry: custody.Entry
    leaf: bytes
    leaf_hash: bytes


def reimport(*, start: int, signed: int, files: LogFiles, sealing: Sealing) -> Reimported:
    """Bring back all leaves from `start` on, in the caller's transaction.

    Args:
        start: how many leaves the database has.
        signed: how many some checkpoint has; beyond it, what is incomplete is left.
        files: the log's files.
        sealing: how their entries are sealed.

    Raises:
        LogFileMissing: if a file that covers signed leaves is gone.
        SealedEntriesWrong, FormatError: if a file does not hold what was logged.
        LogForked: if the restored database went on by itself, with other entries.
    """
    leaves = lost = 0
    while True:
        try:
            found = _read(start, files=files, sealing=sealing)
        except (LogFileMissing, FormatError, SealedEntriesWrong):
            if start < signed:
                raise
            found = []
        if not found:
            return Reimported(leaves, lost)
        lost += _store(found)
        leaves += len(found)
        start += len(found)


def _read(start: int, *, files: LogFiles, sealing: Sealing) -> list[_Found]:
    """The sealed entries from `start` to the end of their bundle, each checked with its leaf."""
    index, skip = divmod(start, WIDTH)
    width = files.sealed_width(index)
    if width <= skip:
        return []
    entries = files.entries(index, width, sealing)
    leaves = tile.parse_entries(files.tile(Tile(None, index, width)), width=width)
    hashes = tile.parse_tile(files.tile(Tile(0, index, width)), width=width)
    found = []
    for at in range(skip, width):
        sealed, leaf = entries[at], leaves[at]
        good = merkle.leaf_hash(leaf) == hashes[at]
        if sealed.salt is not None:
            good = good and custody.leaf(sealed.canonical, sealed.salt) == leaf
        if not good:
            raise SealedEntriesWrong(
                f"The sealed entry {index * WIDTH + at} is not the one that was logged."
            )
        entry = custody.parse_entry(sealed.canonical)
        found.append(_Found(index * WIDTH + at, sealed, entry, leaf, hashes[at]))
    return found


def _store(found: Sequence[_Found]) -> int:
    """Insert what is not there; returns how many entries came without a body."""
    hashes = [each.leaf_hash for each in found]
    known = Entry.objects.filter(leaf_hash__in=hashes).values_list("leaf_hash", "id")
    present = {bytes(leaf_hash): entry_id for leaf_hash, entry_id in known}
    absent = [each for each in found if each.leaf_hash not in present]
    _demand_free(absent)
    made = Entry.objects.bulk_create([_entry_row(each) for each in absent])
    present.update((bytes(each.leaf_hash), each.id) for each in made)
    Body.objects.bulk_create(
        Body(
            entry_id=present[each.leaf_hash],
            state=BodyState.ERASED if each.sealed.salt is None else BodyState.LOST,
            actor="",
            salt=each.sealed.salt or b"",
            canonical=b"",
        )
        for each in absent
    )
    Leaf.objects.bulk_create(
        Leaf(index=each.index, entry_id=present[each.leaf_hash]) for each in found
    )
    return sum(each.sealed.salt is not None for each in absent)


def _entry_row(found: _Found) -> Entry:
    return Entry(
        subject=found.entry.subject,
        sequence=found.entry.sequence,
        act=found.entry.act.value,
        at=found.entry.at,
        canonical=found.sealed.canonical,
        leaf=found.leaf,
        leaf_hash=found.leaf_hash,
    )


def _demand_free(absent: Sequence[_Found]) -> None:
    """Demand that the restored database did not number other entries as these are numbered."""
    subjects = {each.entry.subject for each in absent}
    sequences = {each.entry.sequence for each in absent}
    rivals = Entry.objects.filter(subject__in=subjects, sequence__in=sequences)
    taken = set(rivals.values_list("subject", "sequence"))
    for each in absent:
        if (each.entry.subject, each.entry.sequence) in taken:
            raise LogForked(
                f"The restored database went on by itself: {each.entry.subject} has another"
                f" entry {each.entry.sequence} than the custody log. Restore the database again"
                " and let the server start, which compares it with the log, before anything else."
            )
