"""Recordings are found by place; those that have a trail already are marked in the background."""

import uuid

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def _await_marking(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    copies = apps.get_model("evidence", "Copy").objects
    placed = apps.get_model("evidence", "PlacedRecording")
    trails = copies.filter(kind="trail", state="ready", recording__state="live")
    rows = [placed(recording_id=pk) for pk in trails.values_list("recording_id", flat=True)]
    placed.objects.bulk_create(rows, batch_size=500)


class Migration(migrations.Migration):
    """Three tables that say nothing without a key of the ring."""

    dependencies = [('evidence', '0014_transcripts_and_stills')]

    operations = [
        migrations.CreateModel(
            name='PlaceEpoch',
            fields=[
                (
                    'id',
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ('begun_at', models.DateTimeField()),
            ],
            options={'ordering': ['begun_at', 'pk']},
        ),
        migrations.CreateModel(
            name='PlacedRecording',
            fields=[
                (
                    'recording',
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name='placed',
                        serialize=False,
                        to='evidence.recording',
                    ),
                ),
                ('sealed', models.BinaryField(default=b'')),
                (
                    'epoch',
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name='+',
                        to='evidence.placeepoch',
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name='PlaceMark',
            fields=[
                ('id', models.BigIntegerField(editable=False, primary_key=True, serialize=False)),
                ('label', models.BigIntegerField(db_index=True)),
                ('who', models.BinaryField()),
                (
                    'epoch',
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name='+',
                        to='evidence.placeepoch',
                    ),
                ),
            ],
        ),
        migrations.RunPython(_await_marking, migrations.RunPython.noop),
    ]
