"""The source file to look into first, from a report that has been symbolised.

Such a report has ``file:line`` behind its functions (``scripts/decode_stacktrace.sh`` of the kernel
puts them there). To blame is the first file that does more than serve others: no allocator, lock,
scheduler, timer, string helper, nor a header.
"""

import re

_PLACE = re.compile(
    r"(?<![\w/.-])(?P<file>[a-z][\w-]{0,60}/(?:[\w.-]{1,60}/){0,12}[\w.-]{1,80}\.(?:c|S|rs)):\d{1,6}\b"
)
_SERVING = re.compile(
    "|".join(
        (
            r"(?:arch/\w+/(?:entry|include|kernel|lib|mm)|include|lib|mm|scripts|tools)/",
            r"kernel/(?:dma|entry|irq|kcsan|locking|printk|rcu|sched|time)/",
            r"kernel/(?:debug|extable|exit|fork|hung_task|kcov|kthread|notifier|panic|resource|signal"
            r"|smp|softirq|stacktrace|stop_machine|task_work|watchdog|workqueue)\w*\.",
            r"drivers/(?:base|usb/core|tty/serial)/",
            r"block/blk-(?:core|mq)\w*\.",
            r"fs/(?:aio|buffer|direct-io|fs-writeback|file|file_table|inode|ioctl|libfs|namespace|open"
            r"|read_write|readdir|seq_file|splice|super|sync)\.",
            r"net/core/(?:dev|skbuff|sock|stream)\.|net/socket\.",
            r"security/(?:security|commoncap)\.",
            r"virt/lib/",
        )
    )
)


def guilty_file(report: str) -> str | None:
    """The file, relative to the kernel's source tree; None if no line names one that may be."""
    for place in _PLACE.finditer(report):
        if not _SERVING.match(place["file"]):
            return place["file"]
    return None
