static sigjmp_buf fault;

static void on_fault(int number)
{
	siglongjmp(fault, number);
}

static void catch_faults(void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_NODEFER };

	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

static size_t mapped_length; /* from the page in which the range begins */

static unsigned char *mapped(int file, off_t offset, size_t length, int protection)
{
	int before = offset & 4095;
	unsigned char *start;

	mapped_length = length == 0 ? 0 : before + length;
	start = mmap(NULL, mapped_length, protection, MAP_SHARED, file, offset - before);
	return closed(start == MAP_FAILED ? -1 : 0) < 0 ? NULL : start;
}

static int map_store(int file, off_t offset, size_t length, unsigned int seed, int sync)
{
	unsigned char *start = mapped(file, offset, length, PROT_READ | PROT_WRITE);
	volatile int result = 0;

	if (start == NULL)
		return -1;
	catch_faults(on_fault);
	if (sigsetjmp(fault, 0) == 0) {
		fill(start + (offset & 4095), offset, length, seed);
		result = sync == 0 ? 0 : msync(start, mapped_length, sync);
	} else {
		tell("SIGBUS");
	}
	catch_faults(SIG_DFL);
	munmap(start, mapped_length);
	return result;
}

static int map_load(int file, off_t offset, size_t length)
{
	unsigned char *start = mapped(file, offset, length, PROT_READ);

	if (start == NULL)
		return -1;
	catch_faults(on_fault);
	if (sigsetjmp(fault, 0) == 0)
		tell("%016" PRIx64, hash_more(length, start + (offset & 4095), length));
	else
		tell("SIGBUS");
	catch_faults(SIG_DFL);
	munmap(start, mapped_length);
	return 0;
}
