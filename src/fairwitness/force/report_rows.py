"""Reports that a camera is lost, stolen or in repair: by whom, when, and what was on it."""

import uuid

from django.db import models
from django.db.models import F, Q


class ReportKind(models.TextChoices):
    """What became of the camera; the values are those of `CameraStatus`."""

    LOST = "lost", "lost"
    STOLEN = "stolen", "stolen"
    REPAIR = "repair", "faulty, in repair"


class CameraReport(models.Model):
    """One report, open until the camera is back or something else is reported.

    `on_it` is what the server knew at that moment of footage that had not arrived; it stays as it
    was told then, whatever arrives later.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    camera = models.ForeignKey("force.Camera", on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=16, choices=ReportKind)
    reason = models.CharField(max_length=300)
    on_it = models.JSONField(default=dict)
    reported_by = models.ForeignKey(
        "force.Officer", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reported_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        "force.Officer", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        """One open report of a camera, of a kind that we know."""

        ordering = ["reported_at"]
        indexes = [models.Index(fields=["kind", "-reported_at"], name="camera_report_recent")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ReportKind.values), name="camera_report_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("reported_at")),
                name="camera_report_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["camera"],
                condition=Q(ended_at__isnull=True),
                name="one_open_report_a_camera",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.camera_id} {self.kind}"
