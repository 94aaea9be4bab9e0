#include "result/dialect_aiperf_figures.h"

#include <math.h>

#include "base/clock.h"
#include "measure/sample.h"
#include "result/dialect_answer.h"

static uint64_t last_of(const struct dialect_request *request)
{
    return request->flags & SAMPLE_STREAMED ? request->last_output_ns : request->end_ns;
}

void aiperf_second_output(const struct dialect_view *view,
                          const struct dialect_request *request,
                          struct dialect_values *values)
{
    const struct chunk *events = dialect_request_events(view->requests, request);
    uint64_t first_ns = 0;

    for (size_t i = 0; i < request->event_count; i++) {
        if (!(events[i].what & CHUNK_OUTPUT))
            continue;
        if (first_ns) {
            dialect_values_add(values, dialect_span(first_ns, events[i].at_ns), 1);
            return;
        }
        first_ns = events[i].at_ns;
    }
}

void aiperf_first_answer(const struct dialect_view *view,
                         const struct dialect_request *request,
                         struct dialect_values *values)
{
    const uint64_t first_ns = dialect_first_answer(request);

    (void)view;
    if (first_ns)
        dialect_values_add(values, dialect_span(request->sent_ns, first_ns), 1);
}

void aiperf_decode(const struct dialect_view *view, const struct dialect_request *request,
                   struct dialect_values *values)
{
    (void)view;
    if (request->first_output_ns)
        dialect_values_add(
            values, dialect_span(request->first_output_ns, request->last_output_ns), 1);
}

/* Pieces over a time, unless that is 0. */
static void add_rate(struct dialect_values *values, uint64_t pieces, double over_ns)
{
    if (over_ns > 0)
        dialect_values_add(values, (double)pieces * (double)NS_PER_S / over_ns, 1);
}

void aiperf_tokens_per_second_of_user(const struct dialect_view *view,
                                      const struct dialect_request *request,
                                      struct dialect_values *values)
{
    (void)view;
    if (request->first_output_ns && dialect_has_usage(request) &&
        request->completion_tokens > 1)
        add_rate(values, request->completion_tokens - 1,
                 dialect_span(request->first_output_ns, request->last_output_ns));
}

void aiperf_whole_tokens_per_second(const struct dialect_view *view,
                                    const struct dialect_request *request,
                                    struct dialect_values *values)
{
    (void)view;
    if (dialect_has_usage(request))
        add_rate(values, request->completion_tokens,
                 dialect_span(request->sent_ns, last_of(request)));
}

void aiperf_prompt_tokens_per_second(const struct dialect_view *view,
                                     const struct dialect_request *request,
                                     struct dialect_values *values)
{
    (void)view;
    if (dialect_has_usage(request) && request->first_output_ns)
        add_rate(values, request->prompt_tokens,
                 dialect_span(request->sent_ns, request->first_output_ns));
}

void aiperf_answer_tokens_alone(const struct dialect_view *view,
                                const struct dialect_request *request,
                                struct dialect_values *values)
{
    (void)view;
    if (dialect_has_usage(request) &&
        request->completion_tokens > request->reasoning_tokens)
        dialect_values_add(
            values, (double)(request->completion_tokens - request->reasoning_tokens), 1);
}

void aiperf_reasoning_tokens(const struct dialect_view *view,
                             const struct dialect_request *request,
                             struct dialect_values *values)
{
    (void)view;
    if (dialect_has_usage(request))
        dialect_values_add(values, (double)request->reasoning_tokens, 1);
}

double aiperf_error_percent(const struct dialect_view *view)
{
    const uint64_t all = view->succeeded + view->failed;

    return all > 0 ? 100.0 * (double)view->failed / (double)all : (double)NAN;
}

double aiperf_duration(const struct dialect_view *view)
{
    uint64_t first_ns = UINT64_MAX;
    uint64_t last_ns = 0;

    for (size_t i = 0; i < view->requests->count; i++) {
        const struct dialect_request *request = &view->requests->items[i];

        if (view->fates[i] != DIALECT_SUCCEEDED)
            continue;
        if (request->sent_ns < first_ns)
            first_ns = request->sent_ns;
        if (last_of(request) > last_ns)
            last_ns = last_of(request);
    }
    return last_ns > first_ns ? dialect_span(first_ns, last_ns) : (double)NAN;
}

/* Tokens of a kind, of all requests whose server told them. */
typedef uint64_t tokens_fn(const struct dialect_request *request);

static double sum_of(const struct dialect_view *view, tokens_fn *tokens)
{
    double sum = 0;

    for (size_t i = 0; i < view->requests->count; i++) {
        const struct dialect_request *request = &view->requests->items[i];

        if (view->fates[i] == DIALECT_SUCCEEDED && dialect_has_usage(request))
            sum += (double)tokens(request);
    }
    return sum;
}

static uint64_t prompt_of(const struct dialect_request *request)
{
    return request->prompt_tokens;
}

static uint64_t completion_of(const struct dialect_request *request)
{
    return request->completion_tokens;
}

static uint64_t reasoning_of(const struct dialect_request *request)
{
    return request->reasoning_tokens;
}

double aiperf_all_prompts(const struct dialect_view *view)
{
    return sum_of(view, prompt_of);
}

double aiperf_all_completions(const struct dialect_view *view)
{
    return sum_of(view, completion_of);
}

double aiperf_all_reasoning(const struct dialect_view *view)
{
    return sum_of(view, reasoning_of);
}

double aiperf_all_words(const struct dialect_view *view)
{
    return aiperf_all_completions(view) - aiperf_all_reasoning(view);
}

double aiperf_all_requests(const struct dialect_view *view)
{
    return dialect_succeeded(view) + dialect_failed(view);
}

/* AIPerf's phase is a little longer: from before the first request is issued to after the last is over. */
static double per_second(const struct dialect_view *view, double pieces)
{
    return pieces * (double)NS_PER_S / dialect_duration(view);
}

double aiperf_requests_per_second(const struct dialect_view *view)
{
    return per_second(view, dialect_succeeded(view));
}

double aiperf_answer_tokens_per_second(const struct dialect_view *view)
{
    return per_second(view, aiperf_all_completions(view));
}

double aiperf_prompt_tokens_rate(const struct dialect_view *view)
{
    return per_second(view, aiperf_all_prompts(view));
}

double aiperf_all_tokens_rate(const struct dialect_view *view)
{
    return per_second(view, aiperf_all_prompts(view) + aiperf_all_completions(view));
}
