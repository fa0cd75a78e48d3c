"""The largest checkpoints known of a log: what it must extend, for ever.

Kept twice: as the public file, and beside other things that a restore of the log's folder would
not bring back; and as witnesses cosigned it. Another memory, and the only one that an administrator
can't reach, are docks and witnesses themselves; what they have seen comes in as signed notes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fairwitness.custody import durable
from fairwitness.custody.files import CHECKPOINT, LogFiles
from fairwitness.errors import FairwitnessError
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import merkle
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.note import NoteVerifier


class LogForked(FairwitnessError):
    """The log does not extend what it, or a witness of it, once was; nothing is signed."""

    code = "log.forked"


def second_copy_of(log_dir: Path) -> Path:
    """Where the second copy lies unless it is given a better place: beside the log's folder."""
    return log_dir.with_name(f"{log_dir.name}-checkpoint")


@dataclass(frozen=True, slots=True)
class Memory:
    """Where this log's own checkpoints are kept, and whose they must be.

    Attributes:
        files: the log's public files.
        second: the second copy's path, on another disk where there is one.
        verifier: of the log's own key.
    """

    files: LogFiles
    second: Path
    verifier: NoteVerifier

    def known(self, witnessed: Iterable[bytes] = ()) -> list[Checkpoint]:
        """Every checkpoint that we know was signed, smallest first.

        Args:
            witnessed: signed notes that docks or witnesses hold.

        Raises:
            FormatError: if one of them is not this log's.
        """
        own = [self.files.checkpoint(), self.second_note()]
        notes = [*own, *self.files.cosigned(), *witnessed]
        opened = {
            checkpoints.open_checkpoint(each, verifier=self.verifier)
            for each in notes
            if each is not None
        }
        return sorted(opened, key=lambda each: each.size)

    def keep(self, note: bytes) -> None:
        """Make a checkpoint durable in our own copy first, then publish it, where it is not yet."""
        if self.second_note() != note:
            durable.sync_folders(durable.write(self.second, note))
        if self.files.checkpoint() != note:
            durable.sync_folders(durable.write(self.files.folder / CHECKPOINT, note))

    def second_note(self) -> bytes | None:
        """Our own second copy of the latest checkpoint; None before the first."""
        return self.second.read_bytes() if self.second.exists() else None


def demand_extends(known: Iterable[Checkpoint], *, size: int, files: LogFiles) -> None:
    """Demand that the tree of the files' first `size` leaves extends every known checkpoint.

    Raises:
        LogForked: saying which it does not.
    """
    for each in known:
        if each.size > size:
            raise LogForked(
                f"The custody log once had {each.size} entries and now has {size}. Nothing is"
                " signed until the missing ones are back: restore the newest copy of the log's"
                " folder and start again."
            )
        if merkle.root(each.size, files.tree(size).node) != each.root:
            raise LogForked(
                f"The first {each.size} entries of the custody log are no longer those that"
                " were signed. Nothing more is signed. Keep all files and the database as they"
                " are, and compare them with the copies that docks and witnesses hold."
            )
