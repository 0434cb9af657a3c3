"""What is read from the file of a kernel module: calls, variables, instructions that write."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vexfs_provider.errors import UsageError
from vexfs_provider.instrumentation.instructions import writes_memory, writing
from vexfs_provider.instrumentation.lock_functions import LOCK_FUNCTIONS
from vexfs_provider.instrumentation.module_object import ModuleObject, Place, Way
from vexfs_provider.instrumentation.probes import lock_sites, probe_lines

SOURCE = r"""
    .section .modinfo, "a"
    .asciz "license=GPL"
    .asciz "name=toy"
    .text
    .type update, @function
update:
    nop
    call mutex_lock
    incl counter(%rip)
    call printk
    jmp mutex_unlock
    .size update, . - update
    .type maybe, @function
maybe:
    call _raw_spin_trylock_bh
    jne mutex_unlock
    jmp mutex_trylock
    .size maybe, . - maybe
    .type twice, @function
twice:
    call mutex_lock
    .size twice, . - twice
    .section .text.unlikely, "ax"
    .type twice2, @function
twice2:
    call __mutex_init
    .size twice2, . - twice2
    .section .init.text, "ax"
    .type start, @function
start:
    call mutex_lock
    .size start, . - start
    .data
    .type first, @object
first:
    .quad 0
    .size first, 8
    .type counter, @object
counter:
    .long 0, 0, 0
    .size counter, 12
"""


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """The object file of ``SOURCE``."""
    path = tmp_path_factory.mktemp("object") / "toy.ko"
    command = ["gcc", "-c", "-x", "assembler", "-", "-o", str(path)]
    subprocess.run(command, input=SOURCE, text=True, check=True)
    return path.read_bytes()


def test_calls_are_found_with_their_place_and_way(toy):
    module = ModuleObject(toy, "toy.ko")
    assert module.name == "toy"
    found = [(call.callee, call.place, call.way) for call in module.calls(LOCK_FUNCTIONS)]
    assert found == [
        ("mutex_lock", "update+1", Way.CALL),
        ("mutex_unlock", "update+17", Way.JUMP),
        ("_raw_spin_trylock_bh", "maybe+0", Way.CALL),
        ("mutex_unlock", "maybe+5", Way.BRANCH),
        ("mutex_trylock", "maybe+11", Way.JUMP),
        ("mutex_lock", "twice+0", Way.CALL),
        ("__mutex_init", "twice2+0", Way.CALL),
    ]
    assert next(module.calls(["mutex_lock"])).end == (".text", 6)


def test_what_cannot_be_followed_is_told(toy):
    sites, limits = lock_sites(ModuleObject(toy, "toy.ko"))
    assert [site.call.place for site in sites] == ["update+1", "update+17", "twice+0", "twice2+0"]
    assert limits == [
        "not followed: mutex_unlock called by branch at maybe+5",
        "not followed: mutex_trylock called by jump at maybe+11",
        "not followed: spin locks, which the module releases inline",
    ]


def test_functions_of_one_name_are_not_probed(toy):
    # The assembler refuses two of one name; in a module they come from two source files.
    module = ModuleObject(toy.replace(b"\0twice2\0", b"\0update\0"), "toy.ko")
    places = [site.call.place for site in lock_sites(module)[0]]
    assert "update+0" not in places and "update+1" not in places
    assert "twice+0" in places


def test_probes_have_numbers_and_the_outcome_of_calls(toy):
    sites, _ = lock_sites(ModuleObject(toy, "toy.ko"))
    lines = probe_lines("toy", sites)
    assert lines == [
        "p:vexfs/take toy:update+1 site=\\0:u32 flags=%flags:u32 lock=%di:x64",
        "p:vexfs/taken toy:update+6 site=\\0:u32 flags=%flags:u32 result=%ax:s32",
        "p:vexfs/release toy:update+17 site=\\1:u32 flags=%flags:u32 lock=%di:x64",
        "p:vexfs/take toy:twice+0 site=\\2:u32 flags=%flags:u32 lock=%di:x64",
        "p:vexfs/taken toy:twice+5 site=\\2:u32 flags=%flags:u32 result=%ax:s32",
        "p:vexfs/initialise toy:twice2+0 site=\\3:u32 flags=%flags:u32 lock=%di:x64 "
        "name=+0(%si):string",
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("first", Place(".data", 0, 8)),
        ("counter", Place(".data", 8, 8)),
        ("counter+4", Place(".data", 12, 4)),
        ("counter+0x8", Place(".data", 16, 4)),
        ("counter+9", Place(".data", 17, 1)),
    ],
)
def test_objects_are_found(toy, text, place):
    assert ModuleObject(toy, "toy.ko").find(text) == place


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("firt", "firt of toy is no static variable; there are: first …"),
        ("update", "update of toy is no static variable"),
        ("counter+12", "counter has 12 bytes"),
        ("counter-4", "allowed is SYMBOL or SYMBOL"),
        ("", "allowed is SYMBOL or SYMBOL"),
    ],
)
def test_a_wrong_object_is_refused(toy, text, message):
    with pytest.raises(UsageError, match=message):
        ModuleObject(toy, "toy.ko").find(text)


def test_places_have_names(toy):
    module = ModuleObject(toy, "toy.ko")
    assert module.symbol_in(".data", 8) == "counter"
    assert module.symbol_in(".data", 12) == "counter+0x4"
    assert module.symbol_in(".text", 3) == "update"
    assert module.symbol_in(".data", 99) is None
    assert module.symbol_in(".none", 0) is None
    assert ".init.text" not in module.sections()


def test_instructions_that_write(toy):
    found = writing(toy)
    assert found.starts == {(".text", 6)}  # incl counter(%rip)
    assert found.ends == {(".text", 12)}


@pytest.mark.parametrize(
    ("instruction", "writes"),
    [
        ("mov    %rax,0x0(%rip)        # 2a <count_locked+0x2a>", True),
        ("mov    0x0(%rip),%rax        # 18 <count_locked+0x18>", False),
        ("mov    %eax,%ebx", False),
        ("incl   0x0(%rip)", True),
        ("lock xadd %eax,(%rdi)", True),
        ("lock cmpxchg %rcx,0x8(%rdi,%rax,8)", True),
        ("cmp    %rax,0x8(%rdi)", False),
        ("cmpl   $0x1,0x0(%rip)", False),
        ("test   %al,(%rdi)", False),
        ("btsl   $0x3,(%rdi)", True),
        ("bt     $0x3,(%rdi)", False),
        ("lea    0x8(%rdi),%rax", False),
        ("movq   $0x0,0x0", True),
        ("mov    $0x0,%rdi", False),
        ("add    $0x1,%rax", False),
        ("rep stos %al,%es:(%rdi)", True),
        ("xchg   %rax,(%rdi)", True),
        ("push   0x8(%rdi)", False),
        ("call   *0x8(%rdi)", False),
        ("jmp    50 <repeat>", False),
        ("nopl   0x0(%rax)", False),
        ("mov    %rax,%gs:0x28", True),
        ("sete   (%rdi)", True),
        ("movnti %rax,(%rdi)", True),
        ("ret", False),
    ],
)
def test_whether_an_instruction_writes(instruction, writes):
    assert writes_memory(instruction) is writes


@given(st.binary(max_size=200), st.integers(0, 1000))
def test_no_module_is_a_wrong_use(toy, noise, cut):
    for data in (noise, toy[:cut], toy[:cut] + noise):
        with pytest.raises(UsageError):
            module = ModuleObject(data, "toy.ko")
            list(module.calls(LOCK_FUNCTIONS))
            assert module.name
