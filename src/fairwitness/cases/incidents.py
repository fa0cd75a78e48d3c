"""The rows of critical incidents. Nothing is deleted: an incident closes, an account stays entered.

What is locked, and by what, is retention's: the incident has one hold, which locks what it binds.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fairwitness.force.models import Unit
from fairwitness.retention.models import Hold


class Happening(models.TextChoices):
    """What makes an incident critical."""

    SHOOTING = "shooting", "police shooting"
    DEATH = "death", "death after police contact"
    SERIOUS_INJURY = "serious-injury", "serious injury after police contact"
    OTHER = "other", "other critical incident"


class CriticalIncident(models.Model):
    """A shooting, a death or a serious injury: declared in one act, closed by oversight.

    `case` is the independent investigation's own, from which it makes its copies.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField()
    year = models.PositiveIntegerField()
    happening = models.CharField(max_length=20, choices=Happening)
    about = models.CharField(max_length=300)
    place = models.CharField(max_length=200)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="incidents")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    declared_at = models.DateTimeField()
    hold = models.OneToOneField(Hold, on_delete=models.PROTECT, related_name="incident")
    case = models.OneToOneField(
        "cases.Case", null=True, blank=True, on_delete=models.PROTECT, related_name="incident"
    )
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        """Numbered within the year; what is closed has its person and its outcome."""

        ordering = ["-declared_at"]
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="incident_number_once"),
            models.CheckConstraint(
                condition=Q(happening__in=Happening.values), name="incident_happening_known"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")),
                name="incident_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True, outcome="")
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(outcome="")),
                name="incident_closed_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What people call it: `CI/3/2017`."""
        return f"CI/{self.number}/{self.year}"


class Involvement(models.Model):
    """An officer named in an incident: an account is awaited, and viewing is released or not."""

    incident = models.ForeignKey(
        CriticalIncident, on_delete=models.PROTECT, related_name="involvements"
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="involvements"
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    released_at = models.DateTimeField(null=True, blank=True)
    released_because = models.CharField(max_length=300, blank=True)

    class Meta:
        """Once each; a release has its person, another one, and its reason."""

        constraints = [
            models.UniqueConstraint(fields=["incident", "officer"], name="incident_officer_once"),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | (
                    Q(released_at__isnull=False, released_by__isnull=False)
                    & ~Q(released_by=F("officer"))
                    & ~Q(released_because="")
                ),
                name="incident_release_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.officer_id} in {self.incident_id}"


class Account(models.Model):
    """That an officer gave an account, and when. Entered wrongly it stays, and is entered again."""

    involvement = models.ForeignKey(Involvement, on_delete=models.PROTECT, related_name="accounts")
    given_at = models.DateTimeField()
    what = models.CharField(max_length=80)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    entered_at = models.DateTimeField()

    class Meta:
        """No account is entered before it was given."""

        ordering = ["given_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(given_at__lte=F("entered_at")), name="incident_account_was_given"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} at {self.given_at}"


class Notice(models.Model):
    """What a person of the oversight body is told inside the system: that this was declared."""

    incident = models.ForeignKey(CriticalIncident, on_delete=models.PROTECT, related_name="notices")
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="incident_notices"
    )
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Each is told once."""

        constraints = [
            models.UniqueConstraint(fields=["incident", "officer"], name="incident_told_once"),
        ]

    def __str__(self) -> str:
        return f"{self.officer_id} told of {self.incident_id}"
