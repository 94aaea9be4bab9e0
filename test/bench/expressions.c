/*
 * What templates, queries and patterns cost each time: medians of rounds, so that a neighbour's
 * burst of work does not count. Memory that our own code allocates while they run is counted too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/rng.h"
#include "expr/query.h"
#include "expr/regex.h"
#include "expr/template.h"

#define ROUNDS 9
#define RUNS 5000
#define BODY_BYTES 2048

static unsigned long allocations;

/* The linker's --wrap sends the allocations of our libraries through these. */
void *__real_malloc(size_t size);
void *__real_realloc(void *pointer, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *pointer, size_t size);

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_realloc(void *pointer, size_t size)
{
    allocations++;
    return __real_realloc(pointer, size);
}

typedef void bench_fn(void *ctx, struct buf *out);

static int compare(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;

    return (left > right) - (left < right);
}

static void bench(const char *what, bench_fn *fn, void *ctx)
{
    struct buf out = BUF_INIT(100000);
    double times_ns[ROUNDS];
    unsigned long before = 0;

    for (int round = 0; round < ROUNDS; round++) {
        const uint64_t started_ns = clock_mono_ns();

        for (int i = 0; i < RUNS; i++) {
            buf_clear(&out);
            fn(ctx, &out);
            if (round == 0 && i == 0)
                before = allocations; /* from here on the buffer has its size */
        }
        times_ns[round] = (double)(clock_mono_ns() - started_ns) / RUNS;
    }
    qsort(times_ns, ROUNDS, sizeof(times_ns[0]), compare);
    printf("%-48s %8.0f ns (%.0f to %.0f), %lu allocations\n", what, times_ns[ROUNDS / 2],
           times_ns[0], times_ns[ROUNDS - 1], allocations - before);
    buf_deinit(&out);
}

struct template_bench {
    const struct template *template;
    struct rng rng;
};

static int find_name(void *ctx, const char *name, size_t len, uint32_t *ret_ref,
                     const char **reterr_hint)
{
    (void)ctx;
    (void)name;
    (void)len;
    (void)reterr_hint;
    *ret_ref = 0;
    return 0;
}

static int write_name(void *ctx, uint32_t ref, struct buf *out, bool *ret_json)
{
    (void)ctx;
    (void)ref;
    (void)ret_json;
    return buf_append(out, "eyJhbGciOiJIUzI1NiJ9.e30.x", 26);
}

static void render(void *ctx, struct buf *out)
{
    struct template_bench *bench = ctx;
    const struct template_scope scope = {write_name, NULL, &bench->rng, NS_PER_S};
    uint32_t ref = 0;

    if (template_render(bench->template, &scope, out, &ref) < 0)
        abort();
}

static void bench_templates(void)
{
    static const struct {
        const char *text;
        enum template_form form;
    } texts[] = {
        {"Bearer {{ vars.token }}", TEMPLATE_TEXT},
        {"/search?q={{ vars.q | url }}&page={{ random.int(1, 9) }}", TEMPLATE_TEXT},
        {"{\"id\":\"{{ uuid }}\",\"by\":\"{{ email }}\",\"n\":\"{{ now.unix | json }}\"}",
         TEMPLATE_JSON},
        {"{{ words(100) }}", TEMPLATE_TEXT},
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct template_bench bench_ctx = {0};
        struct template_error error;
        struct arena *arena = NULL;

        rng_init(&bench_ctx.rng, 1, 0, 0, RNG_TEST);
        if (arena_new(&arena) < 0 ||
            template_compile(texts[i].text, strlen(texts[i].text), texts[i].form,
                             find_name, NULL, arena, &bench_ctx.template, &error) < 0)
            abort();
        bench(texts[i].text, render, &bench_ctx);
        arena_free(arena);
    }
}

struct query_bench {
    struct query_runner *runner;
    uint32_t index;
    struct query_root root;
};

static void evaluate(void *ctx, struct buf *out)
{
    const struct query_bench *bench = ctx;
    struct query_result result;

    (void)query_run(bench->runner, bench->index, &bench->root, 1, out, &result);
}

/* A page of models, as /v1/models lists them, of about so many bytes. */
static void make_body(struct buf *body, size_t bytes)
{
    buf_append_str(body, "{\"object\":\"list\",\"data\":[");
    for (unsigned i = 0; i == 0 || body->len < bytes; i++)
        buf_printf(
            body,
            "%s{\"id\":\"model-%u\",\"created\":17952557%02u,\"owned_by\":\"them\"}",
            i > 0 ? "," : "", i, i);
    buf_append_str(body, "],\"status\":\"ok\"}");
}

static void bench_queries(size_t bytes)
{
    static const char *const texts[] = {
        ".data[0].id", ".data | length > 0", ".status == \"ok\" and (.error | not)",
        "[.data[].id] | index(\"model-1\") != null", ".data | map(.id) | join(\",\")"};
    struct buf body = BUF_INIT(1 << 20);
    struct query_bench bench_ctx = {0};
    const uint64_t started_ns = clock_mono_ns();

    if (query_runner_new(texts, 5, &bench_ctx.runner) < 0)
        abort();
    printf("\nqueries over %zu bytes, compiled in %.1f ms\n", bytes,
           (double)(clock_mono_ns() - started_ns) / (double)NS_PER_MS);
    make_body(&body, bytes);
    bench_ctx.root = (struct query_root){
        .path = "", .kind = QUERY_JSON, .text = buf_str(&body), .len = body.len};
    for (uint32_t i = 0; i < 5; i++) {
        bench_ctx.index = i;
        bench(texts[i], evaluate, &bench_ctx);
    }
    query_runner_free(bench_ctx.runner);
    buf_deinit(&body);
}

static void search(void *ctx, struct buf *out)
{
    static const char page[] =
        "<html><form action=\"/login\"><input type=\"hidden\" name=\"csrf\" "
        "value=\"9f03a1c7\"></form></html>";
    struct regex_span span;

    (void)out;
    if (regex_match(ctx, page, sizeof(page) - 1, 1, &span) != 1)
        abort();
}

int main(void)
{
    static const char pattern[] = "name=\"csrf\"\\s+value=\"([^\"]+)\"";
    struct regex_error error;
    struct regex *regex = NULL;

    bench_templates();
    bench_queries(BODY_BYTES / 16);
    bench_queries(BODY_BYTES);
    if (regex_new(pattern, &regex, &error) < 0)
        return 1;
    printf("\n");
    bench(pattern, search, regex);
    regex_free(regex);
    return 0;
}
