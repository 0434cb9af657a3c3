"""A report as one HTML file: no script, no network, readable on a phone and in the dark."""

from pathlib import Path
from typing import TYPE_CHECKING

from results_parsers.errors import ResultsError
from results_parsers.reports.job_report import ShownJob
from results_parsers.reports.sample_plot import HEIGHT, WIDTH

if TYPE_CHECKING:
    from results_parsers.reports.comparison import ShownJobsCompared
    from results_parsers.reports.digest import Digest

TEMPLATES = Path(__file__).parent / "templates"


def render_jobs(jobs: list[ShownJob], title: str) -> str:
    """The page about some jobs. Raises ``ResultsError`` without jinja2."""
    return _render("jobs.html.j2", jobs=jobs, title=title, width=WIDTH, height=HEIGHT)


def render_digest(digest: "Digest", title: str) -> str:
    """The page about many nights. Raises ``ResultsError`` without jinja2."""
    return _render("digest.html.j2", digest=digest, title=title)


def render_comparison(found: "ShownJobsCompared", title: str) -> str:
    """The page that compares jobs. Raises ``ResultsError`` without jinja2."""
    from results_parsers.reports.comparison import BAR

    return _render("comparison.html.j2", found=found, title=title, bar=BAR)


def _render(template: str, **values: object) -> str:
    try:
        import jinja2
    except ImportError as error:
        raise ResultsError("an HTML report needs jinja2; run: pip install jinja2") from error
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(template).render(values)
