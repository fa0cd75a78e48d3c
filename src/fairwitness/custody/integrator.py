"""Turns entries into the public log: places in the tree, tiles, sealed entries, a checkpoint.

Rules of this module, in the order in which a step keeps them:

1. One integrator at a time, elected by a lock.
2. Before anything else, once: rows, files and every known checkpoint are compared (`recovery`).
3. Entries get their places in a committed transaction. A place is never given twice.
4. While a dock or witness says that it has seen another log (`gaps`), nothing is signed.
5. Tiles, entry bundles and sealed entries are written, synced, renamed, and their folders synced.
   They follow from the rows alone, so that a step cut short is done again with the same result.
6. The new tree is computed before a byte is written, and must have the old one as its beginning.
7. Only then is the checkpoint signed; our own second copy is durable before it is published.

A step cut between any two of these leaves a log that the next step completes.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from django.db import DatabaseError, InterfaceError, connection

from fairwitness.custody import erasure, gaps, growth, recovery, rows, waking
from fairwitness.custody.election import Election, NotElected
from fairwitness.custody.files import LogFiles
from fairwitness.custody.memory import LogForked, Memory, second_copy_of
from fairwitness.custody.sealed import Sealing
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import merkle
from fairwitness.formats.checkpoint import Checkpoint
from fairwitness.formats.note import NoteSigner

POLL_SECONDS: Final = 0.5
_PAUSE_SECONDS: Final = 0.1  # between steps, so that a busy log is integrated in batches
_RETRY_SECONDS: Final = 1.0

_LOG: Final = logging.getLogger(__name__)


class LogDisputed(LogForked):
    """A dock or witness has seen another log; nothing is signed until two officers have looked."""

    code = "log.disputed"


class Integrator:
    """The one writer of a log's tree. Used by one thread; a context manager that resigns.

    Attributes:
        files: the log's files, which any thread may read.
        sealing: how entries are sealed beside the tiles.
    """

    def __init__(
        self,
        log_dir: Path,
        *,
        signer: NoteSigner,
        sealing_key: bytes,
        clock: Callable[[], datetime],
        second_copy: Path | None = None,
        witnessed: Callable[[], Sequence[bytes]] = tuple,
    ) -> None:
        """Promises nothing yet; touches nothing.

        Args:
            log_dir: the log's folder, on a local disk.
            signer: the log's key; its name is the origin.
            sealing_key: 32 bytes; see `keys.sealing_key`.
            clock: gives the time of entries that the integrator itself writes.
            second_copy: our own memory of the largest checkpoint, better on another disk; by
                default a file beside the folder.
            witnessed: asks outside witnesses, briefly, for the checkpoints that they remember.
        """
        self.files = LogFiles(log_dir)
        self._signer = signer
        self.sealing = Sealing(sealing_key, signer.name)
        self._clock = clock
        self._witnessed = witnessed
        self._stopped = False
        second = second_copy or second_copy_of(log_dir)
        self._memory = Memory(self.files, second, signer.verifier)
        self._election = Election(log_dir)
        self._indexer = rows.Indexer()
        self._tip: Checkpoint | None = None

    def recover(self, witnessed: Iterable[bytes] = ()) -> recovery.Recovery:
        """Compare rows, files and checkpoints, mend what can be, and refuse what can't.

        Every start does this before anything is appended; `step` does it if nobody did.

        Args:
            witnessed: more checkpoints that docks and witnesses hold, as signed notes.

        Returns:
            What was found and mended.

        Raises:
            NotElected: if another process integrates.
            LogForked: if the log does not extend what was signed once.
            LogFileMissing: if entries that were signed are in no file and no row.
        """
        self._election.demand()
        found, self._tip = recovery.recover(
            memory=self._memory,
            sealing=self.sealing,
            witnessed=(*self._witnessed(), *witnessed),
            at=self._clock(),
        )
        if self._tip is not None:
            self._publish(self._tip)  # a start after a crash, or a witness, may know more than we
        return found

    def step(self) -> Checkpoint:
        """Integrate what has been committed by now.

        Returns:
            The latest checkpoint, published.

        Raises:
            NotElected, LogForked, LogFileMissing: as `recover`.
            LogDisputed: if there is something to sign, and a dock or witness has seen another log.
        """
        fresh = self._election.demand()
        if fresh or self._tip is None or rows.count() < self._tip.size:
            self.recover()  # the last: somebody restored a database under a running server
        tip = self._tip
        if tip is None:
            tip = self._publish(Checkpoint(self._signer.name, 0, merkle.EMPTY_ROOT))
        self._indexer.index()
        count = rows.count()
        if tip.size < count and gaps.disputed():
            raise LogDisputed(
                "A dock or witness has seen another custody log than this. Nothing is signed until"
                " two people have said what it is: see `fairwitness gap show`."
            )
        while tip.size < count:
            tip = self._grow(tip, min(count, growth.first_row(tip.size) + growth.CHUNK))
        return tip

    def run(self, stop: threading.Event) -> None:
        """Step whenever there is something to integrate, until `stop` is set.

        Waits while another process is elected, and through a lost database or a full disk.

        Raises:
            LogForked, LogFileMissing: when the log can't go on; someone has to look.
        """
        wake = threading.Event()
        waking.listen(wake)
        try:
            while not stop.is_set():
                pause = self._try_step()
                stop.wait(pause)
                if pause == _PAUSE_SECONDS:
                    wake.wait(POLL_SECONDS - _PAUSE_SECONDS)
                wake.clear()
        finally:
            self.close()
            connection.close()

    def close(self) -> None:
        """Let another be elected."""
        self._tip = None
        self._election.resign()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _try_step(self) -> float:
        try:
            self.step()
        except NotElected:
            self._tip = None
            return _RETRY_SECONDS
        except LogDisputed as disputed:
            if not self._stopped:
                _LOG.critical(disputed.message)
            self._stopped = True
            return _RETRY_SECONDS
        except (DatabaseError, InterfaceError, OSError):
            _LOG.warning("The custody log waits for its database or disk.", exc_info=True)
            self._tip = None
            connection.close()
            return _RETRY_SECONDS
        self._stopped = False
        return _PAUSE_SECONDS

    def _grow(self, tip: Checkpoint, stop: int) -> Checkpoint:
        start = growth.first_row(tip.size)
        wanted = rows.between(start, stop)
        if len(wanted) != stop - start:
            raise LogForked(
                f"Rows of the custody log between entries {start} and {stop} are gone. Nothing"
                " is signed; run the audit."
            )
        grown = growth.grow(old_size=tip.size, rows=wanted, files=self.files, sealing=self.sealing)
        if grown.old_root != tip.root:
            raise LogForked(
                f"The last of the {tip.size} entries that the custody log signed are no longer"
                " the same in the database. Nothing more is signed; run the audit."
            )
        self.files.write(grown.files)
        published = self._publish(grown.checkpoint)
        erasure.scrub_erased_by(wanted, files=self.files, sealing=self.sealing)
        self.files.tidy(tip.size, published.size)
        return published

    def _publish(self, checkpoint: Checkpoint) -> Checkpoint:
        if self._election.demand():
            raise NotElected("The election was lost in the middle of a step; it is done again.")
        self._memory.keep(checkpoints.sign(checkpoint, signer=self._signer))
        self._tip = checkpoint
        return checkpoint
