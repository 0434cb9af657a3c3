// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ops [--no-clock] [--flight PORT] [--timeout SECONDS] FOLDER
 *
 * Runs lists of operations, each in a folder of its own in FOLDER. Standard input:
 *
 *     begin NAME              make the list's folder and enter it
 *     resume NAME INDEX USER  enter it again; INDEX operations were run before, as USER the last
 *     OPERATION ...           as vexfs_provider/ops/text.py writes them
 *     tree                    close the list's files, describe its folder
 *     leave
 *
 * Standard output, a line for each operation, in their order:
 *
 *     enter NAME | absent NAME ERROR   whether the list's folder could be entered; if not, all
 *                                      operations up to "leave" are passed over
 *     ok [VALUE ...] | error ERROR     what became of an operation
 *     entry PATH FACT=VALUE ...        a line of the tree, see tree.c
 *     leave NAME
 *     end done | hang | lost SIGNAL | full | bad REASON   always the last line
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops.h"

struct settings settings = { .timeout_s = 20, .clock = true };

/* Ends the process that runs the lists. */
void bad_program(const char *reason, const char *what)
{
	out_rewind(output->used);
	out_text("end bad ");
	out_text(reason);
	out_text(": ");
	out_text(what == NULL ? "nothing" : what);
	out_text("\n");
	out_commit();
	_exit(EXIT_BAD);
}

static void read_settings(int count, char **words)
{
	static const struct option options[] = {
		{ "no-clock", no_argument, NULL, 'c' },
		{ "flight", required_argument, NULL, 'f' },
		{ "timeout", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(count, words, "", options, NULL)) != -1) {
		if (option == 'c')
			settings.clock = false;
		else if (option == 'f')
			settings.port = (unsigned int)strtoul(optarg, NULL, 0);
		else if (option == 't')
			settings.timeout_s = strtod(optarg, NULL);
		else
			exit(EXIT_BAD);
	}
	if (optind != count - 1 || settings.timeout_s <= 0)
		errx(EXIT_BAD, "one folder and a time-out above 0 are needed");
	settings.folder = words[optind];
}

static char *read_input(void)
{
	size_t room = 1 << 16, used = 0;
	char *text = NULL;
	ssize_t count;

	do {
		if (text == NULL || used + 1 == room)
			text = realloc(text, room *= 2);
		if (text == NULL)
			err(EXIT_BAD, "memory for the program");
		count = read(STDIN_FILENO, text + used, room - used - 1);
		if (count < 0)
			err(EXIT_BAD, "reading the program");
		used += (size_t)count;
	} while (count > 0);
	text[used] = '\0';
	return text;
}

static void print_output(void)
{
	const char *place = output->text;
	size_t left = output->used;

	while (left > 0) {
		ssize_t count = write(STDOUT_FILENO, place, left);

		if (count < 0 && errno != EINTR)
			err(EXIT_BAD, "writing the output");
		if (count > 0) {
			place += count;
			left -= (size_t)count;
		}
	}
}

/* Block SIGCHLD first, so that the watch can wait for it. */
static pid_t start_runner(void)
{
	sigset_t child_ends;
	char *text = read_input();
	pid_t pid;

	sigemptyset(&child_ends);
	sigaddset(&child_ends, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child_ends, NULL);
	pid = fork();
	if (pid < 0)
		err(EXIT_BAD, "fork");
	if (pid == 0) {
		run_program(text);
		_exit(EXIT_DONE);
	}
	free(text);
	return pid;
}

int main(int count, char **words)
{
	int status;

	read_settings(count, words);
	setgroups(0, NULL); /* without effect for who is not root, who cannot switch users either */
	umask(0);
	output_prepare();
	clock_prepare();
	status = watch_over(start_runner());
	if (clock_restore() != 0)
		warn("setting the clock back");
	print_output();
	return status;
}
