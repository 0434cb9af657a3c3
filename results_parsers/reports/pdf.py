"""A report on paper: the HTML page by WeasyPrint, or its words where that cannot run."""

import io
import textwrap
from collections.abc import Sequence
from typing import Any

from results_parsers.errors import ResultsError

A4_INCHES = (8.27, 11.69)
LINES, COLUMNS = 78, 100  # of a page of words


def render_pdf(html: str, words: str) -> bytes:
    """The PDF of a page; without WeasyPrint, or the pango that it needs, of its words.

    Nothing is fetched. Raises ``ResultsError`` where matplotlib is missing as well.
    """
    try:
        import weasyprint
    except (ImportError, OSError):  # OSError: it does not find pango
        return _words_only(words)
    page = weasyprint.HTML(string=html, url_fetcher=_refuse)
    return bytes(page.write_pdf())


def _refuse(url: str, *_: Any, **__: Any) -> dict[str, Any]:
    raise ValueError(f"a report fetches nothing, not even {url:.80}")


def _words_only(words: str) -> bytes:
    try:
        from matplotlib.backends.backend_pdf import PdfPages
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ResultsError(
            "a PDF needs weasyprint, or matplotlib; run: pip install 'vexfs-provider[reports]'"
        ) from error
    lines = [part for line in words.splitlines() for part in textwrap.wrap(line, COLUMNS) or [""]]
    buffer = io.BytesIO()
    with PdfPages(buffer, metadata={"CreationDate": None}) as pages:
        for page in _pages(lines):
            figure = Figure(figsize=A4_INCHES)
            text = "\n".join(page).replace("$", r"\$")  # no formula
            figure.text(0.06, 0.97, text, family="monospace", fontsize=7, va="top")
            pages.savefig(figure)
    return buffer.getvalue()


def _pages(lines: Sequence[str]) -> list[Sequence[str]]:
    return [lines[start : start + LINES] for start in range(0, len(lines), LINES)] or [[""]]
