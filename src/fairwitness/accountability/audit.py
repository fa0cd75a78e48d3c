"""The whole-system audit: rows, log, vault and key ring against each other.

    1 log       the Merkle tree again from its rows; tiles, checkpoints, chains, triggers; no gap
    2 rows      every recording is in the log and every arrival in the log has a row; all pieces are
                there in order; no upload is stuck; no hold is forgotten; police firearms are
                as the log tells them
    3 vault     every piece is there and of its size, every manifest says what the rows say; with
                `deep`, every byte of every copy is read back
    4 keys      both copies of the ring agree; the living have a key, the deleted none; no key
                without an owner
    5 deletion  nothing is overdue, and each deletion has its signed record
    6 figures   what was received is where we say it is

It changes nothing. What it finds lost is noted by `losses`, which is an act of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from django.db import transaction

from fairwitness.accountability import (
    arrivals,
    figures,
    firearms_held,
    forgotten,
    holdings,
    manifests_held,
    ring,
)
from fairwitness.accountability.findings import Finding
from fairwitness.custody import audit as log_audit
from fairwitness.custody import findings as log_findings
from fairwitness.custody import gaps
from fairwitness.evidence.models import Recording
from fairwitness.formats.errors import FormatError
from fairwitness.vault.rekeying import RingKeyAge
from fairwitness.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Report:
    """What an audit came to; sound when nothing was found.

    Attributes:
        at: when.
        findings: in the order of the checks.
        recordings: how many were looked at.
        blobs: how many lie in the vault.
        unnamed_blobs: how many of them no row names: interrupted work left them, and they open
            nothing; they are no finding.
        deep: every byte was read back.
        ring_key: how old the key is that seals the key ring, and so a stray copy of it at most.
    """

    at: datetime
    findings: tuple[Finding, ...]
    recordings: int
    blobs: int
    unnamed_blobs: int
    deep: bool
    ring_key: RingKeyAge | None

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


_BODY_LOST: Final = "custody.body_lost"

Progress = Callable[[str, int, int], None]
"""Told what is being done, how far it is, and of how many (0 when not known)."""


def _quiet(_what: str, _done: int, _total: int) -> None:
    """Nobody is watching."""


def _log(
    log: log_audit.LogOnDisk, progress: Progress, witnessed: Sequence[bytes]
) -> Iterator[Finding]:
    bodies = 0
    told = partial(progress, "log")
    for found in log_audit.audit(log, witnessed=witnessed, progress=told):
        if found.code == _BODY_LOST:
            bodies += 1  # after a restore perhaps all of them: one finding says it
        else:
            yield Finding("log", found.code, found.subject or "log", found.message)
    if bodies:
        text = f"Who did what and why was lost with the database in {bodies:,} entries, and the gap"
        yield Finding("log", _BODY_LOST, "log", f"{text} is not closed.")
    try:
        gap = gaps.open_gap()
    except FormatError:
        return  # the entries that would say so are garbled, which is a finding already
    if gap is not None and gap.dispute:
        text = f"{gap.dispute} Nothing is signed or deleted until two people have looked."
        yield Finding("log", "log.disputed", "log", text)
    elif gap is not None:
        yield Finding(
            "log",
            "log.gap_open",
            "log",
            "The database was behind the log. Nothing is deleted until two people close the gap.",
        )


def _figures(at: datetime) -> Iterator[Finding]:
    with transaction.atomic():
        counted = figures.count(at=at)
    for problem in counted.problems:
        yield Finding("figures", "figures.do_not_add_up", "force", problem)


def run(
    *,
    vault: Vault,
    log: log_audit.LogOnDisk,
    at: datetime,
    deep: bool = False,
    witnessed: Sequence[bytes] = (),
    objections: Sequence[log_findings.Finding] = (),
    progress: Progress = _quiet,
) -> Report:
    """Audit everything.

    Args:
        vault: the sealed footage and its keys.
        log: the custody log's files.
        at: now.
        deep: read every byte of every copy back; takes as long as reading the vault.
        witnessed: checkpoints that docks and witnesses hold, as signed notes.
        objections: what outside witnesses said when they were last asked to cosign.
        progress: told how it goes.
    """
    total = Recording.objects.count()
    done = 0

    def looked(number: int) -> None:
        nonlocal done
        done += number
        progress("recordings", done, total)

    findings = [
        *_log(log, progress, witnessed),
        *(Finding("log", each.code, each.subject or "log", each.message) for each in objections),
        *holdings.recordings(vault=vault, at=at, deep=deep, progress=looked),
        *arrivals.without_rows(),
        *arrivals.forgotten_holds(),
        *forgotten.early_deletions(),
        *forgotten.silent_records(),
        *firearms_held.findings(),
        *arrivals.stuck(at=at),
        *ring.copies(vault=vault),
        *ring.unowned(vault=vault),
        *holdings.overdue(at=at),
        *_figures(at),
    ]
    blobs, unnamed = manifests_held.count_blobs(vault=vault)
    return Report(
        at=at,
        findings=tuple(findings),
        recordings=done,
        blobs=blobs,
        unnamed_blobs=unnamed,
        deep=deep,
        ring_key=ring.age(vault=vault),
    )
