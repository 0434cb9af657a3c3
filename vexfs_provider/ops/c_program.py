"""A list of operations as a plain C program, for who has none of this package.

    cc -O2 -Wall -Wextra -o reproduce reproduce.c
    ./reproduce MOUNTPOINT [REMOUNT-COMMAND]

It makes the calls that the executor in ``deps/ops`` makes, prints each with its result, and looks
for the finding at the end. Exit status: 1 it is seen, 0 it is not, 2 the calls cannot be made.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from vexfs_provider.ops.c_calls import literal, statements
from vexfs_provider.ops.c_checks import Look, look_for
from vexfs_provider.ops.c_library import blocks_for, headers_for, words_of
from vexfs_provider.ops.divergence import Divergence
from vexfs_provider.ops.fields import Handle, Node
from vexfs_provider.ops.operations import MakeNode, Operation, Remount, SwitchUser, arguments_of
from vexfs_provider.ops.text import write_line

COMPILE = "cc -O2 -Wall -Wextra -o reproduce reproduce.c"

_HOW = f"""\
    {COMPILE}
    ./reproduce MOUNTPOINT{{remount}}

Run it as root: it makes the calls in a new folder MOUNTPOINT/vexfs-repro and prints each with its
result.{{clock}}
Exit status: {{status}}, 2 the calls cannot be made."""
_REMOUNT = " 'COMMAND THAT UNMOUNTS AND MOUNTS AGAIN'"
_CLOCK = " It sets the system's clock, and sets it right again at its end."


def write(
    operations: Sequence[Operation], check: Divergence | None, facts: Mapping[str, str]
) -> str:
    """The program's text; ``facts`` stand at its top, ``title`` first.

    Without ``check`` it only makes the calls: the last line that it prints names the one under way
    when the kernel crashed or hung.
    """
    look = look_for(operations, check)
    plan = _Plan(operations, look)
    code = "\n".join([*plan.calls(), "", *plan.main()])
    blocks = blocks_for(code, devices=plan.devices)
    used = words_of(code)
    body = "\n\n".join(
        [
            "\n".join(block.text for block in blocks if not block.prototype),
            "\n".join(block.prototype for block in blocks if block.name in used if block.prototype),
            code,
            "/* What the calls above are made of. */",
            *(block.text for block in blocks if block.prototype),
        ]
    )
    headers = [f"#include <{header}>" for header in headers_for(body)]
    comment = _comment(plan.introduction(facts))
    return "\n".join([comment, "#define _GNU_SOURCE", *headers, "", body, ""])


class _Plan:
    """What the program does, and what of it only some lists need."""

    def __init__(self, operations: Sequence[Operation], look: Look | None):
        self._operations = operations
        self._look = look
        self._clock = look is not None and look.clock
        self._users = any(isinstance(one, SwitchUser) for one in operations)
        self._handles = any(_uses_handle(one) for one in operations)
        self.devices = any(
            isinstance(one, MakeNode) and one.node is Node.BLOCK for one in operations
        )
        ends_remounted = look is not None and look.remount
        self._remounts = ends_remounted or any(isinstance(one, Remount) for one in operations)

    def introduction(self, facts: Mapping[str, str]) -> str:
        """What stands at the top of the program."""
        title = facts.get("title", "A list of filesystem operations")
        others = "\n".join(f"{name}: {value}" for name, value in facts.items() if name != "title")
        status = "0 all calls have returned"
        if self._look is not None:
            status = "1 the finding is seen, 0 it is not"
        how = _HOW.format(
            remount=_REMOUNT if self._remounts else "",
            clock=_CLOCK if self._clock else "",
            status=status,
        )
        return "\n\n".join(part for part in (title, others, how) if part)

    def calls(self) -> list[str]:
        """The function that makes the calls."""
        body = []
        for number, operation in enumerate(self._operations):
            body.append(f"begin({number}, {literal(write_line(operation))});")
            body += self._call(number, operation)
            if self._look is not None and number == self._look.index:
                body.append("strcpy(watched, outcome); /* the finding */")
        variables = ["int source;", ""] if any("source = " in line for line in body) else []
        lines = ["static void calls(void)", "{", *_indented([*variables, *body]), "}"]
        if self._look is not None and self._look.index is not None:
            lines[:0] = ["static char watched[sizeof(outcome)];", ""]
        return lines

    def main(self) -> list[str]:
        usage = f"usage: %s MOUNTPOINT{_REMOUNT if self._remounts else ''}\\n"
        body = [
            f"if (argc < {3 if self._remounts else 2}) {{",
            f'\tfprintf(stderr, "{usage}", argv[0]);',
            "\treturn 2;",
            "}",
            "mountpoint = argv[1];",
            *(["remount_command = argv[2];"] if self._remounts else []),
            *(["take_clock();", "tick(-1);"] if self._clock else []),
            "enter_fresh_folder();",
            "calls();",
            *self._end(),
        ]
        return ["int main(int argc, char **argv)", "{", *_indented(body), "}"]

    def _call(self, number: int, operation: Operation) -> list[str]:
        lines = [self._adapted(line) for line in statements(operation)]
        if isinstance(operation, Remount):
            return [*self._before_remount(), *lines]
        if self._clock:
            lines.insert(0, f"{'tick_as_root' if self._users else 'tick'}({number});")
        return lines

    def _before_remount(self) -> list[str]:
        lines = ["drop_all();"] if self._handles else []
        return [*lines, self._adapted("as_root(restore_clock);")] if self._clock else lines

    def _adapted(self, line: str) -> str:
        if not self._users:
            line = re.sub(r"as_root\((\w+)\)", r"\1()", line)
        if self._clock:
            line = re.sub(r"end\((describe\w*)\(", r"end(\1_with_times(", line)
        return line

    def _end(self) -> list[str]:
        """What is done after the calls: the executor describes a tree as root, all files closed."""
        if self._look is None:
            return ['puts("all calls have returned");', "return 0;"]
        lines = ["become(0);"] if self._users else []
        if self._look.remount:
            lines += [*self._before_remount(), "remount();"]
        elif self._look.index is None and self._handles:
            lines.append("drop_all();")
        return [*lines, self._look.line, "return found;"]


def _uses_handle(operation: Operation) -> bool:
    names = arguments_of(type(operation))
    return any(isinstance(getattr(operation, name), Handle) for name in names)


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"\t{line}" if line else "" for line in lines]


def _comment(text: str) -> str:
    """Text as a comment: in ASCII, and without what would end it."""
    plain = text.encode("ascii", "backslashreplace").decode().replace("*/", "* /")
    lines = [f" * {line}".rstrip() for line in plain.replace("/*", "/ *").splitlines()]
    return "\n".join(["/*", *lines, " */"])
