"""Who allocates kernel memory, counted by the kernel itself (Documentation/trace/histogram.rst)."""

import os

TRACING = "/sys/kernel/tracing"
INSTANCE = f"{TRACING}/instances/vexfs-memory"
EVENTS = ("kmalloc", "kmem_cache_alloc", "kmalloc_node", "kmem_cache_alloc_node")
PAGES = "mm_page_alloc"
PLACES = 4096  # that allocate, of each event; others are counted as dropped
BY_CALLER = "hist:keys=call_site.sym:vals=bytes_alloc:sort=bytes_alloc.descending"
BY_ORDER = "hist:keys=order:sort=hitcount.descending"


def start():
    """Begin to count; why this kernel cannot, or an empty text."""
    if not os.path.isdir(f"{TRACING}/events/kmem"):
        return "it has no tracepoints of allocations (CONFIG_TRACEPOINTS)"
    os.mkdir(INSTANCE)
    try:
        for name, trigger in triggers():
            write_text(name, f"{trigger}:size={PLACES}")
    except OSError as error:
        os.rmdir(INSTANCE)
        return f"it cannot count tracepoints (CONFIG_HIST_TRIGGERS): {error.strerror}"
    return ""


def stop():
    """End it; the kernel's text about each event, by the event's name."""
    texts = {}
    for name, trigger in triggers():
        write_text(name, f"{trigger}:pause")
        with open(f"{folder_of(name)}/hist") as file:
            texts[name] = file.read()
        write_text(name, f"!{trigger}")
    os.rmdir(INSTANCE)
    return texts


def triggers():
    for name in (*EVENTS, PAGES):
        if os.path.isdir(folder_of(name)):
            yield name, BY_ORDER if name == PAGES else BY_CALLER


def folder_of(name):
    return f"{INSTANCE}/events/kmem/{name}"


def write_text(name, text):
    # Opened to be truncated, it would forget the triggers that there are.
    with open(f"{folder_of(name)}/trigger", "a") as file:
        file.write(text)
