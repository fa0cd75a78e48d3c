"""What the force answers for beyond the recordings themselves: what was lost."""

from django.db import models
from django.db.models import Q

from fairwitness.evidence.models import Recording


class Loss(models.Model):
    """A recording that an audit could not open though it should: lost until it is found.

    It stays when the footage is found again, with the day it was; figures count open ones.
    """

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="losses")
    found_at = models.DateTimeField()
    problem = models.TextField()
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One open loss for each recording."""

        constraints = [
            models.UniqueConstraint(
                fields=["recording"],
                condition=Q(resolved_at__isnull=True),
                name="accountability_loss_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"loss of {self.recording_id}"
