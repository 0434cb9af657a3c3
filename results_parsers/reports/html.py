"""A report as one HTML file: no script, no network, readable on a phone and in the dark."""

from pathlib import Path

from results_parsers.errors import ResultsError
from results_parsers.reports.job_report import ShownJob
from results_parsers.reports.sample_plot import HEIGHT, WIDTH

TEMPLATES = Path(__file__).parent / "templates"


def render_jobs(jobs: list[ShownJob], title: str) -> str:
    """The page about some jobs. Raises ``ResultsError`` without jinja2."""
    try:
        import jinja2
    except ImportError as error:
        raise ResultsError("an HTML report needs jinja2; run: pip install jinja2") from error
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.get_template("jobs.html.j2")
    return template.render(jobs=jobs, title=title, width=WIDTH, height=HEIGHT)
