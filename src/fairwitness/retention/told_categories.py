"""Categories that an officer chose on a device, as far as they may count without anyone's asking.

They can only keep longer, so they are taken at their word, unless a person has decided already:
whoever categorised or marked the recording stands. A category that keeps until a review decides
needs an incident and a person, so it is told beside the recording and not applied. Told when
footage has reached its day, they come too late for it.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.evidence.models import Recording
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import categories, dates
from fairwitness.retention.models import CategoryMark


def apply(*, recordings: Sequence[UUID], codes: Sequence[str], actor: str, at: datetime) -> None:
    """Give these parts of one activation what was chosen, in the caller's transaction.

    Args:
        recordings: living parts of one activation, locked here.
        codes: as told; those that are not in the table are passed over.
        actor: whose word it is, as custody names it.
        at: now.
    """
    recordings = [
        part.pk for each in dates.still_there(recordings, at, for_force=True) for part in each.parts
    ]
    table = categories.current()
    known = [table[code] for code in dict.fromkeys(codes) if code in table]
    timed = sorted((line.days, line.code) for line in known if line.days is not None)
    marks = CategoryMark.objects.filter(recording__in=recordings)
    have = set(marks.values_list("recording_id", "code"))
    wanted = {(pk, code) for pk in recordings for _days, code in timed}
    evidential = Recording.objects.filter(pk__in=recordings, evidential=True).exists()
    decided = evidential or not {code for _pk, code in have} <= {code for _pk, code in wanted}
    if decided or wanted <= have:
        return
    CategoryMark.objects.bulk_create(
        [CategoryMark(recording_id=pk, code=code, at=at) for pk, code in sorted(wanted - have)]
    )
    Recording.objects.filter(pk__in=recordings).update(category=timed[-1][1])
    ledger.append_many(
        [
            Draft(
                subject=recording_subject(pk),
                act=Act.RECORDING_CATEGORISED,
                actor=actor,
                at=at,
                reason="chosen on the camera",
                detail={"categories": [code for _days, code in timed]},
            )
            for pk in recordings
        ]
    )
    dates.recompute_many(recordings, at)
