"""What a dock demands of the server at sign-in: that its log only grew, and that clocks agree."""

from datetime import timedelta

from fairwitness.dock.identity import Dock
from fairwitness.dock.journal import Journal
from fairwitness.dock.server import Greeting, Server
from fairwitness.errors import FairwitnessError
from fairwitness.formats import merkle
from fairwitness.formats.checkpoint import Checkpoint, open_checkpoint, parse_text
from fairwitness.formats.errors import FormatError

CLOCKS_DIFFER = timedelta(minutes=1)
"""Beyond this the dock's clock is wrong: days of deletion rest on when a camera was docked."""


class ClockWrong(FairwitnessError):
    """The dock's clock is not the server's."""

    code = "dock.clock_wrong"


class LogChanged(FairwitnessError):
    """The server's log does not extend the one that this dock saw."""

    code = "dock.log_changed"


def greet(server: Server, greeting: Greeting, *, dock: Dock, journal: Journal) -> None:
    """Believe a server that signs this dock in, or say why not; nothing is erased then.

    Raises:
        ClockWrong: the clocks are more than a minute apart.
        LogChanged: the checkpoint is not the log's, or does not extend the last one seen here.
        ServerRefused: `log.no_such_tree`, the server never had the log that this dock saw.
        DockNotSetUp: the dock does not know the server's keys.
    """
    low, high = (timedelta(microseconds=one) for one in greeting.off_us)
    if high < -CLOCKS_DIFFER or low > CLOCKS_DIFFER:
        off = min(abs(low), abs(high))
        word = "ahead of" if low > timedelta() else "behind"
        raise ClockWrong(
            f"This dock's clock is {round(off.total_seconds())} seconds {word} the server's. Set"
            " it right: until then nothing is taken from cameras, and no camera's clock is set."
        )
    if not greeting.checkpoint:
        if journal.checkpoint() is not None:
            raise LogChanged(
                "The server says that its log has not begun, but this dock saw it. Tell the"
                " auditor; nothing is erased."
            )
        return
    try:
        now = open_checkpoint(greeting.checkpoint.encode(), verifier=dock.trust().log.verifier)
    except FormatError as error:
        raise LogChanged(
            "The server's log is not signed by the key that this dock was given: one of them is"
            f" another force's. Bring the right trust.json. Nothing is erased. ({error.message})",
            code="dock.log_unknown",
        ) from error
    try:
        while not _followed(server, journal, now):
            pass  # another bay saw more of the log meanwhile
    except FormatError as error:
        raise LogChanged(
            "The server's log is not the one that this dock saw, only longer: history may have"
            f" been changed. Tell the auditor; nothing is erased. ({error.message})"
        ) from error


def _followed(server: Server, journal: Journal, now: Checkpoint) -> bool:
    """Check one checkpoint against the largest seen, and keep it; False when that one moved."""
    seen = journal.checkpoint()
    if seen is not None:
        _demand_one_log(server, *sorted((parse_text(seen[1]), now), key=lambda one: one.size))
    with journal.witnessing:
        if journal.checkpoint() != seen:
            return False
        journal.follow(size=now.size, checkpoint=now.text())
    return True


def _demand_one_log(server: Server, old: Checkpoint, new: Checkpoint) -> None:
    if old.size == 0:
        return
    same = old.size == new.size
    merkle.verify_consistency(
        old_size=old.size,
        new_size=new.size,
        old_root=old.root,
        new_root=new.root,
        proof=[] if same else server.consistency(old=old.size, new=new.size),
    )
