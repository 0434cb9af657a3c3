"""What is shortened in Avocado-VT's preparation of a test, and when."""

import logging

import pytest
from virttest import ip_sniffing
from virttest.utils_params import Params

from vexfs_provider.runner.vt_preparation import NoSniffer, shorten


class FakeTest:
    def __init__(self, **params):
        self.params = Params(params)
        self.log = logging.getLogger("vexfs.fake")

    def _log_parameters(self):
        raise AssertionError("Avocado-VT's own routine, a message a line")


@pytest.fixture(autouse=True)
def stock_sniffers(monkeypatch):
    monkeypatch.setattr(ip_sniffing, "Sniffers", ("stock",))


def test_no_sniffer_where_no_vm_is_asked_for():
    shorten(FakeTest(vms=""))
    assert ip_sniffing.Sniffers == (NoSniffer,)


def test_the_sniffer_stays_for_vms_of_avocado_vt():
    shorten(FakeTest(vms="vm1"))
    assert ip_sniffing.Sniffers == ("stock",)


def test_avocado_vt_starts_and_stops_what_takes_its_place(tmp_path):
    from virttest import utils_env

    shorten(FakeTest(vms=""))
    env = utils_env.Env(str(tmp_path / "env"))
    env.start_ip_sniffing(Params())
    assert isinstance(env._sniffer, NoSniffer)
    env.stop_ip_sniffing()


def test_parameters_are_one_message(caplog):
    test = FakeTest(vms="", b="2", a="1")
    shorten(test)
    with caplog.at_level(logging.DEBUG, "vexfs.fake"):
        test._log_parameters()
    [record] = caplog.records
    assert record.getMessage() == "Test parameters:\n    a = 1\n    b = 2\n    vms = "
