"""The rows behind machines: named machine accounts, their and officers' tokens, answers kept."""

import enum
import uuid

from django.db import models
from django.db.models import F, Q


class Scope(enum.StrEnum):
    """What a token may be used for, at most; its account's roles still decide each act."""

    RECORDINGS_READ = "recordings:read"
    RECORDINGS_WRITE = "recordings:write"
    RECORDINGS_VIEW = "recordings:view"
    HOLDS_READ = "holds:read"
    HOLDS_WRITE = "holds:write"
    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"
    COPIES = "copies"
    INCIDENTS_READ = "incidents:read"
    INCIDENTS_WRITE = "incidents:write"
    EVENTS_READ = "events:read"
    EVENTS_WRITE = "events:write"
    QUARANTINE_READ = "quarantine:read"
    QUARANTINE_WRITE = "quarantine:write"
    REQUESTS_READ = "requests:read"
    REQUESTS_WRITE = "requests:write"
    DELETIONS_READ = "deletions:read"
    FIGURES_READ = "figures:read"
    FIGURES_WRITE = "figures:write"
    RULES_READ = "rules:read"
    RULES_WRITE = "rules:write"
    STANDS_OUT_READ = "stands-out:read"
    STANDS_OUT_WRITE = "stands-out:write"
    FORCE_READ = "force:read"
    FORCE_WRITE = "force:write"


class MachineAccount(models.Model):
    """Marks an officer's row as no person: another system, which acts by tokens alone.

    It has roles like anybody, no password, and is never one of two people.
    """

    officer = models.OneToOneField(
        "force.Officer", on_delete=models.PROTECT, primary_key=True, related_name="machine"
    )
    purpose = models.CharField(max_length=200)
    made_by = models.ForeignKey(
        "force.Officer", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"machine account {self.officer_id}"


class ApiToken(models.Model):
    """Lets a program act as one account, within scopes and up to a day; only a digest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    officer = models.ForeignKey("force.Officer", on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    made_by = models.ForeignKey(
        "force.Officer", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A name stands once among an account's open tokens, and every token ends."""

        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["officer", "name"],
                condition=Q(revoked_at__isnull=True),
                name="one_open_token_a_name",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="token_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"token {self.name}"


class ApiAnswer(models.Model):
    """What a request with an idempotency key was answered, so that a repeat gets the same.

    `sealed` opens only with the token itself: no copy of an answer lies in the database readable.
    """

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="answers")
    key = models.CharField(max_length=100)
    fingerprint = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    sealed = models.BinaryField(default=b"")

    class Meta:
        """A key stands once for each token; old ones are found by time."""

        constraints = [models.UniqueConstraint(fields=["token", "key"], name="one_answer_a_key")]
        indexes = [models.Index(fields=["made_at"], name="answer_by_time")]

    def __str__(self) -> str:
        return f"answer to {self.key}"
