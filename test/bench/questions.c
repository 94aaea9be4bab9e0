/*
 * BENCH B-9: questions per second by strategy, on one core, and how often memory is allocated on
 * the way; then what a whole turn costs, also of synthetic prompts and behind shared prefixes. Medians
 * of rounds, so that a neighbour's burst of work does not count.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "plan/program.h"
#include "workload/conversation.h"
#include "workload/question.h"
#include "workload/turn.h"
#include "workload/uniqueness.h"

#define ROUNDS 9
#define QUESTIONS 300000
#define USERS 1000

static unsigned long allocations;

/* The linker's --wrap sends the allocations of our libraries through these. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *pointer, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *pointer, size_t size);

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *pointer, size_t size)
{
    allocations++;
    return __real_realloc(pointer, size);
}

static int compare(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;

    return (left > right) - (left < right);
}

static void report(const char *what, double rates_per_s[ROUNDS], double bytes,
                   unsigned long allocated)
{
    qsort(rates_per_s, ROUNDS, sizeof(rates_per_s[0]), compare);
    printf("%-14s %6.2f M/s (%.2f to %.2f), %5.1f bytes each, %lu allocations\n", what,
           rates_per_s[ROUNDS / 2] / 1e6, rates_per_s[0] / 1e6,
           rates_per_s[ROUNDS - 1] / 1e6, bytes / QUESTIONS, allocated);
}

static double rate_per_s(uint64_t started_ns)
{
    return QUESTIONS * (double)NS_PER_S / (double)(clock_mono_ns() - started_ns);
}

static void bench_strategy(const struct question_strategy *strategy, struct buf *out)
{
    struct question_source source = {
        .strategy = strategy, .seed = 42, .nonce = question_nonce_of_run("bench")};
    const unsigned long before = allocations;
    double rates_per_s[ROUNDS];
    double bytes = 0;

    for (int round = 0; round < ROUNDS; round++) {
        const uint64_t started_ns = clock_mono_ns();

        bytes = 0;
        for (uint64_t i = 0; i < QUESTIONS; i++) {
            buf_clear(out);
            source.organization = i % 3;
            if (question_write(&source, i % USERS, i / USERS, out) < 0)
                abort();
            bytes += (double)out->len;
        }
        rates_per_s[round] = rate_per_s(started_ns);
    }
    report(strategy->name, rates_per_s, bytes, allocations - before);
}

/* What the engine does for each turn: word it, append it to the conversation, note it. */
static void bench_turns(const char *what, const struct plan_chat *chat, struct buf *out)
{
    const struct turn_means means = {.scratch = out};
    struct turn_key key = {.seed = 42, .nonce = question_nonce_of_run("bench")};
    struct conversation conversation;
    struct uniqueness *uniqueness = NULL;
    double rates_per_s[ROUNDS];
    double bytes = 0;
    unsigned long before;
    struct turn turn;

    conversation_init(&conversation, 1, 1 << 20, 0);
    if (uniqueness_new(&uniqueness) < 0)
        abort();
    before = allocations;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        const uint64_t started_ns = clock_mono_ns();

        bytes = 0;
        for (uint64_t i = 0; i < QUESTIONS; i++) {
            key.user = i % USERS;
            key.index = round * QUESTIONS / USERS + i / USERS;
            conversation_reset(&conversation, i);
            if (turn_begin(&conversation, chat, &key, &means, &turn) < 0 ||
                uniqueness_note(uniqueness, turn.hash) < 0)
                abort();
            bytes += (double)conversation_bytes(&conversation);
        }
        rates_per_s[round] = rate_per_s(started_ns);
    }
    report(what, rates_per_s, bytes, allocations - before);
    printf("%-14s %.6f of %.0f\n", "unique", uniqueness_ratio(uniqueness),
           (double)uniqueness_noted(uniqueness));
    uniqueness_free(uniqueness);
    conversation_deinit(&conversation);
}

int main(void)
{
    static const struct plan_chat mixed = {.say = PLAN_SAY_QUESTION,
                                           .strategy_name = "mixed"};
    static const struct plan_chat synthetic = {
        .say = PLAN_SAY_SYNTHETIC,
        .synthetic = {
            .input = {PLAN_LENGTH_LOGNORMAL, 512, 256, 1, 4096},
            .output = {PLAN_LENGTH_NORMAL, 128, 32, 1, 1024},
        }};
    static const struct plan_chat prefixed = {
        .say = PLAN_SAY_QUESTION, .strategy_name = "mixed", .prefix = {512, 0.5, 8}};
    struct buf out = BUF_INIT(1 << 17);

    if (buf_reserve(&out, QUESTION_MAX_BYTES) < 0)
        return 1;
    for (size_t i = 0; question_strategy_at(i); i++)
        bench_strategy(question_strategy_at(i), &out);
    bench_turns("whole turns", &mixed, &out);
    bench_turns("512 tokens", &synthetic, &out);
    bench_turns("prefix of 512", &prefixed, &out);
    buf_deinit(&out);
    return 0;
}
