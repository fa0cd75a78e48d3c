"""The force's rows: who, where, which camera. Rows hold facts; the verbs are in the modules beside.

Nothing here is ever deleted: an officer leaves, a key is revoked, an issue ends. No signals, no
`save()` of our own; what must hold is a constraint, and that two people never have one camera at
once is a trigger (`force.migrations._issues_never_overlap`).
"""

import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from fairwitness.force import (
    account_rows,  # noqa: F401 # Django finds the tables of sessions and codes here
    bay_rows,  # noqa: F401 # and what docks told of their bays
    manager_rows,  # noqa: F401 # and the times with one evidence manager
    permissions,
    report_rows,  # noqa: F401 # and reports of lost cameras
)
from fairwitness.force import token_rows as token_rows  # noqa: PLC0414 - and those of tokens
from fairwitness.force.card_rows import OfficerCard as OfficerCard  # noqa: PLC0414 - read again by others
from fairwitness.force.settings_rows import CameraSettings as CameraSettings  # noqa: PLC0414 - again
from fairwitness.force.settings_rows import Profile as Profile  # noqa: PLC0414 - and this
from fairwitness.force.station_rows import Station as Station  # noqa: PLC0414 - so are stations


class UnitKind(models.TextChoices):
    """A part of London, or a team that works all over it."""

    BOROUGH = "borough", "borough"
    COMMAND = "command", "specialist command"


class EnrolmentStatus(models.TextChoices):
    """Where a device's key stands; only an approved one is believed."""

    PENDING = "pending", "waiting for approval"
    APPROVED = "approved", "approved"
    DECLINED = "declined", "declined"
    REVOKED = "revoked", "revoked"


class CameraStatus(models.TextChoices):
    """Where a camera's key stands, and whether the camera itself can be issued."""

    PENDING = "pending", "waiting for approval"
    APPROVED = "approved", "approved"
    DECLINED = "declined", "declined"
    REVOKED = "revoked", "revoked"
    LOST = "lost", "lost"
    STOLEN = "stolen", "stolen"
    REPAIR = "repair", "in repair"


class Mount(models.TextChoices):
    """Where the lens sits."""

    HELMET = "helmet", "helmet"
    CAP = "cap", "cap"
    CHEST = "chest", "chest"


class Unit(models.Model):
    """A borough or a specialist command."""

    code = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=16, choices=UnitKind)
    planned_on = models.DateField(null=True, blank=True)
    actual_on = models.DateField(null=True, blank=True)
    planned_cameras = models.PositiveIntegerField(default=0)

    class Meta:
        """Kinds are those we know."""

        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=UnitKind.values), name="unit_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name


class OfficerManager(BaseUserManager["Officer"]):
    """Finds officers by collar number when they sign in."""


class Officer(AbstractBaseUser):
    """A person with an account; the wearer of a camera, or one who works with the footage."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collar_number = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=120)
    rank = models.CharField(max_length=40, blank=True)
    initials = models.CharField(max_length=6)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="officers")
    active = models.BooleanField(default=True)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[OfficerManager] = OfficerManager()

    USERNAME_FIELD = "collar_number"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "initials"]

    class Meta:
        """Someone who left is not active, and the other way round."""

        ordering = ["collar_number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(active=True, left_at__isnull=True)
                | Q(active=False, left_at__isnull=False),
                name="officer_left_or_active",
            ),
        ]

    @property
    def is_active(self) -> bool:  # type: ignore[override] # Django's attribute, our column
        """Whether this person may sign in: Django asks under this name."""
        return self.active

    @property
    def title(self) -> str:
        """Rank and name, as people say it."""
        return titled(self.rank, self.name)

    def __str__(self) -> str:
        return f"{self.title} ({self.collar_number})"


def titled(rank: str, name: str) -> str:
    """Rank and name, as people say it; the rank may be none."""
    return f"{rank} {name}".strip()


class RoleGrant(models.Model):
    """A role that a person holds from one time to another, for one unit or the whole force."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=32, choices=[(r.value, r.value) for r in permissions.Role])
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="grants"
    )
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """At most one open grant of a role to a person for a unit."""

        ordering = ["begins_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=[r.value for r in permissions.Role]), name="grant_role_known"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("begins_at")),
                name="grant_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["officer", "role", "unit"],
                condition=Q(ends_at__isnull=True, unit__isnull=False),
                name="one_open_grant_per_unit",
            ),
            models.UniqueConstraint(
                fields=["officer", "role"],
                condition=Q(ends_at__isnull=True, unit__isnull=True),
                name="one_open_grant_force_wide",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.unit_id or 'force'}"


class Device(models.Model):
    """What an enrolled camera and an enrolled dock have in common: a serial and a key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    serial = models.CharField(max_length=40, unique=True)
    public_key = models.TextField()
    keyid = models.CharField(max_length=64, unique=True)
    request = models.TextField()
    requested_by = models.CharField(max_length=80, blank=True)
    requested_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        Officer, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    status_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        """Cameras and docks have tables of their own."""

        abstract = True


class Dock(Device):
    """A dock at a station, known by its key."""

    status = models.CharField(
        max_length=16, choices=EnrolmentStatus, default=EnrolmentStatus.PENDING
    )
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, null=True, blank=True, related_name="docks"
    )
    last_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Approved and revoked at a time that is known."""

        ordering = ["serial"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=EnrolmentStatus.values), name="dock_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(approved_at__isnull=False),
                name="dock_approved_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="revoked") | Q(revoked_at__isnull=False),
                name="dock_revoked_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"dock {self.serial}"


class Camera(Device):
    """A body-worn camera, known by its serial and its key."""

    status = models.CharField(max_length=16, choices=CameraStatus, default=CameraStatus.PENDING)
    profile = models.CharField(max_length=16, choices=Profile)
    mount = models.CharField(max_length=16, choices=Mount)
    pool = models.BooleanField(default=False)
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="cameras"
    )
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, null=True, blank=True, related_name="cameras"
    )
    firmware = models.CharField(max_length=40, blank=True)
    last_counter = models.PositiveBigIntegerField(null=True, blank=True)
    last_docked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Approved and revoked at a time that is known."""

        ordering = ["serial"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=CameraStatus.values), name="camera_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "declined", "revoked"])
                | Q(approved_at__isnull=False),
                name="camera_approved_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="revoked") | Q(revoked_at__isnull=False),
                name="camera_revoked_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"camera {self.serial}"


class Volume(models.Model):
    """A stick or card of another maker's footage that docks may take; its card names `id`.

    `erase` says that docks may remove from it what was received; `wearer` who wore its camera.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    label = models.CharField(max_length=60)
    made_by = models.CharField(max_length=120, blank=True)
    status = models.CharField(
        max_length=16, choices=EnrolmentStatus, default=EnrolmentStatus.PENDING
    )
    brought_by = models.ForeignKey(
        Officer, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="volumes"
    )
    wearer = models.ForeignKey(
        Officer, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    erase = models.BooleanField(default=False)
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        Officer, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    status_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        """Approved and revoked at a time that is known; nothing is erased without approval."""

        ordering = ["requested_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=EnrolmentStatus.values), name="volume_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") & Q(erase=False) | Q(approved_at__isnull=False),
                name="volume_approved_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="revoked") | Q(revoked_at__isnull=False),
                name="volume_revoked_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"volume {self.label}"


class Issue(models.Model):
    """One camera in one officer's hands, from the first moment up to but not at the last.

    One that was called off before it began ends when it would have begun.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="issues")
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="issues")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Overlaps are refused by triggers, whoever writes."""

        ordering = ["begins_at"]
        indexes = [models.Index(fields=["camera", "begins_at"], name="issue_by_camera")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("begins_at")),
                name="issue_never_ends_before_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.camera_id} to {self.officer_id} from {self.begins_at}"
