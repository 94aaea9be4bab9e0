#include "expr/query_guard.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Brackets, strings and functions may stand this deep in each other. */
#define MAX_NESTING 64

#define OUTSIDE "a query sees only its input"

static const struct {
    const char *word;
    const char *hint;
} refused[] = {
    {"$ENV", "${NAME} puts an environment variable into the scenario when it is loaded"},
    {"env", "${NAME} puts an environment variable into the scenario when it is loaded"},
    {"$__prog_args", OUTSIDE},
    {"debug", "--log-bodies shows what was answered"},
    {"get_search_list", OUTSIDE},
    {"halt", "the step `stop` ends an iteration, a user or the run"},
    {"halt_error", "the step `stop` ends an iteration, a user or the run"},
    {"import", OUTSIDE},
    {"include", OUTSIDE},
    {"input", OUTSIDE},
    {"input_filename", OUTSIDE},
    {"input_line_number", OUTSIDE},
    {"inputs", OUTSIDE},
    {"jn", "it takes as long as its number is large"},
    {"module", OUTSIDE},
    {"modulemeta", OUTSIDE},
    {"yn", "it takes as long as its number is large"},
    {"stderr", "--log-bodies shows what was answered"},
};

struct word {
    const char *text;
    size_t len;
};

/* A function that is being defined: until the semicolon at its own depth. */
struct definition {
    struct word name;
    size_t depth;
};

struct guard {
    const char *text;
    const char *at;
    char open
        [MAX_NESTING]; /* `(` and its like; `"`: a string; `\`: an expression in one */
    size_t depth;
    struct definition definitions[MAX_NESTING];
    size_t defined;
    bool names_next; /* the word before was `def` */
    struct query_error *error;
};

__attribute__((format(printf, 4, 5))) static int
problem(struct guard *guard, const char *where, const char *hint, const char *format, ...)
{
    va_list args;

    guard->error->offset = (size_t)(where - guard->text);
    guard->error->hint = hint;
    va_start(args, format);
    (void)vsnprintf(guard->error->problem, sizeof(guard->error->problem), format, args);
    va_end(args);
    return -EINVAL;
}

static bool is_word_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

static struct word word_at(const char *text)
{
    const size_t len =
        1 + strspn(text + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
                             "XYZ0123456789_");

    return (struct word){text, len};
}

static bool is(struct word word, const char *name)
{
    return strlen(name) == word.len && memcmp(name, word.text, word.len) == 0;
}

/* Whether a word is the key of an object, {env: 1}, or a field, .env: no function then. */
static bool is_key(const struct guard *guard, struct word word)
{
    const char *after = word.text + word.len;

    after += strspn(after, " \t\r\n");
    return (*after == ':' && after[1] != ':') ||
           (word.text > guard->text && word.text[-1] == '.');
}

static int look_at_word(struct guard *guard)
{
    const struct word word = word_at(guard->at);

    guard->at += word.len;
    if (guard->names_next) {
        guard->names_next = false;
        if (guard->defined == MAX_NESTING)
            return problem(guard, word.text, NULL, "it nests too deep");
        guard->definitions[guard->defined++] = (struct definition){word, guard->depth};
        return 0;
    }
    if (is_key(guard, word))
        return 0;
    guard->names_next = is(word, "def");
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        if (is(word, refused[i].word))
            return problem(guard, word.text, refused[i].hint,
                           "%s is not allowed in a query", refused[i].word);
    for (size_t i = 0; i < guard->defined; i++) {
        const struct word name = guard->definitions[i].name;

        if (name.len == word.len && memcmp(name.text, word.text, name.len) == 0)
            return problem(guard, word.text, NULL,
                           "%.*s calls itself, and may never come back",
                           word.len < 60 ? (int)word.len : 60, word.text);
    }
    return 0;
}

static int push(struct guard *guard, char open)
{
    if (guard->depth == MAX_NESTING)
        return problem(guard, guard->at, NULL, "it nests too deep");
    guard->open[guard->depth++] = open;
    guard->at++;
    return 0;
}

/* A closing bracket; one of an expression in a string leads back into that. */
static int pop(struct guard *guard)
{
    static const char pairs[] = "()[]{}\"\"\\)";
    const char open = guard->depth > 0 ? guard->open[guard->depth - 1] : 0;
    const char *pair = open ? strchr(pairs, open) : NULL;

    if (!pair || pair[1] != *guard->at)
        return problem(guard, guard->at, NULL, "unexpected '%c'", *guard->at);
    guard->depth--;
    guard->at++;
    return 0;
}

static int look_in_string(struct guard *guard)
{
    if (*guard->at == '"')
        return pop(guard);
    if (guard->at[0] == '\\' && guard->at[1] == '(') {
        guard->at++;
        return push(guard, '\\');
    }
    guard->at += guard->at[0] == '\\' && guard->at[1] ? 2 : 1;
    return 0;
}

static int look(struct guard *guard)
{
    const char c = *guard->at;

    if (guard->depth > 0 && guard->open[guard->depth - 1] == '"')
        return look_in_string(guard);
    if (is_word_start(c))
        return look_at_word(guard);
    if (strchr("([{\"", c))
        return push(guard, c);
    if (strchr(")]}", c))
        return pop(guard);
    if (c == '#') {
        guard->at += strcspn(guard->at, "\n");
        return 0;
    }
    if (c == ';' && guard->defined > 0 &&
        guard->definitions[guard->defined - 1].depth == guard->depth)
        guard->defined--;
    guard->at++;
    return 0;
}

int query_guard(const char *text, struct query_error *reterr_error)
{
    struct guard guard = {.text = text, .at = text, .error = reterr_error};
    int r = 0;

    while (r == 0 && *guard.at)
        r = look(&guard);
    if (r == 0 && guard.depth > 0)
        r = problem(&guard, guard.at, NULL, "'%c' is not closed",
                    guard.open[guard.depth - 1]);
    return r;
}
