"""The process that changes a folder all the time, here a few thousand steps of it."""

import importlib
import random

from vexfs_provider.paths import data_dir

MOST_BYTES = 20_000


def test_no_file_becomes_larger_than_the_filesystem_allows(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(data_dir("deps") / "guest" / "code"))
    churn = importlib.import_module("churn")
    chance, largest = random.Random(1), 0
    for _ in range(3000):
        try:
            chance.choice(churn.ACTS)(str(tmp_path), chance, MOST_BYTES)
        except OSError as error:
            assert error.errno in churn.HARMLESS
        sizes = [path.stat().st_size for path in tmp_path.iterdir() if path.is_file()]
        largest = max([largest, *sizes])
    assert MOST_BYTES * 0.9 < largest <= MOST_BYTES
