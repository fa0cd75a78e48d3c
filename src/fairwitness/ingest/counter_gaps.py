"""Numbers of a camera's counter that never arrived, as docks name them.

A camera numbers its recordings without ever going back. A dock that finds a number neither on the
camera nor among those it saw before says so in its docking; here it is kept, once for each number.
One that arrives after all (through another dock, say) is simply there: nothing has to be undone,
whoever counts leaves out the numbers that have a recording.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from fairwitness.custody import ledger
from fairwitness.evidence.models import Recording
from fairwitness.force.models import Camera
from fairwitness.formats.acts import Act
from fairwitness.ingest.models import CounterGap

_CHUNK: Final = 500
_TOLD: Final = 1000  # numbers that one entry lists; it says how many there are in all


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
