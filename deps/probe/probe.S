/* A firmware of 64 KiB that proves an accelerator: from the reset vector it goes through protected
   into long mode with paging on, then writes a value to QEMU's isa-debug-exit port. An accelerator
   that opens and answers its API, yet cannot run a guest, never gets there.
   Addresses are computed from rom, which QEMU maps at 0xf0000 (and below 4 GiB). */

        .set BASE, 0xf0000
        .set EXIT_PORT, 0xf4
        .set EXIT_VALUE, 0x31

        .text
        .code16
rom:
start:  cli
        lgdtl %cs:(gdt_pointer - rom)
        movl %cr0, %eax
        orl $1, %eax
        movl %eax, %cr0
        ljmpl $0x08, $(BASE + (protected - rom))

        .code32
protected:
        movw $0x10, %ax
        movw %ax, %ds
        /* One identity-mapped page of 2 MiB: PML4 at 0x1000, PDPT at 0x2000, PD at 0x3000. */
        movl $0x2003, 0x1000
        movl $0, 0x1004
        movl $0x3003, 0x2000
        movl $0, 0x2004
        movl $0x83, 0x3000
        movl $0, 0x3004
        movl $0x1000, %eax
        movl %eax, %cr3
        movl %cr4, %eax
        orl $0x20, %eax                 /* CR4.PAE */
        movl %eax, %cr4
        movl $0xc0000080, %ecx          /* IA32_EFER */
        rdmsr
        orl $0x100, %eax                /* LME */
        wrmsr
        movl %cr0, %eax
        orl $0x80000000, %eax           /* CR0.PG */
        movl %eax, %cr0
        ljmpl $0x18, $(BASE + (long - rom))

        .code64
long:   movq $0x100000000, %rax         /* a 64-bit value: proves the mode */
        shrq $32, %rax
        addb $(EXIT_VALUE - 1), %al
        movw $EXIT_PORT, %dx
        outb %al, %dx
stop:   hlt
        jmp stop

        .balign 8
gdt:    .quad 0
        .quad 0x00cf9a000000ffff        /* 0x08: 32-bit code */
        .quad 0x00cf92000000ffff        /* 0x10: data */
        .quad 0x00af9a000000ffff        /* 0x18: 64-bit code */
gdt_pointer:
        .word gdt_pointer - gdt - 1
        .long BASE + (gdt - rom)

        .code16
        .org 0xfff0
        ljmp $0xf000, $(start - rom)
        .org 0x10000
