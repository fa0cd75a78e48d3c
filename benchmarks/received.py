"""A large recording that is received, with its working copy made, for the rows that need one."""

import httpx
from benchmarks import receipt, sending
from benchmarks.bench import Bench
from benchmarks.measuring import wait_until_idle

from fairwitness.formats import receipt as receipts


def recording(bench: Bench) -> str:
    """The recording's id; it is sent at the first asking."""
    if not bench.recording:
        site = bench.site(worker=True)
        begun = bench.begin(site, bench.footage)
        sending.patch(begun)
        receipt.wait_for_receipt(site, begun.address)
        answer = httpx.get(f"{begun.address}/receipt", headers=site.auth, timeout=60)
        bench.recording = site.recording_of(receipts.parse(answer.content))
        wait_until_idle(longest=300)
    return bench.recording
