"""Reports in a real browser: they are drawn, in light and dark and on a phone, without a complaint.

Skipped where there is no Chromium (Debian's package chromium).
"""

import shutil
import subprocess
from datetime import date

import pytest

from results_parsers.command import main
from results_parsers.demo import make_demo

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

DARK = ("--force-dark-mode", "--blink-settings=preferredColorScheme=0")
LOOKS = {
    "light": ("--window-size=1100,1400",),
    "dark": ("--window-size=1100,1400", *DARK),
    "phone": ("--window-size=400,900",),
}
TIMEOUT_S = 60


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The report of a job, a digest and a comparison, with everything that there can be."""
    folder = tmp_path_factory.mktemp("pages")
    jobs = [str(path) for path in make_demo(folder / "jobs", 40, 1, date.today())]
    db = str(folder / "h.sqlite")
    assert main(["ingest", "--db", db, *jobs]) == 0
    report, digest, other = (folder / f"{name}.html" for name in ("report", "digest", "other"))
    assert main(["report", "--html", str(report), jobs[-1]]) == 0
    assert main(["report", "--html", str(digest), "--db", db, "--nights", "40"]) == 0
    words = ["--compare", "last:40", "last:5"]
    assert main(["report", "--html", str(other), "--db", db, *words]) == 0
    return {"report": report, "digest": digest, "comparison": other}


def look(page, folder, *options):
    """What the browser has to say, and the picture that it drew."""
    picture = folder / "picture.png"
    command = [
        *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
        *("--enable-logging=stderr", "--v=0", f"--user-data-dir={folder}/browser"),
        *(*options, f"--screenshot={picture}", page.as_uri()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=True)
    return done.stderr, picture.read_bytes()


@pytest.mark.parametrize("options", LOOKS.values(), ids=LOOKS)
@pytest.mark.parametrize("name", ["report", "digest", "comparison"])
def test_a_page_is_drawn_without_a_complaint(pages, tmp_path, name, options):
    told, picture = look(pages[name], tmp_path, *options)
    assert "CONSOLE" not in told
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 20_000  # an empty page has 5,000 bytes


def test_a_complaint_is_seen(tmp_path):
    page = tmp_path / "bad.html"
    page.write_text("<script>throw new Error('planted')</script>")
    told, picture = look(page, tmp_path, "--window-size=400,900")
    assert "CONSOLE" in told
    assert len(picture) < 20_000


def test_light_and_dark_differ(pages, tmp_path):
    pictures = []
    for name in ("light", "dark"):
        (tmp_path / name).mkdir()
        pictures.append(look(pages["report"], tmp_path / name, *LOOKS[name])[1])
    assert pictures[0] != pictures[1]
