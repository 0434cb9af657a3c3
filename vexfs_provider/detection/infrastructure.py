"""Functions that only carry out what another asked for, and so are not to blame for a crash.

A bug shows in them because a caller handed in a bad pointer, a held lock or a freed object. The
words are regular expressions, searched anywhere in a function's name, since the kernel builds names
by adding to both ends (``__raw_spin_lock_irqsave``); ``^`` and ``$`` tie a word to an end. They
are grouped by what the functions are for; a new one belongs to the family it serves.

Which families are skipped in which kind of report follows syzkaller (``pkg/report``, Apache-2.0),
so that bugs have the same names; none of its code is used.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache


class Functions:
    """A set of functions, given by parts of their names."""

    def __init__(self, *words: str):
        self.words = tuple(word for line in words for word in line.split())
        self._search = _cached_search("|".join(self.words) or "(?!)")

    def __contains__(self, function: str) -> bool:
        return self._search(function)

    def __or__(self, other: "Functions") -> "Functions":
        return Functions(*self.words, *other.words)


def _cached_search(pattern: str) -> Callable[[str], bool]:
    search = re.compile(pattern).search

    @lru_cache(4096)  # the same functions are in every stack
    def known(function: str) -> bool:
        return search(function) is not None

    return known


def outside(functions: Iterable[str], infrastructure: Functions) -> list[str]:
    """The functions that do not belong to the set."""
    return [function for function in functions if function not in infrastructure]


# In every kind of report.
GENERIC = Functions(
    # what prints the report (kernel/panic.c, lib/dump_stack.c, arch/*/kernel/dumpstack.c)
    "panic __warn warn_(?:slowpath|alloc|bogus) assertfail report_bug fixup_bug print_report",
    "print_(?:address_description|usage_bug|unlock|tainted) imbalance_bug ^get_taint$",
    "(?:show|dump|walk)_stack dump_backtrace hex_dump stack_trace_(?:save|consume) arch_stack_walk",
    "printk va_format dev_(?:info|notice|warn|err|alert|crit|emerg) fortify_report",
    "snprintf scnprintf kv?asprintf string pointer",
    # sanitizers and object debugging (mm/kasan, mm/kmsan, kernel/kcsan, lib/debugobjects.c)
    "__(?:a|m)san __sanitizer kasan hwasan kmsan kcsan_setup check_memory_region",
    "check_(?:heap_)?object read_word_at_a_time (?:read|write)_once_.*nocheck debug_object",
    "(?:timer|work)_is_static_object ref_tracker",
    # entry of exceptions (arch/*/kernel/traps.c, arch/*/mm/fault.c, arch/*/kernel/entry*)
    "invalid_op do_error _trap$ do_trap do_(?:kernel|translation)_fault do_mem_abort el1_abort",
    "el1h_64_sync program_check_(?:exception|common) _indirect_thunk_ __phys_addr",
    # allocators: slab, pages, vmalloc, page cache (mm/)
    "k?v?[mzc]alloc krealloc kmem_cache allocate_slab slab_ ^kv?free$ kfree_skb",
    "alloc_(?:page|frozen_pages) folio_(?:alloc|unlock) filemap_(?:alloc|get)_folio ida_free",
    "(?:find_or_create|read_cache|pagecache_get|grab_cache)_page do_read_cache_folio",
    "find_lock_entries truncate_inode_pages_range mark_buffer_dirty",
    # plain data: memory, strings, lists, trees, counters, bits, checksums (lib/)
    "mem(?:cpy|cmp|set|chr|move|dup) str(?:n|l|s)?(?:cmp|cpy|len|str|chr|dup)",
    "list_(?:add|del|replace|move|splice) ^klist_ ^_*rb_ rhashtable_lookup xas_(?:start|load|find)",
    "^refcount_ ^kref_ (?:set|clear|change|test)_bit",
    "atomic(?:64)?_(?:dec|inc|read|set|or|xor|and|add|sub|fetch|xchg|cmpxchg|try)",
    "^crc\\d crc_itu_t seqprop_assert drop_nlink ^iput(?:_final)?$ ^ihold$ dput",
    # copies to and from user space and devices
    "copy_(?:to|from)_(?:user|iter) copy_(?:page|folio)_(?:to|from)_iter ^copy(?:in|out)$",
    "(?:put|get)_user extract_(?:user|iter)_to_sg (?:read|write)[bwlq]$ logic_(?:in|out)",
    # locks and their validator (kernel/locking)
    "(?:spin|read|write)_(?:try|un)?lock raw_spin_rq ^_*mutex_",
    "^rt_mutex_ ^down$ down_(?:read|write|trylock) up_(?:read|write) ^(?:un)?lock_page",
    "owner_on_cpu osq_(?:un)?lock lock_(?:acquire|release|class) lockdep mark_lock perf_trace",
    "(?:reacquire|mark)_held_locks (?:trace|lockdep)_(?:hard|soft)irq",
    # preemption, waiting, timers and work queues (kernel/sched, kernel/time, kernel/workqueue.c)
    "might_(?:fault|sleep|resched) bh_(?:en|dis)able __wake_up finish_wait ^complete$",
    "wait_for_completion kthread_stop del_timer lock_timer_base __timer_delete_sync __mod_timer",
    "sk_stop_timer_sync queue_work queue_delayed_work insert_work flush_work cancel_work",
    "__cancel_work_timer try_to_grab_pending (?:drain|destroy)_workqueue cleanup_srcu_struct",
    # the driver core, which registers and releases for its callers (drivers/base, lib/kobject.c)
    "kobject_ add_uevent_var get_device_parent ^put_device$ device_(?:add|del|destroy|release)",
    "device_(?:unregister|for_each_child|remove_file) devres_release_all sysfs_remove",
    "hwrng_unregister i2c_del_adapter __unregister_client tty_unregister_device",
    "rollback_registered unregister_netdev",
    "usb_(?:kill_urb|kill_anchored_urbs|control_msg|hcd_submit_urb|submit_urb) dummy_urb_enqueue",
)

# Entries whose prefix depends on the machine: a system call is one bug on all of them.
SYSCALL_PREFIXES = (
    "SYSC_",
    "SyS_",
    "sys_",
    "__x64_",
    "__ia32_",
    "__arm64_",
    "__s390x_",
    "__riscv_",
    "____sys_",
    "___sys_",
    "__sys_",
    "__se_",
    "__se_sys_",
    "__do_sys_",
    "compat_SYSC_",
    "compat_SyS_",
    "ksys_",
)

# In reports of a blocked task: what puts a task to sleep.
SLEEPING = Functions(
    "sched _lock _slowlock down rwsem completion kthread wait synchronize context_switch",
    "__switch_to cancel_delayed_work rcu_barrier",
)

# Waits that name the hang themselves: whoever holds them up, many tasks come to stand there.
GRACE_PERIOD = Functions("synchronize_s?rcu synchronize_(?:net|sched)")
NETWORK_LOCK = Functions("rtnl_lock")

# What hands work to others: in a stall, the function that it called is the one that did not end.
DISPATCHING = Functions(
    # system calls, by the machine
    "do_syscall_ do_fast_syscall_ sysenter_dispatch tracesys_phase2 el0_svc_handler invoke_syscall",
    "ret_fast_syscall ^(?:sys_)?(?:socketpair|connect|ioctl)",
    # work, timers, interrupts below, threads
    "process_one_work do_softirq call_timer_fn _run_timers run_timer_softirq hrtimer_run",
    "run_ksoftirqd tasklet_(?:hi_)?action smpboot_thread_fn ^kthread$ start_secondary",
    "cpu_startup_entry ret_from_fork smp_call_function netif_receive_skb",
    # operations of files, by way of a table of functions
    "vfs_(?:read|write|ioctl|open) vfs_iter_(?:read|write) do_iter_(?:read|write) new_sync_",
    "call_(?:read|write)_iter do_dentry_open (?:ksys|compat|compat_sys)_ioctl",
    "blkdev_(?:driver_)?ioctl ^call_mmap mmap_region do_mmap __fput task_work_run",
    "exit_to_usermode",
    # operations of sockets
    "^sock_(?:sendmsg|recvmsg|release|mmap|do_ioctl|ioctl) ^__sock_release ^compat_sock_ioctl",
    "^(?:setsockopt|listen|accept)$ kernel_(?:setsockopt|listen|accept) sock_common_setsockopt",
    "sk_common_release ^(?:rt|nf)netlink_rcv_msg ^netlink_dump",
    # page faults
    "__do_fault do_page_fault ^page_fault$",
)
