"""Packaging of the VexFS test provider; the tools' own settings are in pyproject.toml."""

import re
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
DATA_FOLDERS = ("deps", "shared", "tests")
"""Folders beside the package in a checkout; a wheel carries them below ``vexfs_provider/data``."""

# The release of Grafana whose schema it has stands behind the "!". Each build of the library counts
# up what stands before it, so that a range would take the newest build: that of the oldest Grafana.
GRAFANA = "grafana-foundation-sdk==1769699379!11.6.0"


class BuildWithData(build_py):
    """Copies the data folders into the package, where ``vexfs_provider.paths`` looks for them."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:  # the checkout's own folders are used then
            return
        for source, target in self._data_files():
            self.mkpath(str(target.parent))
            shutil.copy2(source, target)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        outputs = super().get_outputs(include_bytecode)
        if self.editable_mode:
            return outputs
        return outputs + [str(target) for _, target in self._data_files()]

    def _data_files(self) -> list[tuple[Path, Path]]:
        data = Path(self.build_lib) / "vexfs_provider" / "data"
        files = (path for name in DATA_FOLDERS for path in sorted((ROOT / name).rglob("*")))
        return [
            (path, data / path.relative_to(ROOT))
            for path in files
            if path.is_file() and "__pycache__" not in path.parts
        ]


def version() -> str:
    """The version, read and not imported: the dependencies are not there yet."""
    text = (ROOT / "vexfs_provider" / "__init__.py").read_text()
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    if found is None:
        raise SystemExit("vexfs_provider/__init__.py: no line '__version__ = \"…\"'")
    return found.group(1)


def long_description() -> str:
    readme = ROOT / "README.md"
    return readme.read_text() if readme.exists() else ""


setup(
    name="vexfs-provider",
    version=version(),
    description="Avocado-VT test provider for VexFS and other Linux filesystems",
    long_description=long_description(),
    long_description_content_type="text/markdown",
    license="GPL-2.0-or-later",
    python_requires=">=3.11",
    packages=find_packages(include=["vexfs_provider*", "results_parsers*"]),
    package_data={
        "": ["*.json", "*.toml"],
        "results_parsers.reports": ["templates/*"],
        "vexfs_provider.detection.classifier": ["*.npz"],
        "vexfs_provider.filesystems": ["profiles/*.toml"],
    },
    cmdclass={"build_py": BuildWithData},
    install_requires=[
        # The plugin interfaces and the cartesian parser differ from release to release.
        "avocado-framework>=113,<114",
        "avocado-framework-plugin-vt>=113,<114",
        # Avocado 113 finds its plugins by pkg_resources: from 80.9 on it warns at every command,
        # later it is gone. 70.1 is the first that builds wheels by itself.
        "setuptools>=70.1,<80.9",
        "aexpect>=1.8,<2",
        "jinja2>=3.1",
        "jsonschema>=4.18,<5",
        "psutil>=5.9",
        "python-json-logger>=3.1",
        "pyyaml>=6",
        "qemu-qmp>=0.0.3",  # with the hyphen: pkg_resources does not find it by its dotted name
    ],
    extras_require={
        "libvirt": ["libvirt-python"],  # source only: needs libvirt-dev and pkg-config
        # To train the classifier only: what it has learnt is applied without numpy, whose import
        # would take a third of the time that vexfs-detect may take for a small log.
        "ml": ["numpy>=1.26"],
        "distributed": ["dask[distributed]>=2024.1"],
        "detect": ["hyperscan>=0.7"],  # looks through consoles of many megabytes, 50 times as fast
        # Trends, comparisons, flakes: vexfs-results trends, compare, flakes.
        "results": ["numpy>=1.26", "ruptures>=1.1.9", "scipy>=1.11"],
        "logs": ["drain3-improved>=0.10,<0.11"],  # vexfs-results logs
        "metrics": ["prometheus-client>=0.19"],  # vexfs-results metrics
        "grafana": [GRAFANA],  # vexfs-results dashboard
        "parquet": ["pyarrow>=15"],  # vexfs-results export --format parquet
        "duckdb": ["duckdb>=1"],  # vexfs-results query --engine duckdb
        "reports": ["matplotlib>=3.8", "weasyprint>=60"],
        # Spans of jobs, tests and steps, for [vexfs.tracing] enabled = True.
        "tracing": ["opentelemetry-exporter-otlp-proto-http>=1.24", "opentelemetry-sdk>=1.24"],
        "bench": ["virtme-ng>=1.30"],  # what "make bench" compares a warm guest with
        "dev": [
            "drain3-improved>=0.10,<0.11",
            "duckdb>=1",
            GRAFANA,
            "hyperscan>=0.7",
            "hypothesis>=6.100",
            "matplotlib>=3.8",
            "mypy>=1.10",
            "numpy>=1.26",
            "opentelemetry-exporter-otlp-proto-http>=1.24",
            "opentelemetry-sdk>=1.24",
            "prometheus-client>=0.19",
            "pyarrow>=15",
            "pytest>=8",
            "ruff>=0.6",
            "ruptures>=1.1.9",
            "scipy>=1.11",
            "types-jsonschema",
            "types-psutil",
            "types-PyYAML",
            "weasyprint>=60",
        ],
    },
    entry_points={
        "console_scripts": [
            "vexfs-detect = vexfs_provider.detection.command:main",
            "vexfs-results = results_parsers.command:main",
        ],
        "avocado.plugins.init": ["vexfs = vexfs_provider.plugins_avocado.job_settings:JobSettings"],
        "avocado.plugins.result_events": [
            "vexfs-metrics = vexfs_provider.plugins_avocado.live_metrics:MetricsAfterTest"
        ],
        "avocado.plugins.job.prepost": [
            "vexfs-report = vexfs_provider.plugins_avocado.report:ReportAfterJob",
            "vexfs-tracing = vexfs_provider.plugins_avocado.job_span:JobSpan",
        ],
        "avocado.plugins.cli": ["vexfs = vexfs_provider.plugins_avocado.fresh:FreshConfig"],
        "avocado.plugins.cli.cmd": ["vexfs = vexfs_provider.plugins_avocado.command:VexfsCommand"],
        "avocado.plugins.resolver": [
            "vexfs = vexfs_provider.plugins_avocado.xfstests_resolver:XfstestsResolver"
        ],
        "avocado.plugins.settings": [
            "vexfs = vexfs_provider.plugins_avocado.settings:VexfsSettings"
        ],
    },
    classifiers=[
        "Environment :: Console",
        "License :: OSI Approved :: GNU General Public License v2 or later (GPLv2+)",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3.11",
        "Topic :: Software Development :: Testing",
        "Topic :: System :: Filesystems",
    ],
)
