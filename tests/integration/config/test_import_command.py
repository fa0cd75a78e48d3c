"""`fairwitness import`: all of a list or nothing, told row by row, the same again after a kill."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.ingest_world import World, long_video, video
from typer.testing import CliRunner

from fairwitness.config import clock, settings
from fairwitness.config.commands import figures
from fairwitness.config.commands import import_ as command
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import Recording
from fairwitness.ingest.models import Upload, UploadState

RUNNER = CliRunner()


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> Iterator[World]:  # noqa: ARG001 - asked for its effect
    """A force of training data, so that nobody is asked for a password."""
    data = settings.ENVIRONMENT.data
    clock.set_training(data, ahead=timedelta())
    made = World.make(tmp_path / "world")
    yield made
    made.receiver.close()
    (data / clock.FILE).unlink()


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Another vendor's export: two files and a list."""
    folder = tmp_path / "export"
    (folder / "day 1").mkdir(parents=True)
    (folder / "day 1" / "a.mp4").write_bytes(video())
    (folder / "b.bin").write_bytes(b"what nobody can read")
    (folder / "list.csv").write_text(
        "file,officer,incident,Their number\nday 1/a.mp4,614LX,CAD 8,7\nb.bin,,,8\n"
    )
    return folder


def run(*words: str | Path, status: int = 0) -> str:
    result = RUNNER.invoke(command.app, [*map(str, words), "--by", "4101"])
    assert result.exit_code == status, result.output
    return result.output


def told(*words: str | Path, status: int = 0) -> dict[str, Any]:
    answer = json.loads(run(*words, "--json", status=status))
    assert isinstance(answer, dict)
    return answer


@pytest.mark.usefixtures("world")
def test_a_list_is_brought_in_with_what_it_says(export: Path) -> None:
    listed = export / "list.csv"
    dry = told("--manifest", listed, "--dry-run")
    assert [one["state"] for one in dry["files"]] == ["new", "new"]
    assert Upload.objects.count() == 0
    done = told("--manifest", listed)
    assert [one["state"] for one in done["files"]] == ["received", "received"]
    assert done["passed_over"] == [{"file": "column Their number", "why": "it is not read"}]
    known = {row.filename: row for row in Recording.objects.select_related("wearer")}
    assert known["a.mp4"].wearer is not None
    assert known["a.mp4"].wearer.collar_number == "614LX"
    assert known["a.mp4"].incident == "CAD 8"
    assert "Kept as it came" in done["files"][1]["message"]
    again = run("--manifest", listed)
    assert "was brought in before" in again
    assert Recording.objects.count() == 2
    counted = json.loads(RUNNER.invoke(figures.app, ["--json"]).stdout)
    assert counted["total"]["imported"] == 2
    assert counted["adds_up"]


@pytest.mark.usefixtures("world")
def test_one_bad_row_stops_all_of_a_list(export: Path) -> None:
    with (export / "list.csv").open("a") as file:
        file.write("missing.mp4,,,9\n../b.bin,,,10\n")
    (export / "extra.mp4").write_bytes(video(shade=9))
    said = run("--manifest", export / "list.csv", status=1)
    assert "line 4, missing.mp4: refused. There is no such file." in said
    assert "line 5, ../b.bin: refused. file is no path" in said
    assert "extra.mp4: passed over, not on the list." in said
    assert "Nothing was brought in." in said
    assert Upload.objects.count() == 0


@pytest.mark.usefixtures("world")
def test_a_folder_is_brought_in_without_a_list(export: Path) -> None:
    (export / "link.mp4").symlink_to(export / "b.bin")
    said = run(export, export / "b.bin")
    assert Recording.objects.count() == 2
    assert "link.mp4: passed over, a link, which is not followed." in said
    with pytest.raises(FairwitnessError, match="Name files or folders"):
        RUNNER.invoke(command.app, ["--by", "4101"], catch_exceptions=False)


@pytest.mark.usefixtures("world")
def test_a_run_that_was_killed_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "long.mp4"
    file.write_bytes(long_video(200 << 20))
    program = (
        "import django, sys\n"
        "from django.conf import settings\n"
        "django.setup()\n"
        f"settings.DATABASES['default']['NAME'] = {str(connection.settings_dict['NAME'])!r}\n"
        "from fairwitness.config.commands import import_\n"
        "import_.app(sys.argv[1:])\n"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "fairwitness.config.settings",
        "FAIRWITNESS_DATA": str(settings.ENVIRONMENT.data),
    }
    words = [sys.executable, "-c", program, str(file), "--by", "4101"]
    killed = subprocess.Popen(words, env=environment)
    deadline = time.monotonic() + 60
    while not Upload.objects.filter(offset__gt=0).exists():
        assert time.monotonic() < deadline
        assert killed.poll() is None
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    begun = Upload.objects.get()
    assert begun.state == UploadState.RECEIVING
    assert "was begun" in run(file, "--dry-run")
    run(file)
    recording = Recording.objects.get()
    assert recording.pk == begun.recording_id
    assert recording.size == file.stat().st_size
