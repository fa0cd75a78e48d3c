"""`fairwitness work`: the background work, beside any number of servers."""

import signal
import threading
from typing import Annotated

import typer

from fairwitness.config import composition
from fairwitness.config.sweepers import Work

app = typer.Typer(add_completion=False)


@app.command()
def work(
    *, once: Annotated[bool, typer.Option("--once", help="Do what is due, then end.")] = False
) -> None:
    """Accept uploads, make working copies, end what is over, until stopped."""
    deployment = composition.deployment()
    deployment.recover_log()
    workers = Work(deployment)
    if once:
        typer.echo(f"Done: {workers.once()}.")
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    workers.start()
    typer.echo("Working.")
    stop.wait()
    workers.stop()
