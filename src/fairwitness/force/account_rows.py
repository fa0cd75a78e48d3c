"""The rows behind signing in: who is signed in where, one-time codes, the emergency account's seal.

Second factors and subjects of a sign-in service are rows of `django-allauth`; see ADR 0031.
"""

import uuid

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q


class Session(AbstractBaseSession):
    """One browser: of somebody signed in, or on the way there. Deleting the row ends it."""

    officer = models.ForeignKey(
        "force.Officer", on_delete=models.PROTECT, null=True, blank=True, related_name="sessions"
    )
    began_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    browser = models.CharField(max_length=200, blank=True)
    means = models.CharField(max_length=80, blank=True)

    class Meta:
        """Found by officer, to be listed and ended."""

        indexes = [models.Index(fields=["officer", "expire_date"], name="session_by_officer")]


class CodePurpose(models.TextChoices):
    """What its bearer still has to prove, or may choose anew."""

    JOIN = "join", "begin: choose a password and a second factor"
    PASSWORD = (
        "password",
        "choose a new password; the second factor is still asked for",
    )
    FACTOR = "factor", "set up a new second factor; the password is still asked for"


class OneTimeCode(models.Model):
    """A code that an administrator hands to somebody; only its digest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    officer = models.ForeignKey("force.Officer", on_delete=models.PROTECT, related_name="codes")
    purpose = models.CharField(max_length=16, choices=CodePurpose)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One open code a person: a new one ends the last."""

        constraints = [
            models.UniqueConstraint(
                fields=["officer"], condition=Q(ended_at__isnull=True), name="one_open_code"
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=CodePurpose.values), name="code_purpose_known"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="code_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"code to {self.purpose}"


class EmergencySeal(models.Model):
    """One sealing of the emergency account: from the printing of its password to its use."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    officer = models.ForeignKey("force.Officer", on_delete=models.PROTECT, related_name="seals")
    sealed_at = models.DateTimeField()
    broken_at = models.DateTimeField(null=True, blank=True)
    resealed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One envelope at a time."""

        constraints = [
            models.UniqueConstraint(
                fields=["officer"], condition=Q(resealed_at__isnull=True), name="one_seal"
            ),
        ]

    def __str__(self) -> str:
        return f"sealed {self.sealed_at}"


class EmergencyNotice(models.Model):
    """What a watcher is told when the emergency account was used, until they have read it."""

    seal = models.ForeignKey(EmergencySeal, on_delete=models.PROTECT, related_name="notices")
    officer = models.ForeignKey(
        "force.Officer", on_delete=models.PROTECT, related_name="emergency_notices"
    )
    told_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Once each."""

        constraints = [
            models.UniqueConstraint(fields=["seal", "officer"], name="one_notice_each"),
        ]

    def __str__(self) -> str:
        return f"{self.officer_id} told {self.told_at}"
