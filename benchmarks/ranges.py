"""A range of 1 MiB out of a sealed recording, through the real server, against a plain file.

Eight players, each asking for a range at a random place six times a second, as people who seek do;
so it is a server with room to breathe that is compared, not a queue. Both servers work on the same
data folder; the turns are short and alternate.
"""

import statistics
import time
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPConnection

import numpy as np
from benchmarks import received
from benchmarks.bench import Bench
from benchmarks.measuring import MIB, Row, in_turns
from benchmarks.plain_server import FOLDER

PLAYERS = 8
PACE = 6.0
SECONDS = 4.0


def rows(bench: Bench) -> Iterator[Row]:
    """The row of DESIGN 7, for the median request and for the slowest tenth."""
    site = bench.site(worker=True)
    path = f"/play/{_token(bench)}/master"
    theirs = bench.serve(
        "benchmarks.plain_playback:app",
        {FOLDER: str(bench.folder), "FAIRWITNESS_DATA": str(site.data)},
    )
    seen: dict[str, list[tuple[float, float]]] = {site.url: [], theirs: []}

    def turn(server: str) -> float:
        taken = statistics.quantiles(_play(server, path, bench.size), n=10)
        seen[server].append((taken[4] * 1000, taken[8] * 1000))
        return taken[4]

    turns = in_turns(bench.rounds, lambda: turn(site.url), lambda: turn(theirs))
    for name, place in (("p50", 0), ("p90", 1)):
        sides = [tuple(one[place] for one in seen[server][1:]) for server in (site.url, theirs)]
        yield Row(
            f"1 MiB range out of a sealed recording, paced, {name}",
            "the same path on a plain file",
            replace(turns, ours=sides[0], theirs=sides[1]),
            most=2,
            unit="ms",
        )


def _token(bench: Bench) -> str:
    """A viewing granted to the wearer."""
    granted = bench.site(worker=True).inside("grant", received.recording(bench))
    return str(granted["token"])


def _play(server: str, path: str, size: int) -> list[float]:
    """Seconds of each request of one turn."""
    start = time.perf_counter() + 0.1
    with ThreadPoolExecutor(PLAYERS) as pool:
        players = [
            pool.submit(_player, server, path, size, start + number / PLAYERS / PACE, number)
            for number in range(PLAYERS)
        ]
        return [taken for player in players for taken in player.result()]


def _player(server: str, path: str, size: int, start: float, number: int) -> list[float]:
    places = np.random.default_rng(number).integers(0, size - MIB, int(SECONDS * PACE))
    host = urllib.parse.urlsplit(server).netloc
    connection = HTTPConnection(host, timeout=60)
    taken = []
    for turn, place in enumerate(places):
        time.sleep(max(0.0, start + turn / PACE - time.perf_counter()))
        asked = time.perf_counter()
        connection.request("GET", path, headers={"Range": f"bytes={place}-{place + MIB - 1}"})
        answer = connection.getresponse()
        data = answer.read()
        taken.append(time.perf_counter() - asked)
        if answer.status != 206 or len(data) != MIB:
            raise RuntimeError(f"{server} answered {answer.status} with {len(data)} bytes")
    connection.close()
    return taken
