/*
 * Regular expressions (PCRE2), with limits on steps, depth and memory, so that no answer of a server
 * can stop the loop. Compiled once; matching changes only the scratch inside, so that one regex
 * serves one thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct regex;

/* Groups that can be asked for, the whole match among them. */
#define REGEX_GROUPS 10

struct regex_error {
    char problem[160];
    size_t offset; /* into the pattern */
};

/* UTF-8, `.` matches newlines too, case matters unless (?i). Returns 0; -EINVAL; -ENOMEM. */
int regex_new(const char *pattern, struct regex **ret_regex,
              struct regex_error *reterr_error);

/* NULL is allowed. Returns NULL. */
struct regex *regex_free(struct regex *regex);

/* How many groups it has, the whole match (0) among them: at most REGEX_GROUPS. */
unsigned regex_groups(const struct regex *regex);

struct regex_span {
    const char *text; /* into the subject; NULL: that group did not take part */
    size_t len;
};

/*
 * Looks for the first match. Returns 1 with the group's text, 0: none; -E2BIG: it took too many steps
 * or too much memory; -EINVAL: there is no such group. Bytes that are not UTF-8 match nothing.
 */
int regex_match(struct regex *regex, const char *subject, size_t len, unsigned group,
                struct regex_span *ret_span);
