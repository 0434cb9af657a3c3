"""Make a guest ready for a tree of xfstests, and read what a test of it has left.

The tree's disk is read-only; what check and its tests write beside themselves goes into memory.
"""

import os
import shlex
import stat
import subprocess

ROOT = "/run/vexfs/xfstests"
TREE = f"{ROOT}/tree"
RESULTS = f"{ROOT}/results"
SHIMS = "/run/vexfs/bin"  # first in PATH
USERS = {"fsgqa": 5001, "fsgqa2": 5002, "123456-fsgqa": 5003}  # as xfstests' README has them
FILES = ("out.bad", "full", "notrun", "dmesg", "hints")
FILE_LIMIT = 1 << 20  # characters of each, its end


def prepare(device, folders, kind, tools):
    """Mount the tree, make its users and the mount points.

    ``tools`` has commands for a filesystem of type ``kind``, with the word ``{device}`` in them; a
    name as ``mkfs.KIND`` that the guest has no program for gets one.
    """
    for folder in (f"{ROOT}/lower", f"{ROOT}/upper", f"{ROOT}/work", TREE, RESULTS, *folders):
        os.makedirs(folder, exist_ok=True)
    run("mount", "-t", "ext4", "-o", "ro", device, f"{ROOT}/lower")
    layers = f"lowerdir={ROOT}/lower,upperdir={ROOT}/upper,workdir={ROOT}/work"
    run("mount", "-t", "overlay", "-o", layers, "overlay", TREE)
    for name, number in USERS.items():
        add_user(name, number)
    for tool, command in tools.items():
        add_tool(f"{tool}.{kind}", command)


def run(*command):
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout.decode(errors='replace')}")


def add_user(name, number):
    home = f"{ROOT}/home/{name}"
    os.makedirs(home, exist_ok=True)
    os.chown(home, number, number)
    append("/etc/passwd", name, f"{name}:x:{number}:{number}::{home}:/bin/bash")
    append("/etc/group", name, f"{name}:x:{number}:")
    append("/etc/shadow", name, f"{name}:*:19000:0:99999:7:::")


def append(path, name, line):
    with open(path, "a+") as file:
        file.seek(0)
        if not any(each.startswith(f"{name}:") for each in file):
            file.write(f"{line}\n")


def add_tool(name, command):
    """mkfs(8) and fsck(8) look for a program that is named after the type, so there must be one."""
    folders = os.environ["PATH"].split(":")
    if any(os.path.exists(f"{folder}/{name}") for folder in folders):
        return
    words = " ".join('"$device"' if word == "{device}" else shlex.quote(word) for word in command)
    os.makedirs(SHIMS, exist_ok=True)
    with open(f"{SHIMS}/{name}", "w") as file:
        file.write(f"#!/bin/sh\nfor device; do :; done\nexec {words}\n")
        os.fchmod(file.fileno(), 0o755)


def results(test):
    """The texts that the test's run has left, by the ends of their names."""
    found = {}
    for end in FILES:
        path = f"{RESULTS}/{test}.{end}"
        if os.path.exists(path) and stat.S_ISREG(os.lstat(path).st_mode):
            with open(path, errors="replace") as file:
                found[end] = file.read()[-FILE_LIMIT:]
    return found
