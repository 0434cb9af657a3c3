"""The log of a test for programs: each line is whole JSON and knows where it belongs."""

import io
import json
import logging

import jsonschema
import pytest

from vexfs_provider.events import LOGGER, EventLog
from vexfs_provider.logs import json_log
from vexfs_provider.paths import data_dir

TEST = "vexfs.level1.demo.on_ext4"
SCHEMA = json.loads((data_dir("shared") / "schemas" / "log.json").read_text())


@pytest.fixture
def events(tmp_path):
    events = EventLog(tmp_path / "events.jsonl")
    yield events
    events.close()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "log.jsonl"


def lines(file):
    found = [json.loads(line) for line in file.read_text().splitlines()]
    for line in found:
        jsonschema.validate(line, SCHEMA)
    return found


def test_each_line_knows_its_test_run_guest_and_step(file, events):
    other = logging.getLogger("somebody.else")
    with json_log(file, events, TEST):
        events.add("start", run="r1", kernel="6.1")
        events.add("guest", number=2)
        events.add("step", name="outer")
        events.add("step", name="mount 7")
        other.warning("odd: %s", "it")
        events.add("step ended", name="mount 7")
        other.info("later")
        events.add("step ended", name="outer")
    found = lines(file)
    [odd] = [line for line in found if line["message"] == "odd: it"]
    assert (odd["level"], odd["logger"]) == ("WARNING", "somebody.else")
    assert (odd["test"], odd["run"], odd["guest"], odd["step"]) == (TEST, "r1", 2, "mount 7")
    [later] = [line for line in found if line["message"] == "later"]
    assert later["step"] == "outer"
    [step] = [line for line in found if line.get("details") == {"name": "mount 7"}][:1]
    assert (step["logger"], step["event"], step["step"]) == ("vexfs.events", "step", "mount 7")
    assert "step" not in found[0] and "trace_id" not in found[0]


def test_an_exception_is_there_with_its_traceback(file, events):
    with json_log(file, events, TEST):
        try:
            raise ValueError("planted \udcff \x00")
        except ValueError:
            logging.getLogger("x").exception("it\nbroke")
    [line] = lines(file)
    assert line["message"] == "it\nbroke"
    assert "ValueError: planted" in line["exc_info"]
    assert "test_logs.py" in line["exc_info"]


def test_lines_are_there_before_the_end_and_none_come_after_it(file, events):
    with json_log(file, events, TEST):
        LOGGER.info("first")
        assert [line["message"] for line in lines(file)] == ["first"]
    LOGGER.info("after")
    logging.getLogger().warning("after")
    assert len(lines(file)) == 1


def test_the_level_of_the_root_is_as_before(file, events):
    root = logging.getLogger()
    before = root.level
    with json_log(file, events, TEST):
        logging.getLogger("x").info("seen")
    assert root.level == before
    assert [line["message"] for line in lines(file)] == ["seen"]


def test_events_do_not_reach_the_handlers_of_others(events):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    try:
        events.add("start", run="r1")
        logging.getLogger("x").error("seen")
    finally:
        logging.getLogger().removeHandler(handler)
    assert stream.getvalue() == "seen\n"
