"""What the custody log knows of a recording when nothing else does: a pure reading of its chain.

After the loss of the database the acts are still there, their particulars are not. So what can't be
known is taken for what keeps, hides or protects more: never for what deletes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fairwitness.custody.reading import Logged
from fairwitness.formats.acts import Act

ARRIVALS: Final = frozenset({Act.RECORDING_RECEIVED, Act.RECORDING_IMPORTED})
"""The entry of a recording's registration."""

TOLD_BY: Final = ARRIVALS | {
    Act.RECORDING_QUARANTINED,
    Act.RECORDING_RELEASED_FROM_QUARANTINE,
    Act.RECORDING_DISPOSED,
    Act.RECORDING_MARKED_EVIDENTIAL,
    Act.RECORDING_UNMARKED,
    Act.RECORDING_CATEGORISED,
    Act.HOLD_BOUND,
    Act.EVENT_MATCHED,
    Act.RECORDING_LOCKED,
    Act.RECORDING_UNLOCKED,
    Act.RECORDING_ACCESS_CLASS_CHANGED,
}
"""The acts from which a fate is read."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one recording, by the log alone.

    Attributes:
        registered: the entry of its registration; None when there is none.
        disposed: the entry that says that it was deleted; None when there is none.
        in_quarantine: it was put there, and neither let out, registered nor deleted since.
        let_in: people let it out of quarantine at some time.
        evidential: it was marked, and not un-marked since.
        kept: a person categorised it, a hold bound it or a record marked it, so that the default
            rule may not be its.
        locked: it was locked and not unlocked since.
        narrowed: its access class was changed, to one that we no longer know.
    """

    registered: Logged | None = None
    disposed: Logged | None = None
    in_quarantine: bool = False
    let_in: bool = False
    evidential: bool = False
    kept: bool = False
    locked: bool = False
    narrowed: bool = False

    @property
    def arrived(self) -> bool:
        """Whether it is one of the arrivals that the public figures count."""
        return self.registered is not None or self.in_quarantine or self.disposed is not None


def read(chain: Sequence[Logged]) -> Fate:
    """The fate that a chain tells.

    Args:
        chain: the recording's entries of the acts in `TOLD_BY`, oldest first; others are passed
            over.
    """
    last = {each.act: place for place, each in enumerate(chain)}
    first = {each.act: each for each in reversed(chain)}

    def since(begun: Act, *ended: Act) -> bool:
        """Whether the last `begun` stands after the last of each `ended`."""
        return begun in last and all(last.get(act, -1) < last[begun] for act in ended)

    return Fate(
        registered=next((each for each in chain if each.act in ARRIVALS), None),
        disposed=first.get(Act.RECORDING_DISPOSED),
        in_quarantine=since(
            Act.RECORDING_QUARANTINED,
            Act.RECORDING_RELEASED_FROM_QUARANTINE,
            Act.RECORDING_DISPOSED,
            *ARRIVALS,
        ),
        let_in=Act.RECORDING_RELEASED_FROM_QUARANTINE in last,
        evidential=since(Act.RECORDING_MARKED_EVIDENTIAL, Act.RECORDING_UNMARKED),
        kept=not last.keys().isdisjoint(
            {Act.RECORDING_CATEGORISED, Act.HOLD_BOUND, Act.EVENT_MATCHED}
        ),
        locked=since(Act.RECORDING_LOCKED, Act.RECORDING_UNLOCKED),
        narrowed=Act.RECORDING_ACCESS_CLASS_CHANGED in last,
    )
