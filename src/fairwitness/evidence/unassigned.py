"""Recordings that nobody is known to have worn: the camera was issued to no one at the time.

They lie in a queue until a supervisor or the evidence manager says who wore the camera. That is a
first statement, not a correction: correcting a wearer takes two people (`annotations`).
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import circle
from fairwitness.evidence.models import Recording, State
from fairwitness.force import authority
from fairwitness.force.asking import Action
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject


class AlreadyAssigned(FairwitnessError):
    """Somebody is known to have worn the camera; correct it by annotation."""

    code = "recording.assigned"


def waiting() -> QuerySet[Recording]:
    """The queue, oldest first."""
    return Recording.objects.filter(state=State.LIVE, wearer__isnull=True).order_by("received_at")


def assign(
    *, recording: Recording, wearer: Officer, by: Officer, reason: str, at: datetime
) -> Recording:
    """Say who wore the camera; unit follows the wearer where none is known.

    Raises:
        NotAllowed: after the refusal was written down.
        AlreadyAssigned: a wearer is known.
    """
    about = recording_subject(recording.id)
    authority.demand(
        actor=by,
        action=Action.ASSIGN_WEARER,
        subject=circle.subject_of(recording=recording, at=at, person=wearer.pk),
        about=about,
        at=at,
    )
    with transaction.atomic():
        row = Recording.objects.select_for_update().get(pk=recording.pk)
        if row.wearer_id is not None:
            raise AlreadyAssigned(
                "A wearer is known. A wrong one is corrected by two people, with a note."
            )
        row.wearer = wearer
        row.unit = row.unit or wearer.unit
        row.save(update_fields=["wearer", "unit"])
        ledger.append(
            subject=about,
            act=Act.RECORDING_ASSIGNED,
            actor=authority.text(by),
            at=at,
            reason=reason,
            detail={"wearer": f"officer:{wearer.pk}", "collar_number": wearer.collar_number},
        )
    return row
