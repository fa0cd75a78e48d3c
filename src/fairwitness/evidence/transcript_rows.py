"""Transcripts that people attached to a recording: sealed copies, each with who and when."""

from django.conf import settings
from django.db import models
from django.db.models import Q

MOST_NUMBER = 999


class Transcript(models.Model):
    """One transcript of a recording; the highest number is shown, the others are its history.

    Its bytes are sealed pieces under the recording's own key, named `piece_name`. `made_by` is who
    typed it, in the words of who attached it.
    """

    recording = models.ForeignKey(
        "evidence.Recording", on_delete=models.PROTECT, related_name="transcripts"
    )
    number = models.PositiveSmallIntegerField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    lines = models.PositiveIntegerField()
    made_by = models.CharField(max_length=120)
    attached_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    attached_at = models.DateTimeField()

    class Meta:
        """Numbered from one, without doubles."""

        constraints = [
            models.UniqueConstraint(
                fields=["recording", "number"], name="evidence_transcript_number"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=MOST_NUMBER, size__gt=0),
                name="evidence_transcript_sizes",
            ),
        ]

    def __str__(self) -> str:
        return f"transcript {self.number} of {self.recording_id}"

    @property
    def piece_name(self) -> str:
        """How its sealed pieces are named, and bound, beside the master's and the copies'."""
        return f"vtt-{self.number}"
