"""Numbers of a camera's counter that never arrived, as docks name them.

A camera numbers its recordings without ever going back. A dock that finds a number neither on the
camera nor among those it saw before says so in its docking; here it is kept, once for each number.
One that arrives after all (through another dock, say) is simply there: nothing has to be undone,
whoever counts leaves out the numbers that have a recording. A supervisor may say why a number never
came; it stays counted, for a reason brings no footage back.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import Recording
from fairwitness.force import authority, issue
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Camera, Officer
from fairwitness.formats.acts import Act
from fairwitness.ingest.models import CounterGap

_CHUNK: Final = 500
_LONGEST: Final = 300
_TOLD: Final = 1000  # numbers that one entry lists; it says how many there are in all


class ExplanationInvalid(FairwitnessError):
    """An explanation without words, too long, or of numbers that nobody misses."""

    code = "camera.gap_explanation"


def note(*, camera: Camera, missing: Sequence[int], actor: str, at: datetime) -> int:
    """Keep the numbers that a dock names as missing; returns how many are news.

    Runs in the caller's transaction, which writes the entry too.

    Args:
        camera: whose counter.
        missing: the numbers.
        actor: who says so, as custody names it.
        at: now.
    """
    fresh: list[int] = []
    for start in range(0, len(missing), _CHUNK):
        some = missing[start : start + _CHUNK]
        known = set(
            CounterGap.objects.filter(camera=camera, counter__in=some).values_list(
                "counter", flat=True
            )
        )
        arrived = Recording.objects.filter(camera=camera, counter__in=some)
        known |= {number for number in arrived.values_list("counter", flat=True) if number}
        fresh += [number for number in some if number not in known]
    if not fresh:
        return 0
    CounterGap.objects.bulk_create(
        [CounterGap(camera=camera, counter=number, named_at=at) for number in fresh],
        batch_size=_CHUNK,
        ignore_conflicts=True,
    )
    ledger.append(
        subject=f"camera:{camera.pk}",
        act=Act.CAMERA_COUNTER_GAP_FOUND,
        actor=actor,
        at=at,
        detail={"count": len(fresh), "counters": [str(number) for number in fresh[:_TOLD]]},
    )
    return len(fresh)


def open_gaps() -> QuerySet[CounterGap]:
    """The numbers that were named as missing and of which no recording has come since."""
    arrived = Recording.objects.filter(camera=OuterRef("camera"), counter=OuterRef("counter"))
    return CounterGap.objects.filter(~Exists(arrived))


def unexplained() -> QuerySet[CounterGap]:
    """The open ones of which nobody has said why."""
    return open_gaps().filter(explained_at__isnull=True)


def explain(
    *, camera: Camera, counters: Sequence[int], reason: str, officer: Officer, at: datetime
) -> int:
    """Say why numbers of a camera's counter never came; returns how many that were.

    Raises:
        ExplanationInvalid: no reason, too long a one, or none of the numbers waits for one.
        NotAllowed: not the role, or one had the camera oneself when a number was missed.
    """
    reason = reason.strip()
    if not reason or len(reason) > _LONGEST:
        raise ExplanationInvalid(f"Say why they never came, in up to {_LONGEST} letters.")
    about = f"camera:{camera.pk}"
    waiting = list(unexplained().filter(camera=camera, counter__in=counters).order_by("counter"))
    wearers = {issue.wearer_at(camera=camera, at=gap.named_at) for gap in waiting} or {None}
    unit = camera.unit.code if camera.unit else None
    authority.demand_all(
        actor=officer,
        action=Action.EXPLAIN_GAP,
        questions=[
            (Subject(unit=unit, person=wearer.pk if wearer else None), about) for wearer in wearers
        ],
        at=at,
    )
    with transaction.atomic():
        mine = CounterGap.objects.filter(
            pk__in=[gap.pk for gap in waiting], explained_at__isnull=True
        )
        locked = mine.select_for_update().order_by("counter")
        numbers = list(locked.values_list("counter", flat=True))
        if not numbers:
            raise ExplanationInvalid("None of these numbers waits for an explanation.")
        CounterGap.objects.filter(camera=camera, counter__in=numbers).update(
            explanation=reason, explained_by=officer, explained_at=at
        )
        ledger.append(
            subject=about,
            act=Act.CAMERA_COUNTER_GAP_EXPLAINED,
            actor=authority.text(officer),
            at=at,
            reason=reason,
            detail={"count": len(numbers), "counters": [str(n) for n in numbers[:_TOLD]]},
        )
    return len(numbers)
