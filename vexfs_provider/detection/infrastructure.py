"""Functions that only carry out what another asked for, and so are not to blame for a crash.

A bug shows in them because a caller handed in a bad pointer, a held lock or a freed object. The
words are regular expressions, matched at the begin of a function's name without its leading
underscores; a word that ends in ``$`` is a whole name.
"""

import re
from collections.abc import Iterable


class Functions:
    """A set of functions, given by the begins of their names."""

    def __init__(self, *words: str):
        alternatives = [word for line in words for word in line.split()]
        self._pattern = re.compile("|".join(alternatives))

    def __contains__(self, function: str) -> bool:
        return bool(self._pattern.match(function.lstrip("_")))


def first_outside(functions: Iterable[str], *infrastructure: Functions) -> str | None:
    """The first function that belongs to none of the sets."""
    for function in functions:
        if not any(function in known for known in infrastructure):
            return function
    return None


# In every kind of report.
GENERIC = Functions(
    # the machinery that prints the report
    "panic report_ print_ show_ dump_ warn check_panic_on_warn get_taint die$ notify_die",
    "fixup_bug handle_bug bug_handler brk_handler call_break_hook assertfail \\w+_panic$ oops",
    "printk vprintk dev_printk dev_err dev_warn console_unlock get_stack stack_trace save_stack",
    "unwind arch_stack walk_stackframe is_bpf_text kernel_text core_kernel rust_helper_BUG",
    "fault_create should_fail",
    # sanitizers
    "asan hwasan msan ubsan tsan sanitizer kasan kmsan kcsan kfence check_memory_region",
    "check_region_inline read_word_at_a_time memory_is_ instrument_ describe_ end_report",
    "get_report metadata_ quarantine qlist_ qlink_ depot_",
    # entry to the kernel and its exceptions
    "entry_ asm_ ret_from_ ret_fast kernel_thread error_entry error_code trap_",
    "invalid_op do_invalid do_error do_trap do_general exc_ general_protection handle_exception",
    "debug_exception do_debug page_fault do_page_fault do_user_addr_fault do_kern_addr_fault",
    "handle_page_fault bad_area do_bad_area no_context do_kernel_fault do_mem_abort",
    "do_translation do_alignment do_DataAbort do_tag_check",
    "el[01]\\w*_(?:sync|abort|da|dbg|inv|fault) die_kernel_fault common_exception dabt_",
    "x86_indirect_thunk x86_return_thunk retpoline search_extable",
    # memory: slab, pages, vmalloc
    "(?:k|v|kv)(?:m|z|c|re)?alloc kmem_ do_kmalloc do_krealloc kstrdup kv?as?printf kvasprintf",
    "kmemleak_ kmemdup kvmemdup memdup kfree kvfree vfree vmap vunmap slab cache_alloc",
    "allocate_slab new_slab get_partial alloc_pages alloc_page alloc_frozen get_free_page",
    "get_page_from free_page free_unref free_one_page free_pcp bad_page prep_new",
    "post_alloc_hook put_page folio_alloc folio_put vma_alloc_folio page_pool_alloc percpu",
    "pcpu_ free_the_page destroy_large_folio release_pages",
    # plain data: memory and string functions, lists, trees, counters, bits
    "mem(?:cpy|cmp|set|move|chr|scan|dup) str[a-z]+$ strncpy_from fortify v?sc?n?printf number$",
    "string$ string_nocheck pointer$ format_decode seq_printf seq_vprintf seq_put hex_dump_to",
    "list_ klist_ hlist_ rb_ rbtree radix_tree idr_ ida_ xa_ xas_ refcount kref_ kobject_",
    "put_device get_device atomic arch_atomic test_bit test_and set_bit clear_bit const_test",
    "variable_test find_next_bit find_first_bit sg_next csum_partial crc32 crypto_ cipher_ xts_",
    "cbc_ aes_ aesti_ shash_ sha\\d",
    # copies to and from user space
    "check_object_size check_heap check_stack_object usercopy_ copy_(?:to|from|user|in_user)",
    "copyout copyin copy_page_(?:to|from) simple_copy_to get_user put_user raw_copy clear_user",
    "arch_copy",
    # locks and their validator
    "raw_(?:spin|read|write) spin_ (?:read|write)_(?:un)?(?:lock|trylock) do_raw_ queued_",
    "native_ pv_ mutex_ ww_mutex rt_mutex rt_spin task_blocks_on_rt lock_acquire lock_release",
    "lock_acquired lock_is lock_set lock_page lock_sock reacquire_held add_lock validate_chain",
    "check_prev check_noncirc check_lock check_deadlock check_irq check_wait mark_lock",
    "mark_held mark_usage mark_irqflags find_held register_lock assign_lock look_up_lock",
    "valid_state hlock_class lockdep_ debug_ trace_hardirqs trace_softirqs trace_irq",
    "perf_trace_lock trace_contention down_ up_ down$ up$ rwsem_ percpu_down percpu_up",
    "seqcount_ seqprop do_write_seqcount warn_bogus_irq task_lock",
    # preemption and read-side sections
    "might_ cond_resched rcu_read rcu_lock rcu_is_watching rcu_note call_rcu rcu_head local_bh",
    "preempt_ in_atomic check_preemption sched_clock",
    # waiting, timers and work queues
    "schedule$ schedule_ io_schedule switch_to context_switch wait_for_ do_wait_for wake_up",
    "try_to_wake_up folio_wake folio_unlock finish_wait prepare_to_wait add_wait_queue",
    "remove_wait_queue autoremove_wake flush_work flush_workqueue flush_delayed cancel_work",
    "cancel_delayed queue_work queue_delayed insert_work kthread_insert_work start_flush",
    "drain_workqueue destroy_workqueue del_timer try_to_del timer_delete timer_is_static",
    "mod_timer add_timer init_timer lock_timer_base work_is_static lookup_object_or",
    "debug_object",
    # helpers of drivers that check on behalf of their caller
    "skb_(?:put|push|pull|over_panic|under_panic|panic)$ usb_kill_urb usb_poison device_del$",
    "device_unregister$ mark_buffer_dirty",
)

# Beside these in reports of a blocked task: what puts a task to sleep.
SLEEPING = Functions(
    "schedule preempt_schedule wait_ bit_wait out_of_line_wait rwbase_ rt_mutex do_wait lock_page",
    "lock_buffer folio_lock folio_wait percpu_rwsem ldsem_ kthread_(?:stop|park|flush)",
    "usleep_range msleep congestion_wait submit_bio_wait blk_wait exp_funnel rcu_barrier",
    "bio_queue_enter usb_start_wait",
)

# Sleeping too, but until readers anywhere in the kernel are done: it names the hang itself.
GRACE_PERIOD = Functions("synchronize_(?:s?rcu|sched|net|rcu_expedited)")

# What hands work to others: in a stall, the function that it called is the one that did not end.
DISPATCHING = Functions(
    "do_syscall_ do_fast_syscall do_int80 entry_SYS entry_INT sysenter_ tracesys x64_sys_call",
    "ia32_sys_call invoke_syscall el0_svc ret_fast_sys system_call sys_trace syscall_exception",
    "process_one_work process_scheduled call_timer_fn hrtimer_run run_hrtimer tasklet_action",
    "netif_receive_skb do_dentry_open",
    "vfs_(?:read|write|ioctl|iter|fallocate|fsync|mkdir|unlink) new_sync_",
    "call_(?:read|write)_iter do_iter_read do_iter_write do_loop_readv do_vfs_ioctl",
    "rtnetlink_rcv_msg genl_family_rcv genl_rcv_msg do_fault$ do_page_mkwrite do_shared_fault",
    "do_read_fault do_cow_fault do_writepages writeback_single irq_exit evict$ kthread$",
    "sock_sendmsg$ generic_shutdown_super handle_irq_event",
)

# What brings the stack of a stalled CPU to the console, and idle loops.
INTERRUPTING = Functions(
    "(?:asm_|sysvec_|smp_|local_|_)*(?:apic_timer|reschedule|call_function) hrtimer_ tick_",
    "timer_ update_process run_local_timers rcu_ check_cpu nmi trigger_ arch_trigger arch_timer",
    "gic_ handle_percpu handle_domain generic_handle call_on_irq do_interrupt irq_ irqentry",
    "retint el1 watchdog softlockup perf_ sched_ default_idle cpu_idle do_idle cpu_startup",
    "start_secondary mwait_idle arch_cpu_idle smpboot finish_task worker_thread kthread",
    "do_softirq$ run_timer_softirq do_IRQ common_interrupt ipi_ flush_smp call_rcu_tasks",
)
