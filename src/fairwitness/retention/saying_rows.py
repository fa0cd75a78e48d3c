"""What officers say of a recording, and of what they did not record: rows are added, never changed.

The latest row of a matter (and of a field) is what is said now; the earlier ones stay beside it.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from fairwitness.evidence.models import Recording


class Matter(models.TextChoices):
    """What something is said about."""

    TOLD = "told", "People told"
    LATE = "late", "Started late"
    EARLY = "early", "Stopped early"
    MUTED = "muted", "Muted"
    FIELD = "field", "Field of the category"


class Said(models.Model):
    """One thing that an officer says of a recording; an empty answer takes back the one before.

    `answer` is a code of the list of reasons, or what was typed into `field` (`category.field`).
    """

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="sayings")
    matter = models.CharField(max_length=8, choices=Matter)
    field = models.CharField(max_length=90, blank=True)
    answer = models.CharField(max_length=120, blank=True)
    words = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        """A field is named where one is meant, and nowhere else."""

        constraints = [
            models.CheckConstraint(
                condition=Q(matter="field") & ~Q(field="")
                | Q(matter__in=["told", "late", "early", "muted"], field=""),
                name="retention_said_of_a_field",
            ),
        ]
        indexes = [models.Index(fields=["matter", "-at"], name="retention_said_latest")]

    def __str__(self) -> str:
        return f"{self.matter} of {self.recording_id}"


class NotRecorded(models.Model):
    """That an officer recorded nothing at a time when one would ask for it, and why.

    `instead_of` is the row that this one corrects; that one stays.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="not_recorded"
    )
    unit = models.ForeignKey("force.Unit", on_delete=models.PROTECT, related_name="+")
    incident = models.CharField(max_length=80)
    happened_at = models.DateTimeField()
    reason = models.CharField(max_length=40)
    words = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    instead_of = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrected_by"
    )

    class Meta:
        """An incident and a reason; nothing is said of what has not happened."""

        constraints = [
            models.CheckConstraint(
                condition=~Q(incident="") & ~Q(reason="") & Q(happened_at__lte=models.F("at")),
                name="retention_not_recorded_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "-at"], name="retention_unrecorded_unit"),
            models.Index(fields=["officer", "-at"], name="retention_unrecorded_mine"),
            models.Index(fields=["-at"], name="retention_unrecorded_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.officer_id} did not record {self.incident}"


class Typed(models.Model):
    """What an officer had typed when a kiosk signed them out: one each, until it is used."""

    officer = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    recording = models.UUIDField()
    typed = models.JSONField(default=dict)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"typed by {self.officer_id}"
