"""Recordings and what belongs to them.

A row of `Recording` is the master's identity card: who, what, when, and how long it stays. It
outlives the footage: a disposed recording keeps its row as a tombstone, without its digest (a
keyed commitment stays, so that the same bytes are known again) and without a key in the ring.

`Piece` has no foreign key: pieces exist before the recording is registered, and what the vault
holds is found by the recording's id alone. Digests are hexadecimal text, lower case.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Length

from fairwitness.evidence import found_by
from fairwitness.evidence.found_by import Word
from fairwitness.evidence.growth_rows import Growth
from fairwitness.evidence.leave_rows import BrokenGlass, Emergency, Naming
from fairwitness.evidence.place_rows import PlacedRecording, PlaceEpoch, PlaceMark
from fairwitness.evidence.sight_rows import ApartViewing, CircleMember, Standing, Viewing
from fairwitness.evidence.transcript_rows import Transcript
from fairwitness.evidence.video_seals import SealSigner, SealVerdict, VideoSeals

__all__ = [
    "AccessClass",
    "Annotation",
    "ApartViewing",
    "BrokenGlass",
    "CircleMember",
    "Copy",
    "CopyKind",
    "CopyState",
    "Emergency",
    "Growth",
    "Naming",
    "Piece",
    "PlaceEpoch",
    "PlaceMark",
    "PlacedRecording",
    "Provenance",
    "Recording",
    "SealSigner",
    "SealVerdict",
    "Standing",
    "State",
    "Transcript",
    "VideoSeals",
    "Viewing",
    "Word",
]

models.CharField.register_lookup(Length)


class Provenance(models.TextChoices):
    """Who vouches for the bytes: the camera's signature, the dock, or who brought them."""

    SIGNED = "signed", "signed by the camera"
    UNSIGNED = "unsigned", "docked, but not signed by a camera"
    IMPORTED = "imported", "imported by an officer"
    AXIS = "axis", "from an Axis body-worn system"
    VOLUME = "volume", "from an enrolled volume"


class State(models.TextChoices):
    """A recording is live until it is disposed; there is no way back."""

    LIVE = "live", "live"
    DISPOSED = "disposed", "deleted"


class AccessClass(models.TextChoices):
    """How narrow the circle is that may see a recording."""

    OPEN = "open", "open"
    RESTRICTED = "restricted", "restricted"
    CONFIDENTIAL = "confidential", "confidential"


class CopyKind(models.TextChoices):
    """What is made from a master; `MASTER` names the master's own pieces."""

    MASTER = "master", "master"
    WORKING = "working", "working copy"
    POSTER = "poster", "poster"
    WAVEFORM = "waveform", "waveform"
    STRIP = "strip", "strip of stills"
    TRAIL = "trail", "trail"


class CopyState(models.TextChoices):
    """Where the making of a copy stands."""

    DUE = "due", "to be made"
    MAKING = "making", "being made"
    READY = "ready", "ready"
    FAILED = "failed", "can't be made"


class Recording(models.Model):
    """One master, or the tombstone of one.

    Times: `started_at` and `ended_at` are the device's own (`started_at` is the start of the
    buffer); `clock_ahead_us_*` bound how far that clock was ahead while it recorded, in
    microseconds; `clock_started_at` is when the 31 days began, never changed afterwards;
    `erased_at` is when a dock first said that it erased it from its camera or volume.
    `hidden_from`, `gone_by` and `keep_reason` are retention's answer; `shown_*` is the answer as
    the wearer may know it, silent holds left out: after `shown_gone_by` it is gone for the wearer.
    `force_*` is the answer as the force may know it, the independent investigation's silent holds
    left out: after `force_gone_by` it is gone for everybody but that investigation (ADR 0050).
    `media` is what the file is and what is wrong with it (`evidence.footage_facts`); no place is in
    it: those are the trail, a sealed copy.
    `began_at`, which searches order by, is `started_at`, or `docked_at` where nothing tells that.
    `people_told` is what the camera was told of that, if anything; the figures need it for good.
    `claim` is what our camera signed; `said` what another maker's system told, signed by nobody.
    """

    id = models.UUIDField(primary_key=True)
    reference = models.CharField(max_length=80, db_index=True)
    camera = models.ForeignKey(
        "force.Camera",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="recordings",
        db_index=False,
    )
    camera_serial = models.CharField(max_length=64, blank=True)
    counter = models.PositiveBigIntegerField(null=True, blank=True)
    activation = models.PositiveBigIntegerField(null=True, blank=True)
    part = models.PositiveIntegerField(default=1)
    last_part = models.BooleanField(default=True)
    people_told = models.BooleanField(null=True, blank=True)
    wearer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="recordings",
        db_index=False,
    )
    unit = models.ForeignKey(
        "force.Unit",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="recordings",
        db_index=False,
    )
    station = models.ForeignKey(
        "force.Station",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="recordings",
        db_index=False,
    )
    dock = models.ForeignKey(
        "force.Dock", null=True, blank=True, on_delete=models.PROTECT, related_name="recordings"
    )
    volume = models.ForeignKey(
        "force.Volume", null=True, blank=True, on_delete=models.PROTECT, related_name="recordings"
    )
    provenance = models.CharField(max_length=10, choices=Provenance.choices)
    source = models.CharField(max_length=120, blank=True)
    filename = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.LIVE)
    received_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    clock_ahead_us_min = models.BigIntegerField(null=True, blank=True)
    clock_ahead_us_max = models.BigIntegerField(null=True, blank=True)
    clock_checked = models.BooleanField(default=False)
    clock_started_at = models.DateTimeField()
    docked_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)
    late = models.BooleanField(default=False)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    commitment = models.CharField(max_length=64)
    media_type = models.CharField(max_length=80)
    duration_ms = models.BigIntegerField(default=0)
    claim = models.JSONField(null=True, blank=True)
    media = models.JSONField(null=True, blank=True)
    said = models.JSONField(null=True, blank=True)
    category = models.CharField(max_length=40, blank=True)
    incident = models.CharField(max_length=80, blank=True)
    evidential = models.BooleanField(default=False)
    access_class = models.CharField(
        max_length=12, choices=AccessClass.choices, default=AccessClass.OPEN
    )
    locked = models.BooleanField(default=False)
    hidden_from = models.DateTimeField(null=True, blank=True)
    gone_by = models.DateTimeField(null=True, blank=True)
    keep_reason = models.TextField(blank=True)
    shown_hidden_from = models.DateTimeField(null=True, blank=True)
    shown_gone_by = models.DateTimeField(null=True, blank=True)
    shown_reason = models.TextField(blank=True)
    force_hidden_from = models.DateTimeField(null=True, blank=True)
    force_gone_by = models.DateTimeField(null=True, blank=True)
    force_reason = models.TextField(blank=True)
    entry_leaf = models.CharField(max_length=64, blank=True)
    began_at = models.GeneratedField(
        expression=Coalesce("started_at", "docked_at"),
        output_field=models.DateTimeField(),
        db_persist=True,
    )

    class Meta:
        """One row per (camera, counter, part), and per (source, bytes) when no camera signed."""

        constraints = [
            models.UniqueConstraint(
                fields=["camera", "counter", "part"], name="evidence_recording_identity"
            ),
            models.UniqueConstraint(
                fields=["source", "commitment"],
                condition=~Q(source=""),
                name="evidence_recording_unsigned_identity",
            ),
            models.CheckConstraint(
                condition=~Q(provenance="signed")
                | Q(
                    camera__isnull=False,
                    counter__isnull=False,
                    activation__isnull=False,
                    part__gte=1,
                ),
                name="evidence_recording_signed_has_identity",
            ),
            models.CheckConstraint(
                condition=Q(state="live", sha256__length=64) | Q(state="disposed", sha256=""),
                name="evidence_recording_digest_while_live",
            ),
            models.CheckConstraint(
                condition=Q(size__gte=0) & Q(clock_started_at__lte=F("docked_at")),
                name="evidence_recording_clock_never_after_docking",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "gone_by", "began_at"], name="evidence_rec_due"),
            models.Index(
                fields=["state", "force_gone_by", "began_at"], name="evidence_rec_due_force"
            ),
            models.Index(fields=["unit", "state", "force_gone_by"], name="evidence_rec_unit_due"),
            models.Index(fields=["commitment"], name="evidence_rec_commitment"),
            models.Index(fields=["camera", "activation"], name="evidence_rec_activation"),
            models.Index(
                fields=["source"], condition=Q(provenance="axis"), name="evidence_rec_axis"
            ),
            *found_by.INDEXES,
        ]

    def __str__(self) -> str:
        return self.reference


class Piece(models.Model):
    """One sealed piece in the vault; a blob counts only while such a row names it.

    `offset` and `length` are plaintext bytes of the copy; `upload_length` is what its associated
    data was made with.
    """

    recording_id = models.UUIDField()
    copy = models.CharField(max_length=10, choices=CopyKind.choices, default=CopyKind.MASTER)
    offset = models.BigIntegerField()
    length = models.BigIntegerField()
    blob = models.CharField(max_length=200, unique=True)
    sealed_size = models.BigIntegerField()
    upload_length = models.BigIntegerField()

    class Meta:
        """Pieces of one copy never start at the same byte."""

        constraints = [
            models.UniqueConstraint(
                fields=["recording_id", "copy", "offset"], name="evidence_piece_place"
            ),
            models.CheckConstraint(
                condition=Q(offset__gte=0, length__gte=0, sealed_size__gt=0),
                name="evidence_piece_sizes",
            ),
        ]

    def __str__(self) -> str:
        return self.blob


class Copy(models.Model):
    """What was made from a master: its recipe's statement says how, its state how far.

    A worker claims a due copy by moving `lease_until`; a dead worker's lease lapses. `encode` says
    that its pictures must be encoded again, which takes long; `progress` is in percent.
    """

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="copies")
    kind = models.CharField(max_length=10, choices=CopyKind.choices)
    state = models.CharField(max_length=10, choices=CopyState.choices, default=CopyState.DUE)
    size = models.BigIntegerField(default=0)
    media_type = models.CharField(max_length=80, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    statement = models.JSONField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    encode = models.BooleanField(default=False)
    progress = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(blank=True)
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One copy of each kind."""

        constraints = [
            models.UniqueConstraint(fields=["recording", "kind"], name="evidence_copy_kind"),
        ]
        indexes = [models.Index(fields=["state", "lease_until"], name="evidence_copy_due")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.recording_id}"


class Annotation(models.Model):
    """What people add to a recording without changing it; a correction needs a second officer."""

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="annotations")
    kind = models.CharField(max_length=40)
    text = models.TextField()
    detail = models.JSONField(default=dict)
    first_officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="annotations"
    )
    first_at = models.DateTimeField()
    second_officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="annotations_confirmed",
    )
    second_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Two people are two people."""

        constraints = [
            models.CheckConstraint(
                condition=Q(second_officer__isnull=True) | ~Q(second_officer=F("first_officer")),
                name="evidence_annotation_two_people",
            ),
        ]

    def __str__(self) -> str:
        return self.kind
