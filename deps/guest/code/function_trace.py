"""Trace the functions of a module with ftrace (Documentation/trace/ftrace.rst)."""

import glob
import os
import re

TRACING = "/sys/kernel/tracing"
PIECE = 1 << 16


def start(tracer, traced, instance, buffer_kib):
    """Begin; why this kernel cannot, or an empty text.

    ``instance`` names a trace of its own beside others; "" is the kernel's one, which the tracer
    function_graph needs (before 6.12). ``buffer_kib`` is for each processor; what is older than
    fits is lost.
    """
    tracers = read_text(f"{TRACING}/available_tracers") if os.path.isdir(TRACING) else ""
    if tracer not in tracers.split():
        option = f"CONFIG_{tracer.upper()}_TRACER"
        return f"the kernel has no tracer {tracer} ({option})"
    if not os.path.isdir(f"/sys/module/{traced}/sections"):
        builtin = traced in read_text("/proc/filesystems").split()
        return f"{traced} is {'built into the kernel, and no module' if builtin else 'not loaded'}"
    folder = folder_of(instance)
    if instance:
        os.mkdir(folder)
    elif read_text(f"{folder}/current_tracer").strip() != "nop":
        return "another tracer is at work in the guest"
    write_text(f"{folder}/tracing_on", "0")
    write_text(f"{folder}/buffer_size_kb", str(buffer_kib))
    choose(traced, instance)
    write_text(f"{folder}/current_tracer", tracer)
    if not instance:
        # Whose call it is; without it calls of several tasks cannot be told apart.
        write_text(f"{folder}/options/funcgraph-proc", "1")
    write_text(f"{folder}/tracing_on", "1")
    return ""


def choose(traced, instance):
    """Trace the functions of a module, as it is loaded now, and no others."""
    write_text(f"{folder_of(instance)}/set_ftrace_filter", f":mod:{traced}")


def functions(traced):
    """The functions of a loaded module: address and name of each, by address."""
    suffix = f"[{traced}]"
    with open("/proc/kallsyms") as file:
        lines = (line.split() for line in file if line.endswith(f"{suffix}\n"))
        return sorted((int(word[0], 16), word[2]) for word in lines if word[1] in "tT")


def pause(instance):
    """End the trace; how many events each processor has written over, and those it has."""
    folder = folder_of(instance)
    write_text(f"{folder}/tracing_on", "0")
    texts = [read_text(path) for path in glob.glob(f"{folder}/per_cpu/cpu*/stats")]
    return {
        "overwritten": sum(count("overrun", text) for text in texts),
        "kept": sum(count("entries", text) for text in texts),
    }


def save(instance, path, limit):
    """Write the trace in words, which the kernel makes as they are read, to ``path``."""
    left = limit
    with open(f"{folder_of(instance)}/trace", "rb") as trace, open(path, "wb") as file:
        while left and (piece := trace.read(min(left, PIECE))):
            file.write(piece)
            left -= len(piece)


def remove(instance):
    """Take the tracer away, with what it has."""
    folder = folder_of(instance)
    write_text(f"{folder}/current_tracer", "nop")
    write_text(f"{folder}/set_ftrace_filter", "")
    if instance:
        os.rmdir(folder)
    else:
        write_text(f"{folder}/trace", "")
        write_text(f"{folder}/buffer_size_kb", "1")
        write_text(f"{folder}/tracing_on", "1")


def folder_of(instance):
    return f"{TRACING}/instances/{instance}" if instance else TRACING


def count(name, text):
    found = re.search(rf"^{name}: (\d+)", text, re.MULTILINE)
    return int(found[1]) if found else 0


def read_text(path):
    with open(path) as file:
        return file.read()


def write_text(path, text):
    # The last of a list of filters is applied when the file is closed, which may fail too.
    with open(path, "w") as file:
        file.write(text)
