"""Requests of people who were filmed, that footage be kept: their rows."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fairwitness.force.models import Officer, Unit
from fairwitness.retention.models import Hold


class RequestState(models.TextChoices):
    """How far a request has come."""

    OPEN = "open", "waiting"
    ANSWERED = "answered", "answered"
    REFUSED = "refused", "refused"
    WITHDRAWN = "withdrawn", "taken back"


class KeepRequest(models.Model):
    """One request to keep footage: what it asks for, its holds, and how it was answered.

    `words` and `contact` are what the person wrote of themselves; they are emptied when they are
    no longer needed, and stand nowhere else. `officer` is whom the number or the code named, if
    anybody. `bound_at` is empty until what was here already has been bound.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=16, unique=True)
    form_key = models.UUIDField(unique=True)
    asked_at = models.DateTimeField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    number = models.CharField(max_length=16, blank=True)
    card = models.CharField(max_length=16, blank=True)
    officer = models.ForeignKey(
        Officer, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    words = models.TextField(blank=True)
    contact = models.CharField(max_length=200, blank=True)
    emptied_at = models.DateTimeField(null=True, blank=True)
    holds = models.ManyToManyField(Hold, related_name="requests")
    bound_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=RequestState.choices, default=RequestState.OPEN)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        """A window, something that narrows it, and a closing that has its person."""

        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["state", "asked_at"], name="keep_request_waiting")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RequestState.values), name="keep_request_state_known"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("begins_at")), name="keep_request_window"
            ),
            models.CheckConstraint(
                condition=Q(unit__isnull=False) | ~Q(number="") | ~Q(card=""),
                name="keep_request_is_narrow",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_by__isnull=True, closed_at__isnull=True)
                | ~Q(state="open") & Q(closed_by__isnull=False, closed_at__isnull=False),
                name="keep_request_closed_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"request {self.code}"


class AskingCount(models.Model):
    """How many requests came in one hour or day, from one address or from all.

    `who` is a keyed digest that changes each day: no address is kept. Rows go after two days.
    """

    who = models.CharField(max_length=64)
    since = models.DateTimeField()
    number = models.PositiveIntegerField(default=0)
    refused = models.BooleanField(default=False)

    class Meta:
        """One row for each sender and stretch of time."""

        constraints = [
            models.UniqueConstraint(fields=["who", "since"], name="asking_count_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} since {self.since}"
