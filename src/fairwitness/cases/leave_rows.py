"""The row of leave for a whole case: see `case_leave`."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class CaseLeave(models.Model):
    """An officer who sees what a case has, from then until a moment; the row stays when it is over.

    What opens each recording is the circle's row (`CircleMember`) with the same end, which names
    this row and goes with it. `walked_to` is the last recording that a go through a large case
    asked about; the next go begins after it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="leaves")
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="case_leaves"
    )
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="case_leaves_given"
    )
    reason = models.TextField()
    given_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    walked_to = models.UUIDField(null=True, blank=True)

    class Meta:
        """Once at a time, never for oneself; swept by its end."""

        constraints = [
            models.UniqueConstraint(
                fields=["case", "officer"],
                condition=Q(ended_at__isnull=True),
                name="case_leave_once",
            ),
            models.CheckConstraint(condition=~Q(officer=F("given_by")), name="case_leave_another"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("given_at")), name="case_leave_ends"),
        ]
        indexes = [
            models.Index(
                fields=["ends_at"], condition=Q(ended_at__isnull=True), name="case_leave_due"
            )
        ]

    def __str__(self) -> str:
        return f"leave for {self.case_id} until {self.ends_at:%Y-%m-%d}"
