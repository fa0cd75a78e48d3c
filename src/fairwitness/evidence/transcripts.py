"""Attaching what somebody typed of what is said in a recording: captions, never the master.

A transcript is a person's words about footage, and tells what is in it: it is sealed under the
recording's own key like the copies, opens through the one door, and goes when the recording goes. A
newer one takes the place of an older one in the player; none is ever changed or taken away alone.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import circle
from fairwitness.evidence.models import Piece, Recording, Transcript
from fairwitness.evidence.transcript_rows import MOST_NUMBER
from fairwitness.force import authority
from fairwitness.force.asking import Action
from fairwitness.force.models import Officer
from fairwitness.formats import webvtt
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.formats.manifest import Named
from fairwitness.formats.transcript_paper import TranscriptPaper
from fairwitness.formats.webvtt import TranscriptInvalid
from fairwitness.vault import enclosures
from fairwitness.vault.copies import seal_bytes
from fairwitness.vault.pieces import SealedPiece
from fairwitness.vault.vault import Vault

KIND = "transcript"
_LONGEST_MAKER = 120


class TranscriptRefused(FairwitnessError):
    """A transcript that can't be attached to this recording."""

    code: ClassVar[str] = "transcript.refused"


def attach(
    *, recording: Recording, officer: Officer, data: bytes, made_by: str, vault: Vault, at: datetime
) -> Transcript:
    """Attach a transcript; it is shown instead of the one before.

    Args:
        recording: of what.
        officer: who attaches it.
        data: WebVTT, as `formats.webvtt` reads it.
        made_by: who typed it, in words.
        vault: where it is sealed.
        at: now.

    Raises:
        NotAllowed: after the refusal was written down.
        TranscriptInvalid: the bytes are no transcript, or reach beyond the recording's end
            (`transcript.beyond`).
        TranscriptRefused: nobody is named, the recording is gone, or it has too many.
    """
    about = recording_subject(recording.pk)
    subject = circle.subject_of(recording=recording, at=at, asking=officer.pk)
    authority.demand(actor=officer, action=Action.ANNOTATE, subject=subject, about=about, at=at)
    made_by, lines = _read(data, made_by, recording)
    with transaction.atomic():
        row = Recording.objects.select_for_update().get(pk=recording.pk)
        if circle.is_gone(row, at, asking=officer.pk):
            raise TranscriptRefused("This recording was deleted.", code="transcript.gone")
        last = row.transcripts.aggregate(last=Max("number"))["last"] or 0
        if last >= MOST_NUMBER:
            raise TranscriptRefused("It has too many transcripts.", code="transcript.too_many")
        made = Transcript.objects.create(
            recording=row,
            number=last + 1,
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            lines=lines,
            made_by=made_by,
            attached_by=officer,
            attached_at=at,
        )
        place_pieces(made, seal(data, recording=row.pk, number=made.number, vault=vault))
        _write_paper(made, data, officer, vault)
        ledger.append(
            subject=about,
            act=Act.RECORDING_COPY_MADE,
            actor=authority.text(officer),
            at=at,
            detail={
                "kind": KIND,
                "number": made.number,
                "made_by": made_by,
                "sha256": made.sha256,
            },
        )
    return made


def _read(data: bytes, made_by: str, recording: Recording) -> tuple[str, int]:
    """Who typed it, as one line of text, and how many lines of speech it has."""
    maker = "".join(each for each in made_by if each.isprintable()).strip()
    if not maker or len(maker) > _LONGEST_MAKER:
        raise TranscriptRefused(
            f"Say who typed it, in at most {_LONGEST_MAKER} characters.", code="transcript.maker"
        )
    cues = webvtt.parse(data)
    if cues[-1].starts_ms >= recording.duration_ms:
        raise TranscriptInvalid(
            "Its last line begins after the recording ends. Is it of another recording?",
            code="transcript.beyond",
        )
    return maker, len(cues)


def seal(data: bytes, *, recording: UUID, number: int, vault: Vault) -> tuple[SealedPiece, ...]:
    """Seal it under the recording's key; what an undone transaction leaves, `strays` removes."""
    return seal_bytes(
        data,
        store=vault.store,
        key=vault.ring.get(recording),
        recording=recording,
        copy=Transcript(recording_id=recording, number=number).piece_name,
    )


def place_pieces(made: Transcript, sealed: Sequence[SealedPiece]) -> None:
    """Have the database know where a transcript lies, in the caller's transaction."""
    Piece.objects.bulk_create(
        Piece(
            recording_id=made.recording_id,
            copy=made.piece_name,
            offset=piece.offset,
            length=piece.length,
            blob=piece.blob,
            sealed_size=piece.sealed_size,
            upload_length=made.size,
        )
        for piece in sealed
    )


def _write_paper(made: Transcript, data: bytes, officer: Officer, vault: Vault) -> None:
    """Beside its pieces, with all that a rebuild needs; it dies with the recording's key."""
    paper = TranscriptPaper(
        recording=made.recording_id,
        number=made.number,
        made_by=made.made_by,
        attached_by=Named(id=str(officer.pk), name=f"{officer.title} {officer.collar_number}"),
        attached_at=made.attached_at,
        vtt=data,
    )
    enclosures.write(
        paper.encode(),
        store=vault.store,
        key=vault.ring.get(made.recording_id),
        owner=made.recording_id,
        enclosure=uuid4(),
    )


def history(recording: Recording) -> list[Transcript]:
    """Every transcript of a recording, the newest first."""
    return list(recording.transcripts.select_related("attached_by").order_by("-number"))
