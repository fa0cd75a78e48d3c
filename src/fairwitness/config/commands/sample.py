"""`fairwitness sample`: the copy that anyone may download from the site, check and spoil."""

import os
import subprocess
import tempfile
from pathlib import Path

import typer

from fairwitness.config import composition
from fairwitness.config.demonstration.processes import PROGRAM
from fairwitness.disclosure import sampling
from fairwitness.errors import FairwitnessError

app = typer.Typer(add_completion=False)


class SampleNotMade(FairwitnessError):
    """The demonstration that films it did not end well."""

    code = "sample.not_made"


@app.command()
def make() -> None:
    """Film and export a training recording in a folder of its own, and offer its copy for court.

    Nothing of it touches this force's database, vault, keys or log.
    """
    alone = {k: v for k, v in os.environ.items() if not k.startswith("FAIRWITNESS_")}
    with tempfile.TemporaryDirectory(prefix="fairwitness-sample-") as made:
        data = Path(made) / "data"
        done = subprocess.run(  # noqa: S603 - our own program, on a folder that we made
            [*PROGRAM, "demo", "--exit", "--data", str(data)],
            env=alone,
            capture_output=True,
            check=False,
            encoding="utf-8",
        )
        if done.returncode:
            raise SampleNotMade(f"The demonstration failed: {done.stdout[-300:]}")
        found = sampling.keep(
            bundle=data / "bundle",
            trust=data / "trust.json",
            folder=composition.deployment().sample,
        )
    typer.echo(f"The sample is offered at /how-to-check: {found.size:,} bytes.")
