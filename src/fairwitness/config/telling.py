"""What the force's commands share: who is at the keyboard, times, tables and JSON."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from fairwitness.config import clock
from fairwitness.errors import FairwitnessError
from fairwitness.force import officers
from fairwitness.force.authority import Actor, System
from fairwitness.force.models import Officer

LONDON = ZoneInfo("Europe/London")
OPERATOR = System("operator")
"""Whoever works at the server's own keyboard and has not said who they are."""


class InputInvalid(FairwitnessError):
    """Something typed or read from a file that is not understood."""

    code: ClassVar[str] = "input.invalid"


AGREED: Final = "Collar number of who agrees, where it is about who watches the force."


def actor(collar_number: str | None) -> Actor:
    """The officer who says so and proves it, or the operator when nobody is named."""
    return OPERATOR if collar_number is None else person(collar_number)


def person(collar_number: str) -> Officer:
    """The officer with this number, after his or her password; training data asks for none.

    Raises:
        OfficerInvalid: there is no such officer.
        InputInvalid: code `input.password` when the password is wrong.
    """
    officer = officers.named(collar_number)
    if clock.training() is None:
        password = typer.prompt(f"Password of {officer.title}", hide_input=True, err=True)
        if not officer.active or not officer.check_password(password):
            raise InputInvalid("That is not the password.", code="input.password")
    return officer


def moment(text: str) -> datetime:
    """A time as people type it, in London unless it says otherwise; in UTC.

    Raises:
        InputInvalid: it is no time such as `2017-06-08 22:13`.
    """
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputInvalid(f"{text!r} is no time. Write it as 2017-06-08 22:13.") from error
    return (given if given.tzinfo else given.replace(tzinfo=LONDON)).astimezone(UTC)


def in_london(at: datetime | None) -> str:
    """A time for people; empty when there is none."""
    return "" if at is None else at.astimezone(LONDON).strftime("%-d %b %Y %H:%M")


def rows_of(path: Path, *, needed: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a CSV file with a head line.

    Raises:
        InputInvalid: it can't be read, or lacks a column.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            rows = [
                {key: (value or "").strip() for key, value in row.items() if key} for row in reader
            ]
            columns = list(reader.fieldnames or [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputInvalid(f"{path} can't be read: {error}") from error
    missing = [name for name in needed if name not in columns]
    if missing:
        raise InputInvalid(f"{path} lacks the column {missing[0]}; it has {', '.join(columns)}.")
    return rows


def show(rows: Sequence[Mapping[str, str]], *, as_json: bool, nothing: str) -> None:
    """Print rows as a table, or as a JSON list."""
    if as_json:
        sys.stdout.write(json.dumps(list(rows), ensure_ascii=False, indent=1) + "\n")
        return
    if not rows:
        typer.echo(nothing)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in rows[0]:
        table.add_column(column.replace("_", " "))
    for row in rows:
        table.add_row(*row.values())
    Console(soft_wrap=True).print(table)
