"""The people, places and devices that manifests name, found in the register or made as stubs.

After the loss of the database the force is registered anew from its own lists, before a rebuild or
after it. Who and what is found there is taken: people by collar number, devices by serial number,
places by name. What is missing is made from the manifest's few words: a stub. A stub can do
nothing: an officer's account is closed, a device's key is not believed until it has asked again and
a person has approved it.

A device whose public key is in the trust list that was given has that key again, so that what it
signed can be checked. One whose key is in no list has a place without a key, which its next request
for enrolment fills.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Final, TypeVar

from django.db.models import Q

from fairwitness.accountability.retold import Retold, identifier
from fairwitness.custody import ledger
from fairwitness.force import ready_data, units
from fairwitness.force.models import (
    Camera,
    CameraStatus,
    Dock,
    EnrolmentStatus,
    Mount,
    Officer,
    Profile,
    Station,
    Unit,
    UnitKind,
    Volume,
)
from fairwitness.formats.acts import Act
from fairwitness.formats.dsse import Envelope
from fairwitness.formats.manifest import Named, Provenance
from fairwitness.formats.trust import KeyRole, TrustedKey, TrustList

ACTOR: Final = "system:rebuild"
REASON: Final = "made again from a manifest after the loss of the database"
NOWHERE: Final = "Unit not known"
_INITIAL: Final = re.compile(r"\b[A-Z]")
_LONGEST_NAME: Final = 120
_LONGEST_COLLAR: Final = 16
_LONGEST_LABEL: Final = 60

D = TypeVar("D", Camera, Dock)


@dataclass(frozen=True, slots=True)
class Register:
    """The rows that one manifest names; None where it names nobody."""

    camera: Camera | None
    dock: Dock | None
    wearer: Officer | None
    importer: Officer | None
    volume: Volume | None
    unit: Unit | None
    station: Station | None


class Stubs:
    """Finds or makes rows; used by one thread, inside transactions that its caller opens.

    Attributes:
        made: how many stubs were made.
    """

    def __init__(self, *, trust: TrustList | None, at: datetime) -> None:
        """Promises nothing yet.

        Args:
            trust: a published list with the public keys of cameras and docks, if there is one.
            at: now.
        """
        self.made = 0
        self._at = at
        self._keys = {(key.role, key.keyid): key for key in (trust.keys if trust else ())}
        self._units: dict[str, Unit] = {}
        self._stations: dict[str, Station] = {}
        self._officers: dict[str, Officer] = {}
        self._codes = {unit.name: unit for unit in ready_data.read("met").units}

    def of(self, told: Retold) -> Register:
        """The rows that this manifest names."""
        found = told.manifest
        unit = self._unit(found.unit) if found.unit else None
        station = self._station(told, unit) if found.station else None
        return Register(
            camera=self._camera(told, unit, station) if told.claim else None,
            dock=self._dock(told, station) if found.dock else None,
            wearer=self._officer(found.wearer, unit) if found.wearer else None,
            importer=self._officer(found.importer, unit)
            if found.importer and found.provenance is not Provenance.VOLUME
            else None,
            volume=self._volume(found.importer, unit)
            if found.importer and found.provenance is Provenance.VOLUME
            else None,
            unit=unit,
            station=station,
        )

    def officer(self, named: Named) -> Officer:
        """Somebody whom a manifest or a paper names."""
        return self._officer(named, None)

    def _unit(self, named: Named) -> Unit:
        if named.name not in self._units:
            row = Unit.objects.filter(name=named.name).first()
            self._units[named.name] = row or self._new_unit(named)
        return self._units[named.name]

    def _new_unit(self, named: Named) -> Unit:
        ready = self._codes.get(named.name)
        code = ready.code if ready else ""
        if not code or Unit.objects.filter(code=code).exists():
            code = _free_code(lambda code: Unit.objects.filter(code=code).exists())
        row = Unit.objects.create(
            code=code,
            name=named.name[:_LONGEST_NAME],
            kind=ready.kind if ready else UnitKind.BOROUGH,
        )
        self._log(f"unit:{code}", Act.UNIT_REGISTERED, row.name)
        return row

    def _station(self, told: Retold, unit: Unit | None) -> Station:
        named = told.manifest.station
        name = named.name if named else ""
        if name not in self._stations:
            code = told.docking.station if told.docking else ""
            known = Station.objects.filter(Q(code=code) | Q(name=name)).order_by("pk").first()
            self._stations[name] = known or self._new_station(code, name, unit)
        return self._stations[name]

    def _new_station(self, code: str, name: str, unit: Unit | None) -> Station:
        if not units.CODE.fullmatch(code):
            code = _free_code(lambda code: Station.objects.filter(code=code).exists())
        row = Station.objects.create(
            code=code,
            name=name[:_LONGEST_NAME],
            unit=unit or self._unit(Named(id="0", name=NOWHERE)),
        )
        self._log(f"station:{code}", Act.STATION_REGISTERED, row.name)
        return row

    def _officer(self, named: Named, unit: Unit | None) -> Officer:
        if named.id not in self._officers:
            title, _, collar = named.name.rpartition(" ")
            collar = collar[:_LONGEST_COLLAR]
            wanted = Q(pk=identifier(named.id)) | Q(collar_number=collar)
            rows = {row.pk: row for row in Officer.objects.filter(wanted)}
            row = rows.get(identifier(named.id)) or next(iter(rows.values()), None)
            if row is None:
                row = self._new_officer(named, title or named.name, collar, unit)
            self._officers[named.id] = row
        return self._officers[named.id]

    def _new_officer(self, named: Named, title: str, collar: str, unit: Unit | None) -> Officer:
        row = Officer(
            pk=identifier(named.id),
            collar_number=collar,
            name=title[:_LONGEST_NAME],
            initials="".join(_INITIAL.findall(title))[-2:] or "XX",
            unit=unit or self._unit(Named(id="0", name=NOWHERE)),
            active=False,
            joined_at=self._at,
            left_at=self._at,
        )
        row.set_unusable_password()
        row.save(force_insert=True)
        self._log(f"officer:{row.pk}", Act.OFFICER_REGISTERED, row.name)
        return row

    def _camera(self, told: Retold, unit: Unit | None, station: Station | None) -> Camera | None:
        named, claim = told.manifest.camera, told.claim
        if named is None or claim is None:
            return None
        row = _known(Camera, named)
        if row is None:
            row = Camera(
                pk=identifier(named.id),
                serial=named.name,
                profile=Profile(claim.profile.value),
                mount=Mount(claim.mount.value),
                firmware=claim.firmware,
                unit=unit,
                station=station,
                requested_by=ACTOR,
                requested_at=self._at,
            )
            self._give_key(row, KeyRole.CAMERA, told.manifest.statement)
            row.save(force_insert=True)
            self._log(f"camera:{row.pk}", Act.CAMERA_CHANGED, row.serial)
        return row

    def _dock(self, told: Retold, station: Station | None) -> Dock | None:
        named = told.manifest.dock
        if named is None:
            return None
        row = _known(Dock, named)
        if row is None:
            row = Dock(
                pk=identifier(named.id),
                serial=named.name,
                station=station,
                requested_by=ACTOR,
                requested_at=self._at,
            )
            self._give_key(row, KeyRole.DOCK, told.manifest.docking)
            row.save(force_insert=True)
            self._log(f"dock:{row.pk}", Act.DOCK_CHANGED, row.serial)
        return row

    def _volume(self, named: Named, unit: Unit | None) -> Volume:
        """Declined, so that it has to be asked for and approved again."""
        row, made = Volume.objects.get_or_create(
            pk=identifier(named.id),
            defaults={
                "label": named.name.removeprefix("volume ")[:_LONGEST_LABEL],
                "status": EnrolmentStatus.DECLINED,
                "status_reason": REASON,
                "unit": unit,
                "requested_by": ACTOR,
                "requested_at": self._at,
            },
        )
        if made:
            self._log(f"volume:{row.pk}", Act.VOLUME_ENROLMENT_REQUESTED, row.label)
        return row

    def _give_key(self, row: Camera | Dock, role: KeyRole, envelope: Envelope | None) -> None:
        """Its published key, waiting for approval; or a place that its next request fills."""
        key = self._published(role, row.serial, envelope)
        if key is None:
            signed_by = envelope.signatures[0].keyid if envelope else "not known"
            row.keyid = f"unknown:{row.pk}"
            row.status = CameraStatus.DECLINED.value
            row.status_reason = f"Rebuilt without its key ({signed_by[:16]}). Enrol it again."
            return
        row.public_key, row.keyid = key.public_pem, key.keyid
        row.approved_at, row.revoked_at = key.valid_from, key.revoked_at
        row.status = (EnrolmentStatus.REVOKED if key.revoked_at else EnrolmentStatus.PENDING).value
        row.status_reason = "Rebuilt with its published key. Let it ask again and approve it."

    def _published(
        self, role: KeyRole, serial: str, envelope: Envelope | None
    ) -> TrustedKey | None:
        signatures = envelope.signatures if envelope else ()
        keys = (self._keys.get((role, one.keyid)) for one in signatures)
        return next((key for key in keys if key is not None and key.name == serial), None)

    def _log(self, subject: str, act: Act, name: str) -> None:
        self.made += 1
        ledger.append(
            subject=subject,
            act=act,
            actor=ACTOR,
            at=self._at,
            reason=REASON,
            detail={"name": name},
        )


def _known(kind: type[D], named: Named) -> D | None:
    """The device of this id, else the one of this serial number."""
    rows = list(kind.objects.filter(Q(pk=identifier(named.id)) | Q(serial=named.name)))
    return next((row for row in rows if str(row.pk) == named.id), rows[0] if rows else None)


def _free_code(taken: Callable[[str], bool]) -> str:
    """A code that nothing has: X1, X2, ..."""
    return next(code for number in count(1) if not taken(code := f"X{number}"))
