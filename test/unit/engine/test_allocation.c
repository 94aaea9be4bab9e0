#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stage.h"

#define LONGEST 4000

/* The linker sends our modules' allocations to these (--wrap). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *pointer, size_t size);
void *__real_reallocarray(void *pointer, size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *pointer, size_t size);
void *__wrap_reallocarray(void *pointer, size_t count, size_t size);

static uint64_t allocations;

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

void *__wrap_reallocarray(void *pointer, size_t count, size_t size)
{
    allocations++;
    return __real_reallocarray(pointer, count, size);
}

/* An answer of as many chunks as the test noted, 1 ms apart. */
static void serve_chunks(void *ctx, const struct virtual_request *request,
                         struct virtual_answer *ret_answer)
{
    static const struct virtual_event chunk = {
        .delay_ns = MS(1),
        .data = "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{"
                "\"index\":0,"
                "\"delta\":{\"content\":\" word\"},\"finish_reason\":null}]}"};
    static struct virtual_event events[LONGEST];
    const struct stage *stage = ctx;

    (void)request;
    ret_answer->event_count = *(const size_t *)stage->notes;
    for (size_t i = 0; i < ret_answer->event_count; i++)
        events[i] = chunk;
    ret_answer->events = events;
}

/* Allocations of a run in which one user hears answers of that many chunks. */
static uint64_t allocations_of_answers(size_t chunks)
{
    struct stage stage;

    stage_init(&stage);
    stage.server = serve_chunks;
    stage.notes = &chunks;
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 1, S(30));
    allocations = 0;
    stage_open(&stage);
    stage_finish(&stage);
    assert_true(stage.last.chunks == chunks);
    stage_close(&stage);
    return allocations;
}

/* The path of a chunk: event, scanner, moments, histograms. A run of more of them costs no more. */
static void a_chunk_allocates_nothing(void **state)
{
    (void)state;
    const uint64_t few = allocations_of_answers(LONGEST / 4);
    const uint64_t many = allocations_of_answers(LONGEST);

    assert_true(few > 0);
    assert_true(many <= few);
}

static uint64_t allocations_of_load(uint64_t duration_ns, uint64_t *ret_requests)
{
    struct stage stage;

    stage_init(&stage);
    stage_phase(&stage, PLAN_PHASE_SUSTAINED, 50, duration_ns);
    allocations = 0;
    stage_open(&stage);
    stage_finish(&stage);
    *ret_requests = stage.samples;
    stage_close(&stage);
    return allocations;
}

/* A pause allocates nothing; a request of its own no more than its conversation: text and marks. */
static void a_request_allocates_twice_and_a_pause_nothing(void **state)
{
    uint64_t few = 0;
    uint64_t many = 0;

    (void)state;
    const uint64_t before = allocations_of_load(S(60), &few);
    const uint64_t after = allocations_of_load(S(600), &many);

    assert_true(many > 5 * few);
    /* And what grows by doubling, such as the known questions, now and then. */
    assert_true(after - before <= 2 * (many - few) + 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chunk_allocates_nothing),
        cmocka_unit_test(a_request_allocates_twice_and_a_pause_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
