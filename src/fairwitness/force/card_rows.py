"""The cards that officers hand to people: their rows."""

from django.conf import settings
from django.db import models


class OfficerCard(models.Model):
    """The code on the card that an officer hands to people; it names nobody outside the force."""

    officer = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        primary_key=True,
        on_delete=models.PROTECT,
        related_name="card",
    )
    code = models.CharField(max_length=16, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code
