"""The tables of ingest as its first ten migrations leave them, made at once (ADR 0067)."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('ingest', '0001_initial'),
        ('ingest', '0002_gaps_in_counters'),
        ('ingest', '0003_device_logs'),
        ('ingest', '0004_axis'),
        ('ingest', '0005_quarantine_bin'),
        ('ingest', '0006_volumes'),
        ('ingest', '0007_erasures'),
        ('ingest', '0008_receipts_due'),
        ('ingest', '0009_explained_gaps'),
        ('ingest', '0010_no_unkeyed_digest_of_a_clip'),
    ]

    initial = True

    dependencies = [
        ('evidence', '0007_erased_from_camera'),
        ('force', '0004_volumes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='StoredReceipt',
            fields=[
                ('recording_id', models.UUIDField(primary_key=True, serialize=False)),
                ('text', models.TextField()),
                ('tree_size', models.BigIntegerField()),
                ('made_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='DockSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nonce_hash', models.CharField(max_length=64, unique=True)),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('opened_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('dock', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='force.dock')),
            ],
        ),
        migrations.CreateModel(
            name='AxisSystem',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=64)),
                ('url', models.CharField(max_length=400)),
                ('user', models.CharField(max_length=64, unique=True)),
                ('key_salt', models.CharField(max_length=32)),
                ('key_hash', models.CharField(max_length=64)),
                ('encrypts', models.BooleanField(default=False)),
                ('connected_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('last_seen_at', models.DateTimeField(blank=True, null=True)),
                ('station', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='force.station')),
            ],
            options={
                'ordering': ['connected_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('name',), name='ingest_axis_one_name')],
            },
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('recording_id', models.UUIDField(unique=True)),
                ('received_as', models.UUIDField(blank=True, db_index=True, null=True)),
                ('identity', models.CharField(max_length=160)),
                ('commitment', models.CharField(max_length=64)),
                ('signed', models.BooleanField(default=False)),
                ('length', models.BigIntegerField()),
                ('offset', models.BigIntegerField(default=0)),
                ('generation', models.PositiveBigIntegerField(default=0)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('state', models.CharField(choices=[('receiving', 'being received'), ('verifying', 'being checked'), ('received', 'received'), ('quarantined', 'in quarantine'), ('ended', 'ended before the last byte')], default='receiving', max_length=12)),
                ('unsigned_allowed', models.BooleanField(default=False)),
                ('metadata', models.TextField(blank=True)),
                ('statement', models.TextField(blank=True)),
                ('docking', models.TextField(blank=True)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('filename', models.CharField(blank=True, max_length=255)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('completed_at', models.DateTimeField(blank=True, null=True)),
                ('read_back_at', models.DateTimeField(blank=True, null=True)),
                ('cleared', models.BooleanField(default=False)),
                ('dock', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to='force.dock')),
                ('officer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to=settings.AUTH_USER_MODEL)),
                ('axis', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to='ingest.axissystem')),
                ('volume', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to='force.volume')),
                ('receipted', models.BooleanField(default=False)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'lease_until'], name='ingest_upload_due'), models.Index(fields=['state', 'expires_at'], name='ingest_upload_expiry'), models.Index(condition=models.Q(('receipted', False)), fields=['state', 'completed_at'], name='ingest_upload_receipt_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['receiving', 'verifying', 'received'])), fields=('identity', 'commitment'), name='ingest_upload_identity'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['verifying', 'received', 'quarantined']), _negated=True), models.Q(('completed_at__isnull', False), ('offset', models.F('length'))), _connector='OR'), name='ingest_upload_complete_before_checked'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'received'), _negated=True), ('received_as__isnull', False), _connector='OR'), name='ingest_upload_received_as'), models.CheckConstraint(condition=models.Q(models.Q(('length__gt', 0), ('offset__gte', 0), ('offset__lte', models.F('length'))), models.Q(('axis__isnull', False), ('length', 0), ('offset__gte', 0), ('state__in', ['receiving', 'ended'])), _connector='OR'), name='ingest_upload_offset_within_length'), models.CheckConstraint(condition=models.Q(models.Q(('axis__isnull', True), ('dock__isnull', False), ('officer__isnull', True)), models.Q(('axis__isnull', True), ('dock__isnull', True), ('officer__isnull', False)), models.Q(('axis__isnull', False), ('dock__isnull', True), ('officer__isnull', True)), _connector='OR'), name='ingest_upload_one_sender'), models.CheckConstraint(condition=models.Q(('volume__isnull', True), models.Q(('dock__isnull', False), ('signed', False)), _connector='OR'), name='ingest_upload_volume_in_a_dock')],
            },
        ),
        migrations.CreateModel(
            name='Quarantine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recording_id', models.UUIDField(db_index=True)),
                ('reason', models.CharField(max_length=40)),
                ('message', models.TextField()),
                ('claimed', models.CharField(blank=True, max_length=120)),
                ('state', models.CharField(choices=[('held', 'waiting for a decision'), ('binned', 'rejected, in the bin'), ('released', 'let in'), ('rejected', 'rejected and deleted')], default='held', max_length=10)),
                ('arrived_at', models.DateTimeField()),
                ('nag_at', models.DateTimeField()),
                ('nagged_at', models.DateTimeField(blank=True, null=True)),
                ('gone_by', models.DateTimeField()),
                ('proposal', models.CharField(blank=True, max_length=10)),
                ('proposal_reason', models.TextField(blank=True)),
                ('proposed_at', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('upload', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quarantines', to='ingest.upload')),
                ('bin_until', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'gone_by'], name='ingest_quarantine_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'held')), fields=('upload',), name='ingest_quarantine_one_held'), models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='ingest_quarantine_two_people'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'binned'), _negated=True), models.Q(('bin_until__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='ingest_quarantine_bin_has_its_day')],
            },
        ),
        migrations.CreateModel(
            name='CounterGap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('counter', models.PositiveBigIntegerField()),
                ('named_at', models.DateTimeField()),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gaps', to='force.camera')),
                ('explained_at', models.DateTimeField(blank=True, null=True)),
                ('explained_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('explanation', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('camera', 'counter'), name='ingest_gap_once'), models.CheckConstraint(condition=models.Q(models.Q(('explained_at__isnull', True), ('explained_by__isnull', True), ('explanation', '')), models.Q(('explained_at__isnull', False), ('explained_by__isnull', False), models.Q(('explanation', ''), _negated=True)), _connector='OR'), name='ingest_gap_explained_by_someone')],
            },
        ),
        migrations.CreateModel(
            name='DeviceLogChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_line', models.PositiveBigIntegerField()),
                ('lines', models.PositiveIntegerField()),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('body', models.BinaryField(blank=True)),
                ('first_at', models.DateTimeField(blank=True, null=True)),
                ('last_at', models.DateTimeField(blank=True, null=True)),
                ('received_at', models.DateTimeField()),
                ('keep_until', models.DateTimeField()),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='log_chunks', to='force.camera')),
            ],
            options={
                'indexes': [models.Index(fields=['deleted_at', 'keep_until'], name='ingest_log_due')],
                'constraints': [models.UniqueConstraint(fields=('camera', 'first_line'), name='ingest_log_line_once'), models.CheckConstraint(condition=models.Q(('deleted_at__isnull', True), models.Q(('body', b''), ('sha256', '')), _connector='OR'), name='ingest_log_deleted_is_empty')],
            },
        ),
        migrations.CreateModel(
            name='AxisContainer',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=256)),
                ('source', models.CharField(max_length=80)),
                ('metadata', models.JSONField(default=dict)),
                ('begun_at', models.DateTimeField()),
                ('last_seen_at', models.DateTimeField()),
                ('completed_at', models.DateTimeField(blank=True, null=True)),
                ('revision', models.PositiveBigIntegerField(default=0)),
                ('refreshed', models.PositiveBigIntegerField(default=0)),
                ('system', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='containers', to='ingest.axissystem')),
            ],
            options={
                'indexes': [models.Index(fields=['last_seen_at'], name='ingest_axis_container_due')],
                'constraints': [models.UniqueConstraint(fields=('system', 'name'), name='ingest_axis_container_once')],
            },
        ),
        migrations.CreateModel(
            name='AxisObject',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=1024)),
                ('metadata', models.JSONField(default=dict)),
                ('etag', models.CharField(max_length=32)),
                ('size', models.BigIntegerField(default=0)),
                ('enclosure', models.UUIDField(blank=True, null=True)),
                ('changed_at', models.DateTimeField()),
                ('container', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contents', to='ingest.axiscontainer')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('container', 'name'), name='ingest_axis_object_once')],
            },
        ),
        migrations.CreateModel(
            name='AxisParty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('person', 'person'), ('camera', 'camera')], max_length=8)),
                ('their_id', models.CharField(max_length=256)),
                ('their_name', models.TextField(blank=True)),
                ('active', models.BooleanField(default=True)),
                ('first_seen_at', models.DateTimeField()),
                ('camera', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='force.camera')),
                ('officer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('system', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parties', to='ingest.axissystem')),
            ],
            options={
                'ordering': ['kind', 'their_name', 'their_id'],
                'constraints': [models.UniqueConstraint(fields=('system', 'kind', 'their_id'), name='ingest_axis_party_once'), models.CheckConstraint(condition=models.Q(models.Q(('camera__isnull', True), ('kind', 'person')), models.Q(('kind', 'camera'), ('officer__isnull', True)), _connector='OR'), name='ingest_axis_party_is_one')],
            },
        ),
        migrations.CreateModel(
            name='AxisToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('system', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tokens', to='ingest.axissystem')),
            ],
        ),
        migrations.CreateModel(
            name='AxisVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('commitment', models.CharField(max_length=64)),
                ('size', models.BigIntegerField()),
                ('encrypted', models.BooleanField(default=False)),
                ('has_key', models.BooleanField(default=False)),
                ('decrypted', models.BooleanField(default=False)),
                ('problem', models.TextField(blank=True)),
                ('replaces', models.BooleanField(default=False)),
                ('came_at', models.DateTimeField()),
                ('object', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='ingest.axisobject')),
                ('upload', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='version', to='ingest.upload')),
            ],
            options={
                'indexes': [models.Index(fields=['encrypted', 'decrypted', 'has_key'], name='ingest_axis_waiting')],
            },
        ),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('erased_at', models.DateTimeField()),
                ('dock', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='erasures', to='force.dock')),
                ('recording', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='erasures', to='evidence.recording')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('recording', 'dock', 'erased_at'), name='ingest_erasure_once')],
            },
        ),
    ]
