"""`fairwitness rule`: the table of categories, and changing a period in the open, by two people."""

from typing import Annotated
from uuid import UUID

import typer

from fairwitness.config import clock, telling
from fairwitness.retention import asking_fields, categories, rule_changes, simulating
from fairwitness.retention.asking_fields import Field
from fairwitness.retention.models import RuleChange

app = typer.Typer(
    help="The table of categories and its changes.", no_args_is_help=True, add_completion=False
)

By = Annotated[str, typer.Option("--by", help="Collar number of who does it.")]
Json = Annotated[bool, typer.Option("--json", help="Answer for programs.")]
Days = Annotated[
    int | None, typer.Option(help="Days that it keeps; left out: until a review decides.")
]


@app.command("list")
def list_(*, as_json: Json = False) -> None:
    """List the categories: what each keeps, why, and where that comes from."""
    rows = [
        {
            "code": line.code,
            "name": line.name,
            "days": "until a review" if line.days is None else str(line.days),
            "group": line.group,
            "ends_with": line.trigger,
            "source": line.source if line.checked else f"{line.source} (check before relying)",
        }
        for line in categories.current().values()
    ]
    telling.show(rows, as_json=as_json, nothing="There is no category.")


@app.command()
def changes(*, as_json: Json = False) -> None:
    """List proposed changes and how far each has come."""
    rows = [
        {
            "id": str(row.pk),
            "code": row.code,
            "days": "until a review" if row.days is None else str(row.days),
            "state": _state(row),
            "effective": telling.in_london(row.effective_at),
            "nearer": str(row.simulation.get("nearer", "")),
        }
        for row in RuleChange.objects.order_by("-proposed_at")
    ]
    telling.show(rows, as_json=as_json, nothing="Nobody has proposed a change.")


@app.command()
def simulate(code: str, *, days: Days = None) -> None:
    """Say what a period would do, changing nothing."""
    _tell(rule_changes.simulate(code=code, days=days, at=clock.now()))


@app.command()
def propose(
    code: str,
    *,
    by: By,
    reason: Annotated[str, typer.Option(help="Why, for the log.")],
    days: Days = None,
    name: Annotated[str, typer.Option(help="Of a new category.")] = "",
    asks: Annotated[
        list[str] | None,
        typer.Option(
            "--asks",
            help="What a category of your own asks: NAME:KIND, NAME:KIND:needed, or with what a"
            " choice is between NAME:choice:needed:one,two.",
        ),
    ] = None,
) -> None:
    """Propose a period; what it would do is played through and stored with it."""
    change = rule_changes.propose(
        code=code,
        days=days,
        reason=reason,
        officer=telling.person(by),
        at=clock.now(),
        name=name,
        fields=[_field(each) for each in asks] if asks else None,
    )
    _tell(simulating.from_json(change.simulation))
    typer.echo(f"Proposed as {change.pk}. A second person approves it.")


@app.command()
def approve(change: UUID, *, by: By) -> None:
    """Agree as the second person; it takes effect after the cooling-off."""
    found = rule_changes.approve(change=_change(change), officer=telling.person(by), at=clock.now())
    typer.echo(f"Approved. It takes effect on {telling.in_london(found.effective_at)}.")


@app.command()
def withdraw(
    change: UUID, *, by: By, reason: Annotated[str, typer.Option(help="Why, for the log.")]
) -> None:
    """Take a change back before it takes effect."""
    rule_changes.withdraw(
        change=_change(change), reason=reason, officer=telling.person(by), at=clock.now()
    )
    typer.echo("Withdrawn.")


def _field(text: str) -> Field:
    name, kind, needed, extra = (*text.split(":", 3), "", "", "")[:4]
    if needed not in {"", "needed"}:
        raise telling.InputInvalid(f"{text!r}: the third part is `needed`, or empty.")
    return asking_fields.made(name=name, kind=kind, needed=bool(needed), extra=extra)


def _change(pk: UUID) -> RuleChange:
    found = RuleChange.objects.filter(pk=pk).first()
    if found is None:
        raise telling.InputInvalid("There is no such change. `fairwitness rule changes` has them.")
    return found


def _state(row: RuleChange) -> str:
    if row.withdrawn_at:
        return "withdrawn"
    if row.applied_at:
        return "in force"
    return "approved, cooling off" if row.approved_at else "proposed"


def _tell(found: simulating.Simulation) -> None:
    typer.echo(
        f"{found.affected} recording(s) have the category; the day of {found.nearer} would come "
        f"nearer, {found.due_at_once} of them with no more than seven days left."
    )
