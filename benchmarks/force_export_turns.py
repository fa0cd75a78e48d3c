"""The turns of `benchmarks.force_export`, in a process of its own inside the site's deployment."""

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fairwitness.config.settings")
django.setup()

from benchmarks.measuring import MIB, in_turns  # noqa: E402 # after setup

from fairwitness.config import composition  # noqa: E402 # after setup
from fairwitness.disclosure import force_export  # noqa: E402 # after setup
from fairwitness.force import officers  # noqa: E402 # after setup
from fairwitness.force.asking import Role  # noqa: E402 # after setup
from fairwitness.force.authority import System  # noqa: E402 # after setup
from fairwitness.force.models import Officer  # noqa: E402 # after setup
from fairwitness.force.officers import NewOfficer  # noqa: E402 # after setup


def main() -> None:
    """Print the figures as JSON."""
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2])
    first = Officer.objects.get(collar_number="4101")
    second = officers.register_officer(
        actor=System("benchmark"),
        officer=NewOfficer(
            "BENCH1", "Ben Chmark", "BC", first.unit.code, "", (), (Role.ADMINISTRATOR,)
        ),
        at=datetime.now(tz=UTC),
    )
    exported, copied = folder / "force", folder / "force-copied"

    def ours() -> float:
        if exported.exists():
            shutil.rmtree(exported)
        start = time.perf_counter()
        report = force_export.export_force(
            folder=exported,
            first=first,
            second=second,
            reason="a benchmark",
            kit=composition.deployment().export_kit(),
            at=datetime.now(tz=UTC),
        )
        taken = time.perf_counter() - start
        if report.exported != report.live:
            raise RuntimeError(report)
        return _size(exported) / MIB / taken

    def theirs() -> float:
        if copied.exists():
            shutil.rmtree(copied)
        start = time.perf_counter()
        subprocess.run(["cp", "-r", exported, copied], check=True)
        files = [file for file in copied.rglob("*") if file.is_file()]
        subprocess.run(["sync", *files], check=True)
        subprocess.run(["openssl", "dgst", "-sha256", *files], check=True, capture_output=True)
        return _size(copied) / MIB / (time.perf_counter() - start)

    turns = in_turns(rounds, ours, theirs)
    shutil.rmtree(copied)
    shutil.rmtree(exported)
    json.dump({"ours": turns.ours, "theirs": turns.theirs}, sys.stdout)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    main()
