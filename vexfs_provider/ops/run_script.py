"""The script beside ``reproduce.c``: makes and mounts a filesystem and runs the program on it."""

from vexfs_provider.ops.shell_commands import ShellCommands

_SCRIPT = """\
#!/bin/sh
# {title}
#
#     {name} DEVICE
#
# Run it as root. What is on DEVICE is lost. Needs a C compiler, unless "reproduce" is here already.
# Exit status: 1 the finding is seen, 0 it is not, another: it could not be tried.
# shellcheck disable=SC2016 # what stands in single quotes is not for this shell to replace
set -eu

mount_it() {{
{mount}
}}

unmount_it() {{
{unmount}
}}

if [ "${{1-}}" = --remount ]; then # the program asks for it
    unmount_it
    mount_it
    exit
fi

if [ $# != 1 ]; then
    echo "usage: $0 DEVICE" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
device=$1
work=$(mktemp -d)
mountpoint=$work/mountpoint
script=$here/{name}
export device work mountpoint script

program=$here/reproduce
if [ ! -x "$program" ]; then
    program=$work/reproduce
    cc -O2 -o "$program" "$here/reproduce.c" || exit 2
fi
{make}
mkdir "$mountpoint"
mount_it

status=0
"$program" "$mountpoint" 'sh "$script" --remount' || status=$?

unmount_it
rm -f "$work/reproduce" "$work/daemon"
rmdir "$mountpoint" "$work"
exit "$status"
"""

_MOUNT_DAEMON = """\
    (
        {mount} &
        echo $! >"$work/daemon"
    )
    until mountpoint -q "$mountpoint"; do
        kill -0 "$(cat "$work/daemon")" || exit 2
        sleep 0.1
    done"""

_UNMOUNT_DAEMON = """\
    {unmount}
    while kill -0 "$(cat "$work/daemon")" 2>/dev/null; do
        sleep 0.1
    done"""


def write(title: str, name: str, commands: ShellCommands) -> str:
    """The text of the script, whose file is called ``name``."""
    mount, unmount = f"    {commands.mount}", f"    {commands.unmount}"
    if commands.daemon:
        mount = _MOUNT_DAEMON.format(mount=commands.mount)
        unmount = _UNMOUNT_DAEMON.format(unmount=commands.unmount)
    make = "\n".join([*commands.load, *commands.mkfs])
    line = " ".join(title.split())
    return _SCRIPT.format(title=line, name=name, mount=mount, unmount=unmount, make=make)
