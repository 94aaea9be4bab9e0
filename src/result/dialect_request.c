#include "result/dialect_request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "result/sample_file.h"

/* What grows while a file is read. */
struct reading {
    struct dialect_requests requests;
    size_t request_room;
    size_t event_room;
};

static int note_sample(void *ctx, const struct sample *sample,
                       const struct labels *labels)
{
    struct reading *reading = ctx;
    struct dialect_requests *requests = &reading->requests;

    (void)labels;
    if (requests->count == reading->request_room) {
        const size_t room = reading->request_room ? reading->request_room * 2 : 1024;
        struct dialect_request *grown =
            reallocarray(requests->items, room, sizeof(*grown));

        if (!grown)
            return -ENOMEM;
        requests->items = grown;
        reading->request_room = room;
    }
    requests->items[requests->count++] = (struct dialect_request){
        .operation_id = sample->operation_id,
        .attempt = sample->attempt,
        .flags = sample->flags,
        .status = sample->status,
        .outcome = sample->outcome,
        .token_source = sample->token_source,
        .sent_ns = sample->sent_ns,
        .wire_ns = sample->wire_ns,
        .headers_ns = sample->headers_ns,
        .first_choice_ns = sample->first_choice_ns,
        .last_choice_ns = sample->last_choice_ns,
        .first_output_ns = sample->first_output_ns,
        .first_answer_ns = sample->first_answer_ns,
        .last_output_ns = sample->last_output_ns,
        .end_ns = sample->end_ns,
        .connect_ns = sample->connect_ns,
        .tls_ns = sample->tls_ns,
        .chunk_count = sample->chunks,
        .choice_count = sample->choices,
        .prompt_tokens = sample->prompt_tokens,
        .completion_tokens = sample->completion_tokens,
        .reasoning_tokens = sample->reasoning_tokens,
    };
    return 0;
}

static int note_chunk(void *ctx, const struct chunk *chunk)
{
    struct reading *reading = ctx;
    struct dialect_requests *requests = &reading->requests;

    if (requests->event_count == reading->event_room) {
        const size_t room = reading->event_room ? reading->event_room * 2 : 4096;
        struct chunk *grown = reallocarray(requests->events, room, sizeof(*grown));

        if (!grown)
            return -ENOMEM;
        requests->events = grown;
        reading->event_room = room;
    }
    requests->events[requests->event_count++] = *chunk;
    return 0;
}

static int compare_keys(uint64_t a, uint32_t a_attempt, uint64_t b, uint32_t b_attempt)
{
    if (a != b)
        return a < b ? -1 : 1;
    return (a_attempt > b_attempt) - (a_attempt < b_attempt);
}

static int compare_requests(const void *left, const void *right)
{
    const struct dialect_request *a = left;
    const struct dialect_request *b = right;

    return compare_keys(a->operation_id, a->attempt, b->operation_id, b->attempt);
}

static int compare_events(const void *left, const void *right)
{
    const struct chunk *a = left;
    const struct chunk *b = right;
    const int by_key =
        compare_keys(a->operation_id, a->attempt, b->operation_id, b->attempt);

    return by_key != 0 ? by_key : (a->at_ns > b->at_ns) - (a->at_ns < b->at_ns);
}

const struct chunk *dialect_request_events(const struct dialect_requests *requests,
                                           const struct dialect_request *request)
{
    return request->event_count > 0 ? &requests->events[request->events_from] : NULL;
}

/* Whether as many were recorded of each kind as its sample counted. */
static bool has_events(const struct dialect_requests *requests,
                       const struct dialect_request *request)
{
    const struct chunk *events = dialect_request_events(requests, request);
    uint64_t outputs = 0;
    uint64_t choices = 0;

    for (size_t i = 0; i < request->event_count; i++) {
        outputs += (events[i].what & CHUNK_OUTPUT) != 0;
        choices += (events[i].what & CHUNK_CHOICE) != 0;
    }
    return outputs >= request->chunk_count && choices >= request->choice_count;
}

/* Both are in the order of their keys: each request gets the events of its own. */
static void join(struct dialect_requests *requests)
{
    size_t at = 0;

    for (size_t i = 0; i < requests->count; i++) {
        struct dialect_request *request = &requests->items[i];

        while (at < requests->event_count &&
               compare_keys(requests->events[at].operation_id,
                            requests->events[at].attempt, request->operation_id,
                            request->attempt) < 0)
            at++;
        request->events_from = at;
        while (at < requests->event_count &&
               compare_keys(requests->events[at].operation_id,
                            requests->events[at].attempt, request->operation_id,
                            request->attempt) == 0)
            at++;
        request->event_count = at - request->events_from;
        request->has_events = has_events(requests, request);
    }
}

int dialect_requests_read(const char *path, struct dialect_requests *ret_requests)
{
    struct reading reading = {0};
    struct dialect_requests *requests = &reading.requests;
    const int r = sample_file_read_chunks(path, note_sample, note_chunk, &reading,
                                          &requests->is_complete);

    if (r < 0) {
        dialect_requests_deinit(requests);
        return r;
    }
    if (requests->count > 0)
        qsort(requests->items, requests->count, sizeof(*requests->items),
              compare_requests);
    if (requests->event_count > 0)
        qsort(requests->events, requests->event_count, sizeof(*requests->events),
              compare_events);
    join(requests);
    *ret_requests = *requests;
    return 0;
}

void dialect_requests_deinit(struct dialect_requests *requests)
{
    free(requests->items);
    free(requests->events);
    memset(requests, 0, sizeof(*requests));
}
