"""The tables of disclosure as its first five migrations leave them, made at once (ADR 0067)."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('disclosure', '0001_disclosure'),
        ('disclosure', '0002_requests_to_keep'),
        ('disclosure', '0003_hearing'),
        ('disclosure', '0004_requests_waiting'),
        ('disclosure', '0005_hearing_asked'),
    ]

    initial = True

    dependencies = [
        ('cases', '0001_initial'),
        ('force', '0010_one_manager'),
        ('retention', '0012_holds_by_review'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Disclosure',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('recipient', models.CharField(max_length=200)),
                ('purpose', models.CharField(max_length=200)),
                ('exhibits', models.JSONField(default=list)),
                ('made_at', models.DateTimeField(db_index=True)),
                ('tag_manifest_sha256', models.CharField(max_length=64)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disclosures', to='cases.case')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disclosures', to=settings.AUTH_USER_MODEL)),
                ('hearing_on', models.DateField(blank=True, null=True)),
                ('hearing_asked', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['-made_at'],
            },
        ),
        migrations.CreateModel(
            name='AskingCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('who', models.CharField(max_length=64)),
                ('since', models.DateTimeField()),
                ('number', models.PositiveIntegerField(default=0)),
                ('refused', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('who', 'since'), name='asking_count_once')],
            },
        ),
        migrations.CreateModel(
            name='KeepRequest',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=16, unique=True)),
                ('form_key', models.UUIDField(unique=True)),
                ('asked_at', models.DateTimeField()),
                ('begins_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('number', models.CharField(blank=True, max_length=16)),
                ('card', models.CharField(blank=True, max_length=16)),
                ('words', models.TextField(blank=True)),
                ('contact', models.CharField(blank=True, max_length=200)),
                ('emptied_at', models.DateTimeField(blank=True, null=True)),
                ('bound_at', models.DateTimeField(blank=True, null=True)),
                ('state', models.CharField(choices=[('open', 'waiting'), ('answered', 'answered'), ('refused', 'refused'), ('withdrawn', 'taken back')], default='open', max_length=12)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.TextField(blank=True)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('holds', models.ManyToManyField(related_name='requests', to='retention.hold')),
                ('officer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='force.unit')),
            ],
            options={
                'ordering': ['-asked_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['open', 'answered', 'refused', 'withdrawn'])), name='keep_request_state_known'), models.CheckConstraint(condition=models.Q(('ends_at__gte', models.F('begins_at'))), name='keep_request_window'), models.CheckConstraint(condition=models.Q(('unit__isnull', False), models.Q(('number', ''), _negated=True), models.Q(('card', ''), _negated=True), _connector='OR'), name='keep_request_is_narrow'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('closed_at__isnull', False), ('closed_by__isnull', False)), _connector='OR'), name='keep_request_closed_by_someone')],
                'indexes': [models.Index(fields=['state', 'asked_at'], name='keep_request_waiting')],
            },
        ),
    ]
