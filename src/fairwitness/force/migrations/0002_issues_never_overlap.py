"""A camera is in one person's hands at a time, whoever writes the row."""

from django.db import migrations

from fairwitness.force.migrations import _issues_never_overlap


class Migration(migrations.Migration):
    dependencies = [("force", "0001_initial")]
    operations = [
        migrations.RunPython(_issues_never_overlap.create, _issues_never_overlap.drop)
    ]
