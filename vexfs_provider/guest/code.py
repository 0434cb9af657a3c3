"""The modules of ``deps/guest/code``, which run in a guest and may import each other."""

import ast

from vexfs_provider.paths import data_dir


def sources(name: str) -> dict[str, bytes]:
    """Module ``name`` and those of the folder that it imports, in the order to load them in.

    Only imports at a module's top level count: they are made while it is loaded.
    """
    folder = data_dir("deps") / "guest" / "code"
    source = (folder / f"{name}.py").read_bytes()
    found: dict[str, bytes] = {}
    for imported in _imports(source):
        if (folder / f"{imported}.py").is_file():
            found |= sources(imported)
    return {**found, name: source}


def _imports(source: bytes) -> list[str]:
    names: list[str] = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(str(node.module))
    return names
