"""A custody log in a folder of its own, with keys of its own, for tests of any kind."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.db import transaction

from fairwitness.custody import keys, ledger
from fairwitness.custody.audit import LogOnDisk, audit
from fairwitness.custody.findings import Finding
from fairwitness.custody.integrator import Integrator
from fairwitness.formats.custody import Act
from fairwitness.formats.note import NoteSigner

AT = datetime(2017, 6, 8, 22, 13, 10, 123456, tzinfo=UTC)
ORIGIN = "fairwitness.example/log"


@dataclass
class Log:
    """One log, written and integrated as in earnest."""

    root: Path
    signer: NoteSigner
    sealing_key: bytes
    at: datetime = AT
    opened: list[Integrator] = field(default_factory=list)

    @classmethod
    def make(cls, root: Path) -> "Log":
        signer = keys.log_signer(root / "keys" / "log.pem", origin=ORIGIN)
        return cls(root, signer, keys.sealing_key(root / "keys" / "log-entries.key"))

    @property
    def folder(self) -> Path:
        return self.root / "log"

    @property
    def second_copy(self) -> Path:
        return self.root / "log-checkpoint"

    def integrator(self) -> Integrator:
        """A new integrator; the ones before resign, as if their process had ended."""
        self.close()
        made = Integrator(
            self.folder,
            signer=self.signer,
            sealing_key=self.sealing_key,
            clock=lambda: self.at,
        )
        self.opened.append(made)
        return made

    def append(
        self, *, count: int = 1, subject: str = "recording:1", act: Act = Act.RECORDING_VIEWED
    ) -> list[ledger.Appended]:
        """Append entries in one committed transaction."""
        drafts = [
            ledger.Draft(subject, act, "officer:1", self.at, f"reason {i}", {"number": i})
            for i in range(count)
        ]
        with transaction.atomic():
            return ledger.append_many(drafts)

    def on_disk(self) -> LogOnDisk:
        return LogOnDisk.at(
            self.folder, verifier=self.signer.verifier, sealing_key=self.sealing_key
        )

    def audit(self, *, witnessed: tuple[bytes, ...] = ()) -> list[Finding]:
        return list(audit(self.on_disk(), witnessed=witnessed))

    def close(self) -> None:
        while self.opened:
            self.opened.pop().close()
