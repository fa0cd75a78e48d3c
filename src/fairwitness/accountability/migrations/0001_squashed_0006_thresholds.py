"""The tables of accountability as its first six migrations leave them, made at once (ADR 0067)."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('accountability', '0001_loss'),
        ('accountability', '0002_vestiges_and_deep_losses'),
        ('accountability', '0003_published_figures'),
        ('accountability', '0004_figures_and_firearms'),
        ('accountability', '0005_anomalies'),
        ('accountability', '0006_thresholds'),
    ]

    initial = True

    dependencies = [
        ('evidence', '0001_initial'),
        ('force', '0004_volumes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Loss',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('found_at', models.DateTimeField()),
                ('problem', models.TextField()),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('recording', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='losses', to='evidence.recording')),
                ('deep', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('resolved_at__isnull', True)), fields=('recording',), name='accountability_loss_one_open')],
            },
        ),
        migrations.CreateModel(
            name='Vestige',
            fields=[
                ('recording_id', models.UUIDField(primary_key=True, serialize=False)),
                ('fate', models.CharField(choices=[('deleted', 'deleted before the database was lost'), ('lost', 'lost with the database')], max_length=8)),
                ('arrived_at', models.DateTimeField()),
                ('noted_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('fate__in', ['deleted', 'lost'])), name='accountability_vestige_fate_known')],
            },
        ),
        migrations.CreateModel(
            name='PublishedFigures',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True)),
                ('file', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
            ],
            options={
                'ordering': ['-at'],
            },
        ),
        migrations.CreateModel(
            name='FiguresCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True)),
                ('complete', models.BooleanField(default=False)),
                ('took_ms', models.PositiveIntegerField()),
                ('lines', models.JSONField()),
                ('total', models.JSONField()),
                ('in_log', models.PositiveBigIntegerField()),
                ('problems', models.JSONField(default=list)),
                ('views_until', models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Discharge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=40, unique=True)),
                ('happened_on', models.DateField(db_index=True)),
                ('noted_at', models.DateTimeField()),
                ('body', models.CharField(blank=True, max_length=80)),
                ('opened_on', models.DateField(blank=True, null=True)),
                ('concluded_on', models.DateField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('no-case', 'no case to answer'), ('learning', 'learning for the force'), ('misconduct', 'misconduct proceedings'), ('criminal', 'referred to the prosecutor')], max_length=12)),
                ('noted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='force.unit')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('body', ''), ('concluded_on__isnull', True), ('opened_on__isnull', True)), models.Q(('opened_on__gte', models.F('happened_on')), models.Q(('body', ''), _negated=True)), _connector='OR'), name='accountability_discharge_opened'), models.CheckConstraint(condition=models.Q(models.Q(('concluded_on__isnull', True), ('outcome', '')), models.Q(('concluded_on__gte', models.F('opened_on')), ('outcome__in', ['no-case', 'learning', 'misconduct', 'criminal'])), _connector='OR'), name='accountability_discharge_concluded')],
            },
        ),
        migrations.CreateModel(
            name='FigureCell',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('measure', models.CharField(max_length=40)),
                ('month', models.DateField()),
                ('unit', models.CharField(blank=True, max_length=20)),
                ('category', models.CharField(blank=True, max_length=40)),
                ('number', models.PositiveBigIntegerField()),
                ('count', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cells', to='accountability.figurescount')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('count', 'measure', 'month', 'unit', 'category'), name='accountability_cell_once')],
            },
        ),
        migrations.CreateModel(
            name='FirearmsOperations',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('number', models.PositiveIntegerField()),
                ('noted_at', models.DateTimeField()),
                ('noted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='force.unit')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('month', 'unit'), name='accountability_operations_once'), models.CheckConstraint(condition=models.Q(('month__day', 1)), name='accountability_operations_of_a_month')],
            },
        ),
        migrations.CreateModel(
            name='Anomaly',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('about', models.UUIDField()),
                ('concerns', models.UUIDField(blank=True, null=True)),
                ('number', models.PositiveIntegerField()),
                ('found_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('note', models.TextField(blank=True)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='anomalies_closed', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['-closed_at'], name='accountability_anomaly_closed')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True), ('concerns__isnull', False)), fields=('kind', 'about', 'concerns'), name='accountability_anomaly_one_open_of'), models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True), ('concerns__isnull', True)), fields=('kind', 'about'), name='accountability_anomaly_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True), ('note', '')), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), models.Q(('note', ''), _negated=True)), _connector='OR'), name='accountability_anomaly_closed_whole')],
            },
        ),
        migrations.CreateModel(
            name='ThresholdChange',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('numbers', models.JSONField()),
                ('reason', models.CharField(max_length=300)),
                ('proposed_at', models.DateTimeField()),
                ('waits', models.BooleanField(default=True, editable=False, null=True, unique=True)),
                ('agreed_at', models.DateTimeField(blank=True, null=True)),
                ('taken_back_at', models.DateTimeField(blank=True, null=True)),
                ('agreed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['-agreed_at'], name='accountability_thresholds')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('agreed_at__isnull', True), ('taken_back_at__isnull', True), ('waits', True)), models.Q(('agreed_at__isnull', False), ('taken_back_at__isnull', True), ('waits__isnull', True)), models.Q(('agreed_at__isnull', True), ('taken_back_at__isnull', False), ('waits__isnull', True)), _connector='OR'), name='accountability_threshold_whole'), models.CheckConstraint(condition=models.Q(models.Q(('agreed_at__isnull', True), ('agreed_by__isnull', True)), models.Q(('agreed_at__isnull', False), ('agreed_by__isnull', False), models.Q(('agreed_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='accountability_threshold_another')],
            },
        ),
    ]
