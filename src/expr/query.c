#include "expr/query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "expr/query_guard.h"
#include "expr/query_jq.h"
#include "expr/query_plain.h"

/* A query: one of both. */
struct query {
    const struct query_node *plain;
    size_t jq_index; /* where `plain` is NULL */
};

struct query_runner {
    struct query *queries;
    size_t count;
    struct arena *arena; /* of the plain ones */
    struct query_jq *jq; /* NULL: there are none for libjq */
};

DEFINE_CLEANUP(struct arena, arena_free)
DEFINE_CLEANUP(struct query_runner, query_runner_free)

static int parse_plain(const char *text)
{
    CLEANUP(arena_freep) struct arena *arena = NULL;
    const struct query_node *node = NULL;
    const int r = arena_new(&arena);

    return r == 0 ? query_plain_parse(text, arena, &node) : r;
}

bool query_is_plain(const char *text)
{
    return parse_plain(text) == 0;
}

int query_check(const char *text, struct query_error *reterr_error)
{
    int r = parse_plain(text);

    if (r <= 0)
        return r;
    *reterr_error = (struct query_error){0};
    r = query_guard(text, reterr_error);
    return r == 0 ? query_jq_check(text, reterr_error) : r;
}

/* Puts the query where it belongs; those for libjq are collected in texts. */
static int add_query(struct query_runner *runner, const char *text, const char **texts,
                     size_t *jq_count)
{
    struct query *query = &runner->queries[runner->count];
    struct query_error error;
    int r = query_plain_parse(text, runner->arena, &query->plain);

    if (r == 1) {
        query->plain = NULL; /* it may have got halfway */
        query->jq_index = *jq_count;
        texts[(*jq_count)++] = text;
        r = query_guard(text, &error);
    }
    runner->count++;
    return r;
}

static int add_queries(struct query_runner *runner, const char *const *texts,
                       size_t count, const char **jq_texts)
{
    size_t jq_count = 0;
    int r = 0;

    for (size_t i = 0; i < count && r == 0; i++)
        r = add_query(runner, texts[i], jq_texts, &jq_count);
    if (r == 0 && jq_count > 0)
        r = query_jq_new(jq_texts, jq_count, &runner->jq);
    return r;
}

int query_runner_new(const char *const *texts, size_t count,
                     struct query_runner **ret_runner)
{
    CLEANUP(query_runner_freep) struct query_runner *runner = calloc(1, sizeof(*runner));
    const char **jq_texts = (const char **)calloc(count + 1, sizeof(*jq_texts));
    int r = -ENOMEM;

    if (runner)
        runner->queries = calloc(count + 1, sizeof(*runner->queries));
    if (runner && runner->queries && jq_texts)
        r = arena_new(&runner->arena);
    if (r == 0)
        r = add_queries(runner, texts, count, jq_texts);
    free((void *)jq_texts);
    if (r == 0)
        *ret_runner = TAKE(runner);
    return r;
}

struct query_runner *query_runner_free(struct query_runner *runner)
{
    if (!runner)
        return NULL;
    (void)query_jq_free(runner->jq);
    (void)arena_free(runner->arena);
    free(runner->queries);
    free(runner);
    return NULL;
}

int query_run(struct query_runner *runner, uint32_t index, const struct query_root *roots,
              size_t count, struct buf *out, struct query_result *ret_result)
{
    const struct query *query = &runner->queries[index];

    *ret_result = (struct query_result){.kind = QUERY_NOTHING};
    for (size_t i = 0; i < count; i++)
        if ((roots[i].kind == QUERY_TEXT || roots[i].kind == QUERY_JSON) &&
            roots[i].len > QUERY_MAX_BYTES)
            return -E2BIG;
    const int r =
        query->plain
            ? query_plain_run(query->plain, roots, count, out, ret_result)
            : query_jq_run(runner->jq, query->jq_index, roots, count, out, ret_result);

    if (r < 0)
        *ret_result = (struct query_result){.kind = QUERY_NOTHING};
    return r;
}

bool query_is_true(const struct query_result *result)
{
    return result->kind != QUERY_NOTHING && result->kind != QUERY_NULL &&
           result->kind != QUERY_FALSE;
}
