"""What a search by place works with: rows that say nothing without a key from the key ring.

See ADR 0048 and docs/design/places.md.
"""

import uuid

from django.db import models


class PlaceEpoch(models.Model):
    """A key in the ring, and since when; all other rows here mean something only with it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    begun_at = models.DateTimeField()

    class Meta:
        """The oldest first."""

        ordering = ["begun_at", "pk"]

    def __str__(self) -> str:
        return f"place epoch since {self.begun_at:%Y-%m-%d}"


class PlacedRecording(models.Model):
    """A recording with a trail: which cells it crossed, sealed; without an epoch, still to do."""

    recording = models.OneToOneField(
        "evidence.Recording", on_delete=models.PROTECT, primary_key=True, related_name="placed"
    )
    epoch = models.ForeignKey(PlaceEpoch, on_delete=models.PROTECT, null=True, related_name="+")
    sealed = models.BinaryField(default=b"")

    def __str__(self) -> str:
        return f"places of {self.recording_id}"


class PlaceMark(models.Model):
    """That some recording crossed some cell: which of either only the epoch's key says.

    Its id is pseudo-random, so that neighbours in the table have nothing to do with each other. So
    a search that met each mark in the table would read as many pages as there are: it is answered
    by the index alone.
    """

    id = models.BigIntegerField(primary_key=True, editable=False)
    label = models.BigIntegerField()
    who = models.BinaryField()
    epoch = models.ForeignKey(
        PlaceEpoch, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        """Looked up by label."""

        indexes = [models.Index(fields=["label", "id", "who"], name="evidence_mark_label")]

    def __str__(self) -> str:
        return f"mark {self.pk}"
