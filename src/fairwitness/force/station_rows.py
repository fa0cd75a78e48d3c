"""The row of a station: a building where docks stand; the verbs are in `stations`."""

from django.db import models
from django.db.models import Q

from fairwitness.force.coordinates import DEGREE, POLE, Coordinates

_LATITUDES = (-POLE * DEGREE, POLE * DEGREE)
_LONGITUDES = (-2 * POLE * DEGREE, 2 * POLE * DEGREE)


class Station(models.Model):
    """A building with docks. Closed, it stays as the place where footage arrived."""

    code = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=120)
    unit = models.ForeignKey("force.Unit", on_delete=models.PROTECT, related_name="stations")
    address = models.CharField(max_length=200, blank=True)
    latitude = models.IntegerField(null=True, blank=True)
    longitude = models.IntegerField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """By name; a place is whole and on earth, or not known."""

        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=_LATITUDES,
                    longitude__range=_LONGITUDES,
                ),
                name="station_place_whole_and_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> Coordinates | None:
        """Where it is, if that is known."""
        if self.latitude is None or self.longitude is None:
            return None
        return Coordinates(self.latitude, self.longitude)
