"""Derives the whole log anew from its rows, and compares it with everything that was written.

The checks, by number, as they stand in findings:

1. the database refuses to change the log: the triggers are there;
2. leaves have the indices 0, 1, 2 ... without gaps, and each has its entry and its body row;
3. an entry's columns are those of its canonical bytes;
4. an entry and its salt give its leaf, and the leaf gives the leaf hash;
5. a body is the one whose digest the entry holds; one that is gone was erased by an entry that
   says so, or was lost in a restore whose gap two officers have closed;
6. each subject's entries are numbered from 1 without gaps, and each names the one before;
7. tiles and entry bundles on disk are those that the rows give;
8. sealed entries on disk open, and are those of the rows;
9. both copies of the checkpoint are signed by the log's key, and state the tree of the rows;
10. every checkpoint that a witness holds is one of this log's trees, past or present.

Memory is bounded whatever the size: rows are read 256 at a time, and of the tree only its right
edge is kept. An audit may run beside the integrator: files are compared up to the checkpoint that
stood when it began.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from django.db import connection

from fairwitness.custody import leaf_checks, rows, triggers
from fairwitness.custody.chains import chain_findings
from fairwitness.custody.edge import Edge
from fairwitness.custody.files import LogFileMissing, LogFiles
from fairwitness.custody.findings import Finding
from fairwitness.custody.leaf_checks import Erasures, LeafFacts
from fairwitness.custody.memory import Memory, second_copy_of
from fairwitness.custody.sealed import SealedEntry, Sealing
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import tile
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.errors import FormatError
from fairwitness.formats.merkle import HASH_SIZE
from fairwitness.formats.note import NoteVerifier
from fairwitness.formats.tile import WIDTH, Tile

Progress: TypeAlias = Callable[[int, int], None]
"""Called with how many leaves are done, and of how many."""

_OURS: Final = 9
_WITNESSED: Final = 10
_UNKNOWN_HASH: Final = bytes(HASH_SIZE)


@dataclass(frozen=True, slots=True)
class LogOnDisk:
    """One log's files, and how to read them.

    Attributes:
        memory: its checkpoints.
        sealing: its sealed entries.
    """

    memory: Memory
    sealing: Sealing

    @classmethod
    def at(
        cls,
        log_dir: Path,
        *,
        verifier: NoteVerifier,
        sealing_key: bytes,
        second_copy: Path | None = None,
    ) -> "LogOnDisk":
        """The log in this folder; the arguments are those that its `Integrator` is given."""
        second = second_copy or second_copy_of(log_dir)
        memory = Memory(LogFiles(log_dir), second, verifier)
        return cls(memory, Sealing(sealing_key, verifier.name))


@dataclass(frozen=True, slots=True)
class _Known:
    """A checkpoint that someone holds, and by which check it is looked at."""

    check: int
    checkpoint: Checkpoint


def audit(
    log: LogOnDisk, *, witnessed: Sequence[bytes] = (), progress: Progress | None = None
) -> Iterator[Finding]:
    """Go through the whole log and yield what is not as it must be; nothing if all is sound.

    Args:
        log: the files to compare the rows with.
        witnessed: checkpoints that docks and witnesses hold, as signed notes.
        progress: called after every 256 leaves.
    """
    for name in sorted(set(triggers.names(connection.vendor)) - set(triggers.present())):
        yield Finding(1, "custody.trigger_missing", f"The trigger {name} is gone.")
    known = yield from _known(log.memory, witnessed)
    yield from _leaves(log, known, progress or (lambda _done, _of: None))
    yield from chain_findings()


def _known(memory: Memory, witnessed: Sequence[bytes]) -> Generator[Finding, None, list[_Known]]:
    known: list[_Known] = []
    own = (memory.files.checkpoint(), memory.second_note())
    if not witnessed and own == (None, None) and not rows.count():
        return known  # nothing was ever integrated
    for check, data in [*((_OURS, each) for each in own), *((_WITNESSED, w) for w in witnessed)]:
        if data is None:
            yield Finding(check, "custody.checkpoint_missing", "A copy of the checkpoint is gone.")
            continue
        try:
            opened = checkpoints.open_checkpoint(data, verifier=memory.verifier)
        except FormatError as error:
            yield Finding(check, "custody.checkpoint_invalid", error.message)
        else:
            known.append(_Known(check, opened))
    return known


def _leaves(log: LogOnDisk, known: Sequence[_Known], progress: Progress) -> Iterator[Finding]:
    """Go through the leaves once, bundle by bundle, growing the tree beside them."""
    erasures = Erasures.read()
    files = log.memory.files
    signed = max((each.checkpoint.size for each in known if each.check == _OURS), default=0)
    total = max(rows.count(), signed)
    edge = Edge()
    yield from _roots(edge, known)
    for start in range(0, total, WIDTH):
        stop = min(start + WIDTH, total)
        facts = leaf_checks.read(start, stop)
        for index in range(start, stop):
            yield from leaf_checks.check(index, facts.get(index), erasures)
        covered = min(stop, signed)
        if covered > start:
            yield from _bundle(log, start, covered, facts)
        for index in range(start, covered):
            for wanted, hashes in edge.add(_hash(index, facts, files, signed)):
                yield from _tile(files, wanted, hashes)
            yield from _roots(edge, known)
        progress(stop, total)
    for wanted, hashes in edge.partial():
        yield from _tile(files, wanted, hashes)
    for each in known:
        if each.checkpoint.size > edge.size:
            text = f"A checkpoint was signed over {each.checkpoint.size} entries, not {edge.size}."
            yield Finding(each.check, "custody.log_shorter", text)


def _hash(index: int, facts: dict[int, LeafFacts], files: LogFiles, size: int) -> bytes:
    """The leaf's hash by its row; where the row is gone, by its tile, to go on."""
    if index in facts:
        return facts[index].leaf_hash
    try:
        return files.tree(size).node(0, index)
    except (LogFileMissing, FormatError):
        return _UNKNOWN_HASH


def _roots(edge: Edge, known: Sequence[_Known]) -> Iterator[Finding]:
    """Compare the root with every checkpoint of just this size."""
    due = [each for each in known if each.checkpoint.size == edge.size]
    if due:
        root = edge.root()
        for each in due:
            if each.checkpoint.root != root:
                text = f"The first {edge.size} entries are not those that were signed."
                yield Finding(each.check, "custody.root_wrong", text)


def _tile(files: LogFiles, wanted: Tile, hashes: Sequence[bytes]) -> Iterator[Finding]:
    try:
        good = files.tile(wanted) == tile.encode_tile(hashes)
    except (LogFileMissing, FormatError):
        good = False
    if not good:
        text = f"The log's file {wanted.path} is missing or not what the rows give."
        yield Finding(7, "custody.tile_wrong", text)


def _bundle(
    log: LogOnDisk, start: int, stop: int, facts: dict[int, LeafFacts]
) -> Iterator[Finding]:
    """Compare the leaves and the sealed entries of one bundle with the rows, where there are."""
    index, width = start // WIDTH, stop - start
    present = [each for each in range(start, stop) if each in facts]
    leaves: list[bytes] = []
    entries: list[SealedEntry] = []
    files = log.memory.files
    try:
        leaves = tile.parse_entries(files.tile(Tile(None, index, width)), width=width)
    except (LogFileMissing, FormatError) as error:
        yield Finding(7, "custody.tile_wrong", error.message, start)
    try:
        entries = files.entries(index, width, log.sealing)
    except (LogFileMissing, FormatError) as error:
        yield Finding(8, "custody.sealed_wrong", error.message, start)
    for each in present:
        if leaves and leaves[each - start] != bytes(facts[each].entry.leaf):
            text = f"The public leaf {each} is not that of its row."
            yield Finding(7, "custody.tile_wrong", text, each)
        if entries and entries[each - start] != _as_sealed(facts[each]):
            text = f"The sealed entry {each} is not that of its row."
            yield Finding(8, "custody.sealed_wrong", text, each)


def _as_sealed(facts: LeafFacts) -> SealedEntry:
    return SealedEntry(bytes(facts.entry.canonical), facts.salt)
