"""Filesystems under test: a TOML profile each, and the object that loads, makes and mounts one."""
