import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_NO_LONGER = {
    'evidence_recording_camera_id_abab002c': 'evidence_recording (camera_id)',
    'evidence_recording_station_id_6b6111e5': 'evidence_recording (station_id)',
    'evidence_recording_unit_id_1928dc47': 'evidence_recording (unit_id)',
    'evidence_recording_wearer_id_2f269999': 'evidence_recording (wearer_id)',
    'evidence_placemark_label_9a1db9d0': 'evidence_placemark (label)',
}


def _key(to: str) -> 'models.ForeignKey[object, object]':
    return models.ForeignKey(
        blank=True,
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name='recordings',
        to=to,
    )


class Migration(migrations.Migration):
    """Indexes are dropped by name: to alter a field, SQLite would write the whole table anew."""

    dependencies = [
        ('evidence', '0016_force_dates'),
        ('force', '0010_one_manager'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f'DROP INDEX IF EXISTS "{name}"', f'CREATE INDEX "{name}" ON {columns}'
                )
                for name, columns in _NO_LONGER.items()
            ],
            state_operations=[
                migrations.AlterField('recording', 'camera', _key('force.camera')),
                migrations.AlterField('recording', 'station', _key('force.station')),
                migrations.AlterField('recording', 'unit', _key('force.unit')),
                migrations.AlterField('recording', 'wearer', _key(settings.AUTH_USER_MODEL)),
                migrations.AlterField('placemark', 'label', models.BigIntegerField()),
            ],
        ),
        migrations.RemoveIndex(model_name='recording', name='evidence_rec_wearer'),
        migrations.RemoveIndex(model_name='recording', name='evidence_rec_unit'),
        migrations.RemoveIndex(model_name='recording', name='evidence_rec_due'),
        migrations.AddIndex(
            model_name='recording',
            index=models.Index(
                fields=['state', 'gone_by', 'began_at'], name='evidence_rec_due'
            ),
        ),
        migrations.AddIndex(
            model_name='placemark',
            index=models.Index(fields=['label', 'id', 'who'], name='evidence_mark_label'),
        ),
        migrations.AddIndex(
            model_name='recording',
            index=models.Index(
                condition=models.Q(('access_class', 'open'), _negated=True),
                fields=['began_at', 'id'],
                name='evidence_find_restricted',
            ),
        ),
        migrations.AddIndex(
            model_name='recording',
            index=models.Index(
                condition=models.Q(('provenance', 'signed'), _negated=True),
                fields=['began_at', 'id'],
                name='evidence_find_unsigned',
            ),
        ),
    ]
