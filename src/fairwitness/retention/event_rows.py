"""What is remembered of events: records of force, search, arrest and complaint, and calls.

An `Event` is what its source says now; what it said before is in its `EventVersion`s. An
`EventMatch` marks a recording, which is kept until somebody has looked: `looked_at`. A `Reminder`
says once that somebody was told of a recording.
"""

import uuid
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fairwitness.evidence.models import Recording


class EventKind(models.TextChoices):
    """What a record is of."""

    FORCE = "force", "use of force"
    SEARCH = "search", "search"
    ARREST = "arrest", "arrest"
    COMPLAINT = "complaint", "complaint"
    CALL = "cad", "call"


SILENT: Final = frozenset({EventKind.COMPLAINT.value})
"""Kinds of which the officer concerned must see no trace."""

WATCHED: Final = frozenset(EventKind.values) - {EventKind.CALL.value}
"""Kinds whose recordings a supervisor watches; those of calls may be ticked off together."""


class Event(models.Model):
    """One officer's part in an event, as its latest version says.

    `officer_key` and `camera_key` are what the list names, so that a line is known again whatever
    becomes of the people and cameras. `look_again_at` is when a sweeper matches it again: once
    soon, then daily while nothing surely matches.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=EventKind)
    reference = models.CharField(max_length=80)
    officer_key = models.CharField(max_length=20, blank=True)
    camera_key = models.CharField(max_length=64, blank=True)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    camera = models.ForeignKey(
        "force.Camera", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    unit = models.ForeignKey(
        "force.Unit", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    station = models.ForeignKey(
        "force.Station", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    incident = models.CharField(max_length=80, blank=True)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    call_type = models.CharField(max_length=80, blank=True)
    place = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField()
    look_again_at = models.DateTimeField(null=True, blank=True)
    missing = models.BooleanField(default=True)
    reason = models.CharField(max_length=300, blank=True)
    explained_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    explained_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One for each record and officer; it ends after it began; explained by somebody."""

        constraints = [
            models.UniqueConstraint(
                fields=["kind", "reference", "officer_key", "camera_key"],
                name="retention_event_once",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=EventKind.values), name="retention_event_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(begins_at__lt=F("ends_at")), name="retention_event_ends_after"
            ),
            models.CheckConstraint(
                condition=Q(explained_at__isnull=True, explained_by__isnull=True, reason="")
                | Q(explained_at__isnull=False, explained_by__isnull=False) & ~Q(reason=""),
                name="retention_event_explained_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["officer", "begins_at"], name="retention_event_officer"),
            models.Index(fields=["camera", "begins_at"], name="retention_event_camera"),
            models.Index(fields=["incident", "begins_at"], name="retention_event_incident"),
            models.Index(fields=["unit", "begins_at"], name="retention_event_unit"),
            models.Index(
                fields=["look_again_at"],
                condition=Q(look_again_at__isnull=False),
                name="retention_event_again",
            ),
            models.Index(
                fields=["unit", "-begins_at"],
                condition=Q(missing=True, explained_at__isnull=True),
                name="retention_event_missing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}"

    @property
    def silent(self) -> bool:
        """Whether the officer concerned must see no trace of it."""
        return self.kind in SILENT


class EventVersion(models.Model):
    """What a record said at one time; `digest` is of its content."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        """Numbered from 1; what was said once is not said again by the same list."""

        constraints = [
            models.UniqueConstraint(
                fields=["event", "number"], name="retention_event_version_once"
            ),
            models.UniqueConstraint(fields=["event", "digest"], name="retention_event_said_once"),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of {self.event_id}"


class EventMatch(models.Model):
    """A recording that an event marks, and whether a supervisor has looked at it for that."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="matches")
    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="event_matches")
    certain = models.BooleanField()
    matched_at = models.DateTimeField()
    looked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    looked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Each recording once for each event; a look has its person."""

        constraints = [
            models.UniqueConstraint(fields=["event", "recording"], name="retention_match_once"),
            models.CheckConstraint(
                condition=Q(looked_at__isnull=True, looked_by__isnull=True)
                | Q(looked_at__isnull=False, looked_by__isnull=False),
                name="retention_match_looked_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["matched_at"],
                condition=Q(looked_at__isnull=True),
                name="retention_match_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_id} marks {self.recording_id}"


class EventList(models.Model):
    """A list that was brought in, and what came of each line."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    brought_by = models.CharField(max_length=80)
    at = models.DateTimeField(db_index=True)
    counts = models.JSONField(default=dict)
    lines = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.name


class Reminder(models.Model):
    """That somebody was told, once, of a recording that nobody marked or looked at."""

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="reminders")
    about = models.CharField(max_length=10)
    told = models.CharField(max_length=12)
    at = models.DateTimeField()

    class Meta:
        """Once for each matter and each who is told."""

        constraints = [
            models.UniqueConstraint(
                fields=["recording", "about", "told"], name="retention_reminded_once"
            ),
        ]
        indexes = [models.Index(fields=["about", "told", "-at"], name="retention_reminder_newest")]

    def __str__(self) -> str:
        return f"{self.told} told of {self.recording_id}"
