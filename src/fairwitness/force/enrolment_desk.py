"""Where requests for enrolment are judged: against what is registered, and against each other."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, TypeAlias

from django.db.models import Q

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force.models import (
    Camera,
    CameraStatus,
    Dock,
    Mount,
    Profile,
    Station,
)
from fairwitness.formats.acts import Act
from fairwitness.formats.docking import DeviceKind, EnrolmentRequest
from fairwitness.formats.dsse import Envelope

PENDING_LIMIT = 50_000
"""Requests that may wait at once; anyone who reaches the server can ask, so there is an end."""

Device: TypeAlias = Camera | Dock

_MOUNTS = {Profile.FLEX2: Mount.HELMET, Profile.BODY2: Mount.CHEST}
_PENDING, _DECLINED = CameraStatus.PENDING.value, CameraStatus.DECLINED.value


class EnrolmentRefused(FairwitnessError):
    """An enrolment that can't be requested, approved or revoked as asked."""

    code: ClassVar[str] = "enrolment.refused"


def kind_of(device: Device) -> str:
    """`camera` or `dock`, as custody subjects begin."""
    return "camera" if isinstance(device, Camera) else "dock"


class Desk:
    """One transaction's requests, judged against what is registered and against each other."""

    def __init__(
        self,
        asked: Sequence[tuple[Envelope, EnrolmentRequest]],
        *,
        at: datetime,
        brought_by: str,
    ) -> None:
        self._at = at
        self._brought_by = brought_by
        serials = [request.serial for _envelope, request in asked]
        keyids = [request.key.keyid for _envelope, request in asked]
        self._by_serial: dict[tuple[str, str], Device] = {}
        self._by_key: dict[str, Device] = {}
        for device in _known(serials, keyids):
            self._remember(device)
        codes = {request.station for _envelope, request in asked if request.station}
        # Locked, so that none closes between this look and the dock's row: see `stations.close`.
        locked = Station.objects.select_for_update(of=["self"], no_key=True).order_by("pk")
        found = locked.select_related("unit").filter(code__in=codes)
        self._stations = {station.code: station for station in found}
        self._fresh: list[Device] = []
        self._renewed: list[Device] = []

    def take(self, envelope: Envelope, request: EnrolmentRequest) -> Device:
        """The device of this request: known, new, or in the place of a declined one."""
        keyid = request.key.keyid
        known = self._by_serial.get((request.kind.value, request.serial))
        if known is not None and known.keyid == keyid:
            return known
        if keyid in self._by_key:
            raise EnrolmentRefused(
                f"The key of {request.kind.value} {request.serial} is enrolled under another "
                "serial number. A key belongs to one device.",
                code="enrolment.key_taken",
            )
        if known is not None and known.status != _DECLINED:
            raise EnrolmentRefused(
                f"{request.kind.value.capitalize()} {request.serial} is known here with another "
                "key. If its key was lost, it needs a new serial number.",
                code="enrolment.serial_taken",
            )
        device = self._device(request) if known is None else known
        if known is not None and isinstance(device, Dock):
            device.station = self._station(request)  # where it stands now, which may have closed
        (self._fresh if known is None else self._renewed).append(device)
        device.public_key = request.public_key
        device.keyid = keyid
        device.request = envelope.encode().decode()
        device.requested_by = self._brought_by
        device.requested_at = self._at
        device.status = _PENDING
        device.status_reason = ""
        self._remember(device)
        return device

    def write(self) -> None:
        """Write rows and entries."""
        waiting = _waiting()
        if self._fresh and waiting + len(self._fresh) > PENDING_LIMIT:
            raise EnrolmentRefused(
                "Too many devices wait for approval. Approve or decline some first.",
                code="enrolment.too_many",
            )
        Camera.objects.bulk_create(cameras_of(self._fresh), batch_size=500)
        Dock.objects.bulk_create(docks_of(self._fresh), batch_size=500)
        for device in self._renewed:
            device.save()
        ledger.append_many([self._draft(device) for device in (*self._fresh, *self._renewed)])

    def _remember(self, device: Device) -> None:
        self._by_serial[kind_of(device), device.serial] = device
        self._by_key[device.keyid] = device

    def _device(self, request: EnrolmentRequest) -> Device:
        station = self._station(request)
        if request.kind is DeviceKind.DOCK:
            return Dock(serial=request.serial, station=station)
        profile = Profile(request.profile.value if request.profile else Profile.BODY2)
        return Camera(
            serial=request.serial,
            profile=profile,
            mount=_MOUNTS[profile],
            station=station,
            unit=station.unit if station else None,
        )

    def _station(self, request: EnrolmentRequest) -> Station | None:
        if request.station is None:
            return None
        station = self._stations.get(request.station)
        if station is None and request.kind is DeviceKind.DOCK:
            raise EnrolmentRefused(
                f"There is no station {request.station}. Give the dock the code of its station.",
                code="enrolment.station",
            )
        if station is not None and station.closed_at and request.kind is DeviceKind.DOCK:
            raise EnrolmentRefused(
                f"{station} is closed: no dock stands there.", code="enrolment.station_closed"
            )
        return station

    def _draft(self, device: Device) -> ledger.Draft:
        camera = isinstance(device, Camera)
        name = f"{kind_of(device)}:{device.pk}"
        return ledger.Draft(
            subject=name,
            act=Act.CAMERA_ENROLMENT_REQUESTED if camera else Act.DOCK_ENROLMENT_REQUESTED,
            actor=self._brought_by or name,
            at=self._at,
            detail={"serial": device.serial, "keyid": device.keyid},
        )


def cameras_of(devices: Sequence[Device]) -> list[Camera]:
    """The cameras among these."""
    return [device for device in devices if isinstance(device, Camera)]


def docks_of(devices: Sequence[Device]) -> list[Dock]:
    """The docks among these."""
    return [device for device in devices if isinstance(device, Dock)]


def _known(serials: Sequence[str], keyids: Sequence[str]) -> list[Device]:
    found: list[Device] = []
    for start in range(0, len(serials), 400):
        part = slice(start, start + 400)
        same = Q(serial__in=serials[part]) | Q(keyid__in=keyids[part])
        found += Camera.objects.select_for_update().filter(same).order_by("pk")
        found += Dock.objects.select_for_update().filter(same).order_by("pk")
    return found


def _waiting() -> int:
    cameras = Camera.objects.filter(status=_PENDING).count()
    return cameras + Dock.objects.filter(status=_PENDING).count()
