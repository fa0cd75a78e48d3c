"""Makes a copy for court: a bundle that plays and verifies anywhere (docs/specs/bundle.md).

Design rules:

1. Permission for every recording first; one refused, nothing is opened.
2. Each recording's own entry that it was exported is written and *in the log* before the first
   byte leaves, so that the bundle's history ends with the bundle itself.
3. Nothing lies on a disk in the clear unless the caller's sink is a folder that somebody asked for.
4. The disclosure statement comes last: what is not signed is not finished.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import resources
from typing import Final, Protocol
from uuid import UUID

from fairwitness.custody import proofs, reading
from fairwitness.custody.files import LogFiles
from fairwitness.custody.reading import HistoryRow
from fairwitness.disclosure import cover, restating, stating
from fairwitness.disclosure.refusing import ExportFailed
from fairwitness.evidence import access, circle
from fairwitness.evidence.access import Footage, OpenFootage
from fairwitness.evidence.models import Copy, CopyKind, CopyState, Recording
from fairwitness.force import authority
from fairwitness.force.asking import Action, TaskKind
from fairwitness.force.models import Officer
from fairwitness.formats import bundle, exhibit, history, statement, trust
from fairwitness.formats.acts import Act
from fairwitness.formats.bundle import Digest
from fairwitness.formats.custody import recording_subject
from fairwitness.formats.disclosure import DisclosedExhibit, DisclosureClaim
from fairwitness.formats.exhibit import ExhibitFacts
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.manifest import Manifest, Provenance
from fairwitness.formats.statement import Statement
from fairwitness.formats.trust import TrustList
from fairwitness.ingest.models import StoredReceipt
from fairwitness.vault.vault import Vault

CHUNK: Final = 1 << 20
PATIENCE: Final = timedelta(seconds=20)


class Sink(Protocol):
    """Where a bundle goes: a folder, or a stream to whoever asked."""

    def write(self, path: str, chunks: Iterator[bytes]) -> Digest:
        """Write one file and take note of it."""

    def close(self, *, source: str, identifier: str, made_on: date, training: bool) -> str:
        """Write the lists; the SHA-256 of the tag manifest."""

    def sign_off(self, envelope: bytes) -> None:
        """Write the signed statement: the last file."""


@dataclass(frozen=True, slots=True)
class Produced:
    """One exhibit of the bundle: its reference, what it is, who produces it, and the recording."""

    reference: str
    title: str
    producer: str
    recording: Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for, by whom and for whom."""

    disclosure: UUID
    case: str
    recipient: str
    purpose: str
    exhibits: tuple[Produced, ...]
    hearing_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """What an export works with.

    Attributes:
        vault: where the footage lies.
        log: the custody log's files.
        key: the disclosure key.
        derivative: the derivative key, for a working copy whose statement is signed anew.
        trust: the force's public keys, as published now.
        training: whether all of it is made up.
        wait: pauses a moment, while the log catches up.
        clock: this deployment's clock.
        cosign: has outside witnesses cosign the log's latest checkpoint, as many as answer at once.
    """

    vault: Vault
    log: LogFiles
    key: SigningKey
    derivative: SigningKey
    trust: TrustList
    training: bool
    wait: Callable[[], None]
    clock: Callable[[], datetime]
    cosign: Callable[[], int] = lambda: 0


def export(
    *, order: Order, sink: Sink, kit: Kit, officer: Officer, at: datetime
) -> DisclosureClaim:
    """Write the bundle.

    Args:
        order: what is in it.
        sink: where it goes.
        kit: what it is made with.
        officer: who makes it.
        at: now.

    Returns:
        What the bundle's signed statement says.

    Raises:
        NotAllowed: this officer may not export one of them; written down, nothing was opened.
        AccessRefused: one of them is gone.
        ExportFailed: a working copy is still being made, the log does not catch up, or a receipt or
            manifest is missing.
    """
    exhibits = tuple(sorted(order.exhibits, key=lambda one: one.reference))
    if not exhibits:
        raise ExportFailed("There is no exhibit to export.", code="export.empty")
    demand(exhibits, officer, at)
    with ExitStack() as open_now:
        opened = [
            (one, open_now.enter_context(_open_master(one, order, kit.vault, officer, at)))
            for one in exhibits
        ]
        ready = [(one, master, _history(one.recording.pk, kit)) for one, master in opened]
        facts = [
            _write_exhibit(one, master, known, order=order, sink=sink, kit=kit, at=at)
            for one, master, known in ready
        ]
    return _finish(facts, order=order, sink=sink, kit=kit, officer=officer, at=at)


def demand(exhibits: Sequence[Produced], officer: Officer, at: datetime) -> None:
    """Go on only when the officer may export all of them, and all of them are ready.

    Raises:
        NotAllowed: after the refusal was written down.
        ExportFailed: code `export.copy_due`, a working copy is still being made.
    """
    authority.demand_all(
        actor=officer,
        action=Action.EXPORT,
        questions=[
            (
                circle.subject_of(recording=one.recording, at=at, task=TaskKind.CASE),
                recording_subject(one.recording.pk),
            )
            for one in exhibits
        ],
        at=at,
    )
    _demand_copies(exhibits)


def _demand_copies(exhibits: Sequence[Produced]) -> None:
    """Go on only when every working copy was made or can't be: else a court is told it can't."""
    coming = Copy.objects.filter(
        recording__in=[one.recording for one in exhibits],
        kind=CopyKind.WORKING,
        state__in=(CopyState.DUE, CopyState.MAKING),
    )
    copy = coming.select_related("recording").first()
    if copy is not None:
        raise ExportFailed(
            f"The working copy of {copy.recording.reference} is still being made. Try again in a"
            " minute.",
            code="export.copy_due",
        )


def _open_master(
    produced: Produced, order: Order, vault: Vault, officer: Officer, at: datetime
) -> OpenFootage:
    return access.open_for_task(
        recording=produced.recording,
        actor=authority.text(officer),
        act=Act.RECORDING_EXPORTED,
        reason=f"copy for court, case {order.case}",
        at=at,
        vault=vault,
        detail={
            "disclosure": str(order.disclosure),
            "exhibit": produced.reference,
            "recipient": order.recipient,
        },
    )


def chunks(footage: Footage) -> Iterator[bytes]:
    """All of it, a mebibyte at a time."""
    offset = 0
    while offset < footage.size:
        data = footage.read(offset, min(CHUNK, footage.size - offset))
        if not data:
            raise ExportFailed("The vault gave fewer bytes than it should.")
        yield data
        offset += len(data)


@dataclass(frozen=True, slots=True)
class _Known:
    """A recording's history: its entries, and the proof of each by leaf hash."""

    rows: Sequence[HistoryRow]
    proofs: Mapping[bytes, str]

    def lines(self) -> Iterator[bytes]:
        """The lines of `custody.jsonl`."""
        for row in self.rows:
            yield history.encode(
                history.HistoryLine(
                    entry=row.canonical,
                    body=row.body.encode() if row.body else None,
                    proof=self.proofs[row.leaf_hash],
                )
            )


def _history(recording: UUID, kit: Kit) -> _Known:
    """Every entry of a recording, each with its proof, once the log covers them all."""
    deadline = kit.clock() + PATIENCE
    while True:
        rows = reading.history(recording_subject(recording))
        leaves = [row.leaf_hash for row in rows]
        found = proofs.inclusions(leaves, files=kit.log)
        if all(leaf in found for leaf in leaves):
            kit.cosign()
            return _Known(rows, proofs.inclusions(leaves, files=kit.log))
        if kit.clock() >= deadline:
            raise ExportFailed(
                "The log has not caught up. Is `fairwitness serve` running? Try again.",
                code="export.log_behind",
            )
        kit.wait()


def _write_exhibit(
    produced: Produced,
    master: OpenFootage,
    known: _Known,
    *,
    order: Order,
    sink: Sink,
    kit: Kit,
    at: datetime,
) -> ExhibitFacts:
    recording = produced.recording
    manifest = stating.read_manifest(recording=recording.pk, vault=kit.vault)
    written = sink.write(bundle.master_path(recording.reference), chunks(master))
    if written != Digest(manifest.size, manifest.sha256):
        raise ExportFailed(
            f"The master of {recording.reference} is damaged in the vault.",
            code="export.master_damaged",
        )
    copied = _write_working_copy(produced, sink, kit, order, at)
    facts = stating.facts(
        produced=produced,
        case=order.case,
        manifest=manifest,
        working_copy=copied,
        training=kit.training,
    )
    _write_proofs(produced, manifest, sink, known)
    sink.write(
        bundle.proof_path(produced.reference, bundle.FACTS_FILE), iter([exhibit.encode(facts)])
    )
    from fairwitness.disclosure import summary  # noqa: PLC0415 - its library is a third of a start

    page = summary.draw(facts, fingerprint=trust.fingerprint(kit.trust), made_at=at)
    sink.write(bundle.summary_path(produced.reference), iter([page]))
    return facts


def _write_working_copy(
    produced: Produced, sink: Sink, kit: Kit, order: Order, at: datetime
) -> Digest | None:
    ready = Copy.objects.filter(recording=produced.recording, kind=CopyKind.WORKING).first()
    if ready is None or ready.state == CopyState.FAILED:
        return None
    with access.open_for_making(
        recording=produced.recording, at=at, vault=kit.vault, kind=CopyKind.WORKING
    ) as footage:
        digest = sink.write(bundle.working_copy_path(produced.reference), chunks(footage))
    if digest.sha256 != ready.sha256:
        raise ExportFailed(
            f"The working copy of {order.case} {produced.reference} is damaged in the vault.",
            code="export.copy_damaged",
        )
    signed = restating.envelope_of(ready, keys=kit.trust, key=kit.derivative, at=at)
    sink.write(bundle.proof_path(produced.reference, bundle.DERIVATIVE_FILE), iter([signed]))
    return digest


def _write_proofs(produced: Produced, manifest: Manifest, sink: Sink, known: _Known) -> None:
    reference = produced.reference
    stored = StoredReceipt.objects.filter(pk=produced.recording.pk).first()
    if stored is None:
        raise ExportFailed(
            f"{produced.recording.reference} has no receipt yet. Try again in a minute.",
            code="export.no_receipt",
        )
    files = {bundle.RECEIPT_FILE: stored.text.encode()}
    if manifest.provenance is Provenance.SIGNED:  # else neither vouches for these bytes
        for name, envelope in (
            (bundle.RECORDING_FILE, manifest.statement),
            (bundle.DOCKING_FILE, manifest.docking),
        ):
            if envelope is not None:
                files[name] = envelope.encode()
    for name, data in files.items():
        sink.write(bundle.proof_path(reference, name), iter([data]))
    sink.write(bundle.proof_path(reference, bundle.CUSTODY_FILE), known.lines())


def _finish(
    facts: Sequence[ExhibitFacts],
    *,
    order: Order,
    sink: Sink,
    kit: Kit,
    officer: Officer,
    at: datetime,
) -> DisclosureClaim:
    page = cover.draw(
        facts,
        case=order.case,
        recipient=order.recipient,
        purpose=order.purpose,
        fingerprint=trust.fingerprint(kit.trust),
        made_at=at,
    )
    sink.write(bundle.PAGE, iter([page]))
    sink.write(bundle.TRUST, iter([trust.encode(kit.trust)]))
    readme = resources.files("fairwitness.disclosure") / "README-VERIFY.txt"
    sink.write(bundle.README, iter([readme.read_bytes()]))
    tag_manifest = sink.close(
        source=kit.trust.force,
        identifier=str(order.disclosure),
        made_on=at.date(),
        training=kit.training,
    )
    claim = DisclosureClaim(
        disclosure=order.disclosure,
        case=order.case,
        recipient=order.recipient,
        purpose=order.purpose,
        produced_by=str(officer),
        made_at=at,
        exhibits=tuple(_disclosed(one) for one in facts),
        tag_manifest_sha256=tag_manifest,
    )
    sink.sign_off(statement.sign_statement(Statement(claim), key=kit.key).encode())
    return claim


def _disclosed(facts: ExhibitFacts) -> DisclosedExhibit:
    return DisclosedExhibit(
        reference=facts.reference,
        recording=facts.recording,
        recording_reference=facts.recording_reference,
        master_sha256=facts.master.sha256,
        working_copy_sha256=facts.working_copy.sha256 if facts.working_copy else None,
    )
