"""``avocado vexfs setup`` beside others: another provider, Avocado-VT's own bootstrap, edits."""

import hashlib

MOUNT_CYCLES = [f"vexfs.level2.mount_cycle.on_{name}" for name in ("vexfs", "ext4", "xfs", "btrfs")]
BOOTSTRAP = (
    "vt-bootstrap --vt-type qemu --vt-no-downloads --vt-skip-verify-download-assets --yes-to-all"
)


def hashes(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def setup(home, *options):
    done = home.avocado("vexfs", "setup", *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def add_provider(home):
    """Register a provider laid out as tp-qemu is."""
    root = home.home / "tp-fake"
    for folder in ("cfg", "src"):
        (root / "qemu" / "tests" / folder).mkdir(parents=True)
    (root / "qemu" / "tests" / "cfg" / "fake_boot.cfg").write_text(
        "- fake_boot:\n    type = fake_boot\n    variants:\n        - once:\n        - twice:\n"
    )
    (root / "qemu" / "tests" / "src" / "fake_boot.py").write_text(
        "def run(test, params, env): pass"
    )
    ini = home.vt / "virttest" / "test-providers.d" / "fake.ini"
    ini.parent.mkdir(parents=True, exist_ok=True)
    ini.write_text(f"[provider]\nuri: file://{root}\n[qemu]\nsubdir: qemu/\n")


def test_another_provider_goes_on_working(avocado_home):
    avocado_home.vt.joinpath("virttest/test-providers.d/downloads/tp").mkdir(parents=True)
    add_provider(avocado_home)
    assert avocado_home.avocado(*BOOTSTRAP.split()).returncode == 0
    before = hashes(avocado_home.vt)
    others = ["fake.fake_boot.once", "fake.fake_boot.twice"]
    assert avocado_home.tests("fake_boot") == others
    setup(avocado_home)
    assert avocado_home.tests("fake_boot") == others
    assert avocado_home.tests("vexfs.level2.mount_cycle") == MOUNT_CYCLES
    setup(avocado_home, "--remove")
    assert avocado_home.tests("fake_boot") == others
    assert hashes(avocado_home.vt) == before


def test_a_provider_added_after_setup_survives_its_removal(avocado_home):
    setup(avocado_home)
    add_provider(avocado_home)
    assert "removed the files of Avocado-VT" not in setup(avocado_home, "--remove")
    assert avocado_home.tests("fake_boot") == ["fake.fake_boot.once", "fake.fake_boot.twice"]


def test_an_edited_stock_file_is_kept(avocado_home):
    setup(avocado_home)
    base = avocado_home.vt / "backends" / "qemu" / "cfg" / "base.cfg"
    edited = base.read_text() + "edited = yes\n"
    base.write_text(edited)
    assert setup(avocado_home) == "nothing to do\n"
    setup(avocado_home, "--remove")
    assert base.read_text() == edited


def test_list_mends_what_a_later_bootstrap_left_out(avocado_home):
    setup(avocado_home)
    guest_os = avocado_home.vt / "backends" / "qemu" / "cfg" / "guest-os.cfg"
    whole = guest_os.read_text()
    assert avocado_home.avocado(*BOOTSTRAP.split()).returncode == 0
    assert guest_os.read_text() != whole
    assert avocado_home.tests("vexfs.level2.mount_cycle") == MOUNT_CYCLES
    assert guest_os.read_text() == whole


def test_our_guest_can_be_chosen_and_stock_ones_stay(registered_home):
    assert (
        registered_home.tests("--vt-guest-os", "VexFS", "vexfs.level2.mount_cycle") == MOUNT_CYCLES
    )
    guests = (registered_home.vt / "backends" / "qemu" / "cfg" / "guest-os.cfg").read_text()
    assert "- @Linux:" in guests and "- @Windows:" in guests
