"""What the force answers for beyond the recordings themselves: losses, counts, police firearms."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fairwitness.accountability.anomaly_rows import Anomaly
from fairwitness.accountability.threshold_rows import ThresholdChange
from fairwitness.evidence.models import Recording

__all__ = [
    "Anomaly",
    "Discharge",
    "FigureCell",
    "FiguresCount",
    "FirearmsOperations",
    "Loss",
    "Outcome",
    "PublishedFigures",
    "ThresholdChange",
    "Vestige",
    "VestigeFate",
]


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


class FiguresCount(models.Model):
    """The figures as they were counted at one moment, whole: a page need not count again.

    `lines` and `total` are what `figures.count` said, `problems` what did not add up; `took_ms` is
    how long counting took; `views_until` how far into the custody log's tree views were counted;
    `complete` says that all its cells are there.
    """

    at = models.DateTimeField(db_index=True)
    complete = models.BooleanField(default=False)
    took_ms = models.PositiveIntegerField()
    lines = models.JSONField()
    total = models.JSONField()
    in_log = models.PositiveBigIntegerField()
    problems = models.JSONField(default=list)
    views_until = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"figures at {self.at}"


class FigureCell(models.Model):
    """One number of a count: what, in which month, of which unit and category (codes, or empty)."""

    count = models.ForeignKey(FiguresCount, on_delete=models.CASCADE, related_name="cells")
    measure = models.CharField(max_length=40)
    month = models.DateField()
    unit = models.CharField(max_length=20, blank=True)
    category = models.CharField(max_length=40, blank=True)
    number = models.PositiveBigIntegerField()

    class Meta:
        """Each number once."""

        constraints = [
            models.UniqueConstraint(
                fields=["count", "measure", "month", "unit", "category"],
                name="accountability_cell_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure} of {self.month:%Y-%m}: {self.number}"


class FirearmsOperations(models.Model):
    """How many operations with firearms officers one unit had in one month."""

    month = models.DateField()
    unit = models.ForeignKey("force.Unit", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    noted_at = models.DateTimeField()

    class Meta:
        """One number a month and unit; a better one replaces it, and the log has both."""

        constraints = [
            models.UniqueConstraint(
                fields=["month", "unit"], name="accountability_operations_once"
            ),
            models.CheckConstraint(
                condition=Q(month__day=1), name="accountability_operations_of_a_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} operations in {self.month:%Y-%m}"


class Outcome(models.TextChoices):
    """What an independent investigation of a discharge came to."""

    NO_CASE = "no-case", "no case to answer"
    LEARNING = "learning", "learning for the force"
    MISCONDUCT = "misconduct", "misconduct proceedings"
    CRIMINAL = "criminal", "referred to the prosecutor"


class Discharge(models.Model):
    """A police firearm was fired; an independent body investigates each one.

    `body` is who investigates, `reference` what the force calls the discharge.
    """

    reference = models.CharField(max_length=40, unique=True)
    unit = models.ForeignKey("force.Unit", on_delete=models.PROTECT, related_name="+")
    happened_on = models.DateField(db_index=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    noted_at = models.DateTimeField()
    body = models.CharField(max_length=80, blank=True)
    opened_on = models.DateField(null=True, blank=True)
    concluded_on = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)

    class Meta:
        """What is concluded was opened, by somebody, after it happened, and came to something."""

        constraints = [
            models.CheckConstraint(
                condition=Q(opened_on__isnull=True, body="", concluded_on__isnull=True)
                | Q(opened_on__gte=F("happened_on")) & ~Q(body=""),
                name="accountability_discharge_opened",
            ),
            models.CheckConstraint(
                condition=Q(concluded_on__isnull=True, outcome="")
                | Q(concluded_on__gte=F("opened_on"), outcome__in=Outcome.values),
                name="accountability_discharge_concluded",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
