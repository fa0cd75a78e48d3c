"""What is remembered of a month's dip sample: the list, the draw, and what was seen."""

import uuid

from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, Q
from django.db.models.sql.compiler import SQLCompiler

from fairwitness.evidence.models import Recording


class Seen(models.TextChoices):
    """An answer of the form."""

    YES = "yes", "Yes"
    NO = "no", "No"
    UNCLEAR = "unclear", "Can’t tell"


class Conduct(models.TextChoices):
    """What the supervisor thinks of what is seen."""

    GOOD = "good", "As it should be"
    TALK = "talk", "Something to talk about with the officer"
    REFER = "refer", "Something for professional standards"


class DipSample(models.Model):
    """A unit's draw for a month: listed first, drawn once the log holds the list.

    `population` is every recording that could be drawn; `leaf` names the entry with its digest;
    `tree_size` and `root` are the seed. `passed_over` names what came up and was gone by then.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey("force.Unit", on_delete=models.PROTECT, related_name="dip_samples")
    month = models.DateField()
    population = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    leaf = models.CharField(max_length=64)
    listed_at = models.DateTimeField()
    drawn_at = models.DateTimeField(null=True, blank=True)
    tree_size = models.BigIntegerField(null=True, blank=True)
    root = models.CharField(max_length=64, blank=True)
    passed_over = models.JSONField(default=list)

    class Meta:
        """One for each unit and month; drawn from a tree that is known."""

        constraints = [
            models.UniqueConstraint(fields=["unit", "month"], name="retention_sample_once"),
            models.CheckConstraint(
                condition=Q(drawn_at__isnull=True, tree_size__isnull=True, root="")
                | Q(drawn_at__gte=F("listed_at"), tree_size__isnull=False) & ~Q(root=""),
                name="retention_sample_drawn_from_a_tree",
            ),
        ]

    def __str__(self) -> str:
        return f"dip sample of {self.unit_id}, {self.month:%Y-%m}"


class Listed(Func):
    """How many recordings a sample's `population` lists: the list itself stays in the database."""

    function = "json_array_length"

    def __init__(self) -> None:
        super().__init__(F("population"), output_field=models.IntegerField())

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[object, ...]]:
        """Our lists are of the binary kind there."""
        sql, params = self.as_sql(compiler, connection, function="jsonb_array_length")
        return sql, tuple(params)


class Drawn(models.Model):
    """A recording that was drawn, its hold, and the form once it is filled in."""

    sample = models.ForeignKey(DipSample, on_delete=models.PROTECT, related_name="drawn")
    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="drawn")
    hold = models.OneToOneField(
        "retention.Hold", on_delete=models.PROTECT, related_name="drawn", primary_key=True
    )
    lot = models.CharField(max_length=64)
    told = models.CharField(max_length=8, choices=Seen, blank=True)
    in_time = models.CharField(max_length=8, choices=Seen, blank=True)
    to_the_end = models.CharField(max_length=8, choices=Seen, blank=True)
    conduct = models.CharField(max_length=8, choices=Conduct, blank=True)
    learning = models.CharField(max_length=500, blank=True)
    looked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    looked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Once in a sample; a form is whole, or not begun."""

        constraints = [
            models.UniqueConstraint(fields=["sample", "recording"], name="retention_drawn_once"),
            models.CheckConstraint(
                condition=Q(
                    looked_at__isnull=True,
                    looked_by__isnull=True,
                    told="",
                    in_time="",
                    to_the_end="",
                    conduct="",
                    learning="",
                )
                | Q(
                    looked_at__isnull=False,
                    looked_by__isnull=False,
                    told__in=Seen.values,
                    in_time__in=Seen.values,
                    to_the_end__in=Seen.values,
                    conduct__in=Conduct.values,
                ),
                name="retention_drawn_form_whole",
            ),
        ]
        indexes = [models.Index(fields=["looked_at"], name="retention_drawn_waiting")]

    def __str__(self) -> str:
        return f"{self.recording_id} of {self.sample_id}"
