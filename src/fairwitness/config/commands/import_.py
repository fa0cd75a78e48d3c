"""`fairwitness import`: other video as evidence, such as CCTV or a phone's, provenance stated."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from fairwitness.config import composition, telling
from fairwitness.evidence.models import Recording
from fairwitness.ingest import acceptance, importing
from fairwitness.ingest.models import Quarantine, Upload, UploadState
from fairwitness.ingest.receiving import Receiver

app = typer.Typer(add_completion=False)


@app.command()
def import_(
    paths: Annotated[list[Path], typer.Argument(help="Video files; they are only read.")],
    *,
    by: Annotated[str, typer.Option("--by", help="Collar number of who brings it in.")],
    as_json: Annotated[bool, typer.Option("--json", help="Answer for programs.")] = False,
) -> None:
    """Seal, check and register video that no camera of ours has signed."""
    officer = telling.person(by)
    deployment = composition.deployment()
    receiver = Receiver(vault=deployment.vault, clock=deployment.clock)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    rows = []
    try:
        with Progress(*columns, disable=as_json or not sys.stderr.isatty()) as bar:
            for path in paths:
                task = bar.add_task(path.name, total=path.stat().st_size if path.exists() else 1)
                rows.append(
                    importing.import_file(
                        path=path,
                        officer=officer,
                        tools=deployment.acceptance,
                        receiver=receiver,
                        progress=lambda done, task=task: bar.update(task, completed=done),  # type: ignore[misc] # bound to its own file
                    )
                )
        acceptance.accept_due(deployment.acceptance)
    finally:
        receiver.close()
    _tell([Upload.objects.get(pk=row.pk) for row in rows], as_json=as_json)


def _tell(rows: list[Upload], *, as_json: bool) -> None:
    told = [_told(row) for row in rows]
    if as_json:
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
        return
    for line in told:
        typer.echo(f"{line['file']}: {line['message']}")


def _told(row: Upload) -> dict[str, str]:
    answer = {"file": row.filename, "state": str(row.state)}
    if row.state == UploadState.RECEIVED and row.received_as is not None:
        recording = Recording.objects.get(pk=row.received_as)
        message = f"registered as {recording.reference}; no camera vouches for it."
        return answer | {"recording": str(recording.pk), "message": message}
    if row.state == UploadState.QUARANTINED:
        case = Quarantine.objects.filter(upload=row).latest("pk")
        return answer | {"message": f"in quarantine. {case.message}"}
    return answer | {"message": "received; it is checked shortly."}
