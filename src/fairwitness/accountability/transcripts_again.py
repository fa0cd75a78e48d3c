"""Transcripts registered again after the loss of the database, from their papers in the vault.

A paper counts only if the log has an entry of a copy made of that recording at that very time:
what was sealed in a transaction that came to nothing left a paper, too, and was never attached.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from fairwitness.accountability.findings import Finding
from fairwitness.custody import reading
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import transcripts
from fairwitness.evidence.models import Recording, Transcript
from fairwitness.force.models import Officer
from fairwitness.formats import transcript_paper, webvtt
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.formats.manifest import Named
from fairwitness.formats.transcript_paper import TranscriptPaper
from fairwitness.vault import enclosures
from fairwitness.vault.pieces import SealedPiece
from fairwitness.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Again:
    """One transcript, sealed anew; its pieces count with its row."""

    paper: TranscriptPaper
    lines: int
    pieces: tuple[SealedPiece, ...]


def read(recording: UUID, *, vault: Vault) -> tuple[list[Again], list[Finding]]:
    """The transcripts that a recording had, ready to be placed; and what can't be read of them."""
    found: list[Again] = []
    findings: list[Finding] = []
    at: set[object] | None = None
    for paper, lines in _papers(recording, vault, findings):
        if at is None:
            about = recording_subject(recording)
            made = reading.chains([about], acts={Act.RECORDING_COPY_MADE})[about]
            at = {entry.at for entry in made}
        if paper.recording != recording or paper.attached_at not in at:
            continue
        pieces = transcripts.seal(paper.vtt, recording=recording, number=paper.number, vault=vault)
        found.append(Again(paper, lines, pieces))
    return found, findings


def place(
    recording: Recording, again: Iterable[Again], *, officer: Callable[[Named], Officer]
) -> int:
    """Give a recording its transcripts again, in the transaction of its registration."""
    placed = 0
    for each in again:
        paper = each.paper
        made = Transcript.objects.create(
            recording=recording,
            number=paper.number,
            size=len(paper.vtt),
            sha256=hashlib.sha256(paper.vtt).hexdigest(),
            lines=each.lines,
            made_by=paper.made_by,
            attached_by=officer(paper.attached_by),
            attached_at=paper.attached_at,
        )
        transcripts.place_pieces(made, each.pieces)
        placed += 1
    return placed


def _papers(
    recording: UUID, vault: Vault, findings: list[Finding]
) -> Iterator[tuple[TranscriptPaper, int]]:
    """Each that opens, with its number of lines."""
    for enclosure in enclosures.of(store=vault.store, owner=recording):
        try:
            data = enclosures.read(
                store=vault.store,
                key=vault.ring.get(recording),
                owner=recording,
                enclosure=enclosure,
            )
            paper = transcript_paper.read(data)
            lines = len(webvtt.parse(paper.vtt))
        except FairwitnessError as error:
            text = f"A transcript of {recording} can't be registered again: {error.message}"
            about = recording_subject(recording)
            findings.append(Finding("vault", "transcript.unreadable", about, text))
            continue
        yield paper, lines
