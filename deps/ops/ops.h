/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The executor of operation lists; main.c says how it is called, what it reads and what it writes.
 *
 * A process runs the lists, its parent watches over it (watch.c). What they share is the output.
 */
#ifndef OPS_H
#define OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#define MAX_ARGUMENTS 6
#define MAX_HANDLES 10
#define MAX_LENGTH (1 << 26) /* bytes of one operation */

enum exit_status {
	EXIT_DONE = 0,
	EXIT_BAD = 2,  /* wrong arguments or a wrong program: the host's mistake */
	EXIT_HUNG = 3, /* no progress for the time given */
	EXIT_LOST = 4, /* a signal ended the process that runs the lists */
	EXIT_FULL = 5, /* more output than there is room for */
};

/* An error of ours beside the errnos: a mapping could not be touched. */
#define ERROR_SIGBUS 10000

struct settings {
	const char *folder; /* the lists' folders are made in it */
	double timeout_s;   /* for one operation, or one entry of a tree */
	bool clock;         /* set the system's clock to the operation's number */
	unsigned int port;  /* of the flight recorder; 0 if there is none */
};

/* An argument of an operation. */
struct argument {
	const char *text; /* a path or a name, with its odd bytes */
	int64_t number;   /* a number, or the flags that words stand for */
	int handle;       /* of @3; -1 for a path */
};

struct operation {
	const char *keyword;
	const char *kinds; /* one letter an argument, see parse.c */
	/* Returns 0 or an errno. What a success gives goes to the output. */
	int (*run)(const struct argument *arguments);
};

/* The list that is being run. */
struct list {
	int folder;             /* -1 between two lists */
	int handles[MAX_HANDLES];
	int64_t operation;      /* the number of the last that was begun, -1 at first */
	int64_t user;
	bool block_nodes;       /* it may have made a block device's node */
};

extern struct list list;
extern struct settings settings;

/* main.c */
void bad_program(const char *reason, const char *what) __attribute__((noreturn));

/* watch.c */
int watch_over(pid_t child);

/* program.c */
void run_program(char *text);

/* flight.c */
void flight_prepare(void);
void flight_note(char what);

/* parse.c */
char *next_word(char **rest);
void parse_argument(char kind, char *word, struct argument *argument);
int64_t parse_number(const char *word);
char *parse_name(char *word);

/* table.c */
const struct operation *find_operation(const char *keyword);

/* clock.c */
void clock_prepare(void);
int clock_restore(void);
void clock_to_operation(void);
void out_time(int64_t seconds);

/* content.c */
extern unsigned char *buffer; /* MAX_LENGTH bytes, aligned to a page */
void content_prepare(void);
void fill(void *to, uint64_t offset, size_t length, uint32_t seed);
uint64_t hash_start(uint64_t length);
uint64_t hash_more(uint64_t hash, const void *bytes, size_t length);
uint64_t hash_bytes(const void *bytes, size_t length);

/* output.c: lines become the parent's to print when they are committed */
#define OUTPUT_ROOM (15u << 20) /* bytes; the guest's agent takes 16 MiB of a command's output */
#define LAST_LINE 64 /* bytes of these, kept for it */
struct output {
	volatile uint64_t pulse; /* rises with everything that is begun */
	volatile uint64_t used;
	volatile bool full;
	char text[OUTPUT_ROOM];
};
extern struct output *output;
void output_prepare(void);
void pulse(void);
size_t out_mark(void);
void out_rewind(size_t mark);
void out_commit(void);
void out_text(const char *text);
void out_number(int64_t number);
void out_octal(unsigned int number);
void out_hash(uint64_t hash);
void out_escaped(const char *bytes, size_t length);
void out_escaped_word(const char *bytes, size_t length);
void out_error(int error);

/* names.c: sorted lists of names */
struct name {
	char *text;
	unsigned char type; /* DT_... of readdir(3) */
};
struct names {
	struct name *all;
	size_t count;
};
int names_of_folder(int folder, struct names *names);
int names_of_attributes(int file, const char *path, struct names *names);
uint64_t names_hash(const struct names *names);
void names_free(struct names *names);

/* facts.c */
void out_facts(const struct stat *status);
int out_target(int folder, const char *name, int64_t size);
bool type_lies(unsigned char type, mode_t mode);

/* contents.c */
int out_contents(int file, int64_t size);
int out_attributes(int file);
bool reads_zero(int file, int64_t from, int64_t to);

/* tree.c */
void out_tree(void);

/* calls_*.c */
void mapping_prepare(void);
int open_target(const struct argument *target, int flags, int *file);
int close_target(const struct argument *target, int file, int error);
int become(int64_t user);
#define DECLARE_CALL(name) int call_##name(const struct argument *arguments)
DECLARE_CALL(open);
DECLARE_CALL(close);
DECLARE_CALL(tmpfile);
DECLARE_CALL(create);
DECLARE_CALL(write);
DECLARE_CALL(writev);
DECLARE_CALL(append);
DECLARE_CALL(read);
DECLARE_CALL(truncate);
DECLARE_CALL(fallocate);
DECLARE_CALL(mmap_store);
DECLARE_CALL(mmap_load);
DECLARE_CALL(seek);
DECLARE_CALL(copy_range);
DECLARE_CALL(clone);
DECLARE_CALL(fsync);
DECLARE_CALL(fdatasync);
DECLARE_CALL(syncfs);
DECLARE_CALL(sync);
DECLARE_CALL(rename);
DECLARE_CALL(link);
DECLARE_CALL(linkfd);
DECLARE_CALL(symlink);
DECLARE_CALL(readlink);
DECLARE_CALL(mknod);
DECLARE_CALL(mkdir);
DECLARE_CALL(rmdir);
DECLARE_CALL(unlink);
DECLARE_CALL(readdir);
DECLARE_CALL(stat);
DECLARE_CALL(statx);
DECLARE_CALL(chmod);
DECLARE_CALL(chown);
DECLARE_CALL(utimens);
DECLARE_CALL(setxattr);
DECLARE_CALL(getxattr);
DECLARE_CALL(removexattr);
DECLARE_CALL(listxattr);
DECLARE_CALL(lock);
DECLARE_CALL(user);
DECLARE_CALL(drop_caches);
DECLARE_CALL(freeze);
DECLARE_CALL(crash_point);

#endif
