"""The rows of cases and exhibits. Nothing is deleted: a case closes, an exhibit is withdrawn.

A withdrawn exhibit keeps its reference for ever, because papers name it; so a reference is unique
in its case whatever became of the exhibit.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fairwitness.cases.incidents import Account, CriticalIncident, Happening, Involvement, Notice
from fairwitness.cases.leave_rows import CaseLeave
from fairwitness.evidence.models import Recording
from fairwitness.force.models import Unit
from fairwitness.retention.models import Hold

__all__ = [
    "Account",
    "Case",
    "CaseLeave",
    "CaseState",
    "CriticalIncident",
    "Exhibit",
    "Happening",
    "Involvement",
    "Notice",
]


class CaseState(models.TextChoices):
    """Whether a case is worked on; what is closed still has a day on which it is looked at."""

    OPEN = "open", "open"
    CLOSED = "closed", "closed"


class Case(models.Model):
    """What recordings are gathered for: a prosecution, a complaint, an inquest.

    `oversight`: the independent investigation's own, which nobody of the force sees.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=200)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="cases")
    officer_in_case = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="cases"
    )
    state = models.CharField(max_length=8, choices=CaseState, default=CaseState.OPEN)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=300, blank=True)
    oversight = models.BooleanField(default=False)
    review_on = models.DateField()

    class Meta:
        """A closed case has the time it was closed; a day to look at it again it always has."""

        ordering = ["-opened_at", "reference"]
        indexes = [models.Index(fields=["-opened_at", "reference"], name="case_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | Q(state="closed", closed_at__isnull=False),
                name="case_closed_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.reference}"


class Exhibit(models.Model):
    """A recording that a person produces in a case, under a reference such as `ABC/1`.

    `recording` is the part that was chosen; the hold binds every part of its activation.
    `producer` answers for it in court; `produced_by` is who entered it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="exhibits")
    reference = models.CharField(max_length=16)
    initials = models.CharField(max_length=6)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    producer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exhibits"
    )
    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="exhibits")
    hold = models.OneToOneField(Hold, on_delete=models.PROTECT, related_name="exhibit")
    produced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    produced_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_because = models.CharField(max_length=300, blank=True)

    class Meta:
        """A reference stands once in a case, and a recording is one exhibit of it at a time."""

        ordering = ["initials", "number"]
        constraints = [
            models.UniqueConstraint(fields=["case", "reference"], name="exhibit_reference_once"),
            models.UniqueConstraint(
                fields=["case", "recording"],
                condition=Q(withdrawn_at__isnull=True),
                name="exhibit_recording_once",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="exhibit_numbers_from_one"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("produced_at")),
                name="exhibit_withdrawn_after_produced",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
