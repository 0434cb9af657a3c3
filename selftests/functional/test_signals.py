"""A signal that ends the process which works on the filesystem is a finding, not our error."""

TIMEOUT_S = 30.0
STORE_BEHIND_THE_END = b"""
import mmap

def store(folder):
    with open(folder + "/f", "w+b") as file:
        file.truncate(4096)
        mapped = mmap.mmap(file.fileno(), 4096)
        file.truncate(0)
        mapped[0] = 1
"""


def die_of_sigbus(bench):
    bench.make()
    bench.mount()
    bench.guest.load_source("planted", STORE_BEHIND_THE_END)
    with bench.step("a store behind the end of a file"):
        bench.guest.call("planted", "store", TIMEOUT_S, folder=bench.mountpoint)


def test_sigbus_is_a_finding_that_names_the_step(perform):
    outcome = perform(die_of_sigbus)
    assert outcome.record.status == "FAIL", outcome.record.reason
    finding = outcome.only_finding("killed")
    assert finding.title == "SIGBUS during a store behind the end of a file"
