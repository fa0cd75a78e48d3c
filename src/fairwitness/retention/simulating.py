"""A category's new period played through: what would go sooner, what later, and what comes next.

It asks `rules.decide` twice about every activation with the category, under the period as it is and
as it would be. So it says what a change does, holds and other categories included, and no more.
What only a silent hold keeps is counted as if it were not held, as in the force's figures: whoever
tries a rule may have worn the camera. Over a whole force it takes minutes; `trials` has a sweeper
do it where a page can't wait.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from heapq import nsmallest
from uuid import UUID

from fairwitness.evidence.models import Recording, State
from fairwitness.formats import timestamp
from fairwitness.retention import categories, dates, gathering, rules
from fairwitness.retention.categories import CategoryFacts
from fairwitness.retention.gathering import Activation
from fairwitness.retention.models import CategoryMark
from fairwitness.retention.rules import Policy

BATCH = 100
NEAREST = 10
"""So many of those whose day would come nearer are named, the soonest first."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """A recording whose day would come nearer.

    Attributes:
        recording: its id.
        reference: its number.
        was: the day it goes now, in ISO form; empty while a person has to let it go first.
        would: the day it would go.
    """

    recording: str
    reference: str
    was: str
    would: str


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a change would do if it took effect now.

    Attributes:
        affected: recordings with the category.
        nearer: those whose day would come nearer.
        due_at_once: those that would have only the seven days after a human act.
        oldest: when the oldest of these ended, in ISO form; empty when there are none.
        later: those whose day would move away, or that would have none any more.
        kept: those that are kept without a day before and after: held, evidential, locked.
        by_category: `[nearer, later]` by the category that lists show for them.
        nearest: some of those whose day would come nearer, the soonest first.
    """

    affected: int
    nearer: int
    due_at_once: int
    oldest: str
    later: int = 0
    kept: int = 0
    by_category: dict[str, list[int]] = field(default_factory=dict)
    nearest: tuple[Nearest, ...] = ()

    def to_json(self) -> dict[str, object]:
        """As a row keeps it."""
        return asdict(self) | {"nearest": [asdict(each) for each in self.nearest]}


def from_json(kept: dict[str, object]) -> Simulation:
    """A simulation as a row kept it, also one of an earlier edition that says less."""
    said = dict(kept)
    nearest = said.pop("nearest", [])
    lines = nearest if isinstance(nearest, list) else []
    return Simulation(**said, nearest=tuple(Nearest(**line) for line in lines))  # type: ignore[arg-type]  # JSON of our own row, by the names of the fields


def simulate(*, code: str, days: int | None, at: datetime) -> Simulation:
    """Play a change through, changing nothing."""
    before = categories.policy()
    after = policy_after(code, days)
    affected = nearer = at_once = later = kept = 0
    oldest: datetime | None = None
    by_category: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    nearest: list[tuple[str, str, Nearest]] = []
    for each in _activations(code):
        seen = rules.as_the_wearer_sees(each.facts)
        old = dates.gone_by(rules.decide(seen, before, at))
        new = dates.gone_by(rules.decide(seen, after, at))
        count = len(each.parts)
        affected += count
        if old == new:
            kept += count if old is None else 0
            continue
        sooner = new is not None and (old is None or new < old)
        by_category[each.parts[0].category or code][0 if sooner else 1] += count
        if new is None or not sooner:
            later += count
            continue
        nearer += count
        would = max(new, at + after.grace)
        at_once += count if would == at + after.grace else 0
        start = rules.dates_of(seen, after).clock_started_at
        oldest = start if oldest is None else min(oldest, start)
        nearest = nsmallest(NEAREST, nearest + _named(each, old, would))
    return Simulation(
        affected,
        nearer,
        at_once,
        oldest.isoformat() if oldest else "",
        later,
        kept,
        dict(sorted(by_category.items())),
        tuple(line for _would, _pk, line in nearest),
    )


def marked_with(code: str) -> list[UUID]:
    """Every living recording with a category."""
    return list(
        CategoryMark.objects.filter(code=code, recording__state=State.LIVE)
        .order_by("recording_id")
        .values_list("recording_id", flat=True)
    )


def batches(code: str) -> Iterator[list[UUID]]:
    """The same in lists that one transaction can change."""
    marked = marked_with(code)
    for start in range(0, len(marked), BATCH):
        yield marked[start : start + BATCH]


def policy_after(code: str, days: int | None) -> Policy:
    """The lengths of time as they would be."""
    table = dict(categories.current())
    line = table.get(code)
    table[code] = CategoryFacts(
        code=code,
        name=line.name if line else code,
        days=days,
        review_days=line.review_days if line else None,
        group=line.group if line else "none",
        trigger=line.trigger if line else "",
        source=line.source if line else "",
        checked=True,
    )
    return categories.policy_of(table)


def _activations(code: str) -> Iterator[Activation]:
    for batch in batches(code):
        yield from gathering.gather(list(Recording.objects.filter(pk__in=batch)))


def _named(
    each: Activation, old: datetime | None, would: datetime
) -> list[tuple[str, str, Nearest]]:
    was, day = (timestamp.text(old) if old else ""), timestamp.text(would)
    return [
        (day, str(part.pk), Nearest(str(part.pk), part.reference, was, day)) for part in each.parts
    ]
