"""What was handed out: one row for each copy for court, kept for ever."""

from typing import Final

from django.conf import settings
from django.db import models

from fairwitness.cases.models import Case
from fairwitness.disclosure.request_rows import AskingCount, KeepRequest, RequestState

__all__ = ["USUAL_PURPOSE", "AskingCount", "Disclosure", "KeepRequest", "RequestState"]


USUAL_PURPOSE: Final = "prosecution"
"""What the form says already: no reason of whoever made the copy."""


class Disclosure(models.Model):
    """A bundle that was made: for whom, why, by whom, and what its signed statement says.

    `hearing_on` is the day it is for, where whoever made it named one; `hearing_asked` says that
    they were asked, which those who made one before that field was there were not.

    The bundle itself is not kept: it left through the one door, and can be made again while the
    footage is kept.
    """

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="disclosures")
    recipient = models.CharField(max_length=200)
    purpose = models.CharField(max_length=200)
    hearing_on = models.DateField(null=True, blank=True)
    hearing_asked = models.BooleanField(default=True)
    exhibits = models.JSONField(default=list)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="disclosures"
    )
    made_at = models.DateTimeField(db_index=True)
    tag_manifest_sha256 = models.CharField(max_length=64)

    class Meta:
        """The latest first."""

        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"copy for {self.recipient} of {self.made_at:%Y-%m-%d}"
