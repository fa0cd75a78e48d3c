"""What was recorded by mistake and goes early, because whoever wore the camera asks for it.

On the first Monday of a month its wearer asks, an evidence manager decides, a second one agrees;
seven days later the sweep deletes it. At the end one request waits for its decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from fairwitness.config.seeding.plan import Planned
from fairwitness.evidence.models import Recording, State
from fairwitness.force import officers
from fairwitness.force.models import Officer
from fairwitness.retention import early_deletion

_ONE_IN: Final = 400
_WEEK: Final = 7
_STILL: Final = timedelta(days=10)
"""What goes by itself within these days, nobody asks for."""


@dataclass(slots=True)
class Regretting:
    """What nobody marks or keeps, since the last Monday, and one from before."""

    _free: list[tuple[Planned, UUID]] = field(default_factory=list)

    def note(self, planned: Sequence[Planned], ids: Sequence[UUID]) -> None:
        """What has just arrived."""
        self._free += [
            (each, pk)
            for each, pk in zip(planned, ids, strict=True)
            if each.worn.wearer and not (each.category or each.held or each.viewed)
        ]

    def work(self, at: datetime) -> None:
        """On a Monday: the week's mistakes, if it is the month's first."""
        free, self._free = self._free, self._free[-1:]
        if at.day > _WEEK:
            return
        manager, second = officers.named("4101"), officers.named("4102")
        for pk, wearer in _still(free[::_ONE_IN], at):
            asked = early_deletion.ask(
                recording=pk,
                for_person=False,
                reason="filmed in a police station's locker room by mistake",
                officer=wearer,
                at=at,
            )
            early_deletion.decide(
                asked=asked,
                agreed=True,
                reason="no police purpose",
                officer=manager,
                at=at + timedelta(hours=2),
            )
            asked.refresh_from_db()
            early_deletion.agree(asked=asked, officer=second, at=at + timedelta(hours=4))

    def finish(self, at: datetime) -> None:
        """One of the last waits for its decision."""
        for pk, wearer in _still(self._free[-1:], at):
            early_deletion.ask(
                recording=pk,
                for_person=True,
                reason="a private home was filmed after the call had ended",
                officer=wearer,
                at=at,
            )


def _still(some: Sequence[tuple[Planned, UUID]], at: datetime) -> list[tuple[UUID, Officer]]:
    """Those that are there for a while yet, each with who wore the camera."""
    there = Recording.objects.filter(
        pk__in=[pk for _, pk in some], state=State.LIVE, gone_by__gt=at + _STILL
    )
    living = set(there.values_list("pk", flat=True))
    return [
        (pk, each.worn.wearer) for each, pk in some if pk in living and each.worn.wearer is not None
    ]
