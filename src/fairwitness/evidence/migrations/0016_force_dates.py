"""The dates of each recording as the force may know them (ADR 0050).

They are the true ones but where oversight's silent holds bear on them: those rows retention's own
migration mends, which knows holds.
"""

from typing import ClassVar

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F


def _as_they_are(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("evidence", "Recording").objects.update(
        force_hidden_from=F("hidden_from"),
        force_gone_by=F("gone_by"),
        force_reason=F("keep_reason"),
    )


class Migration(migrations.Migration):
    """Columns, their content, and the index by which pages find what goes."""

    dependencies: ClassVar = [("evidence", "0015_places")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="recording",
            name="force_hidden_from",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="recording",
            name="force_gone_by",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="recording",
            name="force_reason",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                fields=["state", "force_gone_by", "began_at"], name="evidence_rec_due_force"
            ),
        ),
        migrations.RunPython(_as_they_are, migrations.RunPython.noop),
    ]
