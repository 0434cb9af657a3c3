"""A runner with a guest that never ends: says its guest's run on standard output, then waits."""

import signal
import sys
from pathlib import Path

from vexfs_provider.params import read_config
from vexfs_provider.progress import SILENT
from vexfs_provider.runner.execute import execute
from vexfs_provider.runner.job import Job
from vexfs_provider.settings import Settings
from vexfs_provider.store import Store

NEVER_S = 3600.0


def hold(bench):
    print("holding", bench.guest.machine.name, bench.guest.machine.pid, flush=True)
    bench.guest.run(["sleep", str(NEVER_S)], timeout_s=NEVER_S)


if __name__ == "__main__":
    # A shell that starts the tests in the background has Ctrl-C ignored, and we would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config = read_config({"type": "hold", "filesystem": "ext4", "scenario_timeout": "3600"})
    job = Job(hold, {}, config, Path(sys.argv[1]))
    execute(job, settings=Settings(), store=Store(), progress=SILENT)
