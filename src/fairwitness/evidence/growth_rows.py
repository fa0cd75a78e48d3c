"""A file that grew after it was taken: the later recording begins with the earlier one's bytes."""

from django.db import models


class Growth(models.Model):
    """Two recordings of one file on one volume, by the dock's word; each has its own day.

    Linked and never merged: the earlier is what was there then, the later what is there since.
    """

    recording = models.OneToOneField(
        "evidence.Recording", on_delete=models.PROTECT, primary_key=True, related_name="growth"
    )
    beginning = models.ForeignKey(
        "evidence.Recording", on_delete=models.PROTECT, related_name="went_on"
    )

    class Meta:
        """Nothing grows from itself."""

        constraints = [
            models.CheckConstraint(
                condition=~models.Q(recording=models.F("beginning")),
                name="evidence_growth_of_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recording_id} begins with {self.beginning_id}"
