"""Leave to see one recording for a time: given by name, or taken in an emergency."""

import uuid
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q

GONE: Final = "Went with the footage."
"""What stands in the place of what somebody typed about footage that was deleted."""


class Naming(models.Model):
    """An officer named for one recording, from then until a moment; the rows stay when it is over.

    What opens it is the circle's row (`CircleMember`) with the same end, which goes with it. The
    reason goes with the footage.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recording = models.ForeignKey(
        "evidence.Recording", on_delete=models.PROTECT, related_name="namings"
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="namings"
    )
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="namings_made"
    )
    reason = models.TextField()
    named_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Once at a time, never for oneself; swept by its end."""

        constraints = [
            models.UniqueConstraint(
                fields=["recording", "officer"],
                condition=Q(ended_at__isnull=True),
                name="evidence_naming_once",
            ),
            models.CheckConstraint(
                condition=~Q(officer=F("named_by")), name="evidence_naming_another"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("named_at")), name="evidence_naming_ends"
            ),
        ]
        indexes = [
            models.Index(
                fields=["ends_at"],
                condition=Q(ended_at__isnull=True),
                name="evidence_naming_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.officer_id} named until {self.ends_at:%Y-%m-%d}"


class Emergency(models.TextChoices):
    """What may be at stake when somebody breaks the glass."""

    LIFE = "life", "A life is at risk"
    MISSING = "missing", "Somebody is missing who may come to harm"
    HARM = "harm", "Serious harm is about to be done"


class BrokenGlass(models.Model):
    """One recording opened in an emergency by somebody without the ground; judged afterwards."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recording = models.ForeignKey(
        "evidence.Recording", on_delete=models.PROTECT, related_name="broken_glass"
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="broken_glass"
    )
    emergency = models.CharField(max_length=8, choices=Emergency.choices)
    reason = models.TextField()
    broken_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    judged_at = models.DateTimeField(null=True, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="glass_judged",
    )
    justified = models.BooleanField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        """Judged whole or not at all, by another; those that wait are found at once."""

        constraints = [
            models.CheckConstraint(
                condition=Q(judged_at__isnull=True, judged_by__isnull=True, justified__isnull=True)
                | (
                    Q(judged_at__isnull=False, judged_by__isnull=False, justified__isnull=False)
                    & ~Q(note="")
                ),
                name="evidence_glass_judged_whole",
            ),
            models.CheckConstraint(
                condition=Q(judged_by__isnull=True) | ~Q(judged_by=F("officer")),
                name="evidence_glass_another",
            ),
        ]
        indexes = [
            models.Index(
                fields=["broken_at"],
                condition=Q(judged_at__isnull=True),
                name="evidence_glass_waiting",
            ),
            models.Index(fields=["-broken_at"], name="evidence_glass_broken"),
        ]

    def __str__(self) -> str:
        return f"glass broken for {self.recording_id}"
