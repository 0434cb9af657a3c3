"""Files of numbers in numpy's format, read without numpy.

To import numpy takes a tenth of a second, a third of what ``vexfs-detect`` may take for a small
log; the models are so small that plain Python is as fast. The format: numpy's NEP 1.
"""

import ast
import struct
import zipfile
import zlib
from pathlib import Path

_MAGIC = b"\x93NUMPY\x01\x00"
_FORMATS = {"<f8": ("d", 8), "|u1": ("B", 1)}
_LARGEST = 1 << 20  # bytes of one array: ours have some hundred


def read_arrays(path: Path) -> dict[str, tuple[float, ...]]:
    """The arrays of a ``.npz`` by name: vectors of 64-bit floats or of bytes, nothing else.

    Raises ``ValueError`` for any other file, ``OSError`` for one that cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as file:
            return {
                info.filename.removesuffix(".npy"): _array(file.read(info))
                for info in file.infolist()
                if info.file_size <= _LARGEST
            }
    # NotImplementedError, a RuntimeError, stands for a kind of zip that Python cannot read.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise ValueError(str(error)) from error


def _array(raw: bytes) -> tuple[float, ...]:
    """Raises ``ValueError`` for all but a vector."""
    if not raw.startswith(_MAGIC) or len(raw) < len(_MAGIC) + 2:
        raise ValueError("an array does not begin as numpy's do")
    begin = len(_MAGIC) + 2
    (size,) = struct.unpack_from("<H", raw, len(_MAGIC))
    try:
        header = ast.literal_eval(raw[begin : begin + size].decode("latin-1").strip())
        code, width = _FORMATS[header["descr"]]
        (count,) = header["shape"]
        return struct.unpack_from(
            f"<{count}{code}", raw[: begin + size + count * width], begin + size
        )
    except (SyntaxError, KeyError, TypeError, struct.error) as error:
        raise ValueError("an array is no vector of floats or bytes") from error
