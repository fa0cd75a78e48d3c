"""What the signatures inside a video said when it arrived, beside the recording."""

from django.db import models
from django.db.models import Q


class SealVerdict(models.TextChoices):
    """What was found of the signatures inside a video, when it arrived."""

    NOT_SIGNED = "not_signed", "not signed"
    INTACT = "intact", "intact"
    MISSING = "intact_but_units_missing", "intact but with units missing"
    CHANGED = "changed", "changed"
    OLD_FORMAT = "signed_old_format", "signed, old format, signature not checked"
    UNCHECKED = "unchecked", "could not be looked at"


class SealSigner(models.TextChoices):
    """Whose key signed inside a video, as far as we know from elsewhere."""

    ENROLLED = "enrolled", "the enrolled camera"
    OTHER_CAMERA = "other", "another enrolled camera"
    UNKNOWN = "unknown", "a signer that we do not know"


class VideoSeals(models.Model):
    """What was found of the signatures inside one recording's video at acceptance.

    `name` and `maker` are what the video says of itself. `certificates` (PEM) and `claimed_us` (the
    time it claims, since 1970) are there of a signer that we do not know: whether a root vouches
    for it is asked when it is told, by the roots of that day. `spans` are neighbouring groups of
    pictures of which the same was found: `first`, `last`, `from_ms`, `to_ms`, `state`, `detail`.
    A finding only: it decides nothing.
    """

    recording = models.OneToOneField(
        "evidence.Recording", primary_key=True, on_delete=models.PROTECT, related_name="seals"
    )
    verdict = models.CharField(max_length=30, choices=SealVerdict.choices)
    scheme = models.CharField(max_length=10, blank=True)
    signer = models.CharField(max_length=10, choices=SealSigner.choices, blank=True)
    keyid = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=200, blank=True)
    maker = models.CharField(max_length=400, blank=True)
    certificates = models.TextField(blank=True)
    claimed_us = models.BigIntegerField(null=True, blank=True)
    intact = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    uncovered = models.PositiveIntegerField(default=0)
    spans = models.JSONField(default=list)
    began_before = models.BooleanField(default=False)
    problem = models.TextField(blank=True)
    checked_at = models.DateTimeField()

    class Meta:
        """The verdict goes with the numbers, and a signer with a key."""

        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=SealVerdict.values), name="evidence_seals_verdict_known"
            ),
            models.CheckConstraint(
                condition=Q(verdict="changed", changed__gt=0)
                | (~Q(verdict="changed") & Q(changed=0)),
                name="evidence_seals_changed_says_so",
            ),
            models.CheckConstraint(
                condition=Q(signer="", keyid="") | (~Q(signer="") & Q(keyid__length=64)),
                name="evidence_seals_signer_has_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict}: {self.recording_id}"
