"""The digest of a history, and its plots: what is new, what has changed, each night."""

import json
import re
import sys
from datetime import date

import pytest

from results_parsers.command import main
from results_parsers.demo import make_demo
from results_parsers.history import ingest_all, open_history
from results_parsers.history.series import read_series
from results_parsers.reader import read_job
from results_parsers.reports.trend_plot import plot_png, plot_svg
from results_parsers.trends.analysis import analyse
from results_parsers.trends.series import Band, baseline_band

NIGHTS = 60
NAME = "vexfs.level1.mount_cycle.on_vexfs: mount_time_ms"


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    folder = tmp_path_factory.mktemp("history")
    paths = list(make_demo(folder / "jobs", NIGHTS, 1, date.today()))
    for path, line in ((paths[0], "all is well"), (paths[-1], "VexFS: what is this")):
        log = path / "test-results" / "1-demo" / "console.log"
        log.parent.mkdir(parents=True)
        log.write_text(f"all is well\n{line}\n")
    jobs = [read_job(path) for path in paths]
    with open_history(folder / "h.sqlite", create=True) as history:
        ingest_all(history, jobs[:30], tags=("before",))
        ingest_all(history, jobs[30:])
    assert run("logs", "--db", folder / "h.sqlite") == 0
    return folder / "h.sqlite"


def run(*arguments):
    return main([str(argument) for argument in arguments])


def digest(db, path, *more):
    return run("report", "--db", db, "--html", path, *more)


def test_a_digest_shows_what_is_new_what_changed_and_every_night(db, tmp_path):
    page = tmp_path / "digest.html"
    assert digest(db, page, "--nights", NIGHTS, "--recent", 25) == 0
    text = page.read_text()
    assert text.count("<svg") == 2
    assert "<strong>new</strong>" in text
    assert NAME in text
    assert "<code>VexFS: what is this</code>" in text
    assert "all is well" not in text
    assert text.count('class="FAIL" title=') > 5
    assert "Synthetic data:" in text
    outside = re.findall(r'(?:href|src)="(?!#|data:)([^"]*)"', text)
    assert [link for link in outside if not link.startswith("#")] == []
    assert "<script" not in text


def test_a_digest_as_json(db, tmp_path):
    path = tmp_path / "digest.json"
    assert run("report", "--db", db, "--json", path, "--nights", 5) == 0
    document = json.loads(path.read_text())
    assert document["jobs"] == NIGHTS - 1
    assert len(document["tests"]["days"]) == 5
    assert len(document["tests"]["rows"]) == 15
    latest, *_, first = document["tests"]["days"]
    assert latest > first
    assert [one["text"] for one in document["lines"]] == ["VexFS: what is this"]


def test_findings_are_counted_night_by_night(db, tmp_path):
    path = tmp_path / "digest.json"
    assert run("report", "--db", db, "--json", path, "--nights", NIGHTS) == 0
    document = json.loads(path.read_text())
    with open_history(db) as history:
        query = "SELECT count(*) FROM findings WHERE title = ? AND NOT expected AND NOT known"
        counts = {
            title: history.connection.execute(query, (title,)).fetchone()[0]
            for title, _ in document["titles"]["rows"]
        }
    assert len(counts) == 3
    for title, cells in document["titles"]["rows"]:
        assert len(cells) == len(document["titles"]["days"]) == NIGHTS - 1
        assert sum(int(cell["text"] or 0) for cell in cells) == counts[title] > 0


def read_trend(db):
    with open_history(db) as history:
        [trend] = analyse(read_series(history, test="on_vexfs", metric="mount_time_ms"))
        rows = history.connection.execute("SELECT job FROM tags WHERE tag = 'before'")
        return trend, frozenset(row[0] for row in rows)


def test_the_band_of_a_baseline_is_where_its_points_lie(db):
    trend, before = read_trend(db)
    band = baseline_band(trend.series, before, "before")
    inside = [
        band.low <= point <= band.high
        for job, point in zip(trend.series.jobs, trend.series.points(), strict=True)
        if job in before
    ]
    assert 0.7 <= sum(inside) / len(inside) <= 0.9
    assert baseline_band(trend.series, frozenset(list(before)[:5]), "few") is None


def test_a_plot_names_what_is_on_it(db):
    trend, _ = read_trend(db)
    text = plot_svg(trend, Band(1.5, 1.7, "v1.2"))
    for words in ("runs", "change", "level", "v1.2", "next run", "times ext4", "reference:"):
        assert words in text
    assert "v1.2" not in plot_svg(trend)


def test_plots_are_written_as_files(db, tmp_path, capsys):
    folder = tmp_path / "plots"
    words = ("--plots", folder, "--baseline", "before", "--since", 1)
    assert run("trends", "--db", db, *words) == 0
    assert "4 plots" in capsys.readouterr().err
    files = sorted(folder.iterdir())
    assert [file.suffix for file in files] == [".png", ".svg"] * 2
    assert all("vexfs.level1.mount_cycle.on_vexfs" in file.name for file in files)
    assert files[0].read_bytes().startswith(b"\x89PNG")
    assert "before" in files[1].read_text()
    pictures = [file.read_bytes() for file in files]
    assert run("trends", "--db", db, *words) == 0
    assert [file.read_bytes() for file in sorted(folder.iterdir())] == pictures
    assert run("trends", "--db", db, "--plots", folder, "--baseline", "nothing") == 2


def test_a_plot_is_a_picture_and_the_same_each_time(db):
    with open_history(db) as history:
        [trend] = analyse(read_series(history, test="on_vexfs", metric="mount_time_ms"))
    assert plot_png(trend).startswith(b"\x89PNG")
    assert plot_svg(trend) == plot_svg(trend)
    assert plot_svg(trend).startswith("<svg")


def test_a_digest_of_nothing_is_named(tmp_path, db, capsys, monkeypatch):
    with open_history(tmp_path / "empty.sqlite", create=True):
        pass
    assert digest(tmp_path / "empty.sqlite", tmp_path / "d.html") == 2
    assert digest(db, tmp_path / "d.html", "--nights", 0) == 2
    for name in ("matplotlib", "matplotlib.dates", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, name, None)
    assert digest(db, tmp_path / "d.html", "--nights", NIGHTS) == 3
    assert "pip install 'vexfs-provider[reports]'" in capsys.readouterr().err
    assert not (tmp_path / "d.html").exists()
