"""`fairwitness ring`: the two copies of the key ring, and putting right what differs in them."""

from datetime import datetime
from typing import Annotated

import typer
from django.db import transaction

from fairwitness.config import clock, composition, deletion, telling
from fairwitness.custody import ledger, recovery
from fairwitness.force import authority
from fairwitness.force.models import Officer
from fairwitness.force.permissions import Action, Subject
from fairwitness.formats.acts import Act
from fairwitness.vault import rekeying, repairing
from fairwitness.vault.repairing import Disagreement

app = typer.Typer(help="The key ring's two copies.", no_args_is_help=True, add_completion=False)

_SUBJECT = "retention"  # as the nightly re-keying writes


@app.command()
def show() -> None:
    """Say how the ring and its copies are. Exits 1 when something is wrong. Changes nothing."""
    ring = composition.deployment().vault.ring
    for copy in ring.copies:
        typer.echo(f"Copy {copy.number + 1}: {copy.root}")
    made_at = rekeying.ring_key_age(ring).made_at
    typer.echo(f"Sealed anew: {telling.in_london(made_at) or 'never yet'}.")
    _wrong(list(repairing.disagreements(ring)), nothing="Both copies are there and alike.")


@app.command()
def repair(
    *,
    by: Annotated[str, typer.Option("--by", help="Collar number of the administrator.")],
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="A missing copy's disk is lost for good: make a new copy in the folder that is"
            " there now. Never say so of a disk that is merely not mounted.",
        ),
    ] = False,
    reason: Annotated[str, typer.Option(help="Why, for the log.")] = "",
) -> None:
    """Bring both copies to the same, right state: deletions first, then keys that one lacks."""
    officer, at = _administrator(by)
    done = repairing.repair(composition.deployment().vault.ring, adopt=replace)
    with transaction.atomic():
        ledger.append(
            subject=_SUBJECT,
            act=Act.KEY_RING_REPAIRED,
            actor=authority.text(officer),
            at=at,
            reason=reason,
            detail={
                "replaced": replace,
                "restored": done.restored,
                "destroyed": done.destroyed,
                "left": len(done.left),
            },
        )
    typer.echo(f"{done.restored:,} keys written again, {done.destroyed:,} deletions carried over.")
    _wrong(done.left, nothing="Both copies are there and alike.")


@app.command("catch-up")
def catch_up(
    *,
    by: Annotated[str, typer.Option("--by", help="Collar number of the administrator.")],
    lost_for_good: Annotated[
        bool,
        typer.Option(
            "--other-copy-is-lost",
            help="The other copy's disk is lost for good. It alone could have said otherwise what"
            " the copy that is left has missed.",
        ),
    ] = False,
    reason: Annotated[str, typer.Option(help="Why, for the log.")] = "",
) -> None:
    """Have the one copy left, which missed deletions, believed: the custody log says which."""
    officer, at = _administrator(by)
    if not lost_for_good:
        raise telling.InputInvalid(
            "If the other copy's disk may come back, mount it and run `fairwitness ring repair`."
            " If it is lost for good, say so with --other-copy-is-lost."
        )
    deployment = composition.deployment()
    recovery.demand_not_behind(deployment.log_on_disk().memory)
    done = repairing.catch_up(deployment.vault.ring, destroyed=deletion.ever_destroyed())
    with transaction.atomic():
        ledger.append(
            subject=_SUBJECT,
            act=Act.KEY_RING_REPAIRED,
            actor=authority.text(officer),
            at=at,
            reason=reason,
            detail={"caught_up": True, "destroyed": done},
        )
    typer.echo(f"{done:,} deletions carried over, which this copy had missed. It is believed now.")
    typer.echo(
        "Put an empty folder in the other copy's place; then: fairwitness ring repair --replace"
    )


def _administrator(by: str) -> tuple[Officer, datetime]:
    """Who may change the ring, and now; a refusal is written down."""
    officer, at = telling.person(by), clock.now()
    authority.demand(
        actor=officer, action=Action.CHANGE_SERVER_KEYS, subject=Subject(), about=_SUBJECT, at=at
    )
    return officer, at


def _wrong(found: list[Disagreement] | tuple[Disagreement, ...], *, nothing: str) -> None:
    for one in found:
        typer.echo(one.what)
    if found:
        raise typer.Exit(1)
    typer.echo(nothing)
