#include "expr/query_jq.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jq.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "expr/query_plain.h"
#include "expr/query_watch.h"

/* More than this is a mistake of another kind. */
#define MAX_PROGRAM_BYTES ((size_t)16 << 20)

/* Evaluations of one query that may be ended, each of which costs memory: after those it only fails. */
#define MAX_HALTS 3

struct query_jq {
    char *program;
    jq_state *state; /* NULL: the last evaluation was ended */
    struct query_watch *watch;
    unsigned char *halts; /* of each query */
};

/* Keeps the first thing that libjq says: the second only counts them. */
static void note_error(void *ctx, jv message)
{
    struct query_error *error = ctx;

    if (error && !error->problem[0] && jv_get_kind(message) == JV_KIND_STRING) {
        static const char prefix[] = "jq: error: ";
        const char *text = jv_string_value(message);

        if (strncmp(text, prefix, sizeof(prefix) - 1) == 0)
            text += sizeof(prefix) - 1;
        const char *end = strstr(text, " (Unix shell quoting");

        if (!end)
            end = strstr(text, " at <top-level>");
        size_t len = end ? (size_t)(end - text) : strcspn(text, "\n");

        if (len >= sizeof(error->problem))
            len = sizeof(error->problem) - 1;
        memcpy(error->problem, text, len);
        error->problem[len] = '\0';
    }
    jv_free(message);
}

/* Returns 0; -EINVAL; -ENOMEM. */
static int compile(const char *program, struct query_error *error, jq_state **ret_state)
{
    jq_state *state = jq_init();

    if (!state)
        return -ENOMEM;
    jq_set_error_cb(state, note_error, error);
    if (!jq_compile(state, program)) {
        jq_teardown(&state);
        return -EINVAL;
    }
    jq_set_error_cb(state, note_error, NULL);
    *ret_state = state;
    return 0;
}

static int compiles(const char *program, struct query_error *error)
{
    jq_state *state = NULL;
    const int r = compile(program, error, &state);

    jq_teardown(&state);
    return r;
}

/* In brackets of its own, and its last comment ended, so that it can stand in any program. */
static void append_enclosed(struct buf *out, const char *text)
{
    buf_append_char(out, '(');
    buf_append_str(out, text);
    buf_append_str(out, "\n)");
}

int query_jq_check(const char *text, struct query_error *reterr_error)
{
    struct buf program = BUF_INIT(MAX_PROGRAM_BYTES);

    *reterr_error = (struct query_error){0};
    append_enclosed(&program, text);
    int r = buf_error(&program);

    if (r == 0)
        r = compiles(buf_str(&program), NULL);
    buf_deinit(&program);
    /* Again without the brackets, which the message would speak of. */
    if (r == -EINVAL && compiles(text, reterr_error) == 0)
        (void)strncpy(reterr_error->problem, "it says nothing but definitions",
                      sizeof(reterr_error->problem) - 1);
    return r;
}

/* The choice among the queries from `first` to before `end` by $__index, halved until one is left. */
// NOLINTNEXTLINE(misc-no-recursion): as deep as the logarithm of their number
static void append_choice(struct buf *program, const char *const *texts, size_t first,
                          size_t end)
{
    const size_t middle = first + (end - first) / 2;

    if (end - first == 1) {
        append_enclosed(program, texts[first]);
        return;
    }
    buf_printf(program, "if $__index < %zu then ", middle);
    append_choice(program, texts, first, middle);
    buf_append_str(program, " else ");
    append_choice(program, texts, middle, end);
    buf_append_str(program, " end");
}

/*
 * libjq 1.6 aborts the program where a number that is no time, such as 1e300, is written as a date, and
 * where the format is no text: these say that the query failed.
 */
static const char prelude[] =
    "def __strftime(f): strftime(f); def __strflocaltime(f): strflocaltime(f);"
    "def __time(f): if (type == \"number\" and (. < -1e11 or . > 1e11)) or (f | type) != "
    "\"string\""
    " then error(\"this is no time\") else . end;"
    "def strftime(f): __time(f) | __strftime(f);"
    "def strflocaltime(f): __time(f) | __strflocaltime(f);"
    "def todateiso8601: strftime(\"%Y-%m-%dT%H:%M:%SZ\"); def todate: todateiso8601;";

static int write_program(const char *const *texts, size_t count, char **ret_program)
{
    struct buf program = BUF_INIT(MAX_PROGRAM_BYTES);
    int r;

    buf_append_str(&program, prelude);
    buf_append_str(&program, "first(.[0] as $__index | .[1] | ");
    append_choice(&program, texts, 0, count);
    buf_append_char(&program, ')');
    r = buf_error(&program);
    if (r == 0)
        *ret_program = buf_take(&program);
    buf_deinit(&program);
    return r;
}

DEFINE_CLEANUP(struct query_jq, query_jq_free)

int query_jq_new(const char *const *texts, size_t count, struct query_jq **ret_jq)
{
    CLEANUP(query_jq_freep) struct query_jq *jq = calloc(1, sizeof(*jq));
    int r = -ENOMEM;

    if (jq)
        jq->halts = calloc(count, sizeof(*jq->halts));
    if (jq && jq->halts)
        r = write_program(texts, count, &jq->program);
    if (r == 0)
        r = compile(jq->program, NULL, &jq->state);
    if (r == 0)
        r = query_watch_new(&jq->watch);
    if (r == 0)
        *ret_jq = TAKE(jq);
    return r;
}

struct query_jq *query_jq_free(struct query_jq *jq)
{
    if (!jq)
        return NULL;
    (void)query_watch_free(jq->watch);
    jq_teardown(&jq->state);
    free(jq->halts);
    free(jq->program);
    free(jq);
    return NULL;
}

/*
 * The first value, without one where there is none or the query failed. libjq cannot start anew from the
 * middle of an evaluation that follows paths (it aborts, and so does a teardown): what gave a value is
 * brought to its end, which `first` makes the next step; and what was halted is left as it is, for
 * good.
 */
static jv evaluate(struct query_jq *jq, jv input, bool *ret_halted)
{
    jq_start(jq->state, input, 0);
    query_watch_begin(jq->watch, jq->state);
    const jv value = jq_next(jq->state);

    if (jv_is_valid(value))
        jv_free(jq_next(jq->state));
    *ret_halted = query_watch_end(jq->watch);
    if (*ret_halted)
        jq->state = NULL;
    return value;
}

int query_jq_run(struct query_jq *jq, size_t index, const struct query_root *roots,
                 size_t count, struct buf *out, struct query_result *ret_result)
{
    bool halted = false;

    if (jq->halts[index] == MAX_HALTS)
        return -ETIME;
    if (!jq->state && compile(jq->program, NULL, &jq->state) < 0)
        return -ENOMEM; /* it compiled before */
    const jv input = query_input(roots, count);

    if (!jv_is_valid(input)) {
        jv_free(input);
        return -EINVAL;
    }
    const jv value = evaluate(jq, JV_ARRAY(jv_number((double)index), input), &halted);
    const bool failed = !jv_is_valid(value) && jv_invalid_has_msg(jv_copy(value));

    if (!halted && !failed)
        return query_append_jv(value, out, ret_result);
    jv_free(value);
    jq->halts[index] += halted;
    return halted ? -ETIME : -EINVAL;
}
