// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs a program, see main.c: line by line, each noted before it is begun. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "ops.h"

struct list list = { .folder = -1 };

static void close_files(void)
{
	for (int i = 0; i < MAX_HANDLES; i++) {
		if (list.handles[i] >= 0)
			close(list.handles[i]);
		list.handles[i] = -1;
	}
}

static void leave_folder(void)
{
	become(0);
	close_files();
	if (chdir("/") != 0)
		bad_program("cannot leave the folder", strerror(errno));
	if (list.folder >= 0)
		close(list.folder);
	list.folder = -1;
}

/* Returns 0 or an errno. */
static int enter_folder(const char *name, bool fresh)
{
	int above = open(settings.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = 0;

	if (above < 0)
		return errno;
	if (fresh && mkdirat(above, name, 0755) != 0)
		error = errno;
	if (error == 0) {
		list.folder = openat(above, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (list.folder < 0 || fchdir(list.folder) != 0)
			error = errno;
	}
	close(above);
	return error;
}

static void enter(char *rest, bool fresh)
{
	const char *name = next_word(&rest);
	int error;

	if (name == NULL || strchr(name, '/') != NULL)
		bad_program("no name of a list", name);
	leave_folder();
	list.operation = fresh ? -1 : parse_number(next_word(&rest)) - 1;
	list.user = fresh ? 0 : parse_number(next_word(&rest));
	list.block_nodes = !fresh;
	flight_note('l');
	clock_to_operation();
	error = enter_folder(name, fresh);
	if (error != 0)
		leave_folder();
	out_text(error == 0 ? "enter " : "absent ");
	out_text(name);
	if (error != 0) {
		out_text(" ");
		out_error(error);
	}
	out_text("\n");
	become(list.user);
}

static void operate(const char *keyword, char *rest)
{
	const struct operation *operation = find_operation(keyword);
	struct argument arguments[MAX_ARGUMENTS];
	size_t mark = out_mark();
	size_t count = 0;
	int error;

	if (operation == NULL)
		bad_program("unknown operation", keyword);
	for (char *word; (word = next_word(&rest)) != NULL; count++) {
		if (count == strlen(operation->kinds))
			bad_program("too many arguments", keyword);
		parse_argument(operation->kinds[count], word, &arguments[count]);
	}
	if (count < strlen(operation->kinds))
		bad_program("too few arguments", keyword);
	list.operation++;
	clock_to_operation();
	flight_note('o');
	out_text("ok");
	error = operation->run(arguments);
	if (error != 0) {
		out_rewind(mark);
		out_text("error ");
		out_error(error);
	}
	out_text("\n");
}

static void describe(void)
{
	become(0);
	close_files();
	flight_note('t');
	if (list.folder >= 0)
		out_tree();
}

static void run_line(char *line)
{
	char *rest = line;
	const char *keyword = next_word(&rest);

	if (keyword == NULL)
		return;
	pulse();
	if (strcmp(keyword, "begin") == 0) {
		enter(rest, true);
	} else if (strcmp(keyword, "resume") == 0) {
		enter(rest, false);
	} else if (strcmp(keyword, "leave") == 0) {
		leave_folder();
		out_text("leave\n");
	} else if (strcmp(keyword, "tree") == 0) {
		describe();
	} else if (list.folder >= 0) {
		operate(keyword, rest);
	}
	out_commit();
}

/* What is mapped is then known to one processor, and no other has to be told to forget it. */
static void stay_on_last_processor(void)
{
	cpu_set_t allowed, last;

	CPU_ZERO(&last);
	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return;
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (CPU_ISSET(i, &allowed)) {
			CPU_ZERO(&last);
			CPU_SET(i, &last);
		}
	}
	sched_setaffinity(0, sizeof(last), &last);
}

void run_program(char *text)
{
	stay_on_last_processor();
	content_prepare();
	flight_prepare();
	mapping_prepare();
	for (int i = 0; i < MAX_HANDLES; i++)
		list.handles[i] = -1;
	while (text != NULL)
		run_line(strsep(&text, "\n"));
	flight_note('e');
}
