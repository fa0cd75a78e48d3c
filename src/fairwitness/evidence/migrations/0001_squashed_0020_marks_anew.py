"""The tables of evidence as its first twenty migrations leave them, made at once (ADR 0067)."""

import django.db.models.deletion
import django.db.models.functions.comparison
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('evidence', '0001_initial'),
        ('evidence', '0002_video_seals'),
        ('evidence', '0003_media'),
        ('evidence', '0004_watching_in_quarantine'),
        ('evidence', '0005_axis'),
        ('evidence', '0006_volumes'),
        ('evidence', '0007_erased_from_camera'),
        ('evidence', '0008_signers_certificates'),
        ('evidence', '0009_incident_circle'),
        ('evidence', '0010_finding'),
        ('evidence', '0011_words_of_notes'),
        ('evidence', '0012_people_told'),
        ('evidence', '0013_leave_for_a_time'),
        ('evidence', '0014_transcripts_and_stills'),
        ('evidence', '0015_places'),
        ('evidence', '0016_force_dates'),
        ('evidence', '0017_walks_have_one_index'),
        ('evidence', '0018_growth'),
        ('evidence', '0019_unit_by_its_day'),
        ('evidence', '0020_marks_anew'),
    ]

    initial = True

    dependencies = [
        ('force', '0010_one_manager'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Piece',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recording_id', models.UUIDField()),
                ('copy', models.CharField(choices=[('master', 'master'), ('working', 'working copy'), ('poster', 'poster'), ('waveform', 'waveform'), ('strip', 'strip of stills'), ('trail', 'trail')], default='master', max_length=10)),
                ('offset', models.BigIntegerField()),
                ('length', models.BigIntegerField()),
                ('blob', models.CharField(max_length=200, unique=True)),
                ('sealed_size', models.BigIntegerField()),
                ('upload_length', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('recording_id', 'copy', 'offset'), name='evidence_piece_place'), models.CheckConstraint(condition=models.Q(('length__gte', 0), ('offset__gte', 0), ('sealed_size__gt', 0)), name='evidence_piece_sizes')],
            },
        ),
        migrations.CreateModel(
            name='Recording',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('reference', models.CharField(db_index=True, max_length=80)),
                ('camera_serial', models.CharField(blank=True, max_length=64)),
                ('counter', models.PositiveBigIntegerField(blank=True, null=True)),
                ('activation', models.PositiveBigIntegerField(blank=True, null=True)),
                ('part', models.PositiveIntegerField(default=1)),
                ('last_part', models.BooleanField(default=True)),
                ('provenance', models.CharField(choices=[('signed', 'signed by the camera'), ('unsigned', 'docked, but not signed by a camera'), ('imported', 'imported by an officer'), ('axis', 'from an Axis body-worn system'), ('volume', 'from an enrolled volume')], max_length=10)),
                ('source', models.CharField(blank=True, max_length=120)),
                ('filename', models.CharField(blank=True, max_length=255)),
                ('state', models.CharField(choices=[('live', 'live'), ('disposed', 'deleted')], default='live', max_length=10)),
                ('received_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('clock_ahead_us_min', models.BigIntegerField(blank=True, null=True)),
                ('clock_ahead_us_max', models.BigIntegerField(blank=True, null=True)),
                ('clock_checked', models.BooleanField(default=False)),
                ('clock_started_at', models.DateTimeField()),
                ('docked_at', models.DateTimeField()),
                ('late', models.BooleanField(default=False)),
                ('size', models.BigIntegerField()),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('commitment', models.CharField(max_length=64)),
                ('media_type', models.CharField(max_length=80)),
                ('duration_ms', models.BigIntegerField(default=0)),
                ('claim', models.JSONField(blank=True, null=True)),
                ('category', models.CharField(blank=True, max_length=40)),
                ('incident', models.CharField(blank=True, max_length=80)),
                ('evidential', models.BooleanField(default=False)),
                ('access_class', models.CharField(choices=[('open', 'open'), ('restricted', 'restricted'), ('confidential', 'confidential')], default='open', max_length=12)),
                ('locked', models.BooleanField(default=False)),
                ('hidden_from', models.DateTimeField(blank=True, null=True)),
                ('gone_by', models.DateTimeField(blank=True, null=True)),
                ('keep_reason', models.TextField(blank=True)),
                ('shown_hidden_from', models.DateTimeField(blank=True, null=True)),
                ('shown_gone_by', models.DateTimeField(blank=True, null=True)),
                ('shown_reason', models.TextField(blank=True)),
                ('entry_leaf', models.CharField(blank=True, max_length=64)),
                ('camera', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recordings', to='force.camera')),
                ('dock', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recordings', to='force.dock')),
                ('station', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recordings', to='force.station')),
                ('unit', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recordings', to='force.unit')),
                ('wearer', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recordings', to=settings.AUTH_USER_MODEL)),
                ('media', models.JSONField(blank=True, null=True)),
                ('said', models.JSONField(blank=True, null=True)),
                ('volume', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recordings', to='force.volume')),
                ('erased_at', models.DateTimeField(blank=True, null=True)),
                ('began_at', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce('started_at', 'docked_at'), output_field=models.DateTimeField())),
                ('people_told', models.BooleanField(blank=True, null=True)),
                ('force_hidden_from', models.DateTimeField(blank=True, null=True)),
                ('force_gone_by', models.DateTimeField(blank=True, null=True)),
                ('force_reason', models.TextField(blank=True)),
            ],
            options={
                'indexes': [models.Index(fields=['commitment'], name='evidence_rec_commitment'), models.Index(fields=['camera', 'activation'], name='evidence_rec_activation'), models.Index(condition=models.Q(('provenance', 'axis')), fields=['source'], name='evidence_rec_axis'), models.Index(fields=['began_at', 'id'], name='evidence_find_time'), models.Index(fields=['unit', 'began_at', 'id'], name='evidence_find_unit'), models.Index(fields=['wearer', 'began_at', 'id'], name='evidence_find_wearer'), models.Index(fields=['camera', 'began_at', 'id'], name='evidence_find_camera'), models.Index(fields=['station', 'began_at', 'id'], name='evidence_find_station'), models.Index(fields=['category', 'began_at', 'id'], name='evidence_find_category'), models.Index(fields=['unit', 'category', 'began_at', 'id'], name='evidence_find_unit_cat'), models.Index(fields=['incident', 'began_at', 'id'], name='evidence_find_incident'), models.Index(condition=models.Q(('evidential', True)), fields=['began_at', 'id'], name='evidence_find_kept'), models.Index(condition=models.Q(('locked', True)), fields=['began_at', 'id'], name='evidence_find_locked'), models.Index(condition=models.Q(('late', True)), fields=['began_at', 'id'], name='evidence_find_late'), models.Index(fields=['state', 'force_gone_by', 'began_at'], name='evidence_rec_due_force'), models.Index(fields=['state', 'gone_by', 'began_at'], name='evidence_rec_due'), models.Index(condition=models.Q(('access_class', 'open'), _negated=True), fields=['began_at', 'id'], name='evidence_find_restricted'), models.Index(condition=models.Q(('provenance', 'signed'), _negated=True), fields=['began_at', 'id'], name='evidence_find_unsigned'), models.Index(fields=['unit', 'state', 'force_gone_by'], name='evidence_rec_unit_due')],
                'constraints': [models.UniqueConstraint(fields=('camera', 'counter', 'part'), name='evidence_recording_identity'), models.UniqueConstraint(condition=models.Q(('source', ''), _negated=True), fields=('source', 'commitment'), name='evidence_recording_unsigned_identity'), models.CheckConstraint(condition=models.Q(models.Q(('provenance', 'signed'), _negated=True), models.Q(('activation__isnull', False), ('camera__isnull', False), ('counter__isnull', False), ('part__gte', 1)), _connector='OR'), name='evidence_recording_signed_has_identity'), models.CheckConstraint(condition=models.Q(models.Q(('sha256__length', 64), ('state', 'live')), models.Q(('sha256', ''), ('state', 'disposed')), _connector='OR'), name='evidence_recording_digest_while_live'), models.CheckConstraint(condition=models.Q(('size__gte', 0), ('clock_started_at__lte', models.F('docked_at'))), name='evidence_recording_clock_never_after_docking')],
            },
        ),
        migrations.CreateModel(
            name='Copy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('master', 'master'), ('working', 'working copy'), ('poster', 'poster'), ('waveform', 'waveform'), ('strip', 'strip of stills'), ('trail', 'trail')], max_length=10)),
                ('state', models.CharField(choices=[('due', 'to be made'), ('making', 'being made'), ('ready', 'ready'), ('failed', "can't be made")], default='due', max_length=10)),
                ('size', models.BigIntegerField(default=0)),
                ('media_type', models.CharField(blank=True, max_length=80)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('statement', models.JSONField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('problem', models.TextField(blank=True)),
                ('made_at', models.DateTimeField(blank=True, null=True)),
                ('recording', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='copies', to='evidence.recording')),
                ('encode', models.BooleanField(default=False)),
                ('progress', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'lease_until'], name='evidence_copy_due')],
                'constraints': [models.UniqueConstraint(fields=('recording', 'kind'), name='evidence_copy_kind')],
            },
        ),
        migrations.CreateModel(
            name='CircleMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('standing', models.CharField(choices=[('named', 'named for it, for a time'), ('glass', 'broke the glass for it, for an hour'), ('lock', 'placed its lock'), ('hold', 'owns a hold on it'), ('incident', 'declared the critical incident that locks it, and opens nothing by it'), ('released', 'wore it, and may see it although a critical incident locks it'), ('closed', 'declared a critical incident that locked it and is closed')], max_length=8)),
                ('reference', models.CharField(blank=True, max_length=120)),
                ('oversight', models.BooleanField(default=False)),
                ('since', models.DateTimeField()),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='circles', to=settings.AUTH_USER_MODEL)),
                ('recording', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='circle', to='evidence.recording')),
                ('until', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('recording', 'officer', 'standing', 'reference'), name='evidence_circle_once'), models.CheckConstraint(condition=models.Q(models.Q(('standing__in', ['named', 'glass']), _negated=True), ('until__isnull', False), _connector='OR'), name='evidence_circle_ends')],
            },
        ),
        migrations.CreateModel(
            name='Annotation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('text', models.TextField()),
                ('detail', models.JSONField(default=dict)),
                ('first_at', models.DateTimeField()),
                ('second_at', models.DateTimeField(blank=True, null=True)),
                ('first_officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='annotations', to=settings.AUTH_USER_MODEL)),
                ('second_officer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='annotations_confirmed', to=settings.AUTH_USER_MODEL)),
                ('recording', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='annotations', to='evidence.recording')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('second_officer__isnull', True), models.Q(('second_officer', models.F('first_officer')), _negated=True), _connector='OR'), name='evidence_annotation_two_people')],
            },
        ),
        migrations.CreateModel(
            name='Viewing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('task_kind', models.CharField(blank=True, max_length=40)),
                ('task_reference', models.CharField(blank=True, max_length=120)),
                ('granted_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='viewings', to=settings.AUTH_USER_MODEL)),
                ('recording', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='viewings', to='evidence.recording')),
                ('only', models.CharField(blank=True, max_length=10)),
            ],
            options={
                'indexes': [models.Index(fields=['expires_at'], name='evidence_viewing_expiry')],
            },
        ),
        migrations.CreateModel(
            name='VideoSeals',
            fields=[
                ('recording', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='seals', serialize=False, to='evidence.recording')),
                ('verdict', models.CharField(choices=[('not_signed', 'not signed'), ('intact', 'intact'), ('intact_but_units_missing', 'intact but with units missing'), ('changed', 'changed'), ('signed_old_format', 'signed, old format, signature not checked'), ('unchecked', 'could not be looked at')], max_length=30)),
                ('scheme', models.CharField(blank=True, max_length=10)),
                ('signer', models.CharField(blank=True, choices=[('enrolled', 'the enrolled camera'), ('other', 'another enrolled camera'), ('unknown', 'a signer that we do not know')], max_length=10)),
                ('keyid', models.CharField(blank=True, max_length=64)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('maker', models.CharField(blank=True, max_length=400)),
                ('intact', models.PositiveIntegerField(default=0)),
                ('missing', models.PositiveIntegerField(default=0)),
                ('changed', models.PositiveIntegerField(default=0)),
                ('uncovered', models.PositiveIntegerField(default=0)),
                ('spans', models.JSONField(default=list)),
                ('began_before', models.BooleanField(default=False)),
                ('problem', models.TextField(blank=True)),
                ('checked_at', models.DateTimeField()),
                ('certificates', models.TextField(blank=True)),
                ('claimed_us', models.BigIntegerField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('verdict__in', ['not_signed', 'intact', 'intact_but_units_missing', 'changed', 'signed_old_format', 'unchecked'])), name='evidence_seals_verdict_known'), models.CheckConstraint(condition=models.Q(models.Q(('changed__gt', 0), ('verdict', 'changed')), models.Q(models.Q(('verdict', 'changed'), _negated=True), ('changed', 0)), _connector='OR'), name='evidence_seals_changed_says_so'), models.CheckConstraint(condition=models.Q(models.Q(('keyid', ''), ('signer', '')), models.Q(models.Q(('signer', ''), _negated=True), ('keyid__length', 64)), _connector='OR'), name='evidence_seals_signer_has_key')],
            },
        ),
        migrations.CreateModel(
            name='ApartViewing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('recording_id', models.UUIDField(db_index=True)),
                ('unit', models.CharField(blank=True, max_length=20)),
                ('size', models.BigIntegerField()),
                ('media_type', models.CharField(max_length=80)),
                ('granted_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Word',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.CharField(max_length=40)),
                ('recording', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='words', to='evidence.recording')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('word', 'recording'), name='evidence_word_once')],
            },
        ),
        migrations.CreateModel(
            name='BrokenGlass',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('emergency', models.CharField(choices=[('life', 'A life is at risk'), ('missing', 'Somebody is missing who may come to harm'), ('harm', 'Serious harm is about to be done')], max_length=8)),
                ('reason', models.TextField()),
                ('broken_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('judged_at', models.DateTimeField(blank=True, null=True)),
                ('justified', models.BooleanField(blank=True, null=True)),
                ('note', models.TextField(blank=True)),
                ('judged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='glass_judged', to=settings.AUTH_USER_MODEL)),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='broken_glass', to=settings.AUTH_USER_MODEL)),
                ('recording', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='broken_glass', to='evidence.recording')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('judged_at__isnull', True)), fields=['broken_at'], name='evidence_glass_waiting'), models.Index(fields=['-broken_at'], name='evidence_glass_broken')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('judged_at__isnull', True), ('judged_by__isnull', True), ('justified__isnull', True)), models.Q(('judged_at__isnull', False), ('judged_by__isnull', False), ('justified__isnull', False), models.Q(('note', ''), _negated=True)), _connector='OR'), name='evidence_glass_judged_whole'), models.CheckConstraint(condition=models.Q(('judged_by__isnull', True), models.Q(('judged_by', models.F('officer')), _negated=True), _connector='OR'), name='evidence_glass_another')],
            },
        ),
        migrations.CreateModel(
            name='Naming',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reason', models.TextField()),
                ('named_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('named_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='namings_made', to=settings.AUTH_USER_MODEL)),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='namings', to=settings.AUTH_USER_MODEL)),
                ('recording', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='namings', to='evidence.recording')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['ends_at'], name='evidence_naming_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('recording', 'officer'), name='evidence_naming_once'), models.CheckConstraint(condition=models.Q(('officer', models.F('named_by')), _negated=True), name='evidence_naming_another'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('named_at'))), name='evidence_naming_ends')],
            },
        ),
        migrations.CreateModel(
            name='Transcript',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('lines', models.PositiveIntegerField()),
                ('made_by', models.CharField(max_length=120)),
                ('attached_at', models.DateTimeField()),
                ('attached_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recording', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transcripts', to='evidence.recording')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('recording', 'number'), name='evidence_transcript_number'), models.CheckConstraint(condition=models.Q(('number__gte', 1), ('number__lte', 999), ('size__gt', 0)), name='evidence_transcript_sizes')],
            },
        ),
        migrations.CreateModel(
            name='PlaceEpoch',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('begun_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['begun_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='PlacedRecording',
            fields=[
                ('recording', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='placed', serialize=False, to='evidence.recording')),
                ('sealed', models.BinaryField(default=b'')),
                ('epoch', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.placeepoch')),
            ],
        ),
        migrations.CreateModel(
            name='PlaceMark',
            fields=[
                ('id', models.BigIntegerField(editable=False, primary_key=True, serialize=False)),
                ('label', models.BigIntegerField()),
                ('who', models.BinaryField()),
                ('epoch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.placeepoch')),
            ],
            options={
                'indexes': [models.Index(fields=['label', 'id', 'who'], name='evidence_mark_label')],
            },
        ),
        migrations.CreateModel(
            name='Growth',
            fields=[
                ('recording', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='growth', serialize=False, to='evidence.recording')),
                ('beginning', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='went_on', to='evidence.recording')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('recording', models.F('beginning')), _negated=True), name='evidence_growth_of_another')],
            },
        ),
    ]
