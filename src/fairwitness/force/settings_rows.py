"""The rows of what is decided about cameras; the verbs are in `camera_settings`."""

import uuid

from django.db import models
from django.db.models import Q


class Profile(models.TextChoices):
    """The two kinds of camera of the roll-out."""

    FLEX2 = "flex2", "Flex 2 (helmet or cap)"
    BODY2 = "body2", "Body 2 (chest)"


class CameraSettings(models.Model):
    """What was decided about one kind of camera, at one time; never changed afterwards.

    With a unit it is for that unit's cameras alone; without one, for all of the force whose unit
    has none of its own. `follows` says that a unit gave its own up.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.CharField(max_length=16, choices=Profile)
    version = models.PositiveIntegerField()
    unit = models.ForeignKey(
        "force.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    follows = models.BooleanField(default=False)
    settings = models.JSONField()
    firmware = models.CharField(max_length=40, blank=True)
    battery_percent = models.PositiveSmallIntegerField()
    charge_minutes = models.PositiveIntegerField()
    decided_by = models.ForeignKey(
        "force.Officer", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField()
    reason = models.CharField(max_length=300)

    class Meta:
        """Each kind counts its own versions, through all units; only a unit follows."""

        ordering = ["profile", "version"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "version"], name="one_settings_a_version"),
            models.CheckConstraint(
                condition=Q(follows=False) | Q(unit__isnull=False), name="only_a_unit_follows"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile} settings {self.version}"
