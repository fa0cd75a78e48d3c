"""A believable force for training, demonstrations and measuring, made by the domain's own verbs.

Design rules: nothing here writes a row by itself; every check that a real force meets is met, in
the order and at the times in which it would have happened, and the custody log tells it so. The
same force, scale and time give the same people, numbers and dates; only keys differ, because keys
never repeat. All people are made up. Serial number 00417 and its wearer's camera are left free,
so that a demonstration can enrol that camera before everybody's eyes.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar

from fairwitness.errors import FairwitnessError
from fairwitness.force import enrolment, issue, officers, ready_data, units
from fairwitness.force.asking import Role
from fairwitness.force.authority import System
from fairwitness.force.issue import NewIssue
from fairwitness.force.models import Camera, Officer, Station, Unit
from fairwitness.force.officers import NewOfficer
from fairwitness.force.ready_data import Names, ReadyForce
from fairwitness.force.units import NewUnit
from fairwitness.formats import docking
from fairwitness.formats.docking import DeviceKind, EnrolmentRequest
from fairwitness.formats.dsse import Envelope
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.recording import Profile

SYSTEM = System("seed")
RESERVED_SERIAL = "00417"
"""Never used by the seed."""

ARMED = "FRM"
"""The unit whose cameras are worn on helmets and caps."""

_SHIFT_BEGINS = time(7, tzinfo=UTC)
_FOUNDED_BEFORE = timedelta(days=60)
_JOINED_BEFORE = timedelta(days=14)
_ENROLLED_BEFORE = timedelta(days=7)
_CAMERAS_PER_DOCK = 100
_POOL_EVERY = 10
_SERGEANT_EVERY = 8
_RANKS = ("Sgt", "PC")

KeyKeeper = Callable[[str, SigningKey], None]
Teller = Callable[[str], None]

STAFF = (
    NewOfficer("4101", "Grace Okafor", "GO", "LAM", "", (), (Role.EVIDENCE_MANAGER,)),
    NewOfficer("4102", "Martin Shaw", "MSH", "LSH", "", (), (Role.EVIDENCE_MANAGER,)),
    NewOfficer("2207", "Helen Marsh", "HM", "WSM", "DCI", (), (Role.PROFESSIONAL_STANDARDS,)),
    NewOfficer("IND01", "Tom Alder", "TA", "WSM", "", (), (Role.INDEPENDENT_INVESTIGATOR,)),
    NewOfficer("4120", "Priya Raman", "PR", "LAM", "", (), (Role.DISCLOSURE_OFFICER,)),
    NewOfficer("4130", "Samuel Finch", "SF", "WSM", "", (), (Role.AUDITOR,)),
    NewOfficer("4140", "Joan Keane", "JK", "WSM", "", (), (Role.ADMINISTRATOR,)),
    NewOfficer("3318", "Paul Lowe", "PL", "LAM", "DC", (Role.OFFICER,), (Role.INVESTIGATOR,)),
    NewOfficer("88LX", "Ruth Adeyemi", "RA", "LAM", "Insp.", (Role.OFFICER, Role.SUPERVISOR)),
    NewOfficer("31MO", "Una Price", "UP", "WSM", "Insp.", (), (Role.DUTY_OFFICER,)),
    NewOfficer("7MO", "Sam Irwin", "SI", "WSM", "Ch. Insp.", (), (Role.POST_INCIDENT_MANAGER,)),
    NewOfficer("614LX", "Ada Whitlock", "AW", "LAM", "PC"),
    NewOfficer("702LX", "Dev Anand", "DA", "LAM", "PC"),
)
"""The people whom demonstrations name; 614LX is the wearer of camera 00417."""


class ForceExists(FairwitnessError):
    """A force is here already; a made-up one is not mixed into it."""

    code: ClassVar[str] = "seed.force_exists"


@dataclass(slots=True)
class Seeded:
    """How many of each were made."""

    units: int = 0
    stations: int = 0
    officers: int = 0
    docks: int = 0
    cameras: int = 0
    issued: int = 0


@dataclass(slots=True)
class _Seeding:
    ready: ReadyForce
    at: datetime
    founded: datetime
    keep: KeyKeeper
    tell: Teller
    names: Names
    serials: Iterator[str]
    manager: Officer
    made: Seeded = field(default_factory=Seeded)


def seed(
    *,
    force: str = "met",
    scale: float,
    at: datetime,
    keep_key: KeyKeeper | None = None,
    tell: Teller | None = None,
) -> Seeded:
    """Make a force.

    Args:
        force: which ready data.
        scale: part of the real number of cameras, above 0 up to 1; each unit has at least one.
        at: now; the roll-out stands as on the day that the ready data tells of, or where it
            stood then, if that day is still to come.
        keep_key: is given each device's serial number and private key; by default they are
            thrown away, and nobody can ever sign with them.
        tell: is given a line for people after each unit.

    Raises:
        ForceExists: there are units already.
        ReadyDataUnknown: there is no such ready data.
    """
    known = ready_data.read(force)
    if Unit.objects.exists():
        raise ForceExists("There is a force here already. Seed an empty data folder.")
    if not 0 < scale <= 1:
        raise FairwitnessError("The scale is above 0 and at most 1.", code="seed.scale")
    ready = ready_data.made_up(known, scale=scale, today=at.date())
    first = min((unit.actual_on for unit in ready.units if unit.actual_on), default=at.date())
    founded = min(_moment(first), at) - _FOUNDED_BEFORE
    ready_data.load_units(ready=ready, actor=SYSTEM, at=founded)
    staff = officers.register_officers_many(actor=SYSTEM, officers=STAFF, at=founded)
    seeding = _Seeding(
        ready=ready,
        at=at,
        founded=founded,
        keep=keep_key or (lambda _serial, _key: None),
        tell=tell or (lambda _line: None),
        names=ready_data.names(),
        serials=_serials(),
        manager=staff[0],
    )
    seeding.made.units = len(ready.units)
    seeding.made.stations = len(ready.stations)
    seeding.made.officers = len(staff)
    for unit in ready.units:
        _seed_unit(seeding, unit)
    return seeding.made


def _seed_unit(seeding: _Seeding, new: NewUnit) -> None:
    """One unit: its people join, its docks and cameras are enrolled, then issued on the day."""
    first_day = _moment(new.actual_on) if new.actual_on else None
    rolled_out = first_day is not None and first_day <= seeding.at
    day = first_day if first_day is not None and rolled_out else seeding.at
    unit = units.named(new.code)
    count = new.planned_cameras
    people = officers.register_officers_many(
        actor=SYSTEM,
        officers=list(_people(seeding.names, new.code, count + max(1, count // 5))),
        at=max(seeding.founded, day - _JOINED_BEFORE),
    )
    seeding.made.officers += len(people)
    if rolled_out:
        cameras = _enrol(seeding, unit, count, at=max(seeding.founded, day - _ENROLLED_BEFORE))
        _issue(seeding, cameras, people, at=day)
    seeding.tell(f"{new.name}: {len(people)} officers, {count if rolled_out else 0} cameras")


def _enrol(seeding: _Seeding, unit: Unit, count: int, *, at: datetime) -> list[Camera]:
    stations = list(Station.objects.filter(unit=unit).order_by("code"))
    docks = [
        _request(
            seeding,
            DeviceKind.DOCK,
            serial=f"D{station.code}-{number + 1}",
            station=station.code,
            at=at,
        )
        for station in stations
        for number in range(max(1, count // _CAMERAS_PER_DOCK // len(stations)))
    ]
    profile = Profile.FLEX2 if unit.code == ARMED else Profile.BODY2
    cameras = [
        _request(
            seeding,
            DeviceKind.CAMERA,
            serial=next(seeding.serials),
            station=stations[number % len(stations)].code,
            at=at,
            profile=profile,
        )
        for number in range(count)
    ]
    devices = enrolment.request_many(envelopes=[*docks, *cameras], at=at)
    pool = [device for n, device in enumerate(devices) if n % _POOL_EVERY == _POOL_EVERY - 1]
    own = [device for n, device in enumerate(devices) if n % _POOL_EVERY != _POOL_EVERY - 1]
    approved_at = at + timedelta(hours=2)
    for part, shared in ((own, False), (pool, True)):
        enrolment.approve_many(
            devices=[(device, device.keyid) for device in part],
            officer=seeding.manager,
            at=approved_at,
            unit=unit,
            pool=shared,
        )
    found = [device for device in devices if isinstance(device, Camera)]
    seeding.made.docks += len(devices) - len(found)
    seeding.made.cameras += len(found)
    return found


def _issue(
    seeding: _Seeding, cameras: Sequence[Camera], people: Sequence[Officer], *, at: datetime
) -> None:
    personal = [camera for camera in cameras if not camera.pool]
    issues = [
        NewIssue(camera=camera, officer=officer, begins_at=at)
        for camera, officer in zip(personal, people, strict=False)
    ]
    issue.issue_many(actor=seeding.manager, issues=issues, at=at)
    seeding.made.issued += len(issues)


def _request(
    seeding: _Seeding,
    kind: DeviceKind,
    *,
    serial: str,
    station: str,
    at: datetime,
    profile: Profile | None = None,
) -> Envelope:
    key = SigningKey.generate()
    seeding.keep(serial, key)
    request = EnrolmentRequest(
        kind=kind,
        serial=serial,
        profile=profile,
        station=station,
        public_key=key.public.pem().decode(),
        at=at,
    )
    return docking.sign_claim(request, key=key)


def _people(names: Names, unit: str, count: int) -> Iterator[NewOfficer]:
    for number in range(count):
        sergeant = number % _SERGEANT_EVERY == 0
        first = names.first[_pick(f"first/{unit}/{number}", len(names.first))]
        last = names.last[_pick(f"last/{unit}/{number}", len(names.last))]
        yield NewOfficer(
            collar_number=f"{101 + number}{unit}",
            name=f"{first} {last}",
            initials=f"{first[0]}{last[0]}",
            unit=unit,
            rank=_RANKS[0] if sergeant else _RANKS[1],
            roles=(Role.OFFICER, Role.SUPERVISOR) if sergeant else (Role.OFFICER,),
        )


def _pick(label: str, among: int) -> int:
    return int.from_bytes(hashlib.sha256(label.encode()).digest()[:8]) % among


def _serials() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        serial = f"{number:05}"
        if serial != RESERVED_SERIAL:
            yield serial


def _moment(day: date) -> datetime:
    return datetime.combine(day, _SHIFT_BEGINS)
