"""What whoever imports footage tells of it: their claim, kept apart from what cameras sign.

It travels in the upload's metadata, so that a killed import forgets nothing, and takes effect in
the transaction of registration. Whether the importer may say it (who wore the camera, above all)
was asked before the upload began: only `importing` begins uploads of officers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fairwitness.evidence import annotations
from fairwitness.evidence.models import Recording
from fairwitness.force.models import Officer
from fairwitness.formats import canonical, records
from fairwitness.formats.errors import FormatError
from fairwitness.ingest import tus
from fairwitness.ingest.models import Upload
from fairwitness.retention import marking

KEY = "particulars"
"""The metadata key that they travel under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """Told of one file; empty or None where nothing was.

    Attributes:
        title: what it shows, in the importer's words.
        camera: which camera made it, as its owner calls it.
        started_at: by that camera's clock, which nobody compared.
        ended_at: likewise.
        wearer: the officer who wore the camera.
        category: code.
        incident: incident, crime or case number.
        came_from: who or what it was got from.
        why: why it is brought in.
    """

    title: str = ""
    camera: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    wearer: UUID | None = None
    category: str = ""
    incident: str = ""
    came_from: str = ""
    why: str = ""

    def encode(self) -> bytes:
        """As they travel."""
        return canonical.encode(records.to_json(self))


_NOTHING: Final = {"came_from": "", "why": ""}


def of(upload: Upload) -> Particulars:
    """What its importer told of an upload; nothing for what docks bring."""
    if upload.officer_id is None:
        return Particulars()
    try:
        told = tus.parse_metadata(upload.metadata).get(KEY, b"")
        return read(told) if told else Particulars()
    except (FormatError, tus.UploadRefused):
        return Particulars()


def read(told: bytes) -> Particulars:
    """The particulars that travel so; what an older version of us did not write was not told.

    Raises:
        FormatError: they are none of ours.
    """
    given = canonical.decode(told)
    if not isinstance(given, Mapping):
        raise FormatError("Particulars are an object.")
    return records.from_json(Particulars, {**_NOTHING, **given})


def wearer(told: Particulars) -> Officer | None:
    """The officer who is said to have worn the camera."""
    if told.wearer is None:
        return None
    return Officer.objects.select_related("unit").filter(pk=told.wearer).first()


def settle(recording: Recording, upload: Upload, *, trouble: str, at: datetime) -> None:
    """Note and mark what was told, in the transaction of registration.

    Args:
        recording: registered just now; its dates are not decided yet.
        upload: an officer's; nothing is done for a dock's.
        trouble: why its video can't be read as it should be; empty when it can.
        at: now.
    """
    if upload.officer is None:
        return
    told = of(upload)
    marking.mark_on_arrival(
        recording=recording,
        incident=told.incident,
        category=told.category,
        officer=upload.officer,
        at=at,
    )
    said = [
        words.format(value)
        for words, value in (
            ("{}.", told.title.rstrip(".")),
            ("Camera: {}.", told.camera),
            ("Incident: {}.", "" if recording.evidential else told.incident),
            ("From: {}.", told.came_from.rstrip(".")),
            ("Why: {}.", told.why.rstrip(".")),
            ("Kept as it came: {}", trouble),
        )
        if value
    ]
    if said:
        annotations.note_import(
            recording=recording,
            officer=upload.officer,
            text=" ".join(said),
            detail={
                "title": told.title,
                "camera": told.camera,
                "came_from": told.came_from,
                "why": told.why,
                "trouble": trouble,
            },
            at=at,
        )
