"""`fairwitness import`: other video as evidence, such as CCTV or a phone's, provenance stated."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

from fairwitness.config import composition, telling
from fairwitness.config.composition import Deployment
from fairwitness.config.telling import InputInvalid
from fairwitness.dock import folder
from fairwitness.force.models import Officer
from fairwitness.ingest import acceptance, import_list, import_outcome, import_plan, importing
from fairwitness.ingest.import_list import Problem, Wanted
from fairwitness.ingest.import_plan import Plan, Planned, Standing
from fairwitness.ingest.models import Upload
from fairwitness.ingest.receiving import Receiver

app = typer.Typer(add_completion=False)

_WOULD = {
    Standing.NEW: "would be brought in",
    Standing.BEGUN: "was begun, and would be brought in to its end",
    Standing.HERE: "is here already; nothing would change",
}


@app.command()
def import_(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Video files and folders of them; they are only read."),
    ] = None,
    *,
    by: Annotated[str, typer.Option("--by", help="Collar number of who brings it in.")],
    manifest: Annotated[
        Path | None,
        typer.Option("--manifest", help="CSV list of another vendor's export, and what it tells."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would come to; change nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer for programs.")] = False,
) -> None:
    """Seal, check and register video that no camera of ours has signed.

    With a list, all of it or nothing: what is wrong with a row is told before anything changes.
    Run it again after an interruption; it goes on where it was.
    """
    officer = telling.person(by)
    deployment = composition.deployment()
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, disable=as_json or not sys.stderr.isatty()) as bar:
        found = _plan(paths or [], manifest, officer, deployment, bar)
        rows: list[Upload] = []
        if not dry_run and not (found.problems and manifest is not None):
            rows = _bring(found, officer, deployment, bar)
    _tell(found, [Upload.objects.get(pk=row.pk) for row in rows], as_json=as_json)
    if found.problems:
        raise typer.Exit(1)


def _plan(
    paths: Sequence[Path],
    manifest: Path | None,
    officer: Officer,
    deployment: Deployment,
    bar: Progress,
) -> Plan:
    wanted: list[Wanted]
    problems: list[Problem]
    if manifest is None:
        if not paths:
            raise InputInvalid("Name files or folders, or a list with --manifest.")
        wanted, problems, passed = import_plan.gather(paths)
    else:
        wanted, problems, passed = _listed(paths, manifest, deployment)
    done = _bar(bar)

    def measure(each: Wanted) -> tuple[int, bytes]:
        return importing.measure(each.path, lambda size: done(each.path, size))

    found = import_plan.plan(
        wanted=wanted, officer=officer, tools=deployment.acceptance, measure=measure
    )
    ordered = sorted([*problems, *found.problems], key=lambda one: one.line or 0)
    return Plan(found.files, tuple(ordered), (*passed, *found.passed_over))


def _listed(
    paths: Sequence[Path], manifest: Path, deployment: Deployment
) -> tuple[list[Wanted], list[Problem], list[tuple[str, str]]]:
    """What a list wants, and what lies in its folder without being on it."""
    if len(paths) > 1:
        raise InputInvalid("With --manifest, name one folder at most: that of the files.")
    base = paths[0] if paths else manifest.parent
    if not base.is_dir():
        raise InputInvalid(f"{base} is no folder.")
    listed = import_list.read(path=manifest, base=base, at=deployment.clock())
    named = {each.path for each in listed.wanted}
    named |= {base / problem.name.replace("\\", "/") for problem in listed.problems}
    found = folder.walk(base)
    passed = [(f"column {name}", "it is not read") for name in listed.unread]
    passed += [
        (folder.shown(path.relative_to(base)), "not on the list")
        for path in found.footage
        if path not in named
    ]
    return list(listed.wanted), list(listed.problems), passed


def _bar(bar: Progress) -> Callable[[Path, int], None]:
    """One line of progress for each file that is read, gone when it is read."""
    shown: list[tuple[Path, TaskID]] = []

    def done(path: Path, size: int) -> None:
        if not shown or shown[0][0] != path:
            if shown:
                bar.remove_task(shown.pop()[1])
            total = path.stat().st_size
            shown.append((path, bar.add_task(folder.shown(path.name), total=total)))
        bar.update(shown[0][1], completed=size)

    return done


def _bring(found: Plan, officer: Officer, deployment: Deployment, bar: Progress) -> list[Upload]:
    receiver = Receiver(vault=deployment.vault, clock=deployment.clock)
    done = _bar(bar)
    try:
        rows = [
            importing.import_file(
                path=each.wanted.path,
                size=each.size,
                sha256=each.sha256,
                told=each.wanted.told,
                again=each.again,
                officer=officer,
                tools=deployment.acceptance,
                receiver=receiver,
                progress=lambda size, path=each.wanted.path: done(path, size),  # type: ignore[misc] # bound to its own file
            )
            for each in found.files
        ]
        acceptance.accept_due(deployment.acceptance)
    finally:
        receiver.close()
    return rows


def _tell(found: Plan, rows: list[Upload], *, as_json: bool) -> None:
    files = [_told(each, rows[place] if rows else None) for place, each in enumerate(found.files)]
    if as_json:
        answer = {
            "files": files,
            "refused": [
                {"file": one.name, "line": one.line, "message": one.message}
                for one in found.problems
            ],
            "passed_over": [{"file": name, "why": why} for name, why in found.passed_over],
        }
        sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1) + "\n")
        return
    for name, why in found.passed_over:
        typer.echo(f"{name}: passed over, {why}.")
    for one in found.problems:
        where = f"line {one.line}, " if one.line else ""
        typer.echo(f"{where}{one.name}: refused. {one.message}")
    for line in files:
        typer.echo(f"{line['file']}: {line['message']}")
    if found.problems and not rows:
        typer.echo("Nothing was brought in.")


def _told(planned: Planned, row: Upload | None) -> dict[str, str]:
    answer = {"file": planned.wanted.name, "sha256": planned.sha256}
    if planned.same_as:
        answer["same_as"] = ", ".join(planned.same_as)
    told = _outcome(planned, row)
    if planned.same_as:
        told["message"] += f" The same bytes as {answer['same_as']}."
    return answer | told


def _outcome(planned: Planned, row: Upload | None) -> dict[str, str]:
    if row is None:
        return {"state": planned.standing.value, "message": f"{_WOULD[planned.standing]}."}
    found = import_outcome.of(row, before=planned.standing is Standing.HERE)
    answer = {"state": found.state, "message": found.message}
    return answer | ({"recording": str(found.recording)} if found.recording else {})
