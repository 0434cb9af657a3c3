"""Runs in the guest: tells which capabilities the filesystem that a folder is on really has.

A probe looks at the effect, not only at the success of the call: a hole that was punched must read
as zeros. Each probe is named like its capability in ``vexfs_provider/filesystems/capabilities.py``.
"""

import errno
import os

import capabilities_content
import capabilities_names
from probing import Absent

PROBES = {
    function.__name__: function
    for function in (*capabilities_names.PROBES, *capabilities_content.PROBES)
}


def probe(folder, names):
    """Probe ``names``: {name: {"present": bool, "detail": why not}}.

    ``folder`` is made if missing; each probe leaves its files in a subfolder of its own.
    """
    os.makedirs(folder, exist_ok=True)
    return {name: outcome(PROBES[name], os.path.join(folder, name)) for name in names}


def outcome(function, folder):
    """One probe's result. Exceptions that the filesystem cannot cause are passed on."""
    try:
        os.mkdir(folder, 0o755)
        function(folder)
    except Absent as reason:
        return {"present": False, "detail": str(reason)}
    except OSError as error:
        name = errno.errorcode.get(error.errno, str(error.errno))
        return {"present": False, "detail": f"{name} ({os.strerror(error.errno)})"}
    return {"present": True, "detail": ""}
