"""Rust functions under the names that their source has.

The kernel prints symbols in Rust's "v0" encoding (RFC 2603). What is read here are paths and the
types within them; a name that holds more (constants, function types) stays as it is.
"""

import re
from collections.abc import Callable
from functools import lru_cache

_STEPS = 400  # references back into a name could make its text grow without end
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LENGTH = re.compile(r"(\d{1,3})_?")
_NUMBER = re.compile(r"([0-9a-zA-Z]{0,13})_")
_BASIC = {
    **{"a": "i8", "b": "bool", "c": "char", "d": "f64", "e": "str", "f": "f32", "h": "u8"},
    **{"i": "isize", "j": "usize", "l": "i32", "m": "u32", "n": "i128", "o": "u128", "s": "i16"},
    **{"t": "u16", "u": "()", "v": "...", "x": "i64", "y": "u64", "z": "!", "p": "_"},
}
_POINTERS = {"R": "&", "Q": "&mut ", "P": "*const ", "O": "*mut "}


@lru_cache(4096)
def source_name(symbol: str) -> str:
    """The function's path, as in ``<module::Type>::function``; any other name unchanged."""
    if not symbol.startswith("_R"):
        return symbol
    try:
        return _Decoder(symbol[2:]).path()
    except (_UnknownError, RecursionError):
        return symbol


class _UnknownError(Exception):
    """The encoding goes beyond what is read here."""


class _Decoder:
    def __init__(self, text: str):
        self._text = text
        self._place = 0
        self._steps = 0

    def path(self) -> str:
        tag = self._next()
        if tag == "C":
            return self._identifier()
        if tag == "N":
            space = self._next()
            return _member(self.path(), space, self._disambiguator(), self._bare_identifier())
        if tag == "M":
            self._skip_impl()
            return f"<{self._type()}>"
        if tag == "X":
            self._skip_impl()
        if tag in "XY":
            return f"<{self._type()} as {self.path()}>"
        if tag == "I":
            return f"{self.path()}::<{', '.join(self._until_end(self._generic))}>"
        if tag == "B":
            return self._backwards(self.path)
        raise _UnknownError

    def _type(self) -> str:
        tag = self._next()
        if tag in _BASIC:
            return _BASIC[tag]
        if tag in _POINTERS:
            if self._peek() == "L":
                self._next()
                self._number()
            return _POINTERS[tag] + self._type()
        if tag == "S":
            return f"[{self._type()}]"
        if tag == "T":
            return f"({', '.join(self._until_end(self._type))})"
        if tag == "B":
            return self._backwards(self._type)
        self._place -= 1
        return self.path()

    def _generic(self) -> str:
        if self._peek() == "L":
            self._next()
            self._number()
            return "'_"
        return self._type()

    def _until_end(self, part: Callable[[], str]) -> list[str]:
        parts = []
        while self._peek() != "E":
            parts.append(part())
        self._next()
        return parts

    def _backwards(self, part: Callable[[], str]) -> str:
        target = self._number()
        behind = self._place
        if target >= behind:
            raise _UnknownError
        self._place = target
        text = part()
        self._place = behind
        return text

    def _skip_impl(self) -> None:
        self._disambiguator()
        self.path()

    def _identifier(self) -> str:
        self._disambiguator()
        return self._bare_identifier()

    def _disambiguator(self) -> int:
        if self._peek() != "s":
            return 0
        self._next()
        return self._number() + 1

    def _bare_identifier(self) -> str:
        length = _LENGTH.match(self._text, self._place)
        if length is None:
            raise _UnknownError
        begin = length.end()
        self._place = begin + int(length.group(1))
        if self._place > len(self._text):
            raise _UnknownError
        return self._text[begin : self._place]

    def _number(self) -> int:
        digits = _NUMBER.match(self._text, self._place)
        if digits is None:
            raise _UnknownError
        self._place = digits.end()
        value = 0
        for digit in digits.group(1):
            value = value * len(_DIGITS) + _DIGITS.index(digit)
        return value + 1 if digits.group(1) else 0

    def _peek(self) -> str:
        return self._text[self._place : self._place + 1]

    def _next(self) -> str:
        self._steps += 1
        if self._steps > _STEPS or self._place >= len(self._text):
            raise _UnknownError
        self._place += 1
        return self._text[self._place - 1]


def _member(path: str, space: str, number: int, name: str) -> str:
    """``space``: lower-case letters are the compiler's own, C is a closure, S a shim."""
    if space.islower():
        return f"{path}::{name}"
    what = {"C": "closure", "S": "shim"}.get(space, space)
    return f"{path}::{{{what}:{name}#{number}}}" if name else f"{path}::{{{what}#{number}}}"
