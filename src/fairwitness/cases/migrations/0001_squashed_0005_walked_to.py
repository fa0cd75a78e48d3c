"""The tables of cases as its first five migrations leave them, made at once (ADR 0067)."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('cases', '0001_initial'),
        ('cases', '0002_critical_incidents'),
        ('cases', '0003_case_leave'),
        ('cases', '0004_newest_first'),
        ('cases', '0005_walked_to'),
    ]

    initial = True

    dependencies = [
        ('evidence', '0001_initial'),
        ('force', '0010_one_manager'),
        ('retention', '0003_locking_holds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reference', models.CharField(max_length=40, unique=True)),
                ('title', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('open', 'open'), ('closed', 'closed')], default='open', max_length=8)),
                ('opened_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, max_length=300)),
                ('review_on', models.DateField()),
                ('officer_in_case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='force.unit')),
                ('oversight', models.BooleanField(default=False)),
            ],
            options={
                'ordering': ['-opened_at', 'reference'],
                'indexes': [models.Index(fields=['-opened_at', 'reference'], name='case_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('state', 'open')), models.Q(('closed_at__isnull', False), ('state', 'closed')), _connector='OR'), name='case_closed_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Exhibit',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reference', models.CharField(max_length=16)),
                ('initials', models.CharField(max_length=6)),
                ('number', models.PositiveIntegerField()),
                ('title', models.CharField(max_length=200)),
                ('produced_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_because', models.CharField(blank=True, max_length=300)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exhibits', to='cases.case')),
                ('hold', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='exhibit', to='retention.hold')),
                ('produced_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('producer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exhibits', to=settings.AUTH_USER_MODEL)),
                ('recording', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exhibits', to='evidence.recording')),
                ('withdrawn_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['initials', 'number'],
                'constraints': [models.UniqueConstraint(fields=('case', 'reference'), name='exhibit_reference_once'), models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('case', 'recording'), name='exhibit_recording_once'), models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='exhibit_numbers_from_one'), models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('withdrawn_at__gte', models.F('produced_at')), _connector='OR'), name='exhibit_withdrawn_after_produced')],
            },
        ),
        migrations.CreateModel(
            name='CriticalIncident',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('year', models.PositiveIntegerField()),
                ('happening', models.CharField(choices=[('shooting', 'police shooting'), ('death', 'death after police contact'), ('serious-injury', 'serious injury after police contact'), ('other', 'other critical incident')], max_length=20)),
                ('about', models.CharField(max_length=300)),
                ('place', models.CharField(max_length=200)),
                ('began_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('declared_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, max_length=300)),
                ('case', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='incident', to='cases.case')),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('declared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('hold', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='incident', to='retention.hold')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='incidents', to='force.unit')),
            ],
            options={
                'ordering': ['-declared_at'],
                'constraints': [models.UniqueConstraint(fields=('year', 'number'), name='incident_number_once'), models.CheckConstraint(condition=models.Q(('happening__in', ['shooting', 'death', 'serious-injury', 'other'])), name='incident_happening_known'), models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('began_at')), _connector='OR'), name='incident_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True), ('outcome', '')), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='incident_closed_by_someone')],
            },
        ),
        migrations.CreateModel(
            name='Involvement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('released_at', models.DateTimeField(blank=True, null=True)),
                ('released_because', models.CharField(blank=True, max_length=300)),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='involvements', to='cases.criticalincident')),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='involvements', to=settings.AUTH_USER_MODEL)),
                ('released_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('incident', 'officer'), name='incident_officer_once'), models.CheckConstraint(condition=models.Q(models.Q(('released_at__isnull', True), ('released_by__isnull', True)), models.Q(('released_at__isnull', False), ('released_by__isnull', False), models.Q(('released_by', models.F('officer')), _negated=True), models.Q(('released_because', ''), _negated=True)), _connector='OR'), name='incident_release_by_another')],
            },
        ),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('given_at', models.DateTimeField()),
                ('what', models.CharField(max_length=80)),
                ('entered_at', models.DateTimeField()),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('involvement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='cases.involvement')),
            ],
            options={
                'ordering': ['given_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('given_at__lte', models.F('entered_at'))), name='incident_account_was_given')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('seen_at', models.DateTimeField(blank=True, null=True)),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='cases.criticalincident')),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='incident_notices', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('incident', 'officer'), name='incident_told_once')],
            },
        ),
        migrations.CreateModel(
            name='CaseLeave',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reason', models.TextField()),
                ('given_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='leaves', to='cases.case')),
                ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='case_leaves_given', to=settings.AUTH_USER_MODEL)),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='case_leaves', to=settings.AUTH_USER_MODEL)),
                ('walked_to', models.UUIDField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['ends_at'], name='case_leave_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('case', 'officer'), name='case_leave_once'), models.CheckConstraint(condition=models.Q(('officer', models.F('given_by')), _negated=True), name='case_leave_another'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('given_at'))), name='case_leave_ends')],
            },
        ),
    ]
