"""The modules of ``deps/guest/code``, which run in a guest and may import each other."""

import re

from vexfs_provider.paths import data_dir

# Scenarios load code in threads, and the `ast.parse` of CPython 3.11 must not run in two of
# them: "AST constructor recursion depth mismatch" (python/cpython issue 106905).
_IMPORT = re.compile(rb"^(?:import|from)\s+(\w+)", re.MULTILINE)


def sources(name: str) -> dict[str, bytes]:
    """Module ``name`` and those of the folder that it imports, in the order to load them in.

    Only imports at a module's top level count: they are made while it is loaded.
    """
    folder = data_dir("deps") / "guest" / "code"
    source = (folder / f"{name}.py").read_bytes()
    found: dict[str, bytes] = {}
    for imported in _IMPORT.findall(source):
        module = imported.decode()
        if (folder / f"{module}.py").is_file():
            found |= sources(module)
    return {**found, name: source}
