"""The rows of deletion: what was listed, which run it was, and the record that stays.

They are models of this app, found through `retention.models`; they stand apart because they
outlive all other rows and say what was done, not what is.
"""

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fairwitness.evidence.models import Recording


class DisposalListing(models.Model):
    """A list of what will be deleted and when, committed to the custody log by its digest."""

    committed_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    entry_leaf = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"list of {self.count} at {self.committed_at}"


class ListedDisposal(models.Model):
    """One line of a list; a changed date is listed anew."""

    listing = models.ForeignKey(DisposalListing, on_delete=models.PROTECT, related_name="lines")
    recording_id = models.UUIDField()
    due = models.DateTimeField()

    class Meta:
        """Each recording and date once; walked in the order of the dates."""

        constraints = [
            models.UniqueConstraint(fields=["recording_id", "due"], name="retention_listed_once"),
        ]
        indexes = [models.Index(fields=["due", "id"], name="retention_listed_by_due")]

    def __str__(self) -> str:
        return f"{self.recording_id} by {self.due}"


class RunState(models.TextChoices):
    """How a disposal run went."""

    RUNNING = "running", "running"
    FINISHED = "finished", "finished"
    STOPPED = "stopped", "stopped"


class DisposalRun(models.Model):
    """One sweep that had something to do, or that stopped itself.

    A run stopped by an anomaly is let on by two people; `allowed_until` then covers it.
    """

    started_at = models.DateTimeField(db_index=True)
    second_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=RunState, default=RunState.RUNNING)
    due = models.PositiveIntegerField(default=0)
    disposed = models.PositiveIntegerField(default=0)
    problem_code = models.CharField(max_length=60, blank=True)
    problem = models.TextField(blank=True)
    let_on_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    allowed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Two people are two people."""

        constraints = [
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("let_on_by")),
                name="retention_run_two_people",
            ),
        ]
        indexes = [models.Index(fields=["state", "-started_at"], name="retention_run_state")]

    def __str__(self) -> str:
        return f"run of {self.started_at}: {self.state}"


class DisposalState(models.TextChoices):
    """How far a deletion has come; each step is durable before the next begins."""

    COMMITTED = "committed", "decided, the key still to be destroyed"
    DESTROYED = "destroyed", "key destroyed, the record still to be signed"
    RECORDED = "recorded", "record signed, sealed bytes still to be removed"
    DONE = "done", "done"


class DisposalStatus(models.TextChoices):
    """What the record of deletion says of the key ring's copies."""

    PENDING = "pending", "not every copy of the key ring has confirmed yet"
    CONFIRMED = "confirmed", "every copy of the key ring has confirmed"


UNFINISHED: Final = ~Q(state="done") | Q(status="pending") | ~Q(signed_status=F("status"))
"""What of deletions a sweep has still to do; a query that says just this reads only those."""


class Disposal(models.Model):
    """The deletion of one recording, and its record of deletion.

    `statement` is the signed record, a DSSE envelope as text; empty until it is signed;
    `signed_status` is the status that it says, signed anew when that is no longer so.
    `key_destroyed_at` is known once every copy of the key ring has confirmed.
    """

    recording = models.OneToOneField(
        Recording, primary_key=True, on_delete=models.PROTECT, related_name="disposal"
    )
    run = models.ForeignKey(
        DisposalRun, null=True, blank=True, on_delete=models.PROTECT, related_name="disposals"
    )
    rule = models.CharField(max_length=60)
    because = models.TextField()
    due = models.DateTimeField()
    disposed_at = models.DateTimeField(db_index=True)
    entry_leaf = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=DisposalState, default=DisposalState.COMMITTED)
    status = models.CharField(max_length=10, choices=DisposalStatus, default=DisposalStatus.PENDING)
    key_destroyed_at = models.DateTimeField(null=True, blank=True)
    copies_confirmed = models.PositiveSmallIntegerField(default=0)
    ring_copies = models.PositiveSmallIntegerField(default=0)
    statement = models.TextField(blank=True)
    signed_status = models.CharField(max_length=10, blank=True)
    problem = models.TextField(blank=True)

    class Meta:
        """A record only when signed, confirmed only by all; unfinished ones are found quickly."""

        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["committed", "destroyed"], statement="")
                | Q(state__in=["recorded", "done"], ring_copies__gt=0) & ~Q(statement=""),
                name="retention_disposal_recorded_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(status="pending", key_destroyed_at__isnull=True)
                | Q(
                    status="confirmed",
                    key_destroyed_at__isnull=False,
                    copies_confirmed=F("ring_copies"),
                    ring_copies__gt=0,
                ),
                name="retention_disposal_confirmed_by_all",
            ),
        ]
        indexes = [
            models.Index(
                fields=["recording"],
                condition=UNFINISHED,
                name="retention_disposal_unfinished",
            ),
            models.Index(fields=["-disposed_at", "-recording"], name="retention_disposal_latest"),
        ]

    def __str__(self) -> str:
        return f"deletion of {self.recording_id}: {self.state}, {self.status}"
