"""Notices: what one evidence manager does where nobody is there to be the second person."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fairwitness.force.manager_rows import OneManager


class NoticeKind(models.TextChoices):
    """Which act waits, in the words of the public page."""

    RULE = "rule", "A change of how long a category of footage is kept"
    EARLY = "early", "One recording, made by mistake, to be deleted before its day"
    UNMARK = "unmark", "One recording no longer to be kept as evidence"


class OutsideNotice(models.Model):
    """That an act waits in public, for so long, without a second person.

    It is closed once: stopped, lapsed or done. What it was about needs a second person from then
    on, unless it was done. It goes with the footage; what was done and why stays in the log.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=NoticeKind)
    rule = models.OneToOneField(
        "retention.RuleChange", null=True, blank=True, on_delete=models.PROTECT
    )
    early = models.OneToOneField(
        "retention.EarlyDeletion", null=True, blank=True, on_delete=models.CASCADE
    )
    unmarking = models.OneToOneField(
        "retention.Unmarking", null=True, blank=True, on_delete=models.CASCADE
    )
    period = models.ForeignKey(OneManager, on_delete=models.PROTECT, related_name="+")
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    given_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    stopped_at = models.DateTimeField(null=True, blank=True)
    lapsed_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One act, one end, and never done before its delay is over."""

        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind="rule", rule__isnull=False, early__isnull=True, unmarking__isnull=True
                )
                | Q(kind="early", rule__isnull=True, early__isnull=False, unmarking__isnull=True)
                | Q(kind="unmark", rule__isnull=True, early__isnull=True, unmarking__isnull=False),
                name="retention_notice_of_one_act",
            ),
            models.CheckConstraint(
                condition=Q(due_at__gt=F("given_at"))
                & (Q(done_at__isnull=True) | Q(done_at__gte=F("due_at"))),
                name="retention_notice_waits",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True, lapsed_at__isnull=True)
                | Q(stopped_at__isnull=True, done_at__isnull=True)
                | Q(lapsed_at__isnull=True, done_at__isnull=True),
                name="retention_notice_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True, stopped_by__isnull=True)
                | Q(stopped_at__isnull=False, stopped_by__isnull=False),
                name="retention_notice_stopped_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"notice of {self.kind}, due {self.due_at}"
