"""What every start does before the log goes on: compare, mend, or refuse.

Four things tell how long the log was: rows, files, our own checkpoints (kept twice), and the
checkpoints that docks and witnesses hold. After a power cut rows may be ahead of files, and files
of checkpoints: that is mended from the rows. After a restore of the database, rows are behind:
leaves and entries come back from the sealed files, a gap is written into the log, and disposal
stays off until two officers have closed it (`gaps`). If rows and files can't be made to extend
every checkpoint that we know of, nothing is signed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from fairwitness.custody import erasure, gaps, growth, ledger, reimport, rows
from fairwitness.custody.files import LogFileMissing, LogFiles
from fairwitness.custody.memory import LogForked, Memory, demand_extends
from fairwitness.custody.sealed import Sealing
from fairwitness.errors import FairwitnessError
from fairwitness.formats import tile
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.custody import Act
from fairwitness.formats.tile import Tile

ACTOR: Final = "system:integrator"


class LogBehind(FairwitnessError):
    """The database is older than the custody log, and nobody has mended that yet."""

    code = "log.behind"


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a start found and mended.

    Attributes:
        rows: leaves in the database before anything was mended.
        log: leaves of the largest tree known.
        reimported: leaves that came back from the sealed files.
        bodies_lost: bodies among them that are gone with the database.
        rewritten_from: the first leaf whose files were made anew; equals `log` if none were.
    """

    rows: int
    log: int
    reimported: int
    bodies_lost: int
    rewritten_from: int


def recover(
    *, memory: Memory, sealing: Sealing, witnessed: Sequence[bytes], at: datetime
) -> tuple[Recovery, Checkpoint | None]:
    """Make rows and files one again, and as long as the largest tree known.

    Returns:
        What was found, and the largest checkpoint known, if there is any.

    Raises:
        LogForked: if the log can't extend a checkpoint that we know of.
        LogFileMissing: if signed entries are in no row and no file.
        FormatError: if a sealed file was changed, or a checkpoint is not this log's.
    """
    files = memory.files
    files.drop_temporaries()
    known = memory.known(witnessed)
    tip = known[-1] if known else None
    signed = tip.size if tip else 0
    before = rows.count()
    _demand_same(files, min(before, files.sealed_size()))
    back = reimport.Reimported(0, 0)
    if before < max(signed, files.sealed_size()):
        back = _bring_back(files, sealing, before=before, signed=signed, at=at)
    count = rows.count()
    if count < signed:
        demand_extends(known, size=count, files=files)
    files.cut(count)
    covered = files.first_missing(signed)
    _write_up_to(signed, covered=covered, files=files, sealing=sealing)
    demand_extends(known, size=signed, files=files)
    if back.leaves or covered < signed:  # something of the log is older than it was
        erasure.scrub_all(files=files, sealing=sealing)
    else:  # what the last step before a crash left to do
        last = rows.between(max(0, growth.first_row(signed) - growth.CHUNK), signed)
        erasure.scrub_erased_by(last, files=files, sealing=sealing)
    return Recovery(before, signed, back.leaves, back.bodies_lost, covered), tip


def _bring_back(
    files: LogFiles, sealing: Sealing, *, before: int, signed: int, at: datetime
) -> reimport.Reimported:
    """Re-import what the database has forgotten; the gap commits with it."""
    with transaction.atomic():
        back = reimport.reimport(start=before, signed=signed, files=files, sealing=sealing)
        if back.leaves:
            erasure.erase_again(size=before, files=files, sealing=sealing)
            ledger.append(
                subject=gaps.SUBJECT,
                act=Act.LOG_GAP_FOUND,
                actor=ACTOR,
                at=at,
                reason="The database was behind the custody log: an older copy was restored.",
                detail={
                    gaps.FIRST: before,
                    gaps.SIZE: before + back.leaves,
                    "bodies_lost": back.bodies_lost,
                },
            )
    return back


def _demand_same(files: LogFiles, size: int) -> None:
    """Demand that the last full tile's worth of common leaves is the same in rows and files."""
    if not size:
        return
    start = growth.first_row(size - 1)
    wanted = Tile(0, start // tile.WIDTH, size - start)
    try:
        hashes = tile.parse_tile(files.tile(wanted), width=wanted.width)
    except LogFileMissing:
        return  # made anew from the rows, and then compared with what was signed
    if [each.leaf_hash for each in rows.between(start, size)] != hashes:
        raise LogForked(
            f"Entries {start} to {size} of the custody log differ between the database and the"
            " log's files: they are not of one history. Nothing is signed. Restore a database"
            " that belongs to these files, and let the server start before anything else does."
        )


def _write_up_to(size: int, *, covered: int, files: LogFiles, sealing: Sealing) -> None:
    """Make the files from `covered` on anew, from the rows."""
    while covered < size:
        start = growth.first_row(covered)
        stop = min(size, start + growth.CHUNK)
        wanted = rows.between(start, stop)
        if len(wanted) != stop - start:
            raise LogForked(f"Rows of the custody log between {start} and {stop} are gone.")
        grown = growth.grow(old_size=covered, rows=wanted, files=files, sealing=sealing)
        files.write(grown.files)
        covered = stop


def demand_not_behind(memory: Memory) -> None:
    """Demand that the database has all that the log's own checkpoints cover; two quick looks.

    For every process that writes or disposes without integrating: after a restore, the server has
    to start first and bring back what the database forgot.

    Raises:
        LogBehind: if the database is older than the log.
    """
    signed = max((each.size for each in memory.known()), default=0)
    have = rows.count()
    if have < signed:
        raise LogBehind(
            f"The database knows {have} entries of the custody log, which has {signed}: an older"
            " copy was restored. Start the server first: it brings back the entries, and two"
            " officers then close the gap."
        )
