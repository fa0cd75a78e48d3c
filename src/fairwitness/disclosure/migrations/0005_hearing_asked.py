"""Copies that are there already were made before anybody was asked for the day of a hearing."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('disclosure', '0004_requests_waiting'),
    ]

    operations = [
        migrations.AddField(
            model_name='disclosure',
            name='hearing_asked',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='disclosure',
            name='hearing_asked',
            field=models.BooleanField(default=True),
        ),
    ]
