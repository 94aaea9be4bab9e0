#include "result/dialect_answer.h"

#include <math.h>

#include "base/clock.h"
#include "measure/sample.h"

bool dialect_is_question(const struct dialect_request *request)
{
    const uint32_t wanted = SAMPLE_CHAT | SAMPLE_IN_WINDOW;

    return (request->flags & wanted) == wanted && !outcome_is_withdrawn(request->outcome);
}

bool dialect_has_usage(const struct dialect_request *request)
{
    return request->token_source == TOKENS_USAGE;
}

uint64_t dialect_first_answer(const struct dialect_request *request)
{
    const bool reasoned =
        (request->flags & SAMPLE_REASONED) || request->reasoning_tokens > 0;

    return request->first_answer_ns || reasoned ? request->first_answer_ns
                                                : request->first_output_ns;
}

double dialect_span(uint64_t from_ns, uint64_t to_ns)
{
    return to_ns > from_ns ? (double)(to_ns - from_ns) : 0;
}

/* Of an answer in one piece, its end is all that is known. */
static uint64_t last_of(const struct dialect_request *request)
{
    return request->flags & SAMPLE_STREAMED ? request->last_output_ns : request->end_ns;
}

void dialect_first_output(const struct dialect_view *view,
                          const struct dialect_request *request,
                          struct dialect_values *values)
{
    (void)view;
    if (request->first_output_ns)
        dialect_values_add(values,
                           dialect_span(request->sent_ns, request->first_output_ns), 1);
}

void dialect_whole_answer(const struct dialect_view *view,
                          const struct dialect_request *request,
                          struct dialect_values *values)
{
    (void)view;
    dialect_values_add(values, dialect_span(request->sent_ns, last_of(request)), 1);
}

void dialect_time_per_token(const struct dialect_view *view,
                            const struct dialect_request *request,
                            struct dialect_values *values)
{
    const uint64_t tokens = request->completion_tokens;

    (void)view;
    if (request->first_output_ns && dialect_has_usage(request) && tokens > 1)
        dialect_values_add(
            values,
            dialect_span(request->first_output_ns, request->last_output_ns) /
                (double)(tokens - 1),
            1);
}

void dialect_gaps(const struct dialect_view *view, const struct dialect_request *request,
                  uint8_t bit, struct dialect_values *values)
{
    const struct chunk *events = dialect_request_events(view->requests, request);
    uint64_t before_ns = 0;

    for (size_t i = 0; i < request->event_count; i++) {
        if (!(events[i].what & bit))
            continue;
        if (before_ns)
            dialect_values_add(values, dialect_span(before_ns, events[i].at_ns), 1);
        before_ns = events[i].at_ns;
    }
}

void dialect_output_gaps(const struct dialect_view *view,
                         const struct dialect_request *request,
                         struct dialect_values *values)
{
    dialect_gaps(view, request, CHUNK_OUTPUT, values);
}

double dialect_mean_output_gap(const struct dialect_view *view)
{
    double span_ns = 0;
    double gaps = 0;

    for (size_t i = 0; i < view->requests->count; i++) {
        const struct dialect_request *request = &view->requests->items[i];

        if (view->fates[i] != DIALECT_SUCCEEDED || request->chunk_count < 2)
            continue;
        span_ns += dialect_span(request->first_output_ns, request->last_output_ns);
        gaps += (double)(request->chunk_count - 1);
    }
    return gaps > 0 ? span_ns / gaps : (double)NAN;
}

void dialect_prompt_length(const struct dialect_view *view,
                           const struct dialect_request *request,
                           struct dialect_values *values)
{
    (void)view;
    if (dialect_has_usage(request))
        dialect_values_add(values, (double)request->prompt_tokens, 1);
}

void dialect_answer_length(const struct dialect_view *view,
                           const struct dialect_request *request,
                           struct dialect_values *values)
{
    (void)view;
    if (dialect_has_usage(request))
        dialect_values_add(values, (double)request->completion_tokens, 1);
}

double dialect_duration(const struct dialect_view *view)
{
    return view->first_sent_ns ? dialect_span(view->first_sent_ns, view->last_end_ns)
                               : (double)NAN;
}

double dialect_succeeded(const struct dialect_view *view)
{
    return (double)view->succeeded;
}

double dialect_failed(const struct dialect_view *view)
{
    return (double)view->failed;
}

double dialect_prompt_tokens(const struct dialect_view *view)
{
    double tokens = 0;

    for (size_t i = 0; i < view->requests->count; i++)
        if (view->fates[i] == DIALECT_SUCCEEDED)
            tokens += (double)view->requests->items[i].prompt_tokens;
    return tokens;
}

double dialect_answer_tokens(const struct dialect_view *view)
{
    double tokens = 0;

    for (size_t i = 0; i < view->requests->count; i++)
        if (view->fates[i] == DIALECT_SUCCEEDED)
            tokens += (double)view->requests->items[i].completion_tokens;
    return tokens;
}

double dialect_per_second(const struct dialect_view *view, dialect_number_fn *number)
{
    const double duration_ns = dialect_duration(view);

    return duration_ns > 0 ? number(view) * (double)NS_PER_S / duration_ns : (double)NAN;
}

double dialect_nothing(const struct dialect_view *view)
{
    (void)view;
    return (double)NAN;
}

const char *dialect_model(const json_t *summary)
{
    json_t *models = json_object_get(json_object_get(summary, "by"), "model");

    return json_object_size(models) == 1 ? json_object_iter_key(json_object_iter(models))
                                         : NULL;
}

const char *dialect_run_text(const json_t *summary, const char *member)
{
    const char *text =
        json_string_value(json_object_get(json_object_get(summary, "run"), member));

    return text ? text : "";
}
