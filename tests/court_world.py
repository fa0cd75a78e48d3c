"""A case in court: recordings by the real ingest, exhibits of them, and what copies are made with.

Time stands still unless a test moves `world.at`; the integrator runs whenever an export waits.
"""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from tests.ingest_world import AT, SETUP, World, video

from fairwitness.cases import opening, producing
from fairwitness.cases.models import Case, Exhibit
from fairwitness.custody.files import LogFiles
from fairwitness.disclosure import exporting
from fairwitness.disclosure.export import Kit
from fairwitness.evidence import copies
from fairwitness.evidence.copies import Making
from fairwitness.evidence.models import Recording
from fairwitness.force import officers, trusted
from fairwitness.force.asking import Role
from fairwitness.force.models import Officer
from fairwitness.force.officers import NewOfficer
from fairwitness.formats.disclosure import DisclosureClaim
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.recording import ClockState, Span
from fairwitness.formats.trust import KeyRole, TrustedKey, TrustList, make_trust_list
from fairwitness.ingest import quarantine, receipts
from fairwitness.ingest.models import Quarantine
from fairwitness.ingest.quarantine import Proposal

REVIEW = date(2018, 6, 8)
MUTES = (
    Span(from_ms=1100, to_ms=1300, reason="a witness gave an address"),
    Span(from_ms=1500, to_ms=1600, reason=None),
)
RECIPIENT = "Orme & Söhne, für die Verteidigung"
HOSTILE = '<script>alert("x")</script><img src=http://example.com/x.png> & "quoted"'


@dataclass
class Court:
    """Who and what there is, besides the force and its camera."""

    world: World
    detective: Officer
    producer: Officer
    case: Case
    disclosure_key: SigningKey = field(default_factory=SigningKey.generate)
    derivative_key: SigningKey = field(default_factory=SigningKey.generate)
    ended: list[TrustedKey] = field(default_factory=list)

    @classmethod
    def make(cls, root: Path, *, reference: str = "01/803/17") -> "Court":
        world = World.make(root)
        detective, producer = officers.register_officers_many(
            actor=SETUP,
            officers=[
                NewOfficer("88LX", "Ivo Ray", "IR", "LAM", "DC", (), (Role.INVESTIGATOR,)),
                NewOfficer("515LX", "Łukasz Żółć", "LZ", "LAM", "PC"),
            ],
            at=AT,
        )
        case = opening.open_case(
            reference=reference,
            title="R v Żebrowski",
            unit=world.force.lambeth,
            officer_in_case=detective,
            review_on=REVIEW,
            officer=detective,
            at=AT,
        )
        return cls(world, detective, producer, case)

    def trust(self) -> TrustList:
        """What this force publishes now."""
        ours = self.world.trust()
        keys = {
            KeyRole.DISCLOSURE: self.disclosure_key,
            KeyRole.DERIVATIVE: self.derivative_key,
        }
        made = [trusted_key(role, key) for role, key in keys.items()]
        return make_trust_list(
            force=ours.force,
            issued_at=self.world.at,
            log=ours.log,
            keys=(*ours.keys, *made, *self.ended, *trusted.trusted_keys()),
        )

    def kit(self, *, wait: Callable[[], None] | None = None) -> Kit:
        """What a copy is made with; waiting for the log lets the integrator take a step."""
        return Kit(
            vault=self.world.vault,
            log=LogFiles(self.world.root / "log"),
            key=self.disclosure_key,
            derivative=self.derivative_key,
            trust=self.trust(),
            training=True,
            wait=wait or self.world.publish_log,
            clock=lambda: self.world.at,
        )

    def receive(
        self,
        *,
        counter: int,
        shade: int = 90,
        docking: Mapping[str, object] | None = None,
        **claim: object,
    ) -> Recording:
        """A recording that its camera signed, through the whole of the ingest."""
        data = video(shade=shade)
        signed = self.world.signed(self.world.claim(data, counter=counter, **claim))
        return self.let_in(data, statement=signed, docking=self.world.docking(**(docking or {})))

    def receive_unsigned(self, *, shade: int) -> Recording:
        """A plain file that a dock found."""
        data = video(shade=shade)
        digest = hashlib.sha256(data).digest()
        return self.let_in(data, sha256=digest, filename="Zdjęcie 1.mp4".encode())

    def receive_unreadable(self, *, counter: int) -> Recording:
        """What no player can read: two people let it in, and no copy can be made of it."""
        data = b"no video at all, but kept " * 40
        signed = self.world.signed(self.world.claim(data, counter=counter))
        create = self.world.create(len(data), statement=signed, docking=self.world.docking())
        upload = self.world.begin_with(create)
        self.world.send(upload, data)
        self.world.accept()
        held = Quarantine.objects.get(upload=upload)
        force = self.world.force
        quarantine.propose(
            case=held, proposal=Proposal.RELEASE, officer=force.manager, reason="kept", at=AT
        )
        quarantine.confirm(
            case=held, proposal=Proposal.RELEASE, officer=force.second_manager, at=AT
        )
        assert self.world.accept() == 1
        return Recording.objects.get(pk=upload.recording_id)

    def let_in(self, data: bytes, **metadata: bytes) -> Recording:
        """Upload these bytes and let the ingest take them."""
        upload = self.world.begin_with(self.world.create(len(data), **metadata))
        self.world.send(upload, data)
        assert self.world.accept() == 1
        return Recording.objects.get(pk=upload.recording_id)

    def settle(self, *, working_copies: bool = True) -> None:
        """The background work: the log, receipts, working copies."""
        self.world.publish_log()
        receipts.issue_due(issuer=self.world.issuer, at=self.world.at)
        if working_copies:
            tools = Making(
                vault=self.world.vault, key=self.derivative_key, clock=lambda: self.world.at
            )
            copies.make_due(tools)

    def produce(self, recording: Recording, title: str = "Footage of the arrest") -> Exhibit:
        """One exhibit, entered by the detective, produced by who answers for it."""
        return producing.produce(
            case=self.case,
            recording=recording,
            producer=self.producer,
            title=title,
            officer=self.detective,
            at=self.world.at,
        ).exhibit

    def export(
        self,
        folder: Path,
        *,
        officer: Officer | None = None,
        kit: Kit | None = None,
    ) -> DisclosureClaim:
        """The copy for court, in a folder."""
        return exporting.to_folder(
            case=self.case,
            folder=folder,
            recipient=RECIPIENT,
            purpose="initial disclosure",
            officer=officer or self.detective,
            kit=kit or self.kit(),
            disclosure=uuid.uuid4(),
            at=self.world.at,
        )

    def fill(self) -> None:
        """One recording of each kind, each an exhibit: LZ/1 to LZ/5."""
        gap = {"counters_missing": (2191, 2192)}
        signed = self.receive(counter=2193, docking=gap, mute=MUTES)
        unset = self.receive(
            counter=2194,
            shade=20,
            docking={"camera_clock_ahead_us_min": None, "camera_clock_ahead_us_max": None},
            clock=ClockState(set=False, set_at=None, source=None),
        )
        first = self.receive(counter=2200, shade=40, activation=2200, last_part=False)
        self.receive(counter=2201, shade=60, activation=2200, part=2, buffer_ms=0)
        unsigned = self.receive_unsigned(shade=120)
        unreadable = self.receive_unreadable(counter=2300)
        self.settle()
        self.world.at = AT + timedelta(hours=1)
        self.produce(signed)
        self.produce(unset, "Clock never set")
        self.produce(first, HOSTILE)
        self.produce(unsigned, "Zdjęcie z telefonu")
        self.produce(unreadable, "Can't be played")


def trusted_key(role: KeyRole, key: SigningKey) -> TrustedKey:
    """A key as it stands in the trust list."""
    return TrustedKey(
        role=role,
        name=role.value,
        keyid=key.public.keyid,
        public_pem=key.public.pem().decode(),
        valid_from=AT - timedelta(days=30),
    )
