// The same ways to wait for aarch64; refresh.sh assembles and links this file.
        .text
        .macro function name
        .globl \name
        .type \name, %function
        .balign 16
\name:
        .cfi_startproc
        .endm
        .macro finish name
        .cfi_endproc
        .size \name, . - \name
        .endm

        function spin_pause             // out of line
        isb
        ret
        finish spin_pause

        function pop_front
        swpal   wzr, w0, [x0]
        ret
        finish pop_front

        function worker_loop            // x19: queue, x20: task
        stp     x29, x30, [sp, -32]!
        stp     x19, x20, [sp, 16]
1:      mov     x0, x19
        bl      pop_front               // through the PLT: pop_front is exported
        bl      spin_pause
        cbz     w0, 1b
        blr     x20
        ldr     w0, [x19, 4]
        cbz     w0, 1b
        ldp     x19, x20, [sp, 16]
        ldp     x29, x30, [sp], 32
        ret
        finish worker_loop

        function join_yield
1:      ldr     w1, [x0]
        cbz     w1, 2f
        yield
        b       1b
2:      ret
        finish join_yield

        function join_wfe
        sevl
1:      wfe
        ldaxr   w1, [x0]
        cbnz    w1, 1b
        ret
        finish join_wfe

        function barrier                // ISB that completes a barrier: no pause
1:      ldr     w1, [x0]
        dsb     ish
        isb
        cbnz    w1, 1b
        ret
        finish barrier

        function system_register        // likewise
        msr     tpidr_el0, x0
        isb
        ret
        finish system_register

        function tail_caller
        b       join_hidden
        finish tail_caller

        .hidden join_hidden
        function join_hidden
1:      ldr     w1, [x0]
        tbz     w1, 0, 2f
        isb
        b       1b
2:      ret
        finish join_hidden
