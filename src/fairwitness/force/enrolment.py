"""Enrolling cameras and docks: a device asks with its own key, and a person says yes.

Keys are made where they are used and never travel. A request is signed by the very key it names:
that proves that the sender holds the key, not that the device is ours. So a person of the right
role, who did not bring the request, compares the key's fingerprint with the one the device shows
and approves that key, named by its id. From then on its signatures are believed; a revoked key
stays in the trust list with the time it was revoked.

A request may be repeated: the same serial with the same key is the same request. The same serial
with another key is refused, because that is how somebody would put a camera of their own in the
place of one of ours; only a declined request, which was never believed, makes room for another.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from fairwitness.custody import ledger
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.enrolment_desk import (
    Desk,
    Device,
    EnrolmentRefused,
    cameras_of,
    docks_of,
    kind_of,
)
from fairwitness.force.models import (
    Camera,
    CameraStatus,
    Dock,
    EnrolmentStatus,
    Officer,
    Unit,
)
from fairwitness.formats import docking
from fairwitness.formats.acts import Act
from fairwitness.formats.dsse import Envelope

__all__ = [
    "Device",
    "EnrolmentRefused",
    "approve",
    "approve_many",
    "decline",
    "pending",
    "request_enrolment",
    "request_many",
    "revoke",
]

_PENDING, _APPROVED = CameraStatus.PENDING.value, CameraStatus.APPROVED.value
_DECLINED, _REVOKED = CameraStatus.DECLINED.value, CameraStatus.REVOKED.value


def request_enrolment(*, envelope: Envelope, at: datetime, brought_by: str = "") -> Device:
    """Take a device's request; as `request_many` for one."""
    (device,) = request_many(envelopes=[envelope], at=at, brought_by=brought_by)
    return device


def request_many(
    *, envelopes: Sequence[Envelope], at: datetime, brought_by: str = ""
) -> list[Device]:
    """Take devices' requests: all of them, or none.

    Args:
        envelopes: DSSE envelopes that hold an `EnrolmentRequest`, each signed by the key it names.
        at: now, by the server; the device's own time is not relied upon.
        brought_by: who brought them, `officer:<uuid>`; empty when the devices asked by themselves.

    Returns:
        The device of each, in order; a repeated request gives the device as it stands.

    Raises:
        FormatError: an envelope that is malformed or signed by another key than it names.
        EnrolmentRefused: `enrolment.serial_taken`, `enrolment.key_taken`, `enrolment.station` for
            a dock at a station that we don't know, `enrolment.too_many`.
    """
    asked = [(envelope, docking.open_enrolment(envelope)) for envelope in envelopes]
    try:
        with transaction.atomic():
            desk = Desk(asked, at=at, brought_by=brought_by)
            devices = [desk.take(envelope, request) for envelope, request in asked]
            desk.write()
    except IntegrityError as error:
        raise EnrolmentRefused(
            "Another request for the same device came at this moment. Ask again.",
            code="enrolment.again",
        ) from error
    return devices


def approve(
    *,
    device: Device,
    keyid: str,
    officer: Officer,
    at: datetime,
    unit: Unit | None = None,
    pool: bool = False,
) -> Device:
    """Approve one device's key; as `approve_many`."""
    (approved,) = approve_many(
        devices=[(device, keyid)], officer=officer, at=at, unit=unit, pool=pool
    )
    return approved


def approve_many(
    *,
    devices: Sequence[tuple[Device, str]],
    officer: Officer,
    at: datetime,
    unit: Unit | None = None,
    pool: bool = False,
) -> list[Device]:
    """Believe these keys from now on: all of them, or none. Repeating it changes nothing.

    Args:
        devices: each with the id of the key that the officer saw on it; a request that was
            replaced in the meantime is thereby not approved by mistake.
        officer: an evidence manager who did not bring the request.
        at: now.
        unit: the unit that the cameras go to; by default that of their station.
        pool: whether the cameras are shared by whoever takes one.

    Raises:
        EnrolmentRefused: another key, or a device that was declined or revoked; and
            `enrolment.no_unit` for a camera that belongs nowhere.
        NotAllowed: the officer may not.
    """
    for device, keyid in devices:
        _check_approval(device, keyid, unit)
    authority.demand_all(
        actor=officer,
        action=Action.APPROVE_ENROLMENT,
        questions=[_question(device, unit) for device, _keyid in devices],
        at=at,
    )
    fresh = [device for device, _keyid in devices if device.status == _PENDING]
    with transaction.atomic():
        _still_pending(fresh)
        for device in fresh:
            device.status = _APPROVED
            # A rebuilt device keeps the time from which its published key was believed.
            device.approved_by, device.approved_at = officer, device.approved_at or at
            if isinstance(device, Camera):
                device.unit, device.pool = unit or device.unit, pool
        fields = ["status", "approved_by", "approved_at"]
        Dock.objects.bulk_update(docks_of(fresh), fields, batch_size=200)
        Camera.objects.bulk_update(cameras_of(fresh), [*fields, "unit", "pool"], batch_size=200)
        ledger.append_many([_approved(device, officer, at) for device in fresh])
    return [device for device, _keyid in devices]


def decline(*, device: Device, officer: Officer, at: datetime, reason: str) -> Device:
    """Turn a request down; its serial number is free again for another key.

    Raises:
        EnrolmentRefused: it is not waiting any more, or no reason is given.
        NotAllowed: the officer may not.
    """
    if device.status != _PENDING:
        raise EnrolmentRefused(f"{device} is {device.get_status_display()}, not waiting.")
    _require_reason(reason)
    act = Act.CAMERA_ENROLMENT_REFUSED
    if isinstance(device, Dock):
        act = Act.DOCK_ENROLMENT_REFUSED
    _demand(device, Action.APPROVE_ENROLMENT, officer, at)
    device.status = EnrolmentStatus.DECLINED.value
    return _end(device, act=act, officer=officer, at=at, reason=reason)


def revoke(*, device: Device, officer: Officer, at: datetime, reason: str) -> Device:
    """Stop believing a key from now on. What it signed before stays believed; it never returns.

    Repeating it changes nothing.

    Raises:
        EnrolmentRefused: it was never approved, or no reason is given.
        NotAllowed: the officer may not.
    """
    if device.status == _REVOKED:
        return device
    if device.approved_at is None:
        raise EnrolmentRefused(f"{device} was never approved. Decline its request instead.")
    _require_reason(reason)
    act = Act.CAMERA_REVOKED if isinstance(device, Camera) else Act.DOCK_REVOKED
    _demand(device, Action.REVOKE_DEVICE, officer, at)
    device.revoked_at = at
    device.status = EnrolmentStatus.REVOKED.value
    return _end(device, act=act, officer=officer, at=at, reason=reason)


def pending() -> list[Device]:
    """Devices that wait for approval, docks first, longest waiting first."""
    docks = Dock.objects.select_related("station__unit").filter(status=_PENDING)
    cameras = Camera.objects.select_related("station", "unit").filter(status=_PENDING)
    return [*docks.order_by("requested_at"), *cameras.order_by("requested_at")]


def _end(device: Device, *, act: Act, officer: Officer, at: datetime, reason: str) -> Device:
    device.status_reason = reason
    with transaction.atomic():
        device.save(update_fields=["status", "status_reason", "revoked_at"])
        ledger.append(
            subject=f"{kind_of(device)}:{device.pk}",
            act=act,
            actor=authority.text(officer),
            at=at,
            reason=reason,
            detail={"serial": device.serial, "keyid": device.keyid},
        )
    return device


def _check_approval(device: Device, keyid: str, unit: Unit | None) -> None:
    if device.keyid != keyid:
        raise EnrolmentRefused(
            f"The key of {device} is {device.keyid}, not the one you named. Compare it with what "
            "the device shows.",
            code="enrolment.other_key",
        )
    if device.status in {_DECLINED, _REVOKED}:
        raise EnrolmentRefused(f"{device} was {device.get_status_display()}.")
    if isinstance(device, Camera) and device.unit is None and unit is None:
        raise EnrolmentRefused(f"Say which unit {device} belongs to.", code="enrolment.no_unit")


def _question(device: Device, unit: Unit | None) -> tuple[Subject, str]:
    code = unit.code if unit else _unit_code(device)
    kind, _, brought_by = device.requested_by.partition(":")
    first = UUID(brought_by) if kind == "officer" else None
    return Subject(unit=code, first_person=first), f"{kind_of(device)}:{device.pk}"


def _demand(device: Device, action: Action, officer: Officer, at: datetime) -> None:
    subject, about = _question(device, None)
    authority.demand(actor=officer, action=action, subject=subject, about=about, at=at)


def _unit_code(device: Device) -> str | None:
    if isinstance(device, Camera):
        return device.unit.code if device.unit else None
    return device.station.unit.code if device.station else None


def _still_pending(devices: Sequence[Device]) -> None:
    """Lock the rows, and see that nobody was faster."""
    for rows in (cameras_of(devices), docks_of(devices)):
        for start in range(0, len(rows), 500):
            part = {device.pk: device for device in rows[start : start + 500]}
            kind = type(rows[0])
            now = kind.objects.filter(pk__in=part, status=_PENDING)
            keys = dict(now.select_for_update().order_by("pk").values_list("pk", "keyid"))
            for pk, device in part.items():
                if keys.get(pk) != device.keyid:
                    raise EnrolmentRefused(
                        f"{device} has changed in the meantime. Look again before you approve it.",
                        code="enrolment.changed",
                    )


def _approved(device: Device, officer: Officer, at: datetime) -> ledger.Draft:
    return ledger.Draft(
        subject=f"{kind_of(device)}:{device.pk}",
        act=Act.CAMERA_APPROVED if isinstance(device, Camera) else Act.DOCK_APPROVED,
        actor=authority.text(officer),
        at=at,
        detail={
            "serial": device.serial,
            "keyid": device.keyid,
            "unit": _unit_code(device),
            "pool": isinstance(device, Camera) and device.pool,
        },
    )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise EnrolmentRefused("Give a reason.", code="enrolment.reason")
