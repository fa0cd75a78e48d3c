"""A small force with a vault, and recordings whose footage is really sealed, for retention's tests.

Footage here is a few bytes, not video: what matters is whether it opens.
"""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction
from tests.media_samples import Held

from fairwitness.custody import reading
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import access, footage_facts, registration
from fairwitness.evidence.models import Piece, Provenance, Recording
from fairwitness.force import officers, stations, units
from fairwitness.force.asking import Role
from fairwitness.force.authority import System
from fairwitness.force.models import Camera, CameraStatus, Mount, Officer, Profile, UnitKind
from fairwitness.force.officers import NewOfficer
from fairwitness.force.stations import NewStation
from fairwitness.force.units import NewUnit
from fairwitness.formats.acts import Act
from fairwitness.formats.disposal import commitment
from fairwitness.formats.keys import SigningKey
from fairwitness.media import probe
from fairwitness.retention import arrivals, listing, sweep
from fairwitness.retention.disposal import Tools
from fairwitness.retention.sweep import Outcome
from fairwitness.vault import copies, manifests
from fairwitness.vault.folder import FolderStore
from fairwitness.vault.keyring import KeyRing
from fairwitness.vault.master import MasterKey
from fairwitness.vault.vault import Vault

AT = datetime(2017, 6, 8, 22, 13, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SETUP = System("setup")
SECRET = b"a secret of thirty-two bytes, yes"
_MANIFEST = b'{"training":true}'


def open_vault(root: Path) -> Vault:
    """The vault in a folder, made where there is none."""
    master = MasterKey.load_or_create(root / "keys" / "master.key")
    ring = KeyRing((root / "ring" / "first", root / "ring" / "second"), master)
    return Vault(FolderStore(root / "vault"), ring)


@dataclass
class World:
    """Who and what there is."""

    root: Path
    vault: Vault
    ada: Officer  # wears the camera
    dev: Officer
    sergeant: Officer
    detective: Officer
    manager: Officer
    second_manager: Officer
    standards: Officer
    investigator: Officer  # independent
    camera: Camera
    key: SigningKey = field(default_factory=SigningKey.generate)
    footage: dict[UUID, bytes] = field(default_factory=dict)
    counter: int = 0

    @classmethod
    def make(cls, root: Path) -> "World":
        lambeth, _ = units.register_many(
            actor=SETUP,
            units=[
                NewUnit("LAM", "Lambeth", UnitKind.BOROUGH),
                NewUnit("LSH", "Lewisham", UnitKind.BOROUGH),
            ],
            at=AT,
        )
        station = stations.register(
            actor=SETUP, station=NewStation("LAM1", "Brixton", "LAM"), at=AT
        )
        people = officers.register_officers_many(
            actor=SETUP,
            officers=[
                NewOfficer("614LX", "Ada Whitlock", "AW", "LAM", "PC"),
                NewOfficer("702LX", "Dev Anand", "DA", "LAM", "PC"),
                NewOfficer("12LX", "Jo Hale", "JH", "LAM", "Sgt", (Role.SUPERVISOR,)),
                NewOfficer("88LX", "Ivo Ray", "IR", "LAM", "DC", (), (Role.INVESTIGATOR,)),
                NewOfficer("4101", "Grace Okafor", "GO", "LAM", "", (), (Role.EVIDENCE_MANAGER,)),
                NewOfficer("4102", "Martin Shaw", "MS", "LSH", "", (), (Role.EVIDENCE_MANAGER,)),
                NewOfficer("4103", "Pia Long", "PL", "LSH", "", (), (Role.PROFESSIONAL_STANDARDS,)),
                NewOfficer(
                    "9001", "Ian Oates", "IO", "LSH", "", (), (Role.INDEPENDENT_INVESTIGATOR,)
                ),
            ],
            at=AT - DAY,
        )
        camera = Camera.objects.create(
            serial="00417",
            profile=Profile.BODY2,
            mount=Mount.CHEST,
            public_key="none",
            keyid="0" * 64,
            status=CameraStatus.APPROVED,
            requested_at=AT - DAY,
            approved_at=AT - DAY,
            unit=lambeth,
            station=station,
        )
        ada, dev, sergeant, detective, manager, second, standards, investigator = people
        return cls(
            root=root,
            vault=open_vault(root),
            ada=ada,
            dev=dev,
            sergeant=sergeant,
            detective=detective,
            manager=manager,
            second_manager=second,
            standards=standards,
            investigator=investigator,
            camera=camera,
        )

    @property
    def tools(self) -> Tools:
        return Tools(self.vault, self.key)

    def record(
        self,
        *,
        ended_at: datetime = AT,
        docked_at: datetime | None = None,
        wearer: Officer | None = None,
        part: int = 1,
        last_part: bool = True,
        counter: int | None = None,
        data: bytes | None = None,
    ) -> Recording:
        """A recording that arrived whole; its clock was checked and right; real if it has data."""
        pk = uuid.uuid4()
        self.counter += 1 if counter is None else 0
        number = self.counter if counter is None else counter
        docked = docked_at or ended_at + 7 * HOUR
        found = None if data is None else probe.probe(Held(data))
        data = data or f"footage of {pk} ".encode() * 40
        sealed = self._seal(pk, data)
        self.footage[pk] = data
        digest = hashlib.sha256(data).digest()
        wearer = wearer or self.ada
        with transaction.atomic():
            row = registration.register(
                recording=pk,
                origin=registration.Origin(
                    provenance=Provenance.UNSIGNED,
                    reference=f"00417-{number}/{part}",
                    camera=self.camera,
                    source=f"camera:{pk}",
                ),
                belonging=registration.Belonging(
                    wearer=wearer, unit=self.camera.unit, station=self.camera.station
                ),
                times=registration.Times(
                    received_at=docked,
                    docked_at=docked,
                    clock_started_at=min(ended_at, docked),
                    started_at=ended_at - timedelta(minutes=5),
                    ended_at=ended_at,
                    clock_ahead_us_min=0,
                    clock_ahead_us_max=0,
                    clock_checked=True,
                ),
                content=registration.Content(
                    size=len(data),
                    sha256=digest.hex(),
                    commitment=commitment(secret=SECRET, master_sha256=digest),
                    media_type="video/mp4",
                    duration_ms=found.duration_ms if found else 300_000,
                    media=footage_facts.told(found) if found else None,
                ),
                actor="system:test",
                at=docked,
            ).recording
            Recording.objects.filter(pk=pk).update(
                counter=number, activation=number, part=part, last_part=last_part
            )
            row.refresh_from_db()
            Piece.objects.bulk_create(sealed)
            arrivals.settle(row, docked)
        return row

    def _seal(self, pk: UUID, data: bytes) -> list[Piece]:
        key = self.vault.ring.create(pk)
        manifests.write(_MANIFEST, store=self.vault.store, key=key, recording=pk)
        sealed = copies.seal_bytes(
            data, store=self.vault.store, key=key, recording=pk, copy="master"
        )
        return [
            Piece(
                recording_id=pk,
                copy="master",
                offset=each.offset,
                length=each.length,
                blob=each.blob,
                sealed_size=each.sealed_size,
                upload_length=len(data),
            )
            for each in sealed
        ]

    def open(self, recording: Recording | UUID, at: datetime, vault: Vault | None = None) -> bytes:
        """All of a recording's footage through the one door; raises when it can't be opened."""
        pk = recording.pk if isinstance(recording, Recording) else recording
        opened = access.open_for_task(
            recording=Recording.objects.get(pk=pk),
            actor="system:test",
            act=Act.RECORDING_EXPORTED,
            reason="a test reads it",
            at=at,
            vault=vault or self.vault,
        )
        return opened.read(0, opened.size)

    def opens(self, recording: Recording | UUID, at: datetime, vault: Vault | None = None) -> bool:
        """Whether a recording opens and is what was recorded."""
        pk = recording.pk if isinstance(recording, Recording) else recording
        try:
            return self.open(pk, at, vault) == self.footage[pk]
        except FairwitnessError:
            return False

    def list_at(self, at: datetime) -> None:
        """Commit the lists of a day."""
        listing.commit_lists(at)

    def sweep(self, at: datetime, second: datetime | None = None) -> Outcome:
        """One sweep at a time on which both clocks agree, unless another is given."""
        return sweep.run(self.tools, at=at, second_clock=lambda: second or at)

    def live_through(self, start: datetime, end: datetime, step: timedelta = DAY) -> list[Outcome]:
        """Sweeps from one time to another."""
        outcomes = []
        while start <= end:
            outcomes.append(self.sweep(start))
            start += step
        return outcomes


def acts(subject: str) -> list[str]:
    """What the log says was done to a subject, oldest first."""
    return [row.entry.act.value for row in reading.history(subject)]


def fresh(recordings: Sequence[Recording]) -> list[Recording]:
    """The same recordings as they are in the database now."""
    found = Recording.objects.in_bulk([row.pk for row in recordings])
    return [found[row.pk] for row in recordings]
