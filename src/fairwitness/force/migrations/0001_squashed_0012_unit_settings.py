"""The tables of force as its first twelve migrations leave them, made at once (ADR 0067)."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from fairwitness.force.migrations import _issues_never_overlap


class Migration(migrations.Migration):

    replaces = [
        ('force', '0001_initial'),
        ('force', '0002_issues_never_overlap'),
        ('force', '0003_camera_settings'),
        ('force', '0004_volumes'),
        ('force', '0005_officer_cards'),
        ('force', '0006_signing_in'),
        ('force', '0007_duty_roles'),
        ('force', '0008_bays_and_reports'),
        ('force', '0009_api_tokens'),
        ('force', '0010_one_manager'),
        ('force', '0011_stations_and_places'),
        ('force', '0012_unit_settings'),
    ]

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Unit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=16, unique=True)),
                ('name', models.CharField(max_length=120, unique=True)),
                ('kind', models.CharField(choices=[('borough', 'borough'), ('command', 'specialist command')], max_length=16)),
                ('planned_on', models.DateField(blank=True, null=True)),
                ('actual_on', models.DateField(blank=True, null=True)),
                ('planned_cameras', models.PositiveIntegerField(default=0)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['borough', 'command'])), name='unit_kind_known')],
            },
        ),
        migrations.CreateModel(
            name='Officer',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('collar_number', models.CharField(max_length=16, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('rank', models.CharField(blank=True, max_length=40)),
                ('initials', models.CharField(max_length=6)),
                ('active', models.BooleanField(default=True)),
                ('joined_at', models.DateTimeField()),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='officers', to='force.unit')),
            ],
            options={
                'ordering': ['collar_number'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('active', True), ('left_at__isnull', True)), models.Q(('active', False), ('left_at__isnull', False)), _connector='OR'), name='officer_left_or_active')],
            },
        ),
        migrations.CreateModel(
            name='Station',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=16, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stations', to='force.unit')),
                ('address', models.CharField(blank=True, max_length=200)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('latitude', models.IntegerField(blank=True, null=True)),
                ('longitude', models.IntegerField(blank=True, null=True)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('latitude__isnull', True), ('longitude__isnull', True)), models.Q(('latitude__isnull', False), ('latitude__range', (-900000000, 900000000)), ('longitude__isnull', False), ('longitude__range', (-1800000000, 1800000000))), _connector='OR'), name='station_place_whole_and_on_earth')],
            },
        ),
        migrations.CreateModel(
            name='Camera',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('serial', models.CharField(max_length=40, unique=True)),
                ('public_key', models.TextField()),
                ('keyid', models.CharField(max_length=64, unique=True)),
                ('request', models.TextField()),
                ('requested_by', models.CharField(blank=True, max_length=80)),
                ('requested_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('status_reason', models.CharField(blank=True, max_length=300)),
                ('status', models.CharField(choices=[('pending', 'waiting for approval'), ('approved', 'approved'), ('declined', 'declined'), ('revoked', 'revoked'), ('lost', 'lost'), ('stolen', 'stolen'), ('repair', 'in repair')], default='pending', max_length=16)),
                ('profile', models.CharField(choices=[('flex2', 'Flex 2 (helmet or cap)'), ('body2', 'Body 2 (chest)')], max_length=16)),
                ('mount', models.CharField(choices=[('helmet', 'helmet'), ('cap', 'cap'), ('chest', 'chest')], max_length=16)),
                ('pool', models.BooleanField(default=False)),
                ('firmware', models.CharField(blank=True, max_length=40)),
                ('last_counter', models.PositiveBigIntegerField(blank=True, null=True)),
                ('last_docked_at', models.DateTimeField(blank=True, null=True)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('station', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cameras', to='force.station')),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cameras', to='force.unit')),
            ],
            options={
                'ordering': ['serial'],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'approved', 'declined', 'revoked', 'lost', 'stolen', 'repair'])), name='camera_status_known'), models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'declined', 'revoked']), ('approved_at__isnull', False), _connector='OR'), name='camera_approved_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'revoked'), _negated=True), ('revoked_at__isnull', False), _connector='OR'), name='camera_revoked_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Issue',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('begins_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='issues', to='force.camera')),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='issues', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['begins_at'],
                'indexes': [models.Index(fields=['camera', 'begins_at'], name='issue_by_camera')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__isnull', True), ('ends_at__gte', models.F('begins_at')), _connector='OR'), name='issue_never_ends_before_it_begins')],
            },
        ),
        migrations.CreateModel(
            name='Dock',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('serial', models.CharField(max_length=40, unique=True)),
                ('public_key', models.TextField()),
                ('keyid', models.CharField(max_length=64, unique=True)),
                ('request', models.TextField()),
                ('requested_by', models.CharField(blank=True, max_length=80)),
                ('requested_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('status_reason', models.CharField(blank=True, max_length=300)),
                ('status', models.CharField(choices=[('pending', 'waiting for approval'), ('approved', 'approved'), ('declined', 'declined'), ('revoked', 'revoked')], default='pending', max_length=16)),
                ('last_seen_at', models.DateTimeField(blank=True, null=True)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('station', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='docks', to='force.station')),
            ],
            options={
                'ordering': ['serial'],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'approved', 'declined', 'revoked'])), name='dock_status_known'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'approved'), _negated=True), ('approved_at__isnull', False), _connector='OR'), name='dock_approved_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'revoked'), _negated=True), ('revoked_at__isnull', False), _connector='OR'), name='dock_revoked_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='RoleGrant',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(choices=[('officer', 'officer'), ('supervisor', 'supervisor'), ('investigator', 'investigator'), ('disclosure_officer', 'disclosure_officer'), ('evidence_manager', 'evidence_manager'), ('professional_standards', 'professional_standards'), ('independent_investigator', 'independent_investigator'), ('auditor', 'auditor'), ('administrator', 'administrator'), ('duty_officer', 'duty_officer'), ('post_incident_manager', 'post_incident_manager')], max_length=32)),
                ('begins_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='force.unit')),
            ],
            options={
                'ordering': ['begins_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__isnull', True), ('ends_at__gte', models.F('begins_at')), _connector='OR'), name='grant_ends_after_it_begins'), models.UniqueConstraint(condition=models.Q(('ends_at__isnull', True), ('unit__isnull', False)), fields=('officer', 'role', 'unit'), name='one_open_grant_per_unit'), models.UniqueConstraint(condition=models.Q(('ends_at__isnull', True), ('unit__isnull', True)), fields=('officer', 'role'), name='one_open_grant_force_wide'), models.CheckConstraint(condition=models.Q(('role__in', ['officer', 'supervisor', 'investigator', 'disclosure_officer', 'evidence_manager', 'professional_standards', 'independent_investigator', 'auditor', 'administrator', 'duty_officer', 'post_incident_manager'])), name='grant_role_known')],
            },
        ),
        migrations.CreateModel(
            name='CameraSettings',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('profile', models.CharField(choices=[('flex2', 'Flex 2 (helmet or cap)'), ('body2', 'Body 2 (chest)')], max_length=16)),
                ('version', models.PositiveIntegerField()),
                ('settings', models.JSONField()),
                ('firmware', models.CharField(blank=True, max_length=40)),
                ('battery_percent', models.PositiveSmallIntegerField()),
                ('charge_minutes', models.PositiveIntegerField()),
                ('decided_at', models.DateTimeField()),
                ('reason', models.CharField(max_length=300)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('follows', models.BooleanField(default=False)),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='force.unit')),
            ],
            options={
                'ordering': ['profile', 'version'],
                'constraints': [models.UniqueConstraint(fields=('profile', 'version'), name='one_settings_a_version'), models.CheckConstraint(condition=models.Q(('follows', False), ('unit__isnull', False), _connector='OR'), name='only_a_unit_follows')],
            },
        ),
        migrations.CreateModel(
            name='Volume',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('label', models.CharField(max_length=60)),
                ('made_by', models.CharField(blank=True, max_length=120)),
                ('status', models.CharField(choices=[('pending', 'waiting for approval'), ('approved', 'approved'), ('declined', 'declined'), ('revoked', 'revoked')], default='pending', max_length=16)),
                ('erase', models.BooleanField(default=False)),
                ('requested_by', models.CharField(max_length=80)),
                ('requested_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('status_reason', models.CharField(blank=True, max_length=300)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('brought_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='volumes', to='force.unit')),
                ('wearer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['requested_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'approved', 'declined', 'revoked'])), name='volume_status_known'), models.CheckConstraint(condition=models.Q(models.Q(models.Q(('status', 'approved'), _negated=True), ('erase', False)), ('approved_at__isnull', False), _connector='OR'), name='volume_approved_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'revoked'), _negated=True), ('revoked_at__isnull', False), _connector='OR'), name='volume_revoked_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='OfficerCard',
            fields=[
                ('officer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='card', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('code', models.CharField(max_length=16, unique=True)),
                ('made_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='EmergencySeal',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('sealed_at', models.DateTimeField()),
                ('broken_at', models.DateTimeField(blank=True, null=True)),
                ('resealed_at', models.DateTimeField(blank=True, null=True)),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seals', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('resealed_at__isnull', True)), fields=('officer',), name='one_seal')],
            },
        ),
        migrations.CreateModel(
            name='EmergencyNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('told_at', models.DateTimeField()),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='emergency_notices', to=settings.AUTH_USER_MODEL)),
                ('seal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='force.emergencyseal')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('seal', 'officer'), name='one_notice_each')],
            },
        ),
        migrations.CreateModel(
            name='OneTimeCode',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('purpose', models.CharField(choices=[('join', 'begin: choose a password and a second factor'), ('password', 'choose a new password; the second factor is still asked for'), ('factor', 'set up a new second factor; the password is still asked for')], max_length=16)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='codes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('officer',), name='one_open_code'), models.CheckConstraint(condition=models.Q(('purpose__in', ['join', 'password', 'factor'])), name='code_purpose_known'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('made_at'))), name='code_ends_after_it_begins')],
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                ('began_at', models.DateTimeField(blank=True, null=True)),
                ('seen_at', models.DateTimeField(blank=True, null=True)),
                ('browser', models.CharField(blank=True, max_length=200)),
                ('means', models.CharField(blank=True, max_length=80)),
                ('officer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['officer', 'expire_date'], name='session_by_officer')],
            },
        ),
        migrations.CreateModel(
            name='DockBoard',
            fields=[
                ('dock', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='board', serialize=False, to='force.dock')),
                ('told_at', models.DateTimeField()),
                ('bays', models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name='CameraInDock',
            fields=[
                ('camera', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='in_dock', serialize=False, to='force.camera')),
                ('bay', models.PositiveSmallIntegerField()),
                ('told_at', models.DateTimeField()),
                ('docked_at', models.DateTimeField(blank=True, null=True)),
                ('recordings_left', models.PositiveIntegerField()),
                ('bytes_owed', models.PositiveBigIntegerField()),
                ('firmware', models.CharField(blank=True, max_length=40)),
                ('battery_percent', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('dock', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='told_cameras', to='force.dock')),
            ],
        ),
        migrations.CreateModel(
            name='CameraReport',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('lost', 'lost'), ('stolen', 'stolen'), ('repair', 'faulty, in repair')], max_length=16)),
                ('reason', models.CharField(max_length=300)),
                ('on_it', models.JSONField(default=dict)),
                ('reported_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('end_reason', models.CharField(blank=True, max_length=300)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='force.camera')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reported_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['reported_at'],
                'indexes': [models.Index(fields=['kind', '-reported_at'], name='camera_report_recent')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['lost', 'stolen', 'repair'])), name='camera_report_kind_known'), models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('reported_at')), _connector='OR'), name='camera_report_ends_after_it_begins'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('camera',), name='one_open_report_a_camera')],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('scopes', models.JSONField(default=list)),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-made_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('officer', 'name'), name='one_open_token_a_name'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('made_at'))), name='token_ends_after_it_begins')],
            },
        ),
        migrations.CreateModel(
            name='ApiAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=100)),
                ('fingerprint', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField()),
                ('sealed', models.BinaryField(default=b'')),
                ('token', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='force.apitoken')),
            ],
            options={
                'indexes': [models.Index(fields=['made_at'], name='answer_by_time')],
                'constraints': [models.UniqueConstraint(fields=('token', 'key'), name='one_answer_a_key')],
            },
        ),
        migrations.CreateModel(
            name='MachineAccount',
            fields=[
                ('officer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='machine', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('purpose', models.CharField(max_length=200)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='OneManager',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('standing', models.BooleanField(default=True, editable=False, null=True, unique=True)),
                ('begun_at', models.DateTimeField()),
                ('begun_by', models.CharField(max_length=80)),
                ('reason', models.TextField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('standing', True)), models.Q(('ended_at__gte', models.F('begun_at')), ('standing__isnull', True)), _connector='OR'), name='force_one_manager_stands_or_ended')],
            },
        ),
        migrations.RunPython(_issues_never_overlap.create, _issues_never_overlap.drop),
    ]
