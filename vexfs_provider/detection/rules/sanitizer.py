"""Reports of KASAN, KMSAN, KCSAN, KFENCE and UBSAN (mm/kasan/report.c, lib/ubsan.c ...)."""

import re

from vexfs_provider.detection.rule import NAMED, Rule
from vexfs_provider.detection.stack import FUNCTION
from vexfs_provider.detection.trail import CALLING, CALLS, STACK, Trail

_BAD_ACCESS = ("bad-access in {frame}",)
_FREED = ("invalid-free in {frame}",)


def _after(header: str) -> re.Pattern[str]:
    return re.compile(header + " in " + FUNCTION)


_KASAN_ACCESS = Trail((_after(r"BUG: KASAN: [a-z-]+"), CALLS, STACK)).beside(
    # tags in hardware fault like a bad page (arch/arm64/mm/fault.c)
    "kernel_fault tag_check mem_abort ^el1h?_"
)
_FREE = r"(?:double-free or invalid-free|double-free|invalid-free)"
_KASAN_FREE = Trail((_after("BUG: KASAN: " + _FREE), CALLS, STACK)).beside(
    "slab_ kfree vunmap vfree"
)
# Its headers name where the value was used, which is often only where it was passed on.
_CREATED = re.compile(r"(?:Local variable .{1,300}? created at:|Uninit was created at:)")
_KMSAN = Trail((STACK, _CREATED, STACK)).beside(
    "alloc_skb netlink_ack netlink_rcv_skb _encrypt$ ^(?:crypto|cipher|drbg|rng)_"
)
_KMSAN_USB = Trail((STACK, _CREATED, STACK)).beside(
    "alloc_skb usb_(?:submit|start_wait)_urb usb_(?:bulk|interrupt|control)_msg"
)
_KFENCE = Trail((_after(r"BUG: KFENCE: [a-z -]+"), STACK))
_UBSAN = CALLING.beside("ubsan overflow")

_KASAN = (
    Rule(
        kind="kasan",
        hint="BUG: KASAN:",
        pattern=r"BUG: KASAN: (?P<bug>[a-z-]+) in " + NAMED,
        details=(r"(?P<access>Read|Write) (?:of size|at addr) [0-9a-f]",),
        title="KASAN: {bug} {access} in {frame}",
        alternatives=_BAD_ACCESS,
        blame=_KASAN_ACCESS,
    ),
    Rule(
        kind="kasan",
        hint="BUG: KASAN:",
        pattern=rf"BUG: KASAN: {_FREE} in " + NAMED,
        title="KASAN: invalid-free in {frame}",
        alternatives=_FREED,
        blame=_KASAN_FREE,
    ),
    Rule(
        kind="kasan",
        hint="BUG: KASAN:",
        pattern=r"BUG: KASAN: (?P<bug>[a-z-]+) on address",
        details=(r"(?P<access>Read|Write) of size \d",),
        title="KASAN: {bug} {access}",
    ),
    Rule(
        kind="kasan",
        hint="BUG: KASAN:",
        pattern=rf"BUG: KASAN: (?P<what>\S.{{0,40}}? in {NAMED}.{{0,80}}|.{{1,120}})",
        title="KASAN: {what}",
        truncated=True,
    ),
)
_KCSAN = r"BUG: KCSAN: (?P<bug>[\w: -]{1,40}) in (?P<func>[A-Za-z_]\w*)"
_OTHERS = (
    Rule(
        kind="kmsan",
        hint="BUG: KMSAN:",
        pattern=r"BUG: KMSAN: kernel-usb-infoleak in " + NAMED,
        title="KMSAN: kernel-usb-infoleak in {frame}",
        alternatives=("KMSAN origin in {origin}",),
        blame=_KMSAN_USB,
        traced=False,
    ),
    Rule(
        kind="kmsan",
        hint="BUG: KMSAN:",
        pattern=r"BUG: KMSAN: (?P<bug>[a-z-]+) in " + NAMED,
        title="KMSAN: {bug} in {frame}",
        alternatives=_BAD_ACCESS,
        blame=_KMSAN,
        traced=False,
    ),
    Rule(
        kind="kcsan",
        hint="BUG: KCSAN:",
        # the kernel sorts the two (kernel/kcsan/report.c); a module's name stands behind each
        pattern=_KCSAN + r"\S{0,80}(?: \[[\w-]{1,64}\])? / (?P<other>[A-Za-z_]\w*)",
        title="KCSAN: {bug} in {func} / {other}",
        traced=False,
    ),
    Rule(
        kind="kcsan",
        hint="BUG: KCSAN:",
        pattern=_KCSAN,
        title="KCSAN: {bug} in {func}",
        traced=False,
    ),
    Rule(
        kind="kfence",
        hint="BUG: KFENCE:",
        pattern=r"BUG: KFENCE: (?P<bug>(?:use-after-free|out-of-bounds|invalid) (?:read|write)) in "
        + NAMED,
        title="KFENCE: {bug} in {frame}",
        alternatives=_BAD_ACCESS,
        blame=_KFENCE,
    ),
    Rule(
        kind="kfence",
        hint="BUG: KFENCE:",
        pattern=r"BUG: KFENCE: (?P<bug>invalid free) in " + NAMED,
        title="KFENCE: {bug} in {frame}",
        alternatives=_FREED,
        blame=_KFENCE,
        traced=False,
    ),
    Rule(
        kind="kfence",
        hint="BUG: KFENCE:",
        pattern=r"BUG: KFENCE: (?P<bug>[a-z -]{1,40}) in " + NAMED,
        title="KFENCE: {bug} in {frame}",
        blame=_KFENCE,
        traced=False,
    ),
    Rule(
        kind="ubsan",
        hint="UBSAN:",
        pattern=r"UBSAN: Undefined behaviour in \S",
        title="UBSAN: undefined-behaviour in {frame}",
        blame=_UBSAN,
    ),
    Rule(
        kind="ubsan",
        hint="UBSAN:",
        pattern=r"UBSAN: (?P<bug>array-index-out-of-bounds) in \S",
        title="UBSAN: {bug} in {frame}",
        alternatives=_BAD_ACCESS,
        blame=_UBSAN,
    ),
    Rule(
        kind="ubsan",
        hint="UBSAN:",
        pattern=r"UBSAN: (?P<bug>.{1,80}?) in \S",
        title="UBSAN: {bug} in {frame}",
        blame=_UBSAN,
    ),
)
RULES = (*_KASAN, *_OTHERS)
