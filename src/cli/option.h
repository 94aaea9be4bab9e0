/*
 * Command-line options: one table per command feeds the parser, `--help`, the environment
 * variables and the man page. Values are only split off here; what they mean is the command's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define OPTION_SET_MAX 64

enum option_kind {
    OPTION_FLAG,   /* bool: given or not */
    OPTION_TEXT,   /* const char *: the last given wins */
    OPTION_LIST,   /* struct option_list: each given one is kept */
    OPTION_COUNT,  /* uint64_t, with `given` beside it left to option_given() */
    OPTION_CHOICE, /* const char *: one of `choices` */
};

struct option {
    const char *name;  /* without the dashes: "base-url" */
    const char *alias; /* another spelling, or NULL: "vus" */
    char letter;       /* one-letter form, or 0 */
    enum option_kind kind;
    const char *value; /* what stands for the value in the help: "FILE"; NULL for flags */
    const char *choices; /* of OPTION_CHOICE: "debug|info|warn|error" */
    const char
        *fallback; /* what holds without it, as one would write it; NULL: help says it */
    size_t offset; /* into the command's struct */
    const char *help; /* one or two sentences */
};

/* Values of an OPTION_LIST, borrowed from argv or the environment. */
struct option_list {
    const char **values; /* owned array */
    size_t count;
};

/* A command: `throng NAME`. */
struct command {
    const char *name;
    const char *arguments; /* positional, as the help shows them: "SCENARIO" */
    size_t min_arguments;
    size_t max_arguments;
    const char *summary; /* one line */
    const char *details; /* more, for help and man page; may be NULL */
    const struct option *options;
    size_t option_count;
    /* Options that come from another module's table: fills at most `room` rows, returns how many. */
    size_t (*more_options)(struct option *rows, size_t room);
    /* Runs it: the words behind the command's name. Returns the exit code. */
    int (*run)(const struct command *command, int argc, char **argv);
};

/* All options of a command. */
struct option_set {
    struct option rows[OPTION_SET_MAX];
    size_t count;
};

/* Gathers a command's own options and those of more_options. */
void option_gather(const struct command *command, struct option_set *ret_set);

/*
 * Fills `into` from the environment (THRONG_BASE_URL for base-url, lists split at commas) and then
 * from argv, which wins. Positional words go to arguments. Returns 0, or -EINVAL with a sentence
 * in reterr.
 */
int option_parse(const struct command *command, int argc, char **argv, void *into,
                 struct option_list *arguments, struct buf *reterr);

/* Adds a value, borrowed. Returns 0 or -ENOMEM. */
int option_list_add(struct option_list *list, const char *value);

/* Releases a list's array. */
void option_list_deinit(struct option_list *list);

/* The help of one command. */
int option_help(const struct command *command, struct buf *out);
