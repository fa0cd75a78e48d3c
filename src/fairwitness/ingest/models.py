"""Uploads, what went wrong with some of them, receipts, and docks' sessions.

An upload's row is its whole state: which bytes are durable (`offset`), who may move it on
(`generation`, `lease_until`), and how far acceptance has come (`state`). Its identity is
`identity` and `commitment` together: docs/adr/0013-identity-of-a-recording.md.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fairwitness.ingest.axis.models import (
    AxisContainer,
    AxisObject,
    AxisParty,
    AxisSystem,
    AxisToken,
    AxisVersion,
)

__all__ = [
    "AxisContainer",
    "AxisObject",
    "AxisParty",
    "AxisSystem",
    "AxisToken",
    "AxisVersion",
    "CounterGap",
    "DockSession",
    "Erasure",
    "Quarantine",
    "QuarantineState",
    "StoredReceipt",
    "Upload",
    "UploadState",
]


class UploadState(models.TextChoices):
    """Where an upload stands; only `receiving` takes bytes, only `verifying` is worked on."""

    RECEIVING = "receiving", "being received"
    VERIFYING = "verifying", "being checked"
    RECEIVED = "received", "received"
    QUARANTINED = "quarantined", "in quarantine"
    ENDED = "ended", "ended before the last byte"


class Upload(models.Model):
    """One attempt to bring one recording in.

    `recording_id` is the recording it will become, and the name of its key in the ring.
    `received_as` is the recording it did become, or the earlier one with the very same bytes.
    What was sent of it (`metadata`, `statement`, `docking`, `sha256`, `filename`) is emptied once
    it is registered: from then on it lies in the manifest and in the recording. `cleared` says
    that key and blobs of an upload that became no recording are gone; `receipted`, that its receipt
    was made, or that nothing is left to make one for. `length` is 0 while nobody has said how long
    it is, as Axis systems never do.
    """

    id = models.UUIDField(primary_key=True)
    recording_id = models.UUIDField(unique=True)
    received_as = models.UUIDField(null=True, blank=True, db_index=True)
    identity = models.CharField(max_length=160)
    commitment = models.CharField(max_length=64)
    signed = models.BooleanField(default=False)
    dock = models.ForeignKey(
        "force.Dock", null=True, blank=True, on_delete=models.PROTECT, related_name="uploads"
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="uploads",
    )
    volume = models.ForeignKey(
        "force.Volume", null=True, blank=True, on_delete=models.PROTECT, related_name="uploads"
    )
    axis = models.ForeignKey(
        AxisSystem, null=True, blank=True, on_delete=models.PROTECT, related_name="uploads"
    )
    length = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    generation = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    state = models.CharField(
        max_length=12, choices=UploadState.choices, default=UploadState.RECEIVING
    )
    unsigned_allowed = models.BooleanField(default=False)
    metadata = models.TextField(blank=True)
    statement = models.TextField(blank=True)
    docking = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    filename = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    read_back_at = models.DateTimeField(null=True, blank=True)
    cleared = models.BooleanField(default=False)
    receipted = models.BooleanField(default=False)

    class Meta:
        """One living upload for each identity and digest."""

        constraints = [
            models.UniqueConstraint(
                fields=["identity", "commitment"],
                condition=Q(state__in=["receiving", "verifying", "received"]),
                name="ingest_upload_identity",
            ),
            models.CheckConstraint(
                condition=Q(length__gt=0, offset__gte=0, offset__lte=F("length"))
                | Q(axis__isnull=False, length=0, offset__gte=0, state__in=["receiving", "ended"]),
                name="ingest_upload_offset_within_length",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["verifying", "received", "quarantined"])
                | Q(offset=F("length"), completed_at__isnull=False),
                name="ingest_upload_complete_before_checked",
            ),
            models.CheckConstraint(
                condition=~Q(state="received") | Q(received_as__isnull=False),
                name="ingest_upload_received_as",
            ),
            models.CheckConstraint(
                condition=Q(dock__isnull=False, officer__isnull=True, axis__isnull=True)
                | Q(dock__isnull=True, officer__isnull=False, axis__isnull=True)
                | Q(dock__isnull=True, officer__isnull=True, axis__isnull=False),
                name="ingest_upload_one_sender",
            ),
            models.CheckConstraint(
                condition=Q(volume__isnull=True) | Q(dock__isnull=False, signed=False),
                name="ingest_upload_volume_in_a_dock",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "lease_until"], name="ingest_upload_due"),
            models.Index(fields=["state", "expires_at"], name="ingest_upload_expiry"),
            models.Index(
                fields=["state", "completed_at"],
                condition=Q(receipted=False),
                name="ingest_upload_receipt_due",
            ),
        ]

    def __str__(self) -> str:
        return f"upload {self.id}"


class QuarantineState(models.TextChoices):
    """A quarantined upload waits for people, or has been decided on.

    Held or in the bin, its bytes are here and count as in quarantine.
    """

    HELD = "held", "waiting for a decision"
    BINNED = "binned", "rejected, in the bin"
    RELEASED = "released", "let in"
    REJECTED = "rejected", "rejected and deleted"


class Quarantine(models.Model):
    """Footage that arrived and can't be registered as it is; nothing of it was thrown away.

    Its clock runs from arrival: `nag_at` is 7 days on, `gone_by` 31. What people rejected lies in
    the bin for 7 days, until `bin_until`.
    """

    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="quarantines")
    recording_id = models.UUIDField(db_index=True)
    reason = models.CharField(max_length=40)
    message = models.TextField()
    claimed = models.CharField(max_length=120, blank=True)
    state = models.CharField(
        max_length=10, choices=QuarantineState.choices, default=QuarantineState.HELD
    )
    arrived_at = models.DateTimeField()
    nag_at = models.DateTimeField()
    nagged_at = models.DateTimeField(null=True, blank=True)
    gone_by = models.DateTimeField()
    bin_until = models.DateTimeField(null=True, blank=True)
    proposal = models.CharField(max_length=10, blank=True)
    proposal_reason = models.TextField(blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    proposed_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One open case for each upload; the second person is another person."""

        constraints = [
            models.UniqueConstraint(
                fields=["upload"], condition=Q(state="held"), name="ingest_quarantine_one_held"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="ingest_quarantine_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state="binned") | Q(bin_until__isnull=False, decided_by__isnull=False),
                name="ingest_quarantine_bin_has_its_day",
            ),
        ]
        indexes = [models.Index(fields=["state", "gone_by"], name="ingest_quarantine_due")]

    def __str__(self) -> str:
        return f"{self.reason}: upload {self.upload_id}"


class CounterGap(models.Model):
    """A number of a camera's counter that a dock found neither on it nor received before."""

    camera = models.ForeignKey("force.Camera", on_delete=models.PROTECT, related_name="gaps")
    counter = models.PositiveBigIntegerField()
    named_at = models.DateTimeField()
    explanation = models.CharField(max_length=300, blank=True)
    explained_by = models.ForeignKey(
        "force.Officer", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    explained_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Each number once; an explanation has its person and its time."""

        constraints = [
            models.UniqueConstraint(fields=["camera", "counter"], name="ingest_gap_once"),
            models.CheckConstraint(
                condition=models.Q(
                    explained_at__isnull=True, explained_by__isnull=True, explanation=""
                )
                | models.Q(explained_at__isnull=False, explained_by__isnull=False)
                & ~models.Q(explanation=""),
                name="ingest_gap_explained_by_someone",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-named_at", "-camera", "counter"],
                condition=models.Q(explained_at__isnull=True),
                name="ingest_gap_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.camera_id}: {self.counter} is missing"


class Erasure(models.Model):
    """That a dock erased a recording from where it took it, by that dock's clock and word."""

    recording = models.ForeignKey(
        "evidence.Recording", on_delete=models.PROTECT, related_name="erasures"
    )
    dock = models.ForeignKey("force.Dock", on_delete=models.PROTECT, related_name="erasures")
    erased_at = models.DateTimeField()

    class Meta:
        """Each erasure once, however often it is told."""

        constraints = [
            models.UniqueConstraint(
                fields=["recording", "dock", "erased_at"], name="ingest_erasure_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recording_id} erased at {self.dock_id}"


class DeviceLogChunk(models.Model):
    """Some whole lines of a camera's own log; once deleted, only how many there were.

    `first_at` and `last_at` are the camera's own times, as a recording's are.
    """

    camera = models.ForeignKey("force.Camera", on_delete=models.PROTECT, related_name="log_chunks")
    first_line = models.PositiveBigIntegerField()
    lines = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    body = models.BinaryField(blank=True)
    first_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()
    keep_until = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Each line once; what was deleted holds nothing."""

        constraints = [
            models.UniqueConstraint(fields=["camera", "first_line"], name="ingest_log_line_once"),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) | Q(sha256="", body=b""),
                name="ingest_log_deleted_is_empty",
            ),
        ]
        indexes = [models.Index(fields=["deleted_at", "keep_until"], name="ingest_log_due")]

    def __str__(self) -> str:
        return f"log of {self.camera_id} from line {self.first_line}"


class StoredReceipt(models.Model):
    """The first receipt of a recording, in clear while its footage lives.

    It is our promise and kept for ever, but in the vault (`kept_receipts`): once the footage is
    deleted `text` is emptied, until a dock that still has the footage brings it back. `made_at` is
    when it was written here last.
    """

    recording_id = models.UUIDField(primary_key=True)
    text = models.TextField()
    tree_size = models.BigIntegerField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"receipt of {self.recording_id}"


class DockSession(models.Model):
    """A signed-in dock; both the nonce it answered and the token it holds are only hashed."""

    nonce_hash = models.CharField(max_length=64, unique=True)
    token_hash = models.CharField(max_length=64, unique=True)
    dock = models.ForeignKey("force.Dock", on_delete=models.PROTECT, related_name="sessions")
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"session of {self.dock_id}"
