"""The child itself: limit, import, confine, then one job, one answer, and out.

Started by `fairwitness.media.child` as `python -I -m fairwitness.media.worker FD MEMORY CPU`.
"""

import json
import socket
import sys

from fairwitness.media import wire
from fairwitness.media.wire import Kind
from fairwitness.media.worker import confinement


def main() -> None:
    """Run the one job that the parent sends."""
    descriptor, memory, cpu_seconds = (int(word) for word in sys.argv[1:4])
    sock = socket.socket(fileno=descriptor)
    confinement.limit(memory=memory, cpu_seconds=cpu_seconds)
    from fairwitness.media.worker import jobs  # noqa: PLC0415 (libav is loaded under the limits)

    jobs.load_everything()
    held = confinement.confine()
    kind, body = wire.receive(sock)
    if kind is not Kind.JOB:
        raise SystemExit(2)
    order = json.loads(body)
    try:
        facts = jobs.run(order["job"], order["size"], order["options"], sock)
    except jobs.Refused as refusal:
        answer = {"code": refusal.code, "message": refusal.message}
        wire.send(sock, Kind.FAIL, json.dumps(answer).encode())
    except MemoryError:
        answer = {"code": "media.memory", "message": "Reading this footage needs too much memory."}
        wire.send(sock, Kind.FAIL, json.dumps(answer).encode())
    else:
        facts["confinement"] = list(held)
        wire.send(sock, Kind.DONE, json.dumps(facts).encode())


if __name__ == "__main__":
    main()
