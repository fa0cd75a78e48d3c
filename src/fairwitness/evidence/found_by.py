"""What recordings are found by: the indexes that a search walks, and the table of words.

See ADR 0032.
"""

from typing import Final

from django.db import models
from django.db.models import Q

INDEXES: Final = (
    models.Index(fields=["began_at", "id"], name="evidence_find_time"),
    models.Index(fields=["unit", "began_at", "id"], name="evidence_find_unit"),
    models.Index(fields=["wearer", "began_at", "id"], name="evidence_find_wearer"),
    models.Index(fields=["camera", "began_at", "id"], name="evidence_find_camera"),
    models.Index(fields=["station", "began_at", "id"], name="evidence_find_station"),
    models.Index(fields=["category", "began_at", "id"], name="evidence_find_category"),
    models.Index(fields=["unit", "category", "began_at", "id"], name="evidence_find_unit_cat"),
    models.Index(fields=["incident", "began_at", "id"], name="evidence_find_incident"),
    models.Index(
        fields=["began_at", "id"], condition=Q(evidential=True), name="evidence_find_kept"
    ),
    models.Index(fields=["began_at", "id"], condition=Q(locked=True), name="evidence_find_locked"),
    models.Index(fields=["began_at", "id"], condition=Q(late=True), name="evidence_find_late"),
    models.Index(
        fields=["began_at", "id"],
        condition=~Q(access_class="open"),
        name="evidence_find_restricted",
    ),
    models.Index(
        fields=["began_at", "id"],
        condition=~Q(provenance="signed"),
        name="evidence_find_unsigned",
    ),
)
"""Of the table of recordings. A search walks one of them from the newest on.

Keys of wearer, unit, camera and station have no index of their own beside these: it would cost each
arrival some writing, and would tempt SQLite to fetch by it and sort.
"""


class Word(models.Model):
    """A word by which a recording is found: of its notes, and of what its importer told.

    It is deleted with what it was taken from; see `words`.
    """

    recording = models.ForeignKey(
        "evidence.Recording", on_delete=models.PROTECT, related_name="words"
    )
    word = models.CharField(max_length=40)

    class Meta:
        """A word once for a recording; a word's recordings are read from its index alone."""

        constraints = [
            models.UniqueConstraint(fields=["word", "recording"], name="evidence_word_once"),
        ]

    def __str__(self) -> str:
        return self.word
