"""What we keep of Axis body-worn systems: who they are, what they told, what they sent.

A *container* is one recording of an Axis camera with all that belongs to it, an *object* is one
thing in it, a *version* is one set of bytes that came for a clip. When nothing of its footage is
left, a container is cleared: its key in the ring, under its id, is destroyed, and all these rows of
it go, names and claims included (docs/specs/axis-content-destination.md).
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class AxisSystem(models.Model):
    """One Axis body-worn system that may dock into us; its key is only hashed, with a salt."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=64)
    url = models.CharField(max_length=400)
    station = models.ForeignKey(
        "force.Station", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    user = models.CharField(max_length=64, unique=True)
    key_salt = models.CharField(max_length=32)
    key_hash = models.CharField(max_length=64)
    encrypts = models.BooleanField(default=False)
    connected_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One system in use of each name."""

        ordering = ["connected_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(revoked_at__isnull=True), name="ingest_axis_one_name"
            ),
        ]

    def __str__(self) -> str:
        return f"Axis system {self.name}"


class AxisToken(models.Model):
    """A signed-in system; the token it holds is only hashed."""

    token_hash = models.CharField(max_length=64, unique=True)
    system = models.ForeignKey(AxisSystem, on_delete=models.PROTECT, related_name="tokens")
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"session of {self.system_id}"


class PartyKind(models.TextChoices):
    """What a system gives names to."""

    PERSON = "person", "person"
    CAMERA = "camera", "camera"


class AxisParty(models.Model):
    """A person or a camera by an Axis system's own name, and who of ours a person says that is."""

    system = models.ForeignKey(AxisSystem, on_delete=models.PROTECT, related_name="parties")
    kind = models.CharField(max_length=8, choices=PartyKind.choices)
    their_id = models.CharField(max_length=256)
    their_name = models.TextField(blank=True)
    active = models.BooleanField(default=True)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    camera = models.ForeignKey(
        "force.Camera", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    first_seen_at = models.DateTimeField()

    class Meta:
        """Each name of a system once; a person is an officer, a camera is a camera."""

        ordering = ["kind", "their_name", "their_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["system", "kind", "their_id"], name="ingest_axis_party_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="person", camera__isnull=True)
                | Q(kind="camera", officer__isnull=True),
                name="ingest_axis_party_is_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.their_name or self.their_id}"


class AxisContainer(models.Model):
    """A container; its id names its key in the ring, which seals all of it but the clips.

    `source` is what its clips are known by, for ever: a keyed digest of its name.
    `revision` counts what came to bear on what is told of its clips, `refreshed` up to where that
    has been told.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    system = models.ForeignKey(AxisSystem, on_delete=models.PROTECT, related_name="containers")
    name = models.CharField(max_length=256)
    source = models.CharField(max_length=80)
    metadata = models.JSONField(default=dict)
    begun_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveBigIntegerField(default=0)
    refreshed = models.PositiveBigIntegerField(default=0)

    class Meta:
        """Each name of a system once."""

        constraints = [
            models.UniqueConstraint(fields=["system", "name"], name="ingest_axis_container_once"),
        ]
        indexes = [models.Index(fields=["last_seen_at"], name="ingest_axis_container_due")]

    def __str__(self) -> str:
        return f"container {self.id}"

    @property
    def subject(self) -> str:
        """The container as custody names it."""
        return f"axis_container:{self.pk}"


class AxisObject(models.Model):
    """Something in a container: a clip, its key, a bookmark, a trail, or a mere name."""

    container = models.ForeignKey(AxisContainer, on_delete=models.PROTECT, related_name="contents")
    name = models.CharField(max_length=1024)
    metadata = models.JSONField(default=dict)
    etag = models.CharField(max_length=32)
    size = models.BigIntegerField(default=0)
    enclosure = models.UUIDField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        """Each name of a container once."""

        constraints = [
            models.UniqueConstraint(fields=["container", "name"], name="ingest_axis_object_once"),
        ]

    def __str__(self) -> str:
        return f"object {self.pk}"


class AxisVersion(models.Model):
    """One set of bytes that came for an object, as sent (`commitment`), and the upload it became.

    `encrypted`: the bytes as sent are not video, and wait until `has_key`. Once they are decrypted,
    `upload` is that of the video. `replaces`: other bytes had come under the same name before.
    """

    object = models.ForeignKey(AxisObject, on_delete=models.PROTECT, related_name="versions")
    upload = models.OneToOneField("ingest.Upload", on_delete=models.PROTECT, related_name="version")
    commitment = models.CharField(max_length=64)
    size = models.BigIntegerField()
    encrypted = models.BooleanField(default=False)
    has_key = models.BooleanField(default=False)
    decrypted = models.BooleanField(default=False)
    problem = models.TextField(blank=True)
    replaces = models.BooleanField(default=False)
    came_at = models.DateTimeField()

    class Meta:
        """Found by what waits for a key."""

        indexes = [
            models.Index(fields=["encrypted", "decrypted", "has_key"], name="ingest_axis_waiting")
        ]

    def __str__(self) -> str:
        return f"version {self.pk}"
