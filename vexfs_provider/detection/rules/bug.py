"""BUG_ON and the many lines that begin with "BUG"."""

import re

from vexfs_provider.detection.rule import NAMED, Rule
from vexfs_provider.detection.trail import CALLING, FAULTING, STACK, Trail

_AT = r"(?:kernel BUG|Kernel BUG) at (?:\S{1,200}/)?"

_ASSERTIONS = (
    Rule(
        kind="list-corruption",
        hint="ernel BUG at",
        pattern=_AT + r"lib/list_debug\.c:\d",
        title="BUG: corrupted list in {frame}",
        alternatives=("bad-access in {frame}",),
        blame=CALLING,
    ),
    Rule(
        kind="usercopy",
        hint="ernel BUG at",
        pattern=_AT + r"mm/usercopy\.c:\d",
        title="BUG: bad usercopy in {frame}",
        blame=CALLING.beside("usercopy __check"),
    ),
    Rule(
        kind="kernel-bug",
        hint="ernel BUG at",
        pattern=r"(?:kernel BUG|Kernel BUG) at \S",
        title="kernel BUG in {frame}",
        blame=FAULTING.beside("^skb_"),
    ),
    Rule(
        kind="rust-panic",
        hint="rust_kernel: panicked at",
        pattern=r"rust_kernel: panicked at \S",
        details=(r"^(?P<what>\S.{0,200})",),
        title="{what} in {frame}",
        blame=CALLING.beside("rust_begin_unwind rust_helper_BUG"),
    ),
)
_CONTEXT = (
    Rule(
        kind="atomic-sleep",
        hint="BUG: sleeping function",
        pattern=r"BUG: sleeping function called from invalid context",
        title="BUG: sleeping function called from invalid context in {frame}",
        blame=CALLING,
    ),
    Rule(
        kind="atomic-sleep",
        hint="BUG: scheduling while",
        pattern=r"BUG: scheduling while atomic",
        title="BUG: scheduling while atomic in {frame}",
        blame=CALLING.beside("schedule"),
    ),
    Rule(
        kind="preemptible",
        hint="in preemptible",
        pattern=r"BUG: using (?P<what>[a-z_]{1,40})\(\) in preemptible",
        title="BUG: using {what}() in preemptible code in {frame}",
        blame=CALLING.beside("dump_stack preemption preempt debug_ processor_id this_cpu"),
    ),
    Rule(
        kind="workqueue-leak",
        hint="BUG: workqueue leaked",
        pattern=r"BUG: workqueue leaked (?:lock or atomic|atomic, lock or RCU)",
        title="BUG: workqueue leaked lock or atomic in {func}",
        details=(r"(?:last function: |workfn=)(?P<func>\w{1,128})",),
        traced=False,
    ),
)
_MEMORY = (
    Rule(
        kind="memory-leak",
        hint="BUG: memory leak",
        pattern=r"BUG: memory leak",
        title="memory leak in {frame}",
        blame=Trail((re.compile(r"backtrace(?: \(crc [0-9a-f]*\))?:"), STACK)).beside(
            "kmemleak mmap kmem slab alloc create_object idr_get list_lru_init kv?asprintf",
            "pcpu_create strn?dup memdup",
        ),
    ),
    Rule(
        kind="bad-page-state",
        hint="BUG: Bad page",
        pattern=r"BUG: Bad page (?P<what>state|cache)",
        title="BUG: Bad page {what} in {frame}",
        blame=Trail((re.compile("page last allocated"), STACK)).beside(
            "(?:free|put|get|update|release)_page free_unref ^_*folio truncate_inode_pages",
            "page_frag_free alloc vmap page_owner",
        ),
    ),
    Rule(
        kind="bad-page-map",
        hint="BUG: Bad page map",
        pattern=r"BUG: Bad page map",
        title="BUG: Bad page map",
    ),
    Rule(
        kind="bad-page-map",
        hint="BUG: Bad",
        pattern=r"BUG: Bad (?P<what>rss-counter state|pagetable)",
        title="BUG: Bad {what}",
        traced=False,
    ),
    Rule(
        kind="bad-page-map",
        hint="on freeing mm",
        pattern=r"BUG: non-zero (?P<what>\w{1,32}) on freeing mm",
        title="BUG: non-zero {what} on freeing mm",
        traced=False,
    ),
    # mm/slub.c: "BUG kmalloc-8 (Tainted: G    B): Object already free"
    Rule(
        kind="slab-corruption",
        hint="BUG ",
        pattern=r"BUG [\w.:-]{1,80} \([^)]{1,80}\): (?P<what>[A-Z][\w -]{1,60})",
        title="BUG: {what}",
    ),
    Rule(
        kind="slab-corruption",
        hint="INFO: ",
        pattern=r"INFO: (?P<what>Freed|Allocated) in " + NAMED,
        title="INFO: {what} in {func}",
        truncated=True,
    ),
)
_COUNTS = (
    Rule(
        kind="dentry-leak",
        hint="still in use",
        pattern=r"BUG: Dentry .{0,160} still in use \(-?\d+\) "
        r"\[(?P<func>unmount) of (?P<device>[^\]]{1,80})",
        title="BUG: Dentry still in use in {func}",
        alternatives=("BUG: Dentry still in use [{func} of {device}]",),
    ),
    Rule(
        kind="inode-leak",
        hint="Busy inodes after unmount",
        pattern=r"VFS: Busy inodes after unmount",
        title="VFS: Busy inodes after unmount (use-after-free)",
        traced=False,
    ),
    Rule(
        kind="file-count",
        hint="VFS: Close: file count",
        pattern=r"VFS: Close: file count is (?:zero|0)",
        title="VFS: Close: file count is zero (use-after-free)",
        traced=False,
    ),
    Rule(
        kind="device-leak",
        hint="unregister_netdevice: waiting",
        pattern=r"unregister_netdevice: waiting for .{1,80} to become free",
        title="unregister_netdevice: waiting for DEV to become free",
        traced=False,
        ends_others=False,
    ),
)
_ANY = (
    Rule(
        kind="bug-other",
        hint="BUG: ",
        pattern=r"(?:\w{1,32}: )?BUG: (?P<what>\S.{0,120})",
        title="BUG: {what}",
        general=True,
        traced=False,
    ),
    Rule(
        kind="bug-other",
        hint=" BUG: ",
        # not what a program wrote to the kernel's log, nor what is quoted
        pattern=r"(?!\S{1,64}\[\d)[^\"'`=]{1,80}? BUG: (?P<what>\S.{0,120})",
        title="BUG: {what}",
        general=True,
        stamped=True,
        traced=False,
    ),
    Rule(
        kind="bug-other",
        hint="BUG:",
        pattern=r"BUG: ?$",
        title="BUG: corrupted",
        truncated=True,
    ),
)
RULES = (*_ASSERTIONS, *_CONTEXT, *_MEMORY, *_COUNTS, *_ANY)
