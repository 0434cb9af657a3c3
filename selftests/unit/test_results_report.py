"""The report of a job: what broke comes first, hostile text does no harm, nothing is fetched."""

import itertools
import json
import re
import sys
from datetime import date
from html.parser import HTMLParser

import pytest

from results_parsers.command import main
from results_parsers.demo import make_demo
from results_parsers.reports.marks import MOST_MARKS, Mark, named, read_marks
from results_parsers.reports.sample_plot import (
    HEIGHT,
    LARGEST_BYTES,
    MOST_POINTS,
    WIDTH,
    SamplePlots,
    plot_samples,
)

HOSTILE = "<script>alert('x')</script>&\"'"


def entry(number, status, **record):
    name = f"type_specific.vexfs.level1.demo.on_{number}"
    whole = {"schema": 1, "level": 1, "scenario": "demo", "filesystem": "ext4", **record}
    return {
        "name": name,
        "status": status,
        "time_elapsed": 1.5,
        "logdir": f"/gone/test-results/{number}-{name}",
        "whiteboard": json.dumps(whole),
    }


@pytest.fixture
def job(tmp_path):
    finding = {
        "title": f"data mismatch {HOSTILE}",
        "evidence": [{"source": "console.log", "text": f"BUG: {HOSTILE}"}],
        "recommendation": "Look.",
    }
    expected = {"title": "an expected oops", "expected": True}
    timeline = {"finding": finding["title"], "file": "timeline-1.txt", "time": 1.0}
    entries = [{"seconds": -1.5, "source": "event", "text": "mounted"}]
    metric = {"value": 12.5, "unit": "ms", "samples": [12.5], "spread_percent": 4.2}
    tests = [
        entry(1, "PASS", metrics={"mount_time_ms": metric}, unsupported=["no trim"]),
        entry(
            2, "FAIL", findings=[finding, expected], timelines=[{**timeline, "entries": entries}]
        ),
        entry(3, "ERROR", reason="the guest did not start"),
    ]
    tests[1]["fail_reason"] = "x"
    folder = tmp_path / "job"
    logs = folder / "test-results" / tests[0]["logdir"].split("/")[-1]
    logs.mkdir(parents=True)
    (logs / "debug.log").write_text("fine")
    samples = [{"time": 10.0 + n, "cpu_percent": 10.0 * n} for n in range(5)]
    text = "\n".join(json.dumps(one) for one in samples)
    (logs / "samples.jsonl").write_text(f"{text}\n{{cut")
    (folder / "results.json").write_text(json.dumps({"job_id": "abc" * 10, "tests": tests}))
    return folder


class Page(HTMLParser):
    """The tags, links and texts of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.ids, self.texts, self.open = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append(tag)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found[name] for name in ("href", "src") if name in found]
        if tag == "details":
            self.open.append("open" in found)

    def handle_data(self, data):
        self.texts.append(data.strip())


def render(job, tmp_path, *more):
    path = tmp_path / "out" / "report.html"
    assert main(["report", "--html", str(path), *map(str, more), str(job)]) == 0
    text = path.read_text()
    return text, Page(text)


def test_what_broke_comes_first_and_is_open(job, tmp_path):
    text, page = render(job, tmp_path)
    order = [re.search(r"on_\d", one)[0] for one in page.texts if "vexfs.level1" in one]
    assert order == ["on_2", "on_3", "on_2", "on_3", "on_1"]  # in the list, then in full
    assert page.open[:2] == [True, True]
    assert "BUG: " in text
    assert "the guest did not start" in page.texts
    assert "mounted" in text
    assert "no trim" in page.texts
    assert "12.5 ms" in page.texts
    assert {"1 FAIL", "1 ERROR", "1 PASS"} <= set(page.texts)


def test_hostile_text_stays_text(job, tmp_path):
    text, page = render(job, tmp_path, "--title", HOSTILE)
    assert "script" not in page.tags
    assert "<script" not in text
    assert f"BUG: {HOSTILE}" in page.texts


def test_links_lead_somewhere_and_nothing_is_fetched(job, tmp_path):
    _, page = render(job, tmp_path)
    inside = [link[1:] for link in page.links if link.startswith("#")]
    files = [link for link in page.links if not link.startswith(("#", "data:"))]
    assert inside
    assert set(inside) <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert {link.rpartition("/")[2] for link in files} == {"debug.log", "samples.jsonl"}
    assert all((tmp_path / "out" / link).is_file() for link in files)


def test_the_same_as_json(job, tmp_path, capsys):
    path = tmp_path / "r.json"
    assert main(["report", "--json", str(path), str(job)]) == 0
    [document] = json.loads(path.read_text())
    assert [test["status"] for test in document["tests"]] == ["FAIL", "ERROR", "PASS"]
    assert str(path) in capsys.readouterr().out


def test_synthetic_data_says_so(tmp_path):
    [first, *_] = make_demo(tmp_path, 1, 1, date(2026, 1, 1))
    _, page = render(first, tmp_path)
    assert "Synthetic data:" in page.texts


def test_what_cannot_be_read_is_named_and_the_rest_is_reported(job, tmp_path, capsys):
    path = tmp_path / "r.html"
    assert main(["report", "--html", str(path), str(job), str(tmp_path / "none")]) == 3
    assert "none" in capsys.readouterr().err
    assert "on_2" in path.read_text()
    assert main(["report", str(job)]) == 2


def test_without_jinja2_it_says_what_to_install(job, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert main(["report", "--html", str(tmp_path / "r.html"), str(job)]) == 3
    assert "pip install jinja2" in capsys.readouterr().err
    assert not (tmp_path / "r.html").exists()


def test_a_plot_fills_its_box(job):
    found = plot_samples(next(job.rglob("samples.jsonl")))
    [plot] = found.plots
    points = [tuple(map(float, one.split(","))) for one in plot.points.split()]
    assert points[0] == (0, HEIGHT)
    assert points[-1] == (WIDTH, 0)
    assert (plot.peak, found.seconds) == ("40 %", 4.0)


def test_the_samples_of_many_hours_are_drawn_from_all_over(tmp_path, monkeypatch):
    file = tmp_path / "samples.jsonl"
    samples = [{"time": float(n), "cpu_percent": float(n), "more": "x" * 90} for n in range(30_000)]
    file.write_text("".join(json.dumps(one) + "\n" for one in samples))
    assert file.stat().st_size > LARGEST_BYTES
    found = plot_samples(file)
    [plot] = found.plots
    assert found.seconds == pytest.approx(30_000, rel=0.01)
    places = [float(one.split(",")[0]) for one in plot.points.split()]
    assert len(places) >= MOST_POINTS
    assert max(b - a for a, b in itertools.pairwise(places)) < WIDTH / 50


EVENTS = [
    {"time": 9.0, "event": "start", "run": "r1"},
    {"time": 9.5, "event": "guest", "number": 1},
    {"time": 11.0, "event": "step", "name": "mount"},
    {"time": 12.0, "event": "fault", "fault": "power cut"},
    {"time": 13.0, "event": "finding", "title": "data are lost"},
    {"time": 13.5, "event": "finding", "title": "WARNING in demo"},
    {"event": "fault"},
    "noise",
]


def test_events_and_findings_are_marked_on_the_plots(job):
    samples = next(job.rglob("samples.jsonl"))
    events = samples.with_name("events.jsonl")
    events.write_text("\n".join(map(json.dumps, EVENTS)) + '\n{"time": 14')
    timelines = [
        {"finding": "WARNING in demo", "time": 12.5},
        {"finding": "an oops", "time": 13.9},
    ]
    record = {"timelines": timelines, "findings": [{"title": "an oops", "expected": True}]}
    found = plot_samples(samples, read_marks(samples.parent, record))
    assert [(mark.kind, mark.x, mark.text) for mark in found.marks] == [
        ("event", 0.0, "guest 1"),
        ("event", WIDTH / 2, "fault power cut"),
        ("finding", WIDTH * 2.5 / 4, "WARNING in demo"),
        ("finding", WIDTH * 3 / 4, "data are lost"),
        ("event", round(WIDTH * 3.9 / 4, 1), "expected: an oops"),
    ]
    assert found.steps == f"M{WIDTH / 4},{HEIGHT}v-4"


def test_of_too_many_marks_the_findings_stay():
    many = [Mark(float(n), "event", f"guest {n}") for n in range(MOST_MARKS)]
    shown = named([*many, Mark(99.0, "finding", "it")])
    assert len(shown) == MOST_MARKS
    assert shown[-1].text == "it"


def test_a_flame_graph_is_linked(job, tmp_path):
    results = json.loads((job / "results.json").read_text())
    record = json.loads(results["tests"][0]["whiteboard"])
    record["artefacts"] = ["profile.svg", "profile.folded", "gone.svg"]
    results["tests"][0]["whiteboard"] = json.dumps(record)
    (job / "results.json").write_text(json.dumps(results))
    for name in ("profile.svg", "profile.folded"):
        next(job.rglob("debug.log")).with_name(name).write_text("<svg/>")
    text, page = render(job, tmp_path)
    [link] = [one for one in page.links if one.endswith(".svg")]
    assert (tmp_path / "out" / link).is_file()
    assert "Flame graphs" in text


def test_where_there_is_nothing_to_plot_there_is_no_plot(tmp_path):
    file = tmp_path / "samples.jsonl"
    assert plot_samples(file) == SamplePlots()
    file.write_text('[]\n{"time": "x"}\n{"time": 1, "cpu_percent": 3}\n')
    assert plot_samples(file) == SamplePlots()


def pdf_of(job, tmp_path):
    path = tmp_path / "report.pdf"
    assert main(["report", "--pdf", str(path), str(job)]) == 0
    data = path.read_bytes()
    assert data.startswith(b"%PDF-")
    return data


def test_a_report_on_paper(job, tmp_path):
    pytest.importorskip("weasyprint", reason="needs the extra reports, and pango")
    assert len(pdf_of(job, tmp_path)) > 5000


def test_without_weasyprint_the_words_are_on_paper(job, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    pages = pdf_of(job, tmp_path).count(b"/Type /Page ")
    assert pages >= 1
    for name in ("matplotlib", "matplotlib.figure", "matplotlib.backends.backend_pdf"):
        monkeypatch.setitem(sys.modules, name, None)
    assert main(["report", "--pdf", str(tmp_path / "none.pdf"), str(job)]) == 3
    assert "pip install 'vexfs-provider[reports]'" in capsys.readouterr().err
    assert not (tmp_path / "none.pdf").exists()


def test_a_page_on_paper_fetches_nothing():
    pytest.importorskip("weasyprint", reason="needs the extra reports, and pango")
    from results_parsers.reports.pdf import _refuse

    with pytest.raises(ValueError, match=r"fetches nothing, not even file:///etc/passwd"):
        _refuse("file:///etc/passwd")
