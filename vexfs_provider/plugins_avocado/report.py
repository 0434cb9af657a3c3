"""After each job: its report, ``report.html`` and ``report.json`` in the job's folder.

Off by ``enabled = False`` in the section ``[vexfs.report]`` of Avocado's configuration.
"""

import logging
from pathlib import Path
from typing import Any

from avocado.core.plugin_interfaces import JobPost

from results_parsers.errors import ResultsError
from results_parsers.job import BadResults
from results_parsers.reader import JSON, read_job
from results_parsers.reports.write import HTML_NAME, write_report
from vexfs_provider.plugins_avocado.job_settings import REPORT

LOG = logging.getLogger("avocado.app")


class ReportAfterJob(JobPost):
    """Writes the report, from the results that Avocado has just written."""

    name = "vexfs-report"
    description = "Writes report.html and report.json for each job"

    def post(self, job: Any) -> None:
        """Does nothing for a job without results; a report that fails is no failure of the job."""
        folder = Path(job.logdir)
        if not REPORT.read(job.config) or not (folder / JSON).is_file():
            return
        try:
            write_report(read_job(folder), folder)
        except (BadResults, ResultsError, OSError) as error:
            LOG.warning("no report of this job: %s", error)
        else:
            LOG.info("REPORT     : %s", folder / HTML_NAME)
