"""Debian packages for the guest, fetched by a private apt that leaves the host's alone.

The private apt has its lists, cache and configuration below the store's root, so it needs no
privilege. Its mirror is the one that the host's own apt uses for Debian; on a host without one
``$VEXFS_DEBIAN_MIRROR`` names it: ``MIRROR [SECURITY_MIRROR]``, the second by default the first
with ``-security`` appended, as Debian's own mirrors have it.
"""

import email
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vexfs_provider.errors import BuildError, UsageError
from vexfs_provider.guest.hosttool import run_tool
from vexfs_provider.progress import Progress
from vexfs_provider.store import Store, locked, write_atomically

SUITE = "bookworm"
MIRROR_VARIABLE = "VEXFS_DEBIAN_MIRROR"

_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_LISTS_MAX_AGE_S = 24 * 3600
_RELEASE_URI = re.compile(r"^'(\S+?)/*/dists/(\S+?)/(?:In)?Release'", re.MULTILINE)
_EXACT_DEPENDENCY = re.compile(r"([a-z0-9][a-z0-9.+-]+) \(= ([^()\s]+)\)")


@dataclass(frozen=True)
class Deb:
    """A downloaded package; apt has checked it against the archive's signed index."""

    name: str
    version: str
    path: Path
    sha256: str


def fetch_debs(
    packages: Sequence[str], into: Path, *, store: Store, progress: Progress
) -> list[Deb]:
    """Download packages, given as ``NAME`` or ``NAME=VERSION``, without their dependencies.

    A meta package of a kernel stands for the concrete package that it depends on.
    Raises ``BuildError`` for a package that the archive does not have.
    """
    into.mkdir(parents=True, exist_ok=True)
    apt = _PrivateApt(store.root / "apt")
    with locked(store.root / "apt.lock"):
        apt.prepare(progress)
        try:
            stanzas = [apt.resolve(package) for package in packages]
        except BuildError:
            if apt.fresh:
                raise
            apt.refresh(progress)
            stanzas = [apt.resolve(package) for package in packages]
        return [apt.download(stanza, into, progress) for stanza in stanzas]


def apt_sources() -> str:
    """The text of a ``sources.list`` with Debian's suites for the guest.

    Raises ``UsageError`` if no mirror is known.
    """
    main, security = _mirrors(os.environ.get(MIRROR_VARIABLE, ""))
    option = f"[signed-by={_KEYRING}] " if _KEYRING.is_file() else ""
    suites = ((main, SUITE), (main, f"{SUITE}-updates"), (security, f"{SUITE}-security"))
    return "".join(f"deb {option}{uri} {suite} main\n" for uri, suite in suites)


def _mirrors(override: str) -> tuple[str, str]:
    """Debian's main and security mirror."""
    match override.split():
        case []:
            return host_mirrors(run_tool(["apt-get", "update", "--print-uris"]))
        case [main]:
            return main, f"{main.rstrip('/')}-security"
        case [main, security]:
            return main, security
    raise UsageError(f"{MIRROR_VARIABLE}={override!r}: expected MIRROR or MIRROR SECURITY_MIRROR")


def host_mirrors(uris: str) -> tuple[str, str]:
    """Debian's main and security mirror in the output of ``apt-get update --print-uris``.

    A mirror is known by its path (Debian's mirrors end in ``debian`` and ``debian-security``,
    whatever release the host itself is) or by serving the guest's suite.
    """
    found: dict[str, str] = {}
    for uri, suite in _RELEASE_URI.findall(uris):
        folder = uri.rsplit("/", 1)[-1]
        if folder == "debian" or suite == SUITE:
            found.setdefault("main", uri)
        elif folder == "debian-security" or suite == f"{SUITE}-security":
            found.setdefault("security", uri)
    if "main" not in found:
        raise UsageError(
            "the host's apt has no mirror of Debian; name one: "
            f"export {MIRROR_VARIABLE}=http://…/debian"
        )
    return found["main"], found.get("security", f"{found['main']}-security")


class _PrivateApt:
    """apt with its own root; its caller holds the lock on that root."""

    def __init__(self, root: Path):
        self._root = root
        self._stamp = root / "refreshed"
        self.fresh = False  # whether this object has refreshed the lists

    def prepare(self, progress: Progress) -> None:
        """Write the configuration, and refresh the lists when they are missing or a day old."""
        for folder in ("state/lists/partial", "cache/archives/partial", "none"):
            (self._root / folder).mkdir(parents=True, exist_ok=True)
        self._root.chmod(0o700)  # the host's settings can name a proxy with its password
        (self._root / "status").touch()
        write_atomically(self._root / "apt.conf", self._configuration())
        sources, text = self._root / "sources.list", apt_sources()
        if not sources.is_file() or sources.read_text() != text:
            self._stamp.unlink(missing_ok=True)
            write_atomically(sources, text)
        if not self._stamp.is_file():
            self.refresh(progress)
        elif time.time() - self._stamp.stat().st_mtime > _LISTS_MAX_AGE_S:
            self._refresh_if_reachable(progress)

    def refresh(self, progress: Progress) -> None:
        with progress.task(f"refreshing the package lists of Debian {SUITE}"):
            self._apt("apt-get", "-o", "APT::Update::Error-Mode=any", "update")
        self._stamp.touch()
        self.fresh = True

    def _refresh_if_reachable(self, progress: Progress) -> None:
        try:
            self.refresh(progress)
        except BuildError as error:
            progress.say(f"going on with package lists older than a day: {error}")

    def resolve(self, package: str) -> Mapping[str, str]:
        """The archive's stanza of a package, through meta packages to the concrete one."""
        text = self._apt("apt-cache", "show", "--no-all-versions", package)
        stanza = email.message_from_string(text.split("\n\n", 1)[0])
        only = _EXACT_DEPENDENCY.fullmatch(stanza.get("Depends", ""))
        if only and only[2] == stanza["Version"]:
            return self.resolve(f"{only[1]}={only[2]}")
        return dict(stanza.items())

    def download(self, stanza: Mapping[str, str], into: Path, progress: Progress) -> Deb:
        name, version = stanza["Package"], stanza["Version"]
        with progress.task(f"downloading {name} {version} ({int(stanza['Size']) >> 20} MiB)"):
            self._apt("apt-get", "-q", "download", f"{name}={version}", cwd=into)
        file_name = f"{name}_{version.replace(':', '%3a')}_{stanza['Architecture']}.deb"
        return Deb(name, version, into / file_name, stanza["SHA256"])

    def _apt(self, *argv: str, cwd: Path | None = None) -> str:
        return run_tool(argv, cwd=cwd, env={"APT_CONFIG": str(self._root / "apt.conf")})

    def _configuration(self) -> str:
        """The host's settings for downloads (proxies and such), none of its hooks and pins."""
        dump = run_tool(["apt-config", "dump"]).splitlines()
        downloads = [line for line in dump if line.startswith("Acquire::")]
        none = self._root / "none"
        own = {
            "APT::Architecture": "amd64",
            "APT::Architectures": "amd64",
            "APT::Sandbox::User": "root",  # the sandbox user could not write into our folders
            "Acquire::Languages": "none",
            "Dir::State": self._root / "state",
            "Dir::State::status": self._root / "status",
            "Dir::Cache": self._root / "cache",
            "Dir::Etc::main": none / "apt.conf",
            "Dir::Etc::parts": none,
            "Dir::Etc::sourcelist": self._root / "sources.list",
            "Dir::Etc::sourceparts": none,
            "Dir::Etc::preferences": none / "preferences",
            "Dir::Etc::preferencesparts": none,
        }
        return "\n".join([*downloads, *(f'{name} "{value}";' for name, value in own.items()), ""])
