"""Enrolled volumes: sticks and cards of other makers' footage that docks may take.

A dock asks, in the name of whoever brought the volume; an evidence manager who did not bring it
says yes, whose it is, and whether docks may erase from it what was received. It has no key: what
comes from it is vouched for by nobody, and is known by the volume and its digest. A revoked volume
never returns; a declined one may be asked for again.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from fairwitness.custody import ledger
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.enrolment_desk import EnrolmentRefused
from fairwitness.force.models import Dock, EnrolmentStatus, Officer, Unit, Volume
from fairwitness.formats.acts import Act
from fairwitness.formats.enrolled_volume import VolumeRequest

PENDING_LIMIT = 1000
"""Requests that may wait at once."""


class VolumeUnknown(EnrolmentRefused):
    """No volume of this id was ever asked for here."""

    code = "volume.unknown"


@dataclass(frozen=True, slots=True)
class Terms:
    """What an approval says of a volume.

    Attributes:
        unit: whose its footage is; None for that of the dock's station.
        wearer: who wore the camera; None when nobody knows: it waits in the unassigned queue.
        erase: docks may erase from it what was received.
    """

    unit: Unit | None = None
    wearer: Officer | None = None
    erase: bool = False


def subject_of(volume: Volume) -> str:
    """The volume as custody names it."""
    return f"volume:{volume.pk}"


def named(pk: UUID) -> Volume:
    """The volume of this id.

    Raises:
        VolumeUnknown: there is none.
    """
    found = _rows().filter(pk=pk).first()
    if found is None:
        raise VolumeUnknown("No volume of this id was ever brought for enrolment here.")
    return found


def listed(units: frozenset[str] | None) -> QuerySet[Volume]:
    """All volumes, or those of some units, newest first."""
    rows = _rows().order_by("-requested_at")
    return rows if units is None else rows.filter(Q(unit__code__in=units) | Q(unit=None))


def request(*, asked: VolumeRequest, dock: Dock, at: datetime) -> Volume:
    """Take a request for a volume that is in this dock; asked again, it is as it stands.

    Raises:
        EnrolmentRefused: `volume.officer` for a collar number that nobody has;
            `enrolment.too_many`.
    """
    known = Volume.objects.filter(pk=asked.volume).first()
    if known is not None and known.status != EnrolmentStatus.DECLINED:
        return known
    brought_by = Officer.objects.filter(collar_number=asked.brought_by, active=True).first()
    if brought_by is None:
        raise EnrolmentRefused(
            f"There is no officer {asked.brought_by}. Say who brought the volume.",
            code="volume.officer",
        )
    if Volume.objects.filter(status=EnrolmentStatus.PENDING).count() >= PENDING_LIMIT:
        raise EnrolmentRefused(
            "Too many volumes wait for approval. Approve or decline some first.",
            code="enrolment.too_many",
        )
    row = known or Volume(pk=asked.volume)
    row.label, row.made_by, row.brought_by = asked.label, asked.made_by, brought_by
    row.unit = dock.station.unit if dock.station else brought_by.unit
    row.requested_by, row.requested_at = f"dock:{dock.pk}", at
    row.status, row.status_reason = EnrolmentStatus.PENDING, ""
    try:
        with transaction.atomic():
            row.save(force_insert=known is None)
            _log(row, Act.VOLUME_ENROLMENT_REQUESTED, actor=row.requested_by, at=at)
    except IntegrityError:  # asked for twice at this moment
        return named(asked.volume)
    return row


def approve(*, volume: Volume, terms: Terms, officer: Officer, at: datetime) -> Volume:
    """Have docks take its footage from now on. Repeating it changes nothing.

    Args:
        volume: that waits.
        terms: whose it is, and whether docks may erase from it.
        officer: an evidence manager who did not bring it.
        at: now.

    Raises:
        EnrolmentRefused: it was declined or revoked.
        NotAllowed: the officer may not approve it, or not say who wore the camera.
    """
    unit = terms.unit or (terms.wearer.unit if terms.wearer else volume.unit)
    for each in {volume.unit, unit}:  # where it is now, and where it goes
        _demand(volume, Action.APPROVE_ENROLMENT, officer, at, unit=each)
    if terms.wearer is not None:
        authority.demand(
            actor=officer,
            action=Action.ASSIGN_WEARER,
            subject=Subject(unit=terms.wearer.unit.code, person=terms.wearer.pk),
            about=subject_of(volume),
            at=at,
        )
    with transaction.atomic():
        row = Volume.objects.select_for_update().get(pk=volume.pk)
        if row.status == EnrolmentStatus.APPROVED:
            return row
        _require_pending(row)
        row.status, row.approved_by, row.approved_at = EnrolmentStatus.APPROVED, officer, at
        row.unit, row.wearer, row.erase = unit, terms.wearer, terms.erase
        row.save()
        _log(row, Act.VOLUME_APPROVED, actor=authority.text(officer), at=at)
    return row


def decline(*, volume: Volume, officer: Officer, at: datetime, reason: str) -> Volume:
    """Turn a request down.

    Raises:
        EnrolmentRefused: it is not waiting, or no reason is given.
        NotAllowed: the officer may not.
    """
    _demand(volume, Action.APPROVE_ENROLMENT, officer, at)
    _require_reason(reason)
    with transaction.atomic():
        row = Volume.objects.select_for_update().get(pk=volume.pk)
        _require_pending(row)
        row.status, row.status_reason = EnrolmentStatus.DECLINED, reason
        row.save()
        actor = authority.text(officer)
        _log(row, Act.VOLUME_ENROLMENT_REFUSED, actor=actor, at=at, reason=reason)
    return row


def revoke(*, volume: Volume, officer: Officer, at: datetime, reason: str) -> Volume:
    """Have no dock take anything from it any more, nor erase; what came stays. It never returns.

    Raises:
        EnrolmentRefused: it is not approved, or no reason is given.
        NotAllowed: the officer may not.
    """
    _demand(volume, Action.REVOKE_DEVICE, officer, at)
    _require_reason(reason)
    with transaction.atomic():
        row = Volume.objects.select_for_update().get(pk=volume.pk)
        if row.status == EnrolmentStatus.REVOKED:
            return row
        if row.status != EnrolmentStatus.APPROVED:
            raise EnrolmentRefused(f"{row} is {row.get_status_display()}, not approved.")
        row.status, row.revoked_at, row.status_reason = EnrolmentStatus.REVOKED, at, reason
        row.save()
        _log(row, Act.VOLUME_REVOKED, actor=authority.text(officer), at=at, reason=reason)
    return row


def _rows() -> QuerySet[Volume]:
    return Volume.objects.select_related("unit", "wearer__unit", "brought_by", "approved_by")


def _demand(
    volume: Volume, action: Action, officer: Officer, at: datetime, *, unit: Unit | None = None
) -> None:
    unit = unit or volume.unit
    authority.demand(
        actor=officer,
        action=action,
        subject=Subject(unit=unit.code if unit else None, first_person=volume.brought_by_id),
        about=subject_of(volume),
        at=at,
    )


def _require_pending(volume: Volume) -> None:
    if volume.status != EnrolmentStatus.PENDING:
        raise EnrolmentRefused(f"{volume} is {volume.get_status_display()}, not waiting.")


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise EnrolmentRefused("Give a reason.", code="enrolment.reason")


def _log(volume: Volume, act: Act, *, actor: str, at: datetime, reason: str = "") -> None:
    ledger.append(
        subject=subject_of(volume),
        act=act,
        actor=actor,
        at=at,
        reason=reason,
        detail={
            "label": volume.label,
            "made_by": volume.made_by,
            "brought_by": f"officer:{volume.brought_by_id}" if volume.brought_by_id else None,
            "unit": volume.unit.code if volume.unit else None,
            "wearer": f"officer:{volume.wearer_id}" if volume.wearer_id else None,
            "erase": volume.erase,
        },
    )
