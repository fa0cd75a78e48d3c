"""A force of a few people in two units, and devices with keys of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext

from fairwitness.custody import reading
from fairwitness.force import enrolment, officers, stations, units
from fairwitness.force.asking import Role
from fairwitness.force.authority import System
from fairwitness.force.models import Camera, Dock, Officer, Station, Unit, UnitKind
from fairwitness.force.officers import NewOfficer
from fairwitness.force.stations import NewStation
from fairwitness.force.units import NewUnit
from fairwitness.formats import docking
from fairwitness.formats.docking import DeviceKind, EnrolmentRequest
from fairwitness.formats.dsse import Envelope
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.recording import Profile

AT = datetime(2017, 6, 8, 22, 13, 10, 123456, tzinfo=UTC)
SETUP = System("setup")


@dataclass(frozen=True)
class Force:
    """Who and what there is."""

    lambeth: Unit
    lewisham: Unit
    brixton: Station
    ada: Officer  # an officer of Lambeth
    dev: Officer  # another
    sergeant: Officer  # supervises Lambeth
    manager: Officer  # evidence manager of the force
    second_manager: Officer
    administrator: Officer

    def request(
        self,
        serial: str,
        *,
        key: SigningKey | None = None,
        kind: DeviceKind = DeviceKind.CAMERA,
        station: str | None = "LAM1",
    ) -> Envelope:
        """A device's own signed request."""
        key = key or SigningKey.generate()
        wish = EnrolmentRequest(
            kind=kind,
            serial=serial,
            profile=Profile.BODY2 if kind is DeviceKind.CAMERA else None,
            station=station,
            public_key=key.public.pem().decode(),
            at=AT,
        )
        return docking.sign_claim(wish, key=key)

    def camera(self, serial: str, *, pool: bool = False) -> Camera:
        """A camera whose key is approved."""
        device = enrolment.request_enrolment(envelope=self.request(serial), at=AT)
        assert isinstance(device, Camera)
        enrolment.approve(device=device, keyid=device.keyid, officer=self.manager, at=AT, pool=pool)
        return device

    def dock(self, serial: str) -> Dock:
        """A dock whose key is approved."""
        envelope = self.request(serial, kind=DeviceKind.DOCK)
        device = enrolment.request_enrolment(envelope=envelope, at=AT)
        assert isinstance(device, Dock)
        enrolment.approve(device=device, keyid=device.keyid, officer=self.manager, at=AT)
        return device


def acts(subject: str) -> list[str]:
    """What the log says was done to a subject, oldest first."""
    return [row.entry.act.value for row in reading.history(subject)]


def last_actor(subject: str) -> str:
    """Who did the last thing that was done to a subject."""
    body = reading.history(subject)[-1].body
    assert body is not None
    return body.actor


@contextmanager
def few_queries(limit: int) -> Iterator[None]:
    """At most this many queries, not counting the custody log's locks on PostgreSQL."""
    with CaptureQueriesContext(connection) as captured:
        yield
    asked = [one["sql"] for one in captured.captured_queries]
    counted = [sql for sql in asked if "pg_advisory_xact_lock" not in sql]
    assert len(counted) <= limit, "\n".join(sql[:80] for sql in counted)


def make_force() -> Force:
    """Register the force through the domain's own verbs."""
    lambeth, lewisham = units.register_many(
        actor=SETUP,
        units=[
            NewUnit("LAM", "Lambeth", UnitKind.BOROUGH),
            NewUnit("LSH", "Lewisham", UnitKind.BOROUGH),
        ],
        at=AT,
    )
    brixton = stations.register(
        actor=SETUP, station=NewStation("LAM1", "Brixton police station", "LAM"), at=AT
    )
    ada, dev, sergeant, manager, second, administrator = officers.register_officers_many(
        actor=SETUP,
        officers=[
            NewOfficer("614LX", "Ada Whitlock", "AW", "LAM", "PC"),
            NewOfficer("702LX", "Dev Anand", "DA", "LAM", "PC"),
            NewOfficer("12LX", "Jo Hale", "JH", "LAM", "Sgt", (Role.SUPERVISOR,)),
            NewOfficer("4101", "Grace Okafor", "GO", "LAM", "", (), (Role.EVIDENCE_MANAGER,)),
            NewOfficer("4102", "Martin Shaw", "MS", "LSH", "", (), (Role.EVIDENCE_MANAGER,)),
            NewOfficer("4140", "Joan Keane", "JK", "LSH", "", (), (Role.ADMINISTRATOR,)),
        ],
        at=AT,
    )
    return Force(lambeth, lewisham, brixton, ada, dev, sergeant, manager, second, administrator)
