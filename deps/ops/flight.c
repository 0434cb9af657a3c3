// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The flight recorder: a byte to an I/O port for all that is begun, which QEMU writes to a file of
 * the host. It tells what was under way when the whole guest died.
 */
#include "ops.h"

#if defined(__x86_64__) || defined(__i386__)
#include <sys/io.h>

static bool ready;

void flight_prepare(void)
{
	/* Without the right to it, only the output tells what was under way. */
	ready = settings.port != 0 && ioperm(settings.port, 1, 1) == 0;
}

void flight_note(char what)
{
	if (ready)
		outb((unsigned char)what, (unsigned short)settings.port);
}
#else
void flight_prepare(void)
{
}

void flight_note(char what)
{
	(void)what;
}
#endif
