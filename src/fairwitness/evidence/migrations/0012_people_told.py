"""Whether people were told is known of what is there already, from what its cameras signed."""

from uuid import UUID

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_TOLD = "people_told"


def _read_claims(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    recordings = apps.get_model("evidence", "Recording").objects
    told: dict[bool, list[UUID]] = {True: [], False: []}
    rows = recordings.filter(claim__isnull=False).values_list("pk", "claim")
    for pk, claim in rows.iterator(500):
        kinds = {event.get("kind") for event in (claim or {}).get("events", [])}
        told[_TOLD in kinds].append(pk)
    for answer, ids in told.items():
        for start in range(0, len(ids), 500):
            recordings.filter(pk__in=ids[start : start + 500]).update(people_told=answer)


class Migration(migrations.Migration):
    """Adds the column, and fills it where a claim is kept."""

    dependencies = [('evidence', '0011_words_of_notes')]

    operations = [
        migrations.AddField(
            model_name="recording",
            name="people_told",
            field=models.BooleanField(blank=True, null=True),
        ),
        migrations.RunPython(_read_claims, migrations.RunPython.noop),
    ]
