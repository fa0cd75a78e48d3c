"""`fairwitness hold`: keep recordings from deletion, lift a hold, and list the holds there are."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import typer
from django.db.models import Count, Q

from fairwitness.config import clock, composition, telling
from fairwitness.evidence.models import Recording
from fairwitness.force import cameras, officers
from fairwitness.retention import holds, lifting, playable
from fairwitness.retention.holds import Placed, Terms
from fairwitness.retention.models import Hold, HoldKind
from fairwitness.retention.standing import Criteria

app = typer.Typer(help="Keep recordings from deletion.", no_args_is_help=True, add_completion=False)

By = Annotated[str, typer.Option("--by", help="Collar number of who does it.")]


@app.command()
def place(
    recordings: Annotated[
        list[str] | None, typer.Argument(help="Recordings, by reference or id.")
    ] = None,
    *,
    by: By,
    kind: Annotated[HoldKind, typer.Option(help="Why footage is held.")],
    reference: Annotated[str, typer.Option(help="Number of the case, claim or request.")],
    basis: Annotated[str, typer.Option(help="On what ground, in words.")],
    review: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Day to look again.")],
    silent: Annotated[
        bool, typer.Option("--silent", help="The wearer must not learn of it.")
    ] = False,
    officer: Annotated[
        list[str] | None, typer.Option(help="Standing: wearer, by collar number.")
    ] = None,
    camera: Annotated[list[str] | None, typer.Option(help="Standing: camera, by serial.")] = None,
    unit: Annotated[list[str] | None, typer.Option(help="Standing: unit, by code.")] = None,
    station: Annotated[list[str] | None, typer.Option(help="Standing: station, by code.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Standing: London time.")] = None,
    until: Annotated[str | None, typer.Option(help="Standing: London time.")] = None,
) -> None:
    """Place a hold on recordings, or a standing one on whatever matches now or arrives later."""
    at = clock.now()
    criteria = None
    if officer or camera or unit or station or since or until:
        criteria = Criteria(
            officers=tuple(officers.named(number).pk for number in officer or []),
            cameras=tuple(cameras.named(serial).pk for serial in camera or []),
            units=tuple(code.upper() for code in unit or []),
            stations=tuple(code.upper() for code in station or []),
            begins_at=telling.moment(since) if since else None,
            ends_at=telling.moment(until) if until else None,
        )
    placed = holds.place(
        terms=Terms(kind, reference, basis, _day(review), silent),
        owner=telling.person(by),
        at=at,
        recordings=[_recording(name) for name in recordings or []],
        criteria=criteria,
        check=playable.checker(vault=composition.deployment().vault, at=at),
    )
    _tell_placed(placed)


@app.command()
def lift(
    hold: Annotated[UUID, typer.Argument(help="The hold's id, as `hold list` says.")],
    *,
    by: By,
    reason: Annotated[str, typer.Option(help="Why it is no longer needed.")],
) -> None:
    """Lift a hold, as its owner or as one of two others."""
    found = Hold.objects.filter(pk=hold).first()
    if found is None:
        raise telling.InputInvalid("There is no such hold. `fairwitness hold list` lists them.")
    lifted = lifting.lift(hold=found, officer=telling.person(by), reason=reason, at=clock.now())
    if not lifted.lifted:
        typer.echo("Asked. The hold stands until a second person lifts it too.")
        return
    typer.echo(f"Lifted. {len(lifted.released)} recording(s) have at least seven days from now.")


@app.command("list")
def list_(
    *,
    every: Annotated[bool, typer.Option("--all", help="Lifted ones, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer for programs.")] = False,
) -> None:
    """List the holds that stand."""
    found = Hold.objects.select_related("owner").annotate(
        number=Count("bindings"), troubles=Count("bindings", filter=~Q(bindings__problem=""))
    )
    rows = [
        {
            "id": str(row.pk),
            "kind": row.kind,
            "reference": row.reference,
            "owner": row.owner.collar_number if row.owner else "",
            "recordings": str(row.number),
            "unplayable": str(row.troubles),
            "standing": "yes" if row.standing else "no",
            "silent": "yes" if row.silent else "no",
            "review": row.review_on.isoformat(),
            "lifted": telling.in_london(row.lifted_at),
        }
        for row in found.order_by("placed_at", "pk")
        if every or row.lifted_at is None
    ]
    telling.show(rows, as_json=as_json, nothing="No hold stands.")


def _recording(name: str) -> UUID:
    found = list(Recording.objects.filter(reference=name).values_list("pk", flat=True))
    if not found:
        try:
            found = list(Recording.objects.filter(pk=UUID(name)).values_list("pk", flat=True))
        except ValueError:
            found = []
    if len(found) != 1:
        several = "several recordings" if found else "no recording"
        raise telling.InputInvalid(f"There is {several} named {name}.")
    return found[0]


def _day(given: datetime) -> date:
    return given.date()


def _tell_placed(placed: Placed) -> None:
    typer.echo(f"Hold {placed.hold} keeps {len(placed.bound)} recording(s).")
    for pk in placed.gone:
        typer.echo(f"  {pk} had reached its day before: nobody can bring it back.", err=True)
    for each in placed.unplayable:
        typer.echo(f"  {each.reference} is kept but can't be played: {each.problem}", err=True)
