"""Who may see a recording beyond what roles say, and the visits during which it is seen."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Viewing(models.Model):
    """A visit: one officer, one recording, one task, a limited time; only the token's hash.

    `only` names the one copy that it opens, such as the poster; nothing for a viewing of all.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    recording = models.ForeignKey(
        "evidence.Recording", on_delete=models.PROTECT, related_name="viewings"
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="viewings"
    )
    task_kind = models.CharField(max_length=40, blank=True)
    task_reference = models.CharField(max_length=120, blank=True)
    only = models.CharField(max_length=10, blank=True)
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        """Looked up by token, swept by time."""

        indexes = [models.Index(fields=["expires_at"], name="evidence_viewing_expiry")]

    def __str__(self) -> str:
        return f"viewing of {self.recording_id}"


class ApartViewing(models.Model):
    """A visit to what lies in quarantine: see `apart`. No foreign key: it is no recording yet."""

    token_hash = models.CharField(max_length=64, unique=True)
    recording_id = models.UUIDField(db_index=True)
    unit = models.CharField(max_length=20, blank=True)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=80)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"viewing of {self.recording_id} in quarantine"


class Standing(models.TextChoices):
    """Why an officer belongs to a recording's circle."""

    NAMED = "named", "named for it, for a time"
    GLASS = "glass", "broke the glass for it, for an hour"
    LOCK = "lock", "placed its lock"
    HOLD = "hold", "owns a hold on it"
    INCIDENT = "incident", "declared the critical incident that locks it, and opens nothing by it"
    RELEASED = "released", "wore it, and may see it although a critical incident locks it"
    CLOSED = "closed", "declared a critical incident that locked it and is closed"


class CircleMember(models.Model):
    """An officer whom a recording lets nearer than roles do.

    `reference` says under what (a hold's id, a lock's reason); `oversight` that the force can't
    take it away; `until` when it ends by itself, swept or not.
    """

    recording = models.ForeignKey(
        "evidence.Recording", on_delete=models.PROTECT, related_name="circle"
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="circles"
    )
    standing = models.CharField(max_length=8, choices=Standing.choices)
    reference = models.CharField(max_length=120, blank=True)
    oversight = models.BooleanField(default=False)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Once for each reason; leave that is given or taken has an end."""

        constraints = [
            models.UniqueConstraint(
                fields=["recording", "officer", "standing", "reference"],
                name="evidence_circle_once",
            ),
            models.CheckConstraint(
                condition=~Q(standing__in=["named", "glass"]) | Q(until__isnull=False),
                name="evidence_circle_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.officer_id}: {self.standing}"
