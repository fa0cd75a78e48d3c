"""What retention remembers: marks, holds, changes of rule; lists and records are in `records`.

Rows here are state; who did what and why is in the custody log. Nothing is deleted with the
footage: a record of deletion outlives it, and a hold says for ever what it bound.
"""

import uuid
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fairwitness.evidence.models import Recording
from fairwitness.retention.desk_rows import EarlyDeletion, EarlyState, RuleTrial, WeekAhead
from fairwitness.retention.event_rows import (
    Event,
    EventKind,
    EventList,
    EventMatch,
    EventVersion,
    Reminder,
)
from fairwitness.retention.list_rows import ListInHand
from fairwitness.retention.notice_rows import NoticeKind, OutsideNotice
from fairwitness.retention.records import (
    Disposal,
    DisposalListing,
    DisposalRun,
    DisposalState,
    DisposalStatus,
    ListedDisposal,
    RunState,
)
from fairwitness.retention.samples import DipSample, Drawn
from fairwitness.retention.saying_rows import NotRecorded, Said, Typed

__all__ = [
    "ASKED_FOR",
    "Announcement",
    "Category",
    "CategoryMark",
    "DipSample",
    "Disposal",
    "DisposalListing",
    "DisposalRun",
    "DisposalState",
    "DisposalStatus",
    "Drawn",
    "EarlyDeletion",
    "EarlyState",
    "Event",
    "EventKind",
    "EventList",
    "EventMatch",
    "EventVersion",
    "Hold",
    "HoldBinding",
    "HoldKind",
    "ListInHand",
    "ListedDisposal",
    "NotRecorded",
    "NoticeKind",
    "OutsideNotice",
    "Release",
    "Reminder",
    "Review",
    "RuleChange",
    "RuleTrial",
    "RunState",
    "Said",
    "Typed",
    "Unmarking",
    "WeekAhead",
]


class Category(models.Model):
    """A category of the force's own, or its change of a shipped one; see `categories.current`.

    `days` null keeps until a review decides; `review_days` is when evidential footage of the
    category is looked at again.
    """

    code = models.CharField(max_length=40, primary_key=True)
    name = models.CharField(max_length=120)
    days = models.PositiveIntegerField(null=True, blank=True)
    review_days = models.PositiveIntegerField(null=True, blank=True)
    group = models.CharField(max_length=20, blank=True)
    trigger = models.TextField(blank=True)
    source = models.TextField(blank=True)
    fields = models.JSONField(default=list)
    changed_at = models.DateTimeField()

    class Meta:
        """A category keeps at least as long as the default rule."""

        constraints = [
            models.CheckConstraint(
                condition=Q(days__isnull=True) | Q(days__gte=31),
                name="retention_category_not_hasty",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CategoryMark(models.Model):
    """A category that a person gave a recording; its parts have the same."""

    recording = models.ForeignKey(
        Recording, on_delete=models.PROTECT, related_name="category_marks"
    )
    code = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        """Each category once."""

        constraints = [
            models.UniqueConstraint(
                fields=["recording", "code"], name="retention_category_mark_once"
            ),
        ]
        indexes = [models.Index(fields=["code"], name="retention_mark_code")]

    def __str__(self) -> str:
        return f"{self.code} on {self.recording_id}"


class Review(models.Model):
    """When evidential footage is looked at again: nothing is kept for ever by forgetting."""

    recording = models.OneToOneField(
        Recording, primary_key=True, on_delete=models.PROTECT, related_name="review"
    )
    due_on = models.DateField(db_index=True)
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    marked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"review of {self.recording_id} on {self.due_on}"


class Unmarking(models.Model):
    """A request to un-mark evidential footage, for a second person to agree to or decline."""

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="unmarkings")
    reason = models.TextField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    agreed = models.BooleanField(null=True, blank=True)

    class Meta:
        """One open request for each recording; the second person is another person."""

        constraints = [
            models.UniqueConstraint(
                fields=["recording"],
                condition=Q(decided_at__isnull=True),
                name="retention_unmarking_one_open",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                name="retention_unmarking_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"un-marking of {self.recording_id}"


class Release(models.Model):
    """A person's act that let a recording become disposable, and what it was before.

    The latest one gives the recording at least seven more days; within them `marking.recall`
    puts back what `before` says. A silent one is not for the wearer; one of `oversight`, of a
    silent hold of the independent investigation, is not for the force either.
    """

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="releases")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    silent = models.BooleanField(default=False)
    oversight = models.BooleanField(default=False)
    before = models.JSONField(default=dict)
    recalled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Found by recording, the latest first."""

        constraints = [
            models.CheckConstraint(
                condition=Q(oversight=False) | Q(silent=True), name="retention_release_apart"
            )
        ]
        indexes = [models.Index(fields=["recording", "-at"], name="retention_release_latest")]

    def __str__(self) -> str:
        return f"{self.kind} let go of {self.recording_id}"


class Announcement(models.Model):
    """What an owner is told: that footage of theirs will go after all."""

    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="announcements"
    )
    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Found by officer, unseen first."""

        indexes = [models.Index(fields=["officer", "seen_at"], name="retention_announce_unseen")]

    def __str__(self) -> str:
        return self.text


ASKED_FOR: Final = "system:public-door"
"""Who places and lets lapse what somebody without an account asked for."""


class HoldKind(models.TextChoices):
    """Why footage is held."""

    EXHIBIT = "exhibit", "exhibit"
    CASE = "case", "case"
    COMPLAINT = "complaint", "complaint"
    LITIGATION = "litigation", "civil claim"
    SUBJECT_ACCESS = "subject-access", "subject access request"
    OVERSIGHT = "oversight", "independent investigation"
    PROFESSIONAL_STANDARDS = "professional-standards", "professional standards"
    CORONER = "coroner", "inquest"
    CRITICAL_INCIDENT = "critical-incident", "critical incident"
    REQUEST = "request", "request to keep"
    DIP_SAMPLE = "dip-sample", "dip sample"
    CPIA = "cpia", "criminal investigation or prosecution (CPIA)"
    FREEDOM_OF_INFORMATION = "freedom-of-information", "freedom of information request"
    SCRUTINY = "scrutiny", "scrutiny panel"


class Hold(models.Model):
    """Keeps recordings from deletion until it is lifted.

    A standing hold has criteria and binds what arrives later. An oversight
    hold can't be lifted by the force. A silent hold changes nothing that a wearer sees. One that
    somebody who was filmed asked for has no owner: it lapses on its day, or two people lift it.
    One that `locks` also locks what it binds: a critical incident's, which ends with the incident.
    A dip sample's is placed by the draw and lifted by whoever fills in its form (`sampling`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=24, choices=HoldKind)
    reference = models.CharField(max_length=80)
    basis = models.TextField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="holds",
    )
    oversight = models.BooleanField(default=False)
    silent = models.BooleanField(default=False)
    locks = models.BooleanField(default=False)
    standing = models.BooleanField(default=False)
    criteria = models.JSONField(default=dict)
    release_when = models.CharField(max_length=200, blank=True)
    review_on = models.DateField()
    placed_at = models.DateTimeField()
    lift_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lift_asked_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Kinds are known, a lifting has its person, and a second person is another person."""

        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=HoldKind.values), name="retention_hold_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False)
                | Q(lifted_at__isnull=False, owner__isnull=True),
                name="retention_hold_lifted_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=False)
                | Q(kind="request", standing=True, silent=True, oversight=False),
                name="retention_hold_owned_or_asked_for",
            ),
            models.CheckConstraint(
                condition=Q(lifted_by__isnull=True)
                | Q(owner__isnull=False, lifted_by=F("owner"))
                | Q(locks=True)
                | Q(kind="dip-sample")
                | (Q(lift_asked_by__isnull=False) & ~Q(lift_asked_by=F("lifted_by"))),
                name="retention_hold_owner_or_two",
            ),
            models.CheckConstraint(
                condition=Q(locks=False) | Q(oversight=True, standing=True, silent=False),
                name="retention_hold_lock_is_oversights",
            ),
        ]
        indexes = [
            models.Index(fields=["standing", "lifted_at"], name="retention_hold_standing"),
            models.Index(fields=["lifted_at", "review_on", "id"], name="retention_hold_by_review"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"

    @property
    def placed_by(self) -> str:
        """Who placed it, as custody entries name them."""
        return f"officer:{self.owner_id}" if self.owner_id else ASKED_FOR


class HoldBinding(models.Model):
    """A hold on one recording, and whether the recording could be played when it was bound."""

    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="bindings")
    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="bindings")
    bound_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)

    class Meta:
        """Each recording once under each hold."""

        constraints = [
            models.UniqueConstraint(fields=["hold", "recording"], name="retention_binding_once"),
        ]
        indexes = [models.Index(fields=["checked_at"], name="retention_binding_unchecked")]

    def __str__(self) -> str:
        return f"{self.hold_id} binds {self.recording_id}"


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
