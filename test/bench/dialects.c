/*
 * What reading one delta of each dialect costs, beside SSE and HTTP: CPU time, so that others on the
 * machine do not count, and allocations, of which there are to be none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "api/dialect.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"

#define EVENTS 2000000
#define MAX_TEXT_BYTES 4096

static uint64_t allocations;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);

void *__wrap_realloc(void *block, size_t size)
{
    allocations++;
    return __real_realloc(block, size);
}

static uint64_t spent_ns(void)
{
    struct timespec time;

    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) < 0)
        abort();
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

/* An answer's deltas: the same but for their words, and in some for their number. */
struct delta {
    const char *name;
    enum plan_api api;
    enum plan_step_kind kind;
    const char *before; /* the number, where there is one; else the word */
    const char *between;
    const char *behind;
};

static const struct delta deltas[] = {
    {"openai chat", PLAN_API_OPENAI, PLAN_STEP_CHAT,
     "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,"
     "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" ",
     NULL, "\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}"},
    {"openai chat, padded", PLAN_API_OPENAI, PLAN_STEP_CHAT,
     "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"obfuscation\":\"",
     "\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" ",
     "\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}"},
    {"openai completions", PLAN_API_OPENAI, PLAN_STEP_COMPLETION,
     "{\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":1,\"choices\":"
     "[{\"text\":\" ",
     NULL, "\",\"index\":0,\"logprobs\":null,\"finish_reason\":null}],\"model\":\"m\"}"},
    {"openai responses", PLAN_API_OPENAI, PLAN_STEP_RESPONSES,
     "{\"type\":\"response.output_text.delta\",\"sequence_number\":",
     ",\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,\"delta\":\" ",
     "\",\"logprobs\":[],\"obfuscation\":\"aWxvdmU\"}"},
    {"anthropic messages", PLAN_API_ANTHROPIC, PLAN_STEP_CHAT,
     "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\","
     "\"text\":\" ",
     NULL, "\"}}"},
};

static void write_event(const struct delta *delta, size_t number, const char *word,
                        struct buf *event)
{
    buf_append_str(event, delta->before);
    if (delta->between)
        buf_printf(event, "%zu%s", number, delta->between);
    buf_append_str(event, word);
    buf_append_str(event, delta->behind);
}

static void measure(const struct delta *delta)
{
    static const char *const words[] = {"one",   "three",         "seventeen", "x",
                                        "hello", "a longer word", "to",        "end"};
    const struct api_dialect *dialect = api_dialect_of(delta->api, delta->kind);
    struct buf text = BUF_INIT(MAX_TEXT_BYTES);
    struct api_reader reader = {.text = &text};
    struct buf events[COUNT_OF(words)];
    uint64_t outputs = 0;
    uint64_t begun_ns;

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        events[i] = BUF_INIT(MAX_TEXT_BYTES);
        write_event(delta, 100 + i, words[i], &events[i]);
    }
    (void)buf_reserve(&text, MAX_TEXT_BYTES - 1);
    allocations = 0;
    begun_ns = spent_ns();
    for (size_t i = 0; i < EVENTS; i++) {
        const struct buf *event = &events[i % COUNT_OF(words)];
        uint32_t bits = 0;

        if (i % 64 == 0)
            buf_clear(&text);
        outputs +=
            dialect->read_event(&reader, event->bytes, event->len, &bits) == API_OUTPUT;
    }
    printf(
        "%-22s %3zu bytes: %5.0f ns per delta, %llu allocations, %llu of %d understood\n",
        delta->name, events[0].len, (double)(spent_ns() - begun_ns) / EVENTS,
        (unsigned long long)allocations, (unsigned long long)outputs, EVENTS);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        buf_deinit(&events[i]);
    buf_deinit(&text);
}

int main(void)
{
    for (size_t i = 0; i < COUNT_OF(deltas); i++)
        measure(&deltas[i]);
    return 0;
}
