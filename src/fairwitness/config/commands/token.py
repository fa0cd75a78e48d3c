"""`fairwitness token`: let a program act as an account, list what does, and end it."""

from datetime import datetime, time, timedelta
from typing import Annotated

import typer

from fairwitness.config import clock, telling
from fairwitness.config.telling import InputInvalid
from fairwitness.force import officers, tokens
from fairwitness.force.asking import Role
from fairwitness.force.officers import NewOfficer
from fairwitness.force.token_rows import ApiToken, Scope

app = typer.Typer(
    help="Tokens of programs, and accounts of other systems.",
    no_args_is_help=True,
    add_completion=False,
)

By = Annotated[str, typer.Option("--by", help="Collar number of who does it.")]
Agreed = Annotated[str | None, typer.Option("--agreed", help=telling.AGREED)]
Account = Annotated[str, typer.Argument(help="Collar number of the account.")]
Name = Annotated[str, typer.Option(help="Which program it is for.")]


@app.command()
def system(
    number: Account,
    *,
    name: Annotated[str, typer.Option(help="The system's name.")],
    purpose: Annotated[str, typer.Option(help="What it is for.")],
    unit: Annotated[str, typer.Option(help="Code of the unit.")],
    role: Annotated[list[Role] | None, typer.Option(help="Held for the unit.")] = None,
    force_wide: Annotated[
        list[Role] | None, typer.Option("--force-wide", help="Held for the whole force.")
    ] = None,
    by: By,
    agreed: Agreed = None,
) -> None:
    """Register an account for another system; somebody else makes its token."""
    made = tokens.register_machine(
        new=NewOfficer(
            collar_number=number.upper(),
            name=name,
            initials="API",
            unit=unit.upper(),
            roles=tuple(role or ()),
            force_wide=tuple(force_wide or ()),
        ),
        purpose=purpose,
        actor=telling.person(by),
        at=clock.now(),
        agreed=telling.person(agreed) if agreed else None,
    )
    typer.echo(f"{made} is registered. `fairwitness token make` makes its token.")


@app.command()
def make(
    account: Account,
    *,
    name: Name,
    scope: Annotated[list[Scope], typer.Option(help="What it may be used for.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Its last day.")],
    by: By,
    agreed: Agreed = None,
) -> None:
    """Make a token and print it, this once: one's own, or a system's that another registered."""
    day = until.date() + timedelta(days=1)
    made = tokens.make(
        officer=officers.named(account),
        name=name,
        scopes=scope,
        expires_at=datetime.combine(day, time.min, tzinfo=telling.LONDON),
        actor=telling.person(by),
        at=clock.now(),
        agreed=telling.person(agreed) if agreed else None,
    )
    typer.echo(made.text)


@app.command()
def revoke(account: Account, *, name: Name, by: By) -> None:
    """End a token at once."""
    officer = officers.named(account)
    found = (
        ApiToken.objects.select_related("officer__unit")
        .filter(officer=officer, name=name, revoked_at=None)
        .first()
    )
    if found is None:
        raise InputInvalid(f"{officer} has no open token {name}.")
    tokens.revoke(token=found, actor=telling.person(by), at=clock.now())
    typer.echo(f"{name} opens nothing any more.")


@app.command("list")
def list_(account: Account) -> None:
    """List an account's open tokens."""
    for token in tokens.open_tokens(officer=officers.named(account), at=clock.now()):
        used = f"used {token.used_at:%Y-%m-%d %H:%M}" if token.used_at else "never used"
        until = f"until {token.expires_at:%Y-%m-%d}"
        typer.echo(f"{token.name}: {', '.join(token.scopes)}; {until}; {used}")
