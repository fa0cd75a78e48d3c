"""Releases of oversight's silent holds, and the dates that the force may know where they bear.

What such holds keep, the force sees as they were not there (ADR 0050): kept by the other holds; else
as the wearer sees it, but for records and releases that are silent for the wearer alone.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q

_GRACE = timedelta(days=7)
_FIELDS = ("force_hidden_from", "force_gone_by", "force_reason")
_BATCH = 200


def _fill(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    holds = apps.get_model("retention", "Hold").objects.filter(silent=True, oversight=True)
    _name_releases(apps, holds)
    bound = apps.get_model("retention", "HoldBinding").objects.filter(
        hold__in=holds, hold__lifted_at__isnull=True
    )
    released = apps.get_model("retention", "Release").objects.filter(oversight=True)
    wanted = set(bound.values_list("recording_id", flat=True))
    wanted |= set(released.values_list("recording_id", flat=True))
    recordings = apps.get_model("evidence", "Recording").objects
    ids = sorted(wanted)
    for start in range(0, len(ids), _BATCH):
        rows = list(recordings.filter(pk__in=ids[start : start + _BATCH]))
        for row in rows:
            known = _as_the_force_sees(apps, row)
            for field, value in zip(_FIELDS, known, strict=True):
                setattr(row, field, value)
        recordings.bulk_update(rows, _FIELDS)


def _name_releases(apps: Apps, holds: Any) -> None:
    """Whoever lifted a silent hold of oversight's let go for oversight."""
    owners = {f"officer:{pk}" for pk in holds.values_list("owner_id", flat=True) if pk}
    lifted = set(holds.filter(lifted_at__isnull=False).values_list("lifted_at", flat=True))
    silent = apps.get_model("retention", "Release").objects.filter(silent=True, kind="hold")
    silent.filter(Q(by__in=owners) | Q(at__in=lifted)).update(oversight=True)


def _as_the_force_sees(apps: Apps, row: Any) -> tuple[Any, Any, str]:
    true = (row.hidden_from, row.gone_by, row.keep_reason)
    if row.state != "live" or row.locked:
        return true
    held = _others(apps, row)
    if held:
        return None, None, "it is kept under " + "; ".join(held)
    shown = (row.shown_hidden_from, row.shown_gone_by, row.shown_reason)
    if row.shown_gone_by is None:
        return shown
    looks = _looks(apps, row)
    if looks:
        return None, None, f"a supervisor has not looked at it yet, for {'; '.join(looks)}"
    latest = _last_release(apps, row)
    if latest is None or latest + _GRACE <= row.shown_gone_by:
        return shown
    because = "a person let it go, and seven days to notice a mistake follow"
    return latest, latest + _GRACE, because


def _others(apps: Apps, row: Any) -> list[str]:
    """The holds on it or on a part of it that the force may know of, in words."""
    bound = apps.get_model("retention", "HoldBinding").objects.filter(
        recording__in=_parts(apps, row), hold__lifted_at__isnull=True
    )
    others = bound.exclude(hold__silent=True, hold__oversight=True)
    told = others.order_by("hold__placed_at", "hold_id")
    return _once(
        f"{kind} {reference}" for kind, reference in told.values_list("hold__kind", "hold__reference")
    )


def _looks(apps: Apps, row: Any) -> list[str]:
    """The records for which nobody has looked, which only its wearer may not know of."""
    waiting = apps.get_model("retention", "EventMatch").objects.filter(
        recording__in=_parts(apps, row), looked_at__isnull=True
    )
    kinds = dict(apps.get_model("retention", "Event")._meta.get_field("kind").choices or ())
    told = waiting.order_by("matched_at", "pk").values_list("event__kind", "event__reference")
    return _once(f"{kinds.get(kind, kind)} {reference}" for kind, reference in told)


def _last_release(apps: Apps, row: Any) -> Any:
    releases = apps.get_model("retention", "Release").objects.filter(
        recording__in=_parts(apps, row), oversight=False
    )
    return releases.aggregate(latest=models.Max("at"))["latest"]


def _parts(apps: Apps, row: Any) -> Any:
    """The parts of the same activation, which are judged together."""
    recordings = apps.get_model("evidence", "Recording").objects.filter(state="live")
    if row.provenance == "axis":
        return recordings.filter(provenance="axis", source=row.source)
    if row.camera_id is None or row.activation is None:
        return recordings.filter(pk=row.pk)
    return recordings.filter(camera=row.camera_id, activation=row.activation)


def _once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


class Migration(migrations.Migration):
    """A release says whether it was oversight's; the force's dates are right from the first day."""

    dependencies: ClassVar = [
        ("evidence", "0016_force_dates"),
        ('retention', '0009_fields_of_categories'),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="release",
            name="oversight",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.CheckConstraint(
                condition=models.Q(("oversight", False), ("silent", True), _connector="OR"),
                name="retention_release_apart",
            ),
        ),
        migrations.RunPython(_fill, migrations.RunPython.noop),
    ]
