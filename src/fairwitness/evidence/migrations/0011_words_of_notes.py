"""What was noted before searches were there is found by its words too."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from fairwitness.evidence.words import split

_BATCH = 500


def write_words(apps: Apps, _schema: BaseDatabaseSchemaEditor) -> None:
    """The words of notes and of what importers told."""
    annotation = apps.get_model("evidence", "Annotation")
    word = apps.get_model("evidence", "Word")
    rows = []
    told = annotation.objects.filter(kind__in=["note", "import"])
    for recording, text, detail in told.values_list("recording_id", "text", "detail").iterator():
        said = " ".join([text, *(str(each) for each in detail.values())])
        rows += [word(recording_id=recording, word=each) for each in sorted(split(said))]
        if len(rows) >= _BATCH:
            word.objects.bulk_create(rows, ignore_conflicts=True)
            rows = []
    word.objects.bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    """After the table is there."""

    dependencies = [('evidence', '0010_finding')]
    operations = [migrations.RunPython(write_words, migrations.RunPython.noop)]
