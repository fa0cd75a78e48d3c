"""What the retention desk remembers: trials and changes of rules, the week, early deletions."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fairwitness.evidence.models import Recording


class RuleTrial(models.Model):
    """A period somebody wants to see the effect of; played by whoever comes first, page or sweeper.

    Nothing follows from one. `effect` is what it would do, as of `played_at`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120, blank=True)
    days = models.PositiveIntegerField(null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(db_index=True)
    effect = models.JSONField(default=dict)
    played_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Those that wait to be played are found quickly."""

        indexes = [
            models.Index(
                fields=["asked_at"],
                condition=Q(played_at__isnull=True),
                name="retention_trial_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"trial of {self.code} at {self.days} days"


class RuleChange(models.Model):
    """A proposed change of a category's period: simulated, agreed to by a second person, delayed.

    `simulation` says what would become due and when, as counted when it was proposed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    days = models.PositiveIntegerField(null=True, blank=True)
    fields = models.JSONField(null=True, blank=True)  # null leaves what it asks as it is
    reason = models.TextField()
    simulation = models.JSONField(default=dict)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    effective_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Two people are two people; nothing is applied before it was approved."""

        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="retention_rule_change_two_people",
            ),
            models.CheckConstraint(
                condition=Q(applied_at__isnull=True) | Q(applied_at__gte=F("effective_at")),
                name="retention_rule_change_cooled_off",
            ),
            models.CheckConstraint(
                condition=Q(days__isnull=True) | Q(days__gte=31),
                name="retention_rule_change_not_hasty",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} to {self.days} days"


class WeekAhead(models.Model):
    """What goes on each of the next days, as counted last: one row, replaced at each count.

    `lines` holds `[London date, unit's code, category's code, number]`.
    """

    counted_at = models.DateTimeField(db_index=True)
    lines = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"the week ahead of {self.counted_at}"


class EarlyState(models.TextChoices):
    """How far a request for early deletion has come."""

    ASKED = "asked", "waits for an evidence manager"
    DECIDED = "decided", "waits for a second person"
    AGREED = "agreed", "agreed to"
    REFUSED = "refused", "refused"
    STOPPED = "stopped", "stopped before it went"


class AskedFor(models.TextChoices):
    """On whose behalf it is asked."""

    OFFICER = "officer", "the officer who asks"
    PERSON = "person", "a person who was filmed"


class EarlyDeletion(models.Model):
    """A request that a recording made by mistake be deleted before its day.

    Three people: who asks, an evidence manager who decides, and a second person who agrees. It goes
    with the footage; what was done and why stays in the custody log.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recording = models.ForeignKey(
        Recording, on_delete=models.PROTECT, related_name="early_deletions"
    )
    state = models.CharField(max_length=10, choices=EarlyState, default=EarlyState.ASKED)
    asked_for = models.CharField(max_length=10, choices=AskedFor)
    reason = models.TextField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    decision = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    agreed_at = models.DateTimeField(null=True, blank=True)
    after_notice = models.BooleanField(default=False)  # in place of the second person

    class Meta:
        """One open request for each recording; three people are three people."""

        constraints = [
            models.UniqueConstraint(
                fields=["recording"],
                condition=Q(state__in=["asked", "decided"]),
                name="retention_early_one_open",
            ),
            models.CheckConstraint(
                condition=(Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")))
                & (
                    Q(agreed_by__isnull=True)
                    | ~Q(agreed_by=F("asked_by")) & ~Q(agreed_by=F("decided_by"))
                ),
                name="retention_early_three_people",
            ),
            models.CheckConstraint(
                condition=~Q(state="agreed")
                | Q(agreed_at__isnull=False, decided_by__isnull=False)
                & (Q(agreed_by__isnull=False) | Q(after_notice=True)),
                name="retention_early_agreed_by_someone",
            ),
        ]
        indexes = [models.Index(fields=["state", "asked_at"], name="retention_early_waiting")]

    def __str__(self) -> str:
        return f"early deletion of {self.recording_id}: {self.state}"
