"""What docks erased from cameras and volumes, as they tell it: written into the log, once.

A dock erases only against our receipt, and tells us afterwards, perhaps days later. It is the
dock's word: the server sees no camera.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.evidence.models import Provenance, Recording
from fairwitness.force.models import Dock
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.formats.erasures import Erased
from fairwitness.ingest.identity import sender_text
from fairwitness.ingest.models import Erasure

_FROM: Final = {Provenance.SIGNED: "camera", Provenance.VOLUME: "volume"}
"""Whose recordings lie in docks, and on what."""


def note(*, erased: Sequence[Erased], dock: Dock, at: datetime) -> list[UUID]:
    """Write erasures down; what was told before changes nothing.

    Args:
        erased: what the dock tells.
        dock: that erased.
        at: now.

    Returns:
        Recordings that no dock can have brought us, as far as we know; nothing is written of them.
    """
    with transaction.atomic():
        Dock.objects.select_for_update().get(pk=dock.pk)  # one message of a dock at a time
        asked = {one.recording for one in erased}
        found = Recording.objects.filter(pk__in=asked, provenance__in=_FROM).in_bulk()
        there = Erasure.objects.filter(dock=dock, recording__in=found)
        before = set(there.values_list("recording_id", "erased_at"))
        fresh = [
            one
            for one in dict.fromkeys(erased)
            if one.recording in found and (one.recording, one.erased_at) not in before
        ]
        rows = [
            Erasure(recording=found[one.recording], dock=dock, erased_at=one.erased_at)
            for one in fresh
        ]
        Erasure.objects.bulk_create(rows)
        unsaid = [row.recording_id for row in rows if row.recording.erased_at is None]
        Recording.objects.filter(pk__in=unsaid).update(erased_at=at)
        ledger.append_many([_draft(row, at) for row in rows])
    return sorted(asked - set(found))


def _draft(row: Erasure, at: datetime) -> Draft:
    return Draft(
        subject=recording_subject(row.recording_id),
        act=Act.CAMERA_ERASED,
        actor=sender_text(row.dock),
        at=at,
        detail={
            "erased_at": timestamp.text(row.erased_at),
            "from": _FROM[Provenance(row.recording.provenance)],
        },
    )
