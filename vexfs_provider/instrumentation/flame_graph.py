"""Draws stacks as a flame graph: a picture in SVG without scripts.

A function is a box as wide as what was measured in it and in all that it has called, which lie on
top of it (https://www.brendangregg.com/flamegraphs.html). Pointing at a box shows its whole name
and its value; boxes of one name have one colour.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH, MARGIN, ROW = 1200, 10, 16  # pixels
LETTER = 6.6  # of the font, pixels
LEAST = 0.3  # pixels: what is narrower is not drawn


Stacks = Mapping[tuple[str, ...], int]
"""What was measured by stack: the frames, outermost first."""


@dataclass
class Box:
    """A function called in one way: its value, with that of what it calls."""

    value: int = 0
    inner: dict[str, "Box"] = field(default_factory=dict)

    def height(self) -> int:
        """How many boxes lie on top of each other, this one included."""
        return 1 + max((box.height() for box in self.inner.values()), default=0)


def tree(stacks: Stacks) -> Box:
    """All stacks in one, by their common beginnings."""
    root = Box()
    for frames, value in stacks.items():
        box = root
        box.value += value
        for name in frames:
            box = box.inner.setdefault(name, Box())
            box.value += value
    return root


def draw(stacks: Stacks, *, title: str, unit: str, notes: Sequence[str] = ()) -> str:
    """The picture as the text of an SVG file; ``unit`` is that of the stacks' values."""
    root = tree(stacks)
    rows = root.height()
    head = ROW * (3 + len(notes))
    height = head + ROW * rows + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="monospace" font-size="11">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fffdf5"/>',
        f'<text x="{WIDTH / 2}" y="{ROW * 1.5}" font-size="15" text-anchor="middle">'
        f"{escape(title)}</text>",
    ]
    for number, note in enumerate(notes):
        parts.append(f'<text x="{MARGIN}" y="{ROW * (2.5 + number)}">{escape(note)}</text>')
    if root.value:
        scale = (WIDTH - 2 * MARGIN) / root.value
        paper = _Paper(scale, f"{unit}, of {root.value}")
        parts += paper.boxes("all", root, MARGIN, head + ROW * (rows - 1))
    return "\n".join([*parts, "</svg>", ""])


@dataclass(frozen=True)
class _Paper:
    """Where boxes are drawn: ``scale`` is in pixels by unit of value."""

    scale: float
    unit: str

    def boxes(self, name: str, box: Box, left: float, top: float) -> list[str]:
        """A box with those on top of it, each beside the one before, by name."""
        if box.value * self.scale < LEAST:
            return []
        drawn = [self.box(name, box.value, left, top)]
        for inner in sorted(box.inner):
            drawn += self.boxes(inner, box.inner[inner], left, top - ROW)
            left += box.inner[inner].value * self.scale
        return drawn

    def box(self, name: str, value: int, left: float, top: float) -> str:
        width = value * self.scale
        room = int((width - 4) / LETTER)
        shown = name if len(name) <= room else f"{name[: room - 2]}.." if room > 4 else ""
        label = f'<text x="{left + 2:.1f}" y="{top + ROW - 5:.1f}">{escape(shown)}</text>'
        return (
            f"<g><title>{escape(name)}: {value} {escape(self.unit)}</title>"
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{ROW - 1}" '
            f'fill="{_colour(name)}" rx="2"/>{label if shown else ""}</g>'
        )


def _colour(name: str) -> str:
    """Warm ones for the kernel, greenish ones for its modules, blue for what is no function."""
    shade = zlib.crc32(name.encode()) % 60
    if name.startswith("["):
        return f"hsl({200 + shade // 3}, 60%, 75%)"
    return f"hsl({(90 if name.endswith(']') else 10) + shade // 2}, 75%, {62 + shade // 6}%)"
