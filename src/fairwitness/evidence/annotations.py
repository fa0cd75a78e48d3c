"""What people add to a recording. The master and what the camera claimed never change.

A note is one person's. A correction of the wearer is two people's: one asks, another agrees or
declines, and both stay on record together with what was said before.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import circle, words
from fairwitness.evidence.models import Annotation, Recording
from fairwitness.force import authority
from fairwitness.force.asking import Action
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject

NOTE = "note"
WEARER = "wearer"
IMPORT = "import"


class CorrectionClosed(FairwitnessError):
    """A correction that is not open, or that changes nothing."""

    code = "recording.correction_closed"


def annotate(*, recording: Recording, officer: Officer, text: str, at: datetime) -> Annotation:
    """Write a note on a recording.

    Raises:
        NotAllowed: after the refusal was written down.
    """
    about = recording_subject(recording.id)
    subject = circle.subject_of(recording=recording, at=at)
    authority.demand(actor=officer, action=Action.ANNOTATE, subject=subject, about=about, at=at)
    with transaction.atomic():
        note = Annotation.objects.create(
            recording=recording, kind=NOTE, text=text, first_officer=officer, first_at=at
        )
        ledger.append(
            subject=about,
            act=Act.RECORDING_ANNOTATED,
            actor=authority.text(officer),
            at=at,
            detail={"annotation": note.pk, "text": text},
        )
        words.keep({recording.pk: [text]})
    return note


def note_import(
    *,
    recording: Recording,
    officer: Officer,
    text: str,
    detail: Mapping[str, str],
    at: datetime,
) -> None:
    """Note what its importer told of a recording, in the transaction of its registration.

    Args:
        recording: as it is registered.
        officer: who brings it in; whether they may was asked before.
        text: all of it in words.
        detail: `title`, `camera`, `came_from`, `why`, and `trouble` with its video; empty where
            nothing was told.
        at: now.
    """
    note = Annotation.objects.create(
        recording=recording,
        kind=IMPORT,
        text=text,
        detail=dict(detail),
        first_officer=officer,
        first_at=at,
    )
    ledger.append(
        subject=recording_subject(recording.id),
        act=Act.RECORDING_ANNOTATED,
        actor=authority.text(officer),
        at=at,
        detail={"annotation": note.pk, "text": text},
    )
    words.keep({recording.pk: [text, *detail.values()]})


def told_at_import(recording: Recording) -> Mapping[str, str]:
    """What its importer told of a recording: see `note_import`; empty when nothing was."""
    note = recording.annotations.filter(kind=IMPORT).first()
    return note.detail if note else {}


def ask_wearer_correction(
    *, recording: Recording, wearer: Officer, officer: Officer, reason: str, at: datetime
) -> Annotation:
    """Say that somebody else wore the camera; nothing changes until a second person agrees.

    Raises:
        NotAllowed: after the refusal was written down.
        CorrectionClosed: that officer is the wearer already, or a correction is open.
    """
    about = recording_subject(recording.id)
    subject = circle.subject_of(recording=recording, at=at, person=wearer.pk)
    authority.demand(
        actor=officer,
        action=Action.ASK_WEARER_CORRECTION,
        subject=subject,
        about=about,
        at=at,
    )
    with transaction.atomic():
        row = Recording.objects.select_for_update().get(pk=recording.pk)
        if row.wearer_id == wearer.pk:
            raise CorrectionClosed(f"{wearer} is the wearer already.")
        if row.annotations.filter(kind=WEARER, second_officer__isnull=True).exists():
            raise CorrectionClosed("Somebody has asked for a correction; agree to it or not.")
        correction = Annotation.objects.create(
            recording=row,
            kind=WEARER,
            text=reason,
            detail={
                "from": str(row.wearer_id) if row.wearer_id else None,
                "to": str(wearer.pk),
            },
            first_officer=officer,
            first_at=at,
        )
        ledger.append(
            subject=about,
            act=Act.RECORDING_WEARER_CORRECTION_REQUESTED,
            actor=authority.text(officer),
            at=at,
            reason=reason,
            detail={"annotation": correction.pk, "to": f"officer:{wearer.pk}"},
        )
    return correction


def open_correction(recording: Recording) -> Annotation | None:
    """The correction of its wearer that waits for a second person."""
    return (
        recording.annotations.filter(kind=WEARER, second_officer__isnull=True)
        .select_related("first_officer")
        .first()
    )


def agree_wearer_correction(*, correction: Annotation, officer: Officer, at: datetime) -> Recording:
    """Agree, as the second person, that somebody else wore the camera.

    Raises:
        NotAllowed: the same person again, the wearer, or one without the role; written down.
        CorrectionClosed: it was decided before.
    """
    wearer = Officer.objects.get(pk=correction.detail["to"])
    about = recording_subject(correction.recording_id)
    _demand_second(correction, officer, at)
    with transaction.atomic():
        row = Recording.objects.select_for_update().get(pk=correction.recording_id)
        _close(correction, officer, at)
        row.wearer = wearer
        row.save(update_fields=["wearer"])
        ledger.append(
            subject=about,
            act=Act.RECORDING_WEARER_CORRECTED,
            actor=authority.text(officer),
            at=at,
            reason=correction.text,
            detail={
                "annotation": correction.pk,
                "from": f"officer:{correction.detail['from']}"
                if correction.detail["from"]
                else None,
                "to": f"officer:{wearer.pk}",
                "asked_by": f"officer:{correction.first_officer_id}",
            },
        )
    return row


def decline_wearer_correction(
    *, correction: Annotation, officer: Officer, reason: str, at: datetime
) -> None:
    """Say, as the second person, that the wearer is the right one; it stays on record.

    Raises:
        NotAllowed: as for agreeing.
        CorrectionClosed: it was decided before, or no reason is given.
    """
    if not reason.strip():
        raise CorrectionClosed("Say why you decline: whoever asked reads your reason.")
    _demand_second(correction, officer, at)
    with transaction.atomic():
        _close(correction, officer, at, declined=True)
        ledger.append(
            subject=recording_subject(correction.recording_id),
            act=Act.RECORDING_ANNOTATION_WITHDRAWN,
            actor=authority.text(officer),
            at=at,
            reason=reason.strip(),
            detail={"annotation": correction.pk, "to": f"officer:{correction.detail['to']}"},
        )


def _demand_second(correction: Annotation, officer: Officer, at: datetime) -> None:
    subject = circle.subject_of(
        recording=correction.recording,
        at=at,
        person=UUID(str(correction.detail["to"])),
        first_person=correction.first_officer_id,
    )
    authority.demand(
        actor=officer,
        action=Action.CORRECT_WEARER,
        subject=subject,
        about=recording_subject(correction.recording_id),
        at=at,
    )


def _close(
    correction: Annotation, officer: Officer, at: datetime, *, declined: bool = False
) -> None:
    detail = {**correction.detail, "declined": True} if declined else correction.detail
    waiting = Annotation.objects.filter(pk=correction.pk, kind=WEARER, second_officer__isnull=True)
    if not waiting.update(second_officer=officer, second_at=at, detail=detail):
        raise CorrectionClosed("This correction was decided before.")
