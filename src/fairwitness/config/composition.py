"""Builds what a deployment works with, from its settings; the only place that knows everything.

Keys are made at first use, each a file under `keys/` in the data folder that only we can read;
docs/design/keys.md says of each what it is for, how it is kept, and what if it is stolen. The key
ring is elsewhere (`keyring/`), and must not be backed up together with the master key.

A process that has a deployment holds its signing keys in memory until it ends, and nobody changes
them meanwhile (`server_keys`).
"""

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

from fairwitness.config import clock, server_keys, settings
from fairwitness.config.environment import Environment, SettingInvalid
from fairwitness.config.server_keys import ServerKeys
from fairwitness.config.trust_at_hand import Made, TrustAtHand
from fairwitness.custody import beginning, recovery, triggers
from fairwitness.custody import keys as log_keys
from fairwitness.custody.audit import LogOnDisk
from fairwitness.custody.election import NotElected
from fairwitness.custody.files import LogFiles
from fairwitness.custody.integrator import Integrator
from fairwitness.custody.witnessing import Witnesses
from fairwitness.disclosure.export import Kit
from fairwitness.disclosure.published import Publications, Published
from fairwitness.evidence.copies import Making
from fairwitness.force import trusted
from fairwitness.force.asking import Role
from fairwitness.formats import policy, trust
from fairwitness.formats.errors import FormatError
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.note import NoteSigner, NoteVerifier
from fairwitness.formats.trust import KeyRole, TrustedLog, TrustedWitness, TrustList
from fairwitness.ingest import commitments
from fairwitness.ingest.acceptance import Acceptance
from fairwitness.ingest.axis.clips import Desk
from fairwitness.ingest.axis.content_keys import ContentKeys
from fairwitness.ingest.axis.decrypting import Opening
from fairwitness.ingest.commitments import Commitments
from fairwitness.ingest.receipts import Issuer
from fairwitness.vault import undumpable
from fairwitness.vault.folder import FolderStore
from fairwitness.vault.keyring import KeyRing
from fairwitness.vault.master import MasterKey
from fairwitness.vault.vault import Vault

FINGERPRINTS = "fingerprints.jsonl"


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a deployment works with. Made once in a process by `deployment`.

    Attributes:
        environment: its settings.
        clock: its time.
        vault: sealed footage and its keys.
        log: the custody log's files.
        signer: the log's key.
        sealing_key: hides the entries that lie beside the log's tiles.
        commitments: keyed digests.
        keys: our signing keys.
        publications: the lists of public keys that were published.
        witnesses: the log's outside witnesses.
        trust_at_hand: the list of public keys, kept made.
    """

    environment: Environment
    clock: Callable[[], datetime]
    vault: Vault
    log: LogFiles
    signer: NoteSigner
    sealing_key: bytes
    commitments: Commitments
    keys: ServerKeys
    publications: Publications
    witnesses: Witnesses
    trust_at_hand: TrustAtHand = field(default_factory=TrustAtHand)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.environment.data

    @property
    def training(self) -> bool:
        """Whether all that is here is made up, and says so."""
        return clock.training(self.environment.data) is not None

    @property
    def force(self) -> str:
        """The force's name."""
        return self.environment.force

    @property
    def contact(self) -> str:
        """How the public reaches the force's data protection office; may be empty."""
        return self.environment.contact

    @property
    def sample(self) -> Path:
        """The folder of the copy that anyone may download and spoil; see `fairwitness sample`."""
        return self.environment.data / "sample"

    @property
    def map_tiles(self) -> str:
        """Where pictures of a map are asked for; empty: nowhere, trails are drawn alone."""
        return self.environment.map_tiles

    @property
    def map_attribution(self) -> str:
        """Whose map that is."""
        return self.environment.map_attribution

    @property
    def no_second_factor(self) -> frozenset[Role]:
        """Roles that need no second factor: those the settings name; all of them in training."""
        return frozenset(Role if self.training else self.environment.no_second_factor)

    @property
    def sign_in_service(self) -> bool:
        """Whether the force has a sign-in of its own (OpenID Connect)."""
        return self.environment.sign_in_service is not None

    @property
    def kiosk_idle(self) -> int:
        """Seconds without use after which a kiosk signs out."""
        return self.environment.kiosk_idle

    @property
    def issuer(self) -> Issuer:
        """What receipts are made with."""
        return Issuer(
            log=self.log,
            key=self.key(KeyRole.RECEIPT),
            commitments=self.commitments,
            store=self.vault.store,
        )

    @property
    def acceptance(self) -> Acceptance:
        """What uploads are accepted with."""
        return Acceptance(vault=self.vault, commitments=self.commitments, clock=self.clock)

    @property
    def content_keys(self) -> ContentKeys:
        """The keys that Axis systems encrypt for."""
        return ContentKeys(self.environment.data / "keys")

    @property
    def axis(self) -> Opening:
        """What Axis containers are worked on with."""
        return Opening(Desk(self.vault, self.commitments, self.clock), self.content_keys)

    @property
    def making(self) -> Making:
        """What working copies are made with."""
        return Making(vault=self.vault, key=self.key(KeyRole.DERIVATIVE), clock=self.clock)

    def key(self, role: KeyRole) -> SigningKey:
        """Our signing key of a role."""
        return self.keys.current[role]

    def integrator(self) -> Integrator:
        """What makes entries into the public log; one at a time, by election."""
        return Integrator(
            self.log.folder,
            signer=self.signer,
            sealing_key=self.sealing_key,
            clock=self.clock,
            witnessed=self.witnesses.remembered,
        )

    def recover_log(self) -> None:
        """Compare the custody log's rows, files and checkpoints; first, before anything is written.

        Outside witnesses are asked, briefly, which checkpoints they remember.
        After a restore this brings back the entries that the database forgot and opens a gap,
        which stops deletion. Where a running server holds the log, the database must not be behind.

        Raises:
            TriggersMissing: the database would let the log be changed.
            LogForked, LogFileMissing, LogBehind: the log can't go on with this database.
        """
        triggers.check_triggers()
        try:
            with self.integrator() as integrator:
                if not integrator.recover().log:
                    beginning.note(origin=self.signer.name, at=self.clock())
        except NotElected:
            recovery.demand_not_behind(self.log_on_disk().memory)

    def trust(self) -> TrustList:
        """All public keys of this force, as they are now.

        What is shown to anybody outside is noted first: see `published_trust`.
        """
        force = self.environment.force
        if self.training:
            force += f" ({clock.MARK})"
        ours = [
            dataclasses.replace(key, name=f"{force}: {key.role.value}")
            for key in self.keys.register.keys
        ]
        every = (*ours, *trusted.trusted_keys())
        changes = [
            at
            for key in every
            for at in (key.valid_from, key.valid_until, key.revoked_at)
            if at is not None
        ]
        return trust.make_trust_list(
            force=force,
            issued_at=max(*changes, self.keys.register.changed_at),
            log=TrustedLog(vkey=self.signer.vkey, origin=self.signer.name),
            keys=every,
            witnesses=tuple(
                TrustedWitness(name=each.name, vkey=each.verifier.vkey)
                for each in self.witnesses.every
            ),
        )

    def published_trust(self) -> TrustList:
        """All public keys as they are now, about to be shown: its fingerprint is noted for ever."""
        return self._published().keys

    def _published(self) -> Made:
        now = self.trust_at_hand.get(self.trust)
        self.publications.note(now.keys, at=self.clock(), fingerprint=now.fingerprint)
        return now

    def known_witnesses(self) -> tuple[NoteVerifier, ...]:
        """The keys of the outside witnesses that our list of keys names."""
        return tuple(each.verifier for each in self.witnesses.every)

    def log_on_disk(self) -> LogOnDisk:
        """The custody log's files, as an audit reads them."""
        return LogOnDisk.at(
            self.log.folder, verifier=self.signer.verifier, sealing_key=self.sealing_key
        )

    def export_kit(self) -> Kit:
        """What a copy for court is made with."""
        return Kit(
            vault=self.vault,
            log=self.log,
            key=self.key(KeyRole.DISCLOSURE),
            derivative=self.key(KeyRole.DERIVATIVE),
            trust=self.published_trust(),
            training=self.training,
            wait=lambda: time.sleep(0.1),
            clock=self.clock,
            cosign=self.cosign,
        )

    def cosign(self) -> int:
        """Have the outside witnesses cosign the latest checkpoint; returns how many did."""
        return self.witnesses.submit(at=self.clock())

    def fingerprint(self) -> str:
        """The fingerprint of our public keys, to be read aloud."""
        return self._published().fingerprint

    def fingerprint_at_hand(self) -> str:
        """The fingerprint that was published last, without making the list of keys again."""
        known = self.fingerprints()
        return known[-1].fingerprint if known else self.fingerprint()

    def fingerprints(self) -> tuple[Published, ...]:
        """Every list of our public keys that was published, the first first."""
        return self.publications.every()

    def trust_file(self) -> bytes:
        """The bytes of `trust.json`, as they are now."""
        return self._published().data


@cache
def deployment() -> Deployment:
    """This process's deployment, built at the first call; keys are made if there are none.

    From then on the process holds keys, so it dumps no core and lets nobody look in.
    """
    undumpable.make_undumpable()
    return build(settings.ENVIRONMENT, clock.now)


def build(environment: Environment, now: Callable[[], datetime]) -> Deployment:
    """Build a deployment from its settings, making its folders and keys at first use.

    Args:
        environment: its settings.
        now: its time.
    """
    keys = environment.data / "keys"
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    environment.vault.mkdir(parents=True, exist_ok=True)
    ring = KeyRing(environment.keyring, MasterKey.load_or_create(keys / "master"))
    log = LogFiles(environment.data / "log")
    signer = log_keys.log_signer(keys / "log.pem", origin=environment.log_origin)
    return Deployment(
        environment=environment,
        clock=now,
        vault=Vault(store=FolderStore(environment.vault), ring=ring),
        log=log,
        signer=signer,
        sealing_key=log_keys.sealing_key(keys / "log-sealing"),
        commitments=commitments.load_or_create(keys / "commitment"),
        keys=server_keys.load(keys, now=now),
        publications=Publications(keys / FINGERPRINTS),
        witnesses=Witnesses(
            _followers(environment.witnesses, signer), files=log, log=signer.verifier
        ),
    )


def _followers(path: Path | None, signer: NoteSigner) -> tuple[policy.Witness, ...]:
    """The witnesses that a policy file names."""
    if path is None or not path.exists():
        return ()
    try:
        read = policy.parse(path.read_bytes())
    except (OSError, FormatError) as error:
        raise SettingInvalid(f"The witnesses' policy file {path} can't be used: {error}") from error
    if read.logs and signer.vkey not in {each.vkey for each in read.logs}:
        raise SettingInvalid(f"The witnesses' policy file {path} is for another log than ours.")
    return read.witnesses
