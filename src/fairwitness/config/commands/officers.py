"""`fairwitness officers`: who joins, moves and leaves; roles and passwords."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from fairwitness.config import clock, telling
from fairwitness.config.telling import InputInvalid
from fairwitness.force import (
    codes,
    emergency,
    officers,
    roles,
    service_binding,
    units,
    watching,
)
from fairwitness.force.account_rows import CodePurpose
from fairwitness.force.asking import Role
from fairwitness.force.authority import Actor
from fairwitness.force.models import Officer, RoleGrant, Unit
from fairwitness.force.officers import NewOfficer
from fairwitness.force.watching import Choice

app = typer.Typer(
    help="Officers, their roles and passwords.", no_args_is_help=True, add_completion=False
)

By = Annotated[str | None, typer.Option("--by", help="Collar number of who does it.")]
Agreed = Annotated[str | None, typer.Option("--agreed", help=telling.AGREED)]
Collar = Annotated[str, typer.Argument(help="Collar number, such as 614LX.")]
Roles = Annotated[list[Role] | None, typer.Option("--role", help="Held for the own unit.")]
WideRoles = Annotated[
    list[Role] | None, typer.Option("--force-wide", help="Held for the whole force.")
]


@app.command()
def add(
    collar_number: Collar,
    *,
    name: Annotated[str, typer.Option(help="First name and surname.")],
    initials: Annotated[str, typer.Option(help="For exhibit references, such as AW.")],
    unit: Annotated[str, typer.Option(help="Code of the unit, such as LAM.")],
    rank: Annotated[str, typer.Option(help="Such as PC; empty for staff.")] = "",
    role: Roles = None,
    force_wide: WideRoles = None,
    by: By = None,
    agreed: Agreed = None,
) -> None:
    """Register an officer; without a role, as an officer of the unit."""
    new = NewOfficer(
        collar_number=collar_number.upper(),
        name=name,
        initials=initials.upper(),
        unit=unit.upper(),
        rank=rank,
        roles=tuple(role) if role else () if force_wide else (Role.OFFICER,),
        force_wide=tuple(force_wide or ()),
    )
    who, agrees = _two(by, agreed, officers.choices([new]))
    row = officers.register_officer(actor=who, officer=new, at=clock.now(), agreed=agrees)
    typer.echo(f"{row} is registered. `fairwitness officers password` sets a password.")


@app.command("csv")
def csv_(
    file: Annotated[Path, typer.Argument(help="CSV: collar_number,name,initials,unit[,rank].")],
    by: By = None,
) -> None:
    """Register the officers of a list, all or none."""
    rows = telling.rows_of(file, needed=["collar_number", "name", "initials", "unit"])
    found = [
        NewOfficer(
            collar_number=row["collar_number"].upper(),
            name=row["name"],
            initials=row["initials"].upper(),
            unit=row["unit"].upper(),
            rank=row.get("rank", ""),
        )
        for row in rows
    ]
    done = officers.register_officers_many(actor=telling.actor(by), officers=found, at=clock.now())
    typer.echo(f"{len(done)} registered.")


@app.command()
def role(
    collar_number: Collar,
    role: Annotated[Role, typer.Argument(help="The role.")],
    unit: Annotated[str | None, typer.Option(help="Unit it is held for; default the own.")] = None,
    until: Annotated[str | None, typer.Option(help="London time when it ends by itself.")] = None,
    by: By = None,
    *,
    agreed: Agreed = None,
    force_wide: Annotated[bool, typer.Option(help="Held for the whole force.")] = False,
    end: Annotated[bool, typer.Option("--end", help="End it instead of granting it.")] = False,
) -> None:
    """Grant a role, or end it."""
    officer = officers.named(collar_number)
    where: Unit | None = None if force_wide else units.named(unit) if unit else officer.unit
    at = clock.now()
    if not end:
        ends = telling.moment(until) if until else None
        choice = Choice(role, where.code if where else None, officer.pk)
        who, agrees = _two(by, agreed, [choice])
        roles.grant(
            actor=who, officer=officer, role=role, unit=where, at=at, until=ends, agreed=agrees
        )
        typer.echo(f"{officer} is {role.value} for {where or 'the whole force'}.")
        return
    held = RoleGrant.objects.filter(officer=officer, role=role, unit=where, ends_at__isnull=True)
    standing = held.select_related("unit", "officer").first()
    if standing is None:
        raise InputInvalid(f"{officer} does not hold that role.", code="role.not_held")
    roles.end(grant=standing, actor=telling.actor(by), at=at)
    typer.echo(f"{officer} is {role.value} no more.")


def _two(
    by: str | None, agreed: str | None, choices: Sequence[Choice]
) -> tuple[Actor, Officer | None]:
    """Who does it and who agrees; the operator alone only where nobody could agree."""
    who = telling.actor(by)
    agrees = telling.person(agreed) if agreed else None
    watching.demand_first(actor=who, agreed=agrees, choices=choices, at=clock.now())
    return who, agrees


@app.command()
def password(collar_number: Collar, by: By = None, agreed: Agreed = None) -> None:
    """Set an officer's password, typed twice."""
    officer = officers.named(collar_number)
    who, agrees = _two(by, agreed, watching.of_account(officer, clock.now()))
    new = typer.prompt("New password", hide_input=True, confirmation_prompt=True, err=True)
    officers.set_password(officer=officer, password=new, actor=who, at=clock.now(), agreed=agrees)
    typer.echo(f"{officer} can sign in.")


@app.command()
def code(
    collar_number: Collar,
    purpose: Annotated[CodePurpose, typer.Option("--for", help="What they may do with it.")],
    by: By = None,
    agreed: Agreed = None,
) -> None:
    """Make a one-time code for who joins, or lost a password or second factor."""
    officer = officers.named(collar_number)
    at = clock.now()
    who, agrees = _two(by, agreed, watching.of_account(officer, at))
    made = codes.make(officer=officer, purpose=purpose, actor=who, at=at, agreed=agrees)
    typer.echo(f"{officer} may {purpose.label}.")
    typer.echo(f"At /sign-in/code, within {codes.LASTS.days} days, once: {made}")


@app.command()
def bind(
    collar_number: Collar,
    subject: Annotated[str, typer.Argument(help="`sub` at the force's sign-in service.")],
    by: By = None,
    agreed: Agreed = None,
) -> None:
    """Say who an officer is at the force's sign-in service (OpenID Connect)."""
    officer = officers.named(collar_number)
    at = clock.now()
    who, agrees = _two(by, agreed, watching.of_account(officer, at))
    service_binding.bind(officer=officer, subject=subject, actor=who, at=at, agreed=agrees)
    typer.echo(f"{officer} can sign in as {subject}.")


@app.command()
def seal(
    unit: Annotated[str, typer.Option(help="Code of the unit that keeps the envelope.")],
    by: By = None,
) -> None:
    """Seal the emergency account: its password is made anew, and printed this once."""
    made = emergency.seal(actor=telling.actor(by), unit=units.named(unit), at=clock.now())
    typer.echo("Put this into an envelope, seal it, and lock it away. It opens once, and rings.")
    typer.echo(f"Collar number: {emergency.COLLAR}")
    typer.echo(f"Password:      {made}")


@app.command()
def move(
    collar_number: Collar,
    to: Annotated[str, typer.Option(help="Code of the new unit.")],
    by: By = None,
) -> None:
    """Move an officer to another unit; roles for the old one end."""
    officer = officers.named(collar_number)
    officers.move_officer(
        officer=officer, unit=units.named(to), actor=telling.actor(by), at=clock.now()
    )
    typer.echo(f"{officer} is with {officer.unit} now.")


@app.command()
def leave(
    collar_number: Collar,
    by: By = None,
    reason: Annotated[str, typer.Option(help="Why, for the log.")] = "",
) -> None:
    """Close a leaver's account: no sign-in, no roles, no camera."""
    officer = officers.named(collar_number)
    officers.leave(officer=officer, actor=telling.actor(by), at=clock.now(), reason=reason)
    typer.echo(f"The account of {officer} is closed.")


@app.command("list")
def list_(
    unit: Annotated[str | None, typer.Option(help="Only this unit.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Answer for programs.")] = False,
) -> None:
    """List officers and the roles they hold."""
    at = clock.now()
    found = Officer.objects.select_related("unit").filter(active=True)
    if unit is not None:
        found = found.filter(unit=units.named(unit))
    people = list(found)
    known = officers.facts_of_many(officers=people, at=at)
    rows = []
    for officer in people:
        facts = known[officer.pk]
        held = {role.value for role in facts.force_wide} | {
            f"{role.value} ({code})" for role, code in facts.by_unit
        }
        rows.append(
            {
                "collar_number": officer.collar_number,
                "name": officer.title,
                "unit": officer.unit.code,
                "roles": ", ".join(sorted(held)),
            }
        )
    telling.show(rows, as_json=as_json, nothing="No officers yet.")
