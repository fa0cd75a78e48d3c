"""Marks of places hide their recordings in another way: all are written anew, under a new key.

Lists of cells stay readable, so no footage is opened: the epochs that are there are made old enough
to be followed at the next sweep. Until a recording's turn has come it is not found by its place.
"""

from datetime import timedelta

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def _have_them_followed(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for epoch in apps.get_model("evidence", "PlaceEpoch").objects.all():
        epoch.begun_at -= timedelta(days=8)
        epoch.save()


class Migration(migrations.Migration):

    dependencies = [("evidence", "0019_unit_by_its_day")]

    operations = [migrations.RunPython(_have_them_followed, migrations.RunPython.noop)]
