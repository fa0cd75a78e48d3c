"""Gather what a bundle holds of each exhibit, and put checks 4 to 10 to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509

from fairwitness.formats import bundle, dsse, exhibit, receipt
from fairwitness.formats.disclosure import DisclosureClaim
from fairwitness.formats.errors import FormatError
from fairwitness.formats.exhibit import ExhibitFacts
from fairwitness.formats.trust import TrustList
from fairwitness.verifier import exhibits, log, video
from fairwitness.verifier.exhibits import ExhibitFiles
from fairwitness.verifier.findings import Fault, Finding, changed, conclude, from_error, unknown
from fairwitness.verifier.log import LogSeen
from fairwitness.verifier.opening import OpenBundle

_FOOTAGE: Final = (
    *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".ts", ".3gp", ".ogv", ".wmv"),
    *(".m4a", ".mp3", ".aac", ".wav", ".ogg", ".opus", ".flac"),
)
PAGE_LIMIT: Final = 32 * 1024 * 1024
"""Bytes of `index.html`, at most."""


@dataclass(slots=True, kw_only=True)
class Gathering:
    """One bundle's exhibits, checked one by one so that memory holds only one of them.

    Attributes:
        opened: the bundle.
        trust: the keys to believe.
        disclosure: what the disclosure statement says, if it could be read.
        roots: certificates that the reader trusts for other makers' cameras.
        facts: of each exhibit that could be read, filled by `check`.
    """

    opened: OpenBundle
    trust: TrustList
    disclosure: DisclosureClaim | None
    roots: tuple[x509.Certificate, ...] = ()
    facts: list[ExhibitFacts] = field(default_factory=list)
    _seen: LogSeen = field(init=False)

    def __post_init__(self) -> None:
        self._seen = LogSeen(tuple(witness.verifier for witness in self.trust.witnesses))

    def check(self) -> Iterator[Finding]:
        """Put checks 4 to 10 to every exhibit, and check that nothing belongs to none."""
        page = self._page()
        for path in sorted(self.opened.survey.sizes):
            if path.startswith("proofs/") and path.endswith(f"/{bundle.FACTS_FILE}"):
                yield from self._check_exhibit(path, page)
        yield log.log_witnessed(self._seen)
        yield from self._check_strays()

    def _check_exhibit(self, path: str, page: str | None) -> Iterator[Finding]:
        try:
            facts = self._facts(path)
            files = self._files(facts)
        except FormatError as error:
            yield conclude(9, [changed(error.message, path)], passed="")
            return
        self.facts.append(facts)
        found, received = exhibits.receipt_holds(files, trust=self.trust)
        at = facts.received_at if received is None else received.at
        made_at = None if self.disclosure is None else self.disclosure.made_at
        yield exhibits.master_as_signed(files, trust=self.trust, received_at=at)
        yield found
        yield self._check_history(facts, received)
        yield exhibits.copy_from_master(
            files, trust=self.trust, received_at=at, disclosed_at=made_at
        )
        yield exhibits.facts_agree(
            files, trust=self.trust, received=received, disclosure=self.disclosure, page=page
        )
        yield video.video_as_signed(
            self.opened, facts, trust=self.trust, received_at=at, roots=self.roots
        )

    def _facts(self, path: str) -> ExhibitFacts:
        facts = exhibit.parse(self.opened.read(path, limit=exhibit.LIMIT))
        if bundle.proof_path(facts.reference, bundle.FACTS_FILE) != path:
            raise FormatError("The facts are those of another exhibit.")
        return facts

    def _files(self, facts: ExhibitFacts) -> ExhibitFiles:
        def read(file: str, limit: int) -> bytes | None:
            path = bundle.proof_path(facts.reference, file)
            return self.opened.read_if_there(path, limit=limit)

        copy = facts.working_copy
        return ExhibitFiles(
            facts=facts,
            master=self.opened.digests.get(facts.master.path),
            working_copy=None if copy is None else self.opened.digests.get(copy.path),
            recording=read(bundle.RECORDING_FILE, dsse.ENVELOPE_LIMIT),
            docking=read(bundle.DOCKING_FILE, dsse.ENVELOPE_LIMIT),
            receipt=read(bundle.RECEIPT_FILE, receipt.LIMIT),
            derivative=read(bundle.DERIVATIVE_FILE, dsse.ENVELOPE_LIMIT),
        )

    def _check_history(self, facts: ExhibitFacts, received: exhibits.Received | None) -> Finding:
        where = bundle.proof_path(facts.reference, bundle.CUSTODY_FILE)
        if received is not None:
            self._seen.note(received.checkpoint, received.note)
        try:
            with self.opened.history(where) as lines:
                return log.history_whole(
                    lines,
                    facts=facts,
                    disclosure=None if self.disclosure is None else self.disclosure.disclosure,
                    trust=self.trust,
                    received=received,
                    seen=self._seen,
                )
        except FormatError as error:
            return conclude(6, [from_error(error, where)], passed="", exhibit=facts.reference)

    def _page(self) -> str | None:
        try:
            data = self.opened.read_if_there(bundle.PAGE, limit=PAGE_LIMIT)
            return None if data is None else data.decode()
        except (FormatError, UnicodeDecodeError):
            return None

    def _check_strays(self) -> Iterator[Finding]:
        """Footage that belongs to no exhibit, and exhibits that are not there."""
        known = {facts.master.path for facts in self.facts}
        known |= {facts.working_copy.path for facts in self.facts if facts.working_copy}
        footage = [
            path
            for path in sorted(self.opened.survey.sizes)
            if path.startswith(bundle.MASTERS) or path.lower().endswith(_FOOTAGE)
        ]
        faults: list[Fault] = [
            unknown(f"{path} belongs to no exhibit.", path) for path in footage if path not in known
        ]
        here = {facts.reference for facts in self.facts}
        said = () if self.disclosure is None else self.disclosure.exhibits
        faults += [
            changed(f"Exhibit {each.reference} is stated, but not here.")
            for each in said
            if each.reference not in here
        ]
        if faults:
            yield conclude(9, faults, passed="")
