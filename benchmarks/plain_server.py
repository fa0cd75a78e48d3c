"""Serves one of the other sides as the product is served: the same server, the same settings.

`python -m benchmarks.plain_server TARGET PORT`; TARGET is an ASGI application of this folder.
"""

import multiprocessing
import sys

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

FOLDER = "BENCH_FOLDER"
"""The variable that names the folder that an application works in."""


def main(target: str, port: int) -> None:
    multiprocessing.set_start_method("spawn", force=True)
    Granian(
        target,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        workers=1,
        websockets=False,
        backpressure=2000,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
