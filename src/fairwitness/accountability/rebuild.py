"""Registering everything again after the loss of the database, from manifests and the custody log.

What must be there: the vault, the key ring, the keys, the log. Its entries have come back before
this begins (`custody.recovery`), and with them an open gap: nothing is deleted until two people
have closed it.

Design rules:

1. **One manifest, one recording.** Each manifest whose key is live and whose recording has no row
   is registered as it was when it was received, and its dates are decided anew.
2. **What the log says stands.** Footage that it says was deleted becomes a tombstone, and its
   deletion goes on. What it says was marked, categorised, held, locked or narrowed is kept and
   protected as far as that can be known, until people say otherwise.
3. **No arrival is forgotten.** One that can't be registered leaves a vestige: figures add up.
4. **Repeatable, and cut short at any point.** Each batch is a transaction; what is there is passed
   over. Opening and checking happen before the transaction.
5. **It believes signatures, not itself.** Statements and dockings are checked again where the key
   is known; what does not hold is told, and registered as vouched for by nobody.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from fairwitness.accountability import (
    arrivals,
    fates,
    grown_again,
    reregistration,
    restoring,
    retold,
    transcripts_again,
)
from fairwitness.accountability.fates import ARRIVALS, TOLD_BY
from fairwitness.accountability.findings import Finding
from fairwitness.accountability.manifests_held import PREFIX
from fairwitness.accountability.models import Vestige, VestigeFate
from fairwitness.accountability.paging import pages
from fairwitness.accountability.reregistration import Case
from fairwitness.accountability.stubs import Stubs
from fairwitness.custody import reading
from fairwitness.evidence.models import Recording
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.formats.trust import TrustList
from fairwitness.ingest.commitments import Commitments
from fairwitness.vault.keyring import KeyState
from fairwitness.vault.vault import Vault

_BATCH: Final = 20  # recordings in one transaction, which must not last
_ARRIVED: Final = ARRIVALS | {Act.RECORDING_QUARANTINED}

Progress = Callable[[str, int, int], None]
"""Told what is being done, how far it is, and of how many (0 when not known)."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a rebuild works with.

    Attributes:
        vault: the sealed footage and its keys.
        commitments: keyed digests, under the same key as before.
        trust: a published list with the public keys of cameras and docks, if there is one.
    """

    vault: Vault
    commitments: Commitments
    trust: TrustList | None = None


@dataclass(slots=True)
class Outcome:
    """What a rebuild did.

    Attributes:
        registered: recordings that have a row again.
        tombstones: recordings that the log says were deleted, and that the database did not know.
        vestiges: arrivals that can't be registered again.
        transcripts: that were attached, and are again.
        grown: links of files that grew on their volume, to what was taken of them before.
        stubs: people, places and devices made from manifests.
        findings: what people have to look at, besides what an audit finds.
    """

    registered: int = 0
    tombstones: int = 0
    vestiges: int = 0
    transcripts: int = 0
    grown: int = 0
    stubs: int = 0
    findings: list[Finding] = field(default_factory=list)


def run(*, tools: Tools, at: datetime, progress: Progress) -> Outcome:
    """Register everything that manifests and log tell of and the database does not have.

    Args:
        tools: what it works with.
        at: now.
        progress: told how it goes.
    """
    outcome = Outcome()
    stubs = Stubs(trust=tools.trust, at=at)
    done = 0
    for page in pages(_manifests(tools.vault, outcome), _BATCH):
        _rebuild(page, tools, stubs, outcome, at)
        done += len(page)
        progress("manifests", done, 0)
    outcome.stubs = stubs.made
    outcome.tombstones += restoring.catch_up_deletions()
    outcome.grown, unread = grown_again.link(vault=tools.vault, at=at)
    outcome.findings += unread
    done = 0
    for entries in reading.entries_of(_ARRIVED):
        outcome.vestiges += _leave_vestiges([entry.subject for entry in entries], at)
        done += len(entries)
        progress("arrivals", done, 0)
    return outcome


def _manifests(vault: Vault, outcome: Outcome) -> Iterable[UUID]:
    """The recordings that have a manifest; what lies there by another name is told."""
    for name in vault.store.names(PREFIX):
        try:
            yield UUID(name.removeprefix(PREFIX))
        except ValueError:
            text = f"The blob {name} is named for no recording."
            outcome.findings.append(Finding("vault", "manifest.misnamed", name, text))


def _rebuild(
    page: Sequence[UUID], tools: Tools, stubs: Stubs, outcome: Outcome, at: datetime
) -> None:
    known = set(Recording.objects.filter(pk__in=page).values_list("pk", flat=True))
    wanted = [pk for pk in page if pk not in known]
    live = [pk for pk in wanted if tools.vault.ring.state(pk) is not KeyState.DESTROYED]
    chains = reading.chains([recording_subject(pk) for pk in live], acts=TOLD_BY)
    opened = []
    for pk in live:
        fate = fates.read(chains[recording_subject(pk)])
        if fate.in_quarantine or (fate.disposed and not fate.registered):
            continue  # it never was a recording; the arrivals in the log tell of it
        told = retold.read(pk, vault=tools.vault)
        if isinstance(told, Finding):
            outcome.findings.append(told)
        else:
            opened.append((told, fate))
    with transaction.atomic():
        registers = [stubs.of(told) for told, _fate in opened]
    cases = [Case(told, fate, who) for (told, fate), who in zip(opened, registers, strict=True)]
    for case in cases:
        outcome.findings += case.doubts()
    papers = {
        told.recording: transcripts_again.read(told.recording, vault=tools.vault)
        for told, fate in opened
        if fate.disposed is None
    }
    with transaction.atomic():
        for case in cases:
            row = _one(case, tools, outcome, at)
            again, doubts = papers.get(case.told.recording, ([], []))
            outcome.findings += doubts
            if row is not None:
                outcome.transcripts += transcripts_again.place(row, again, officer=stubs.officer)


def _one(case: Case, tools: Tools, outcome: Outcome, at: datetime) -> Recording | None:
    try:
        with transaction.atomic():
            recording = reregistration.register(case, commitments=tools.commitments, at=at)
            if case.fate.disposed is not None:
                restoring.bury([(recording, case.fate.disposed)])
                outcome.tombstones += 1
            else:
                restoring.settle(recording, case.fate, at)
                outcome.registered += 1
            return recording
    except IntegrityError:
        text = (
            f"{case.told.manifest.reference} is registered already under another id, or a piece of"
            f" it is another recording's; {case.told.recording} is left as it lies."
        )
        about = recording_subject(case.told.recording)
        outcome.findings.append(Finding("rows", "rebuild.twice", about, text))
        return None


def _leave_vestiges(subjects: Sequence[str], at: datetime) -> int:
    """A vestige for each of these arrivals that no table knows."""
    rows = [
        Vestige(pk, VestigeFate.DELETED if fate.disposed else VestigeFate.LOST, chain[0].at, at)
        for pk, chain, fate in arrivals.without_row(subjects)
    ]
    Vestige.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
