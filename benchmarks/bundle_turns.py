"""The turns of `benchmarks.bundle_export`, in a process of its own inside the site's deployment.

The last bundle that was made stays, for `benchmarks.bundle_check`.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fairwitness.config.settings")
django.setup()

from benchmarks.measuring import MIB, in_turns  # noqa: E402 # after setup

from fairwitness.cases import opening, producing  # noqa: E402 # after setup
from fairwitness.cases.models import Case  # noqa: E402 # after setup
from fairwitness.config import composition  # noqa: E402 # after setup
from fairwitness.disclosure import exporting  # noqa: E402 # after setup
from fairwitness.evidence.models import Recording  # noqa: E402 # after setup
from fairwitness.force.models import Officer  # noqa: E402 # after setup

REFERENCE = "01LX/4417/17"


def main() -> None:
    """Print the figures as JSON."""
    recording, folder, rounds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    case = _case(Recording.objects.get(pk=recording))
    bundle, copied = folder / "bundle", folder / "copied"

    def ours() -> float:
        shutil.rmtree(bundle, ignore_errors=True)
        start = time.perf_counter()
        _export(case, bundle)
        return _size(bundle) / MIB / (time.perf_counter() - start)

    def theirs() -> float:
        shutil.rmtree(copied, ignore_errors=True)
        start = time.perf_counter()
        subprocess.run(["cp", "-r", bundle, copied], check=True)
        files = [file for file in copied.rglob("*") if file.is_file()]
        subprocess.run(["sync", *files], check=True)
        subprocess.run(["openssl", "dgst", "-sha256", *files], check=True, capture_output=True)
        return _size(bundle) / MIB / (time.perf_counter() - start)

    turns = in_turns(rounds, ours, theirs)
    shutil.rmtree(copied)
    json.dump({"ours": turns.ours, "theirs": turns.theirs}, sys.stdout)


def _case(recording: Recording) -> Case:
    """A case with the recording as its exhibit."""
    at = datetime.now(tz=UTC)
    manager = _officer("4101")
    case = opening.open_case(
        reference=REFERENCE,
        title="A benchmark",
        unit=manager.unit,
        officer_in_case=manager,
        review_on=(at + timedelta(days=365)).date(),
        officer=manager,
        at=at,
    )
    producing.produce(
        case=case,
        recording=recording,
        producer=_officer("614LX"),
        title="Footage",
        officer=manager,
        at=at,
    )
    return case


def _officer(collar_number: str) -> Officer:
    return Officer.objects.get(collar_number=collar_number)


def _export(case: Case, folder: Path) -> None:
    exporting.to_folder(
        case=case,
        folder=folder,
        recipient="Crown Prosecution Service",
        purpose="prosecution",
        officer=_officer("4101"),
        kit=composition.deployment().export_kit(),
        disclosure=uuid.uuid4(),
        at=datetime.now(tz=UTC),
    )


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    main()
