"""A list of records from when it was read until each of its lines is done: `ListInHand`."""

import uuid

from django.db import models


class ListInHand(models.Model):
    """A list that is being brought in: whoever finds it later goes on where its bringer was cut.

    `reach` are the units of which its bringer may speak; null is the whole force. When all is done
    an `EventList` with the same id takes its place.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    data = models.BinaryField()
    brought_by = models.CharField(max_length=80)
    reach = models.JSONField(null=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.name
