"""Cameras of other makers in the register: known by their serial number, without a key of ours.

They can be issued, reported lost and held by, like any camera. Nothing that they record is ever
taken for signed: the trust list does not have them.
"""

from datetime import datetime
from typing import ClassVar, Final

from django.db import IntegrityError, transaction

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Camera, CameraStatus, Mount, Officer, Profile, Station, Unit
from fairwitness.formats.acts import Act

_SERIAL: Final = 40


class KeylessRefused(FairwitnessError):
    """A camera that can't be registered so."""

    code: ClassVar[str] = "camera.keyless"


def register(
    *, serial: str, unit: Unit, station: Station | None, officer: Officer, at: datetime
) -> Camera:
    """Register a chest-worn camera of another maker, in use at once.

    Raises:
        KeylessRefused: its serial number is too long or known already.
        NotAllowed: after the refusal was written down.
    """
    if not serial or len(serial) > _SERIAL:
        raise KeylessRefused(f"A serial number has 1 to {_SERIAL} characters.")
    authority.demand(
        actor=officer,
        action=Action.APPROVE_ENROLMENT,
        subject=Subject(unit=unit.code),
        about="camera",
        at=at,
    )
    row = Camera(
        serial=serial,
        requested_by=officer.collar_number,
        requested_at=at,
        approved_by=officer,
        approved_at=at,
        status=CameraStatus.APPROVED,
        status_reason="of another maker: no key of ours",
        profile=Profile.BODY2,
        mount=Mount.CHEST,
        unit=unit,
        station=station,
    )
    row.keyid = f"none:{row.pk}"
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            ledger.append(
                subject=f"camera:{row.pk}",
                act=Act.CAMERA_APPROVED,
                actor=authority.text(officer),
                at=at,
                reason=row.status_reason,
                detail={"serial": serial, "keyid": None},
            )
    except IntegrityError as error:
        raise KeylessRefused(f"A camera {serial} is registered already.") from error
    return row
