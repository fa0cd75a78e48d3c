"""The row behind a force that runs with one evidence manager; see `one_manager` and ADR 0049."""

from django.db import models
from django.db.models import F, Q


class OneManager(models.Model):
    """A time in which the force runs with one evidence manager. Ended, it stays as it was.

    `standing` is True while it lasts and null afterwards, so that one lasts at most.
    """

    standing = models.BooleanField(null=True, default=True, unique=True, editable=False)
    begun_at = models.DateTimeField()
    begun_by = models.CharField(max_length=80)
    reason = models.TextField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """It stands or has ended, and ends after it began."""

        constraints = [
            models.CheckConstraint(
                condition=Q(standing=True, ended_at__isnull=True)
                | Q(standing__isnull=True, ended_at__gte=F("begun_at")),
                name="force_one_manager_stands_or_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"one evidence manager since {self.begun_at}"
