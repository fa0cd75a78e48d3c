"""From where on something stands out, as a force decided: see `thresholds`."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class ThresholdChange(models.Model):
    """Numbers that one person proposed and another agreed to; the last agreed ones stand."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    numbers = models.JSONField()
    reason = models.CharField(max_length=300)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField()
    waits = models.BooleanField(null=True, default=True, unique=True, editable=False)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    agreed_at = models.DateTimeField(null=True, blank=True)
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One waits at most; agreed to whole, by another, or taken back."""

        constraints = [
            models.CheckConstraint(
                condition=Q(waits=True, agreed_at__isnull=True, taken_back_at__isnull=True)
                | Q(waits__isnull=True, agreed_at__isnull=False, taken_back_at__isnull=True)
                | Q(waits__isnull=True, agreed_at__isnull=True, taken_back_at__isnull=False),
                name="accountability_threshold_whole",
            ),
            models.CheckConstraint(
                condition=Q(agreed_at__isnull=True, agreed_by__isnull=True)
                | Q(agreed_at__isnull=False, agreed_by__isnull=False)
                & ~Q(agreed_by=F("proposed_by")),
                name="accountability_threshold_another",
            ),
        ]
        indexes = [models.Index(fields=["-agreed_at"], name="accountability_thresholds")]

    def __str__(self) -> str:
        return f"thresholds of {self.proposed_at:%Y-%m-%d}"
