"""The listing and pruning of the store: what is stale and what is not."""

import os

import pytest

from vexfs_provider.errors import UsageError
from vexfs_provider.guest import image, kernel, snapshot
from vexfs_provider.guest.recipe import load_recipe
from vexfs_provider.progress import SILENT
from vexfs_provider.runner import guests
from vexfs_provider.settings import Settings
from vexfs_provider.store import Store

SHAPE = {"memory_mib": 512, "smp": 2, "accelerator": "tcg"}


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def put(store, kind, key, **manifest):
    def build(folder):
        (folder / "content").write_bytes(bytes(3 << 20))
        return manifest

    store.get(kind, key, build, progress=SILENT, label=f"{kind} {key}")


def put_snapshot(store, key, smp):
    shape = {**SHAPE, "smp": smp}
    put(store, snapshot.KIND, key, recipe="debian12", kernel="6.1", shape=shape)


def stale_keys(store):
    return sorted(found.key for found in guests.stale(settings=Settings(), store=store))


def test_images_of_changed_recipes_are_stale(store):
    put(store, image.KIND, "old", recipe="debian12", sha256="", packages=[])
    key = image.image_key(load_recipe("debian12"))
    put(store, image.KIND, key, recipe="debian12", sha256="", packages=[])
    assert stale_keys(store) == ["old"]


def test_kernels_that_no_recipe_makes_are_stale(store):
    put(store, kernel.KIND, "gone")
    assert stale_keys(store) == ["gone"]


def test_only_the_newest_snapshot_of_a_machine_stays(store):
    put_snapshot(store, "older", 2)
    put_snapshot(store, "newer", 2)
    put_snapshot(store, "other", 1)
    manifest = store.path(snapshot.KIND, "older") / "artefact.json"
    ago = manifest.stat().st_mtime - 60
    os.utime(manifest, (ago, ago))
    assert stale_keys(store) == ["older"]


def test_listing_has_every_kind_and_its_size(store):
    put(store, "headers", "h")
    put_snapshot(store, "s", 2)
    listed = guests.listing(store)
    assert [found.kind for found in listed] == ["headers", "snapshots"]
    assert all(found.size_mib == 3 for found in listed)
    text = guests.table(listed, store)
    assert "kernel 6.1, 512 MiB, 2 CPUs, tcg" in text
    assert "6 MiB in" in text


def test_an_empty_store_is_listed(store):
    assert guests.listing(store) == []
    assert guests.table([], store).startswith("0 MiB in")


def test_a_recipe_adds_to_its_base(tmp_path):
    base = load_recipe("debian12")
    (tmp_path / "more.toml").write_text(
        'kind = "mmdebstrap"\nbase = "debian12"\npackages = ["bc"]\n'
    )
    more = load_recipe("more", tmp_path)
    assert more.values == {**base.values, "packages": [*base.values["packages"], "bc"]}
    assert "bc" in load_recipe("xfstests").values["packages"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('kind = "mmdebstrap"\nbase = "nowhere"\npackages = []', "'nowhere' does not exist"),
        ('kind = "mmdebstrap"\nbase = "own"\npackages = []', "that has no base"),
        ('kind = "tarball"\nbase = "debian12"', "of kind mmdebstrap"),
        ('kind = "mmdebstrap"\nbase = "debian12"\npackages = "bc"', "must be a list"),
    ],
)
def test_a_bad_base_is_named(tmp_path, text, complaint):
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(UsageError, match=complaint):
        load_recipe("own", tmp_path)
