#include "scenario/query_view.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/suggest.h"
#include "scenario/making.h"

#define MAX_NAME_BYTES 64

static const char *const of_user[] = {"vars", "user", "org", "last", "round", NULL};
static const char *const of_request[] = {
    "duration_ms", "ttft_ms",       "ttfb_ms",
    "tpot_ms",     "status",        "failed",
    "degraded",    "outcome",       "attempts",
    "step",        "prompt_tokens", "completion_tokens",
    "cost_usd",    "checks_failed", "json",
    "headers",     "text",          "vars",
    NULL};
static const char *const of_stretch[] = {"duration_ms", "failed", "vars", NULL};

static const char *const *const views[] = {
    [QUERY_OF_ANSWER] = NULL,
    [QUERY_OF_USER] = of_user,
    [QUERY_OF_REQUEST] = of_request,
    [QUERY_OF_STRETCH] = of_stretch,
};

/* What stands one level lower, of the names of QUERY_OF_USER whose names are known. */
static const struct {
    const char *name;
    const char *const *below;
} inner[] = {
    {"user", (const char *const[]){"id", "ordinal", "class", "iteration", NULL}},
    {"org", (const char *const[]){"id", "slug", "name", "budget_usd", NULL}},
    {"last", (const char *const[]){"status", "headers", "json", "text", "failed", NULL}},
};

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The bytes of a name, which does not begin with a digit. */
static size_t name_length(const char *at)
{
    size_t len = 0;

    while (!isdigit((unsigned char)*at) && is_name(at[len]))
        len++;
    return len;
}

/* What stands before a parenthesis without being a function, which may look at something else. */
static bool is_operator(const char *word, size_t len)
{
    static const char *const operators[] = {"and",  "or",   "not", "if",
                                            "then", "elif", "else"};

    for (size_t i = 0; i < COUNT_OF(operators); i++)
        if (strlen(operators[i]) == len && memcmp(operators[i], word, len) == 0)
            return true;
    return false;
}

/* Behind a word that is no part of a path; NULL: what follows may look at something else. */
static const char *behind_word(const char *word)
{
    const size_t len = name_length(word);
    const char *next = word + len + strspn(word + len, " \t\r\n");

    if (is_operator(word, len))
        return word + len;
    return *next == '(' || (len == 5 && memcmp(word, "catch", len) == 0) ? NULL
                                                                         : word + len;
}

static const char *behind_text(const char *at)
{
    for (at++; *at && *at != '"'; at++)
        at += *at == '\\' && at[1];
    return at + (*at == '"');
}

/* How far a query was read. */
struct reading {
    const char *at;
    char before; /* the character before it */
};

/*
 * The name of the next path that begins where the query does, without its dot: those behind a pipe or
 * in a function's arguments may look at something else, and end the search. NULL: none.
 */
static const char *next_path(struct reading *reading)
{
    for (const char *c = reading->at; c && *c && !strchr("|;#", *c);) {
        const bool begins =
            !is_name(reading->before) && !strchr("])}\"?.$@", reading->before);

        reading->before = *c;
        if (*c == '"') {
            c = behind_text(c);
        } else if (*c == '.' && begins && name_length(c + 1) > 0) {
            reading->at = c + 1 + name_length(c + 1);
            reading->before = reading->at[-1];
            return c + 1;
        } else if (begins && name_length(c) > 0) {
            c = behind_word(c);
        } else {
            c++;
        }
    }
    return NULL;
}

static bool is_among(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

/* path: what stands before the name, with its dot. */
static int refuse(struct making *making, const struct config_node *place,
                  const char *path, const char *name, const char *const *names)
{
    size_t count = 0;
    char hint[400] = "there are";
    const char *meant;

    while (names[count])
        count++;
    meant = suggest_name(name, names, count);
    if (meant)
        (void)snprintf(hint, sizeof(hint), "did you mean '%s%s'?", path, meant);
    for (size_t i = 0; !meant && i < count; i++) {
        const size_t len = strlen(hint);

        (void)snprintf(hint + len, sizeof(hint) - len, "%s %s%s", i > 0 ? "," : "", path,
                       names[i]);
    }
    return MAKING_REFUSE(making, place, hint, "nothing is called '%s%s' here", path,
                         name);
}

/* Returns whether it fits. */
static bool copy_name(const char *text, char copy[MAX_NAME_BYTES])
{
    const size_t len = name_length(text);

    if (len >= MAX_NAME_BYTES)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    return true;
}

/* rest: what follows the name in the query. */
static int check_inner(struct making *making, const struct config_node *place,
                       const char *name, const char *rest)
{
    char below[MAX_NAME_BYTES];
    char path[MAX_NAME_BYTES + 2];

    if (*rest != '.' || name_length(rest + 1) == 0 || !copy_name(rest + 1, below))
        return 0;
    (void)snprintf(path, sizeof(path), ".%s.", name);
    for (size_t i = 0; i < COUNT_OF(inner); i++)
        if (strcmp(inner[i].name, name) == 0 && !is_among(below, inner[i].below))
            return refuse(making, place, path, below, inner[i].below);
    return 0;
}

int query_view_check(struct making *making, const struct config_node *place,
                     enum query_view view, const char *query)
{
    const char *const *names = views[view];
    struct reading reading = {.at = query, .before = ' '};
    const char *found;
    int r = 0;

    while (r == 0 && names && (found = next_path(&reading)) != NULL) {
        char name[MAX_NAME_BYTES];

        if (!copy_name(found, name))
            continue;
        if (!is_among(name, names))
            r = refuse(making, place, ".", name, names);
        else if (view == QUERY_OF_USER)
            r = check_inner(making, place, name, reading.at);
    }
    return r;
}
