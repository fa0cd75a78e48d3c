"""What is done with Axis containers in the background, each step a state in a row.

1. `decrypting.decrypt_due`: what came encrypted, once its key is here.
2. `settle_due`: what still waits for a key when its container is complete, or has been silent for
   two hours, is judged as it is.
3. `refresh_due`: what bookmarks, trail and container tell is written beside the clips.
4. `clear_due`: a container of which no footage is left, nor on its way, is cleared: its key in the
   ring is destroyed, and with it all that it told.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from fairwitness.custody import gaps, ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import Provenance, Recording, State
from fairwitness.formats.acts import Act
from fairwitness.ingest.axis import account, cipher, clips, decrypting, naming, papers, saying
from fairwitness.ingest.axis.cipher import CantDecrypt
from fairwitness.ingest.axis.decrypting import Opening
from fairwitness.ingest.axis.naming import ObjectKind
from fairwitness.ingest.models import (
    AxisContainer,
    AxisObject,
    AxisVersion,
    Quarantine,
    Upload,
    UploadState,
)
from fairwitness.retention import told_categories
from fairwitness.vault import enclosures
from fairwitness.vault.vault import Vault

QUIET: Final = timedelta(hours=2)
"""How long a container that is not complete is waited for."""

FORGOTTEN: Final = timedelta(days=31)
"""How long a container without any footage is kept."""

_AT_ONCE: Final = 100
_LOG = logging.getLogger(__name__)
_REGISTERS: Final = ("System", "Users", "Devices")
_UNDER_WAY = (UploadState.RECEIVING, UploadState.VERIFYING, UploadState.QUARANTINED)


def work_due(opening: Opening) -> int:
    """All four steps; returns how much was done."""
    at = opening.desk.clock()
    done = decrypting.decrypt_due(opening)
    done += settle_due(at=at)
    done += refresh_due(opening)
    return done + clear_due(vault=opening.desk.vault, at=at)


def settle_due(*, at: datetime) -> int:
    """Have what waits for a key judged as it is, where none is to be expected any more."""
    over = Q(object__container__completed_at__isnull=False) | Q(
        object__container__last_seen_at__lte=at - QUIET
    )
    waiting = AxisVersion.objects.filter(
        over,
        encrypted=True,
        decrypted=False,
        has_key=False,
        upload__state=UploadState.RECEIVING,
        upload__completed_at__isnull=False,
    )
    over_now = list(waiting.values_list("upload_id", flat=True)[:_AT_ONCE])
    return Upload.objects.filter(pk__in=over_now, state=UploadState.RECEIVING).update(
        state=UploadState.VERIFYING
    )


def refresh_due(opening: Opening) -> int:
    """Tell anew, beside the clips, what containers say that something came for."""
    stale = AxisContainer.objects.exclude(name__in=_REGISTERS)
    done = 0
    for row in stale.exclude(revision=F("refreshed")).order_by("-last_seen_at")[:_AT_ONCE]:
        try:
            _refresh(row, opening)
        except FairwitnessError:  # a damaged paper must not keep other containers from their end
            _LOG.exception("What %s tells can't be read now; it is tried again.", row)
            continue
        done += 1
    return done


def clear_due(*, vault: Vault, at: datetime) -> int:
    """Clear containers of which nothing is left; idempotent, key first.

    A restored database may have forgotten footage of a container: nothing is cleared while the log
    has a gap.
    """
    if gaps.open_gap() is not None:
        return 0
    ended = Upload.objects.filter(axis__isnull=False, state=UploadState.ENDED)
    ended.exclude(filename="").update(filename="")
    versions = AxisVersion.objects.filter(object__container=OuterRef("pk"))
    under_way = versions.filter(upload__state__in=_UNDER_WAY)
    living = Recording.objects.filter(state=State.LIVE).values("pk")
    alive = versions.filter(upload__received_as__in=living)
    silent = AxisContainer.objects.filter(last_seen_at__lte=at - QUIET)
    over = Q(Exists(versions)) | Q(last_seen_at__lte=at - FORGOTTEN)
    coming = Upload.objects.filter(
        axis=OuterRef("system"),
        state__in=_UNDER_WAY,
        filename__startswith=Concat(OuterRef("name"), Value("/")),
    )
    due = silent.exclude(name__in=_REGISTERS).filter(
        over, ~Exists(under_way), ~Exists(alive), ~Exists(coming)
    )
    done = 0
    for row in due[:_AT_ONCE]:
        if not _destroy(due.filter(pk=row.pk), vault, at):
            continue  # something came, or a copy of the ring is away: asked again
        enclosures.delete_all(store=vault.store, owner=row.pk)
        with transaction.atomic():
            _forget(row, at)
        done += 1
    return done


def _destroy(due: QuerySet[AxisContainer], vault: Vault, at: datetime) -> bool:
    """Destroy a container's key while nothing can come to it, if it is still due."""
    with transaction.atomic():
        row = due.select_for_update(of=("self",)).first()
        return row is not None and vault.ring.destroy(row.pk, at=at).complete


def _forget(row: AxisContainer, at: datetime) -> None:
    """Take its rows out, and its names where they stand elsewhere; keyed digests stay."""
    versions = AxisVersion.objects.filter(object__container=row)
    came_in = list(versions.values_list("upload_id", flat=True))
    Upload.objects.filter(pk__in=came_in).update(filename="")
    Quarantine.objects.filter(upload__in=came_in).update(claimed="")
    versions.delete()
    AxisObject.objects.filter(container=row).delete()
    AxisContainer.objects.filter(pk=row.pk).delete()
    ledger.append(
        subject=row.subject,
        act=Act.AXIS_CONTAINER_CLEARED,
        actor="system:ingest",
        at=at,
    )


def _refresh(row: AxisContainer, opening: Opening) -> None:
    """Read what came outside the transaction, write what it says inside."""
    bookmarks: list[saying.Bookmark] = []
    trail: list[list[float]] = []
    for found in AxisObject.objects.filter(container=row).order_by("pk"):
        kind = naming.object_kind(found.name)
        if kind is ObjectKind.BOOKMARK:
            body = papers.body_of(found, opening.desk.vault)
            bookmarks.append(saying.bookmark(found.metadata, body))
        elif kind is ObjectKind.TRAIL:
            trail += saying.trail(_trail_body(found, opening)) or []
    with transaction.atomic():
        _write(row, bookmarks, trail, opening.desk.clock())
        AxisContainer.objects.filter(pk=row.pk).update(refreshed=row.revision)


def _write(
    row: AxisContainer,
    bookmarks: list[saying.Bookmark],
    trail: list[list[float]],
    at: datetime,
) -> None:
    versions = AxisVersion.objects.filter(object__container=row).select_related("object")
    metadata = {one.upload_id: one.object.metadata for one in versions}
    became = Upload.objects.filter(pk__in=metadata).values_list("pk", "received_as")
    by_recording = {recording: metadata[upload] for upload, recording in became if recording}
    clips_here = Recording.objects.filter(
        pk__in=by_recording, provenance=Provenance.AXIS, state=State.LIVE
    )
    parts = list(clips_here.select_for_update().order_by("pk"))
    for part in parts:
        part.said = account.told(
            recording=part,
            row=row,
            metadata=by_recording[part.pk],
            bookmarks=bookmarks,
            trail=trail,
        )
    Recording.objects.bulk_update(parts, ["said"])
    codes = [one.category for one in bookmarks if one.category]
    if parts and codes:
        actor = f"axis:{row.system_id}"
        told_categories.apply(recordings=[one.pk for one in parts], codes=codes, actor=actor, at=at)


def _trail_body(found: AxisObject, opening: Opening) -> bytes:
    """A trail's text, decrypted when it came encrypted and can be; else as it came."""
    body = papers.body_of(found, opening.desk.vault)
    key = None if cipher.looks_like_json(body) else clips.key_object(found)
    if key is None:
        return body
    try:
        read = cipher.read_key(papers.body_of(key, opening.desk.vault))
        return cipher.decrypt(body, opening.keys.open(read), read.vector)
    except CantDecrypt:
        return body
