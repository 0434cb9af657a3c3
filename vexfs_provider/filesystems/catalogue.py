"""The filesystems that there are: the built-in profiles and those of a user's folders."""

from collections.abc import Sequence
from pathlib import Path

from vexfs_provider.errors import UsageError
from vexfs_provider.filesystems.profile import Profile
from vexfs_provider.filesystems.profile_file import read_profile

_BUILT_IN = Path(__file__).parent / "profiles"


def load_profiles(directories: Sequence[Path] = ()) -> dict[str, Profile]:
    """All profiles by name; a profile of a later folder replaces an earlier one of its name.

    Raises ``UsageError`` naming the file, key, value and what is allowed.
    """
    profiles: dict[str, Profile] = {}
    for directory in (_BUILT_IN, *directories):
        if not directory.is_dir():
            raise UsageError(f"folder of filesystem profiles {directory}: no such folder")
        for path in sorted(directory.glob("*.toml")):
            profile = read_profile(path)
            profiles[profile.name] = profile
    return profiles


def get_profile(name: str, directories: Sequence[Path] = ()) -> Profile:
    """A profile by name. Raises ``UsageError`` listing those that there are."""
    profiles = load_profiles(directories)
    if name not in profiles:
        raise UsageError(f"filesystem {name!r} has no profile; allowed: {', '.join(profiles)}")
    return profiles[name]
