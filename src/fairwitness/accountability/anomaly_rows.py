"""What stood out, kept until somebody has looked at it."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Anomaly(models.Model):
    """A question about a person or a camera; closed with a note by whoever looked at it.

    `about` and `concerns` are ids without a foreign key: of an officer or a camera.
    """

    kind = models.CharField(max_length=20)
    about = models.UUIDField()
    concerns = models.UUIDField(null=True, blank=True)
    number = models.PositiveIntegerField()
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="anomalies_closed",
    )
    note = models.TextField(blank=True)

    class Meta:
        """One open question of a kind about one; closed by somebody, with a note."""

        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about", "concerns"],
                condition=Q(closed_at__isnull=True, concerns__isnull=False),
                name="accountability_anomaly_one_open_of",
            ),
            models.UniqueConstraint(
                fields=["kind", "about"],
                condition=Q(closed_at__isnull=True, concerns__isnull=True),
                name="accountability_anomaly_one_open",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True, note="")
                | Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(note=""),
                name="accountability_anomaly_closed_whole",
            ),
        ]
        indexes = [models.Index(fields=["-closed_at"], name="accountability_anomaly_closed")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.number}"
