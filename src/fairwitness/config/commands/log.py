"""`fairwitness log`: read the custody log, for auditors; reading it is written down."""

import json
from typing import Annotated

import typer

from fairwitness.accountability import concerned, log_reading
from fairwitness.accountability.log_reading import Question
from fairwitness.config import clock, telling
from fairwitness.custody.reading import HistoryRow
from fairwitness.force import authority, officers
from fairwitness.formats.acts import Act

app = typer.Typer(help="Read the custody log.", add_completion=False)


@app.command()
def read(
    *,
    by: Annotated[str, typer.Option("--by", help="Collar number of who reads it.")],
    reason: Annotated[str, typer.Option(help="Why, for the log.")],
    of: Annotated[str | None, typer.Option(help="Collar number of an officer who acted.")] = None,
    act: Annotated[Act | None, typer.Option(help="One act, such as access.refused.")] = None,
    refusals: Annotated[
        bool, typer.Option("--refusals", help="Only what was asked for and refused.")
    ] = False,
    subject: Annotated[
        str | None, typer.Option(help="What it was done to: log, force, recording:ID ...")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Not earlier, such as 2017-06-08.")] = None,
    until: Annotated[str | None, typer.Option(help="Earlier than this.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=log_reading.MOST, help="The newest.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Answer for programs.")] = False,
) -> None:
    """Print entries, newest first, each on a line."""
    question = Question(
        actor=authority.text(officers.named(of)) if of else None,
        act=act,
        refusals=refusals,
        subject=subject,
        since=telling.moment(since) if since else None,
        until=telling.moment(until) if until else None,
        limit=limit,
    )
    found = log_reading.read(
        question=question, officer=telling.person(by), reason=reason, at=clock.now()
    )
    rows = [_row(each) for each in found.rows]
    typer.echo(concerned.LEFT_OUT, err=True)
    if as_json or not rows:
        telling.show(rows, as_json=as_json, nothing="There is no such entry.")
        return
    for row in rows:
        typer.echo("  ".join(text for text in row.values() if text))


def _row(found: HistoryRow) -> dict[str, str]:
    body = found.body
    return {
        "when": telling.in_london(found.entry.at),
        "act": found.entry.act.value,
        "subject": found.entry.subject,
        "sequence": str(found.entry.sequence),
        "actor": body.actor if body else found.body_state.label,
        "reason": body.reason if body else "",
        "detail": json.dumps(dict(body.detail), ensure_ascii=False) if body else "",
        "place": "" if found.index is None else str(found.index),
    }
