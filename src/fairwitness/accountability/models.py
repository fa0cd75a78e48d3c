"""What the force answers for beyond the recordings themselves: what was lost."""

from django.db import models
from django.db.models import Q

from fairwitness.evidence.models import Recording


class Loss(models.Model):
    """A recording that an audit could not open though it should: lost until it is found.

    It stays when the footage is found again, with the day it was; figures count open ones. `deep`
    says that only reading every byte back can tell whether it is found again.
    """

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="losses")
    found_at = models.DateTimeField()
    problem = models.TextField()
    deep = models.BooleanField(default=False)
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


class VestigeFate(models.TextChoices):
    """What the log says became of it."""

    DELETED = "deleted", "deleted before the database was lost"
    LOST = "lost", "lost with the database"


class Vestige(models.Model):
    """An arrival that only the custody log still knows of, after the loss of a database.

    A rebuild leaves one for each arrival that it can't register again, so that the figures go on
    adding up. It names no unit, for the log does not.
    """

    recording_id = models.UUIDField(primary_key=True)
    fate = models.CharField(max_length=8, choices=VestigeFate.choices)
    arrived_at = models.DateTimeField()
    noted_at = models.DateTimeField()

    class Meta:
        """Fates are those we know."""

        constraints = [
            models.CheckConstraint(
                condition=Q(fate__in=VestigeFate.values), name="accountability_vestige_fate_known"
            ),
        ]

    def __str__(self) -> str:
        return f"vestige of {self.recording_id}"


class PublishedFigures(models.Model):
    """Figures as they were given to the public: what the front page shows until the next ones."""

    at = models.DateTimeField(db_index=True)
    file = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        """The latest first."""

        ordering = ["-at"]

    def __str__(self) -> str:
        return f"figures of {self.at:%Y-%m-%d %H:%M}"
