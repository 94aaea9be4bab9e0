/*
 * Verdicts: everything that can be said against a run, each with its exit code and one sentence,
 * and which of them becomes the exit code (FAULTS.md, head). Pure.
 */
#pragma once

#include <stddef.h>

/* The codes: k6's where one exists. All below 126. */
enum exit_code {
    EXIT_PASSED = 0,
    EXIT_INTERNAL = 1,
    EXIT_COMMAND_LINE = 2,
    EXIT_THRESHOLDS = 99,
    EXIT_SETUP_TIMEOUT = 100,
    EXIT_TEARDOWN_TIMEOUT = 101,
    EXIT_SCENARIO = 104,
    EXIT_SIGNAL = 105,
    EXIT_LISTEN = 106,
    EXIT_SETUP_FAILED = 107,
    EXIT_STOP_RULE = 108,
    EXIT_MARKED_FAILED = 110,
    EXIT_COST = 111,
    EXIT_REGRESSION = 112,
    EXIT_PREFLIGHT = 113,
    EXIT_FLEET = 114,
    EXIT_NOT_SAVED = 115,
    EXIT_UNTRUSTED = 116,
};

/* A few words for a code: "a threshold was crossed". NULL for a number that is no code. */
const char *exit_code_text(int code);

/* The codes in the order in which they win; EXIT_PASSED is the last and stands behind the end. */
enum exit_code exit_code_at(size_t index);

struct verdict {
    enum exit_code code;
    char sentence[400]; /* what happened, with its figure, and what to do */
};

#define VERDICTS_MAX 64

struct verdicts {
    struct verdict items[VERDICTS_MAX];
    size_t count;
};

/*
 * Adds one. Past VERDICTS_MAX it takes the place of a less grave one, or is dropped where there is
 * none: the exit code is always that of all.
 */
__attribute__((format(printf, 3, 4))) void
verdicts_add(struct verdicts *verdicts, enum exit_code code, const char *format, ...);

/* The exit code of a run with these verdicts. */
enum exit_code verdicts_exit_code(const struct verdicts *verdicts);
