"""What a dock erased goes into the server's log: begun in the journal, done, told.

Rules:

1. An erasure is noted as begun before anything is removed, so that a cut between the removal and
   its note loses no erasure: what was begun and is gone at the next look was erased.
2. It counts as told once the server has answered for it; until then it is told again at each look.
3. Nothing here removes anything, and no footage waits for it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from fairwitness.dock.journal import Journal
from fairwitness.dock.offload import State
from fairwitness.dock.sending import ServerAway
from fairwitness.errors import FairwitnessError
from fairwitness.formats import erasures, timestamp
from fairwitness.formats.erasures import Erased, Erasures

_FORGET: Final = "DELETE FROM erasure WHERE camera = ? AND name = ? AND NOT done"
_DONE: Final = "UPDATE erasure SET done = 1 WHERE camera = ? AND name = ? AND NOT done"


class Noting(Protocol):
    """The server, as far as erasures are concerned."""

    def note_erasures(self, told: Erasures) -> int:
        """Have erasures written down; gives how many recordings it does not know."""


def begin(*, journal: Journal, camera: str, name: str, recording: UUID, at: datetime) -> None:
    """Note that a recording is about to be removed."""
    with journal.transaction() as database:
        database.execute(_FORGET, (camera, name))
        database.execute(
            "INSERT INTO erasure (camera, name, recording, at) VALUES (?, ?, ?, ?)",
            (camera, name, str(recording), timestamp.text(at)),
        )


def give_up(*, journal: Journal, camera: str, name: str) -> None:
    """Note that what was begun is not to be: it is still there, and stays."""
    with journal.transaction() as database:
        database.execute(_FORGET, (camera, name))


def end(*, journal: Journal, camera: str, name: str, at: datetime) -> None:
    """Note that a recording was removed."""
    with journal.transaction() as database:
        database.execute(_DONE, (camera, name))
        database.execute(
            "UPDATE recording SET state = ?, changed_at = ? WHERE camera = ? AND name = ?",
            (State.ERASED, timestamp.text(at), camera, name),
        )


def settle(*, journal: Journal, camera: str, there: Collection[str], at: datetime) -> None:
    """Count what was begun and is not there any more as erased.

    Args:
        journal: of the dock.
        camera: the camera or volume that is looked at.
        there: names of everything that lies on it.
        at: now.
    """
    with journal.reading() as database:
        rows = database.execute(
            "SELECT name FROM erasure WHERE camera = ? AND NOT done", (camera,)
        ).fetchall()
    for (name,) in rows:
        if name not in there:
            end(journal=journal, camera=camera, name=name, at=at)


def untold(journal: Journal) -> Mapping[int, Erased]:
    """The first erasures that the server has not answered for, by their number here."""
    with journal.reading() as database:
        rows = database.execute(
            "SELECT number, recording, at FROM erasure WHERE done AND NOT told"
            " ORDER BY number LIMIT ?",
            (erasures.MOST,),
        ).fetchall()
    return {
        number: Erased(recording=UUID(recording), erased_at=timestamp.parse(at))
        for number, recording, at in rows
    }


def tell(*, server: Noting, journal: Journal, said: Callable[[str], None]) -> bool:
    """Tell the server what was erased and not told yet, by any bay of this dock.

    Returns:
        Whether there is nothing that another try would tell.
    """
    try:
        while waiting := untold(journal):
            if unknown := server.note_erasures(Erasures(erased=tuple(waiting.values()))):
                said(f"The server does not know {unknown} of the recordings erased here.")
            _note_told(journal, waiting)
    except FairwitnessError as error:
        said(f"What was erased could not be told to the server: {error.message}")
        return not isinstance(error, ServerAway)
    return True


def _note_told(journal: Journal, numbers: Iterable[int]) -> None:
    with journal.transaction() as database:
        database.executemany(
            "UPDATE erasure SET told = 1 WHERE number = ?", [(one,) for one in numbers]
        )
