#include "result/summary_client.h"

#include <math.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/cpu_supply.h"
#include "measure/metric.h"
#include "measure/recorder.h"
#include "measure/trust.h"
#include "result/facts.h"
#include "result/summary_metric.h"

#define SHARE_DECIMALS 6
#define SECONDS_DECIMALS 6

static double share(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : (double)NAN;
}

static json_t *reason_of(struct json_tree *tree, const struct trust_reason *reason)
{
    const char grade[] = {trust_letter(reason->grade), '\0'};
    json_t *member = json_tree_object(tree);

    json_tree_put_text(tree, member, "rule", trust_rule_name(reason->rule));
    json_tree_put_text(tree, member, "grade", grade);
    json_tree_put_text(tree, member, "sentence", reason->sentence);
    return member;
}

static void put_trust(struct json_tree *tree, json_t *client, const struct trust *trust)
{
    const char grade[] = {trust_letter(trust->grade), '\0'};
    json_t *reasons = json_tree_array(tree);

    json_tree_put_text(tree, client, "trust", grade);
    for (size_t i = 0; i < trust->reason_count; i++)
        json_tree_append(tree, reasons, reason_of(tree, &trust->reasons[i]));
    json_tree_put(tree, client, "reasons", reasons);
}

static double seconds(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

/* The time in which the generator could not run. */
static void put_lost_time(struct json_tree *tree, json_t *client,
                          const struct run_facts *facts, const struct client_view *view)
{
    static const struct cpu_loss unknown = {0};
    const struct cpu_loss *loss = facts->cpu_loss ? facts->cpu_loss : &unknown;
    const double run_s = seconds(facts->view->now_ns - facts->view->started_ns);
    const double throttled_s =
        loss->throttled_known ? seconds(loss->throttled_ns) : (double)NAN;

    json_tree_put_number(tree, client, "throttled_s", throttled_s, SECONDS_DECIMALS);
    json_tree_put_number(tree, client, "throttled_share",
                         run_s > 0 ? throttled_s / run_s : (double)NAN, SHARE_DECIMALS);
    json_tree_put_number(tree, client, "cpu_wait_s",
                         loss->wait_known ? seconds(loss->wait_ns) : (double)NAN,
                         SECONDS_DECIMALS);
    json_tree_put_count(tree, client, "stalls", view->stalls.count);
    json_tree_put_number(tree, client, "stalled_s", seconds(view->stalls.total_ns),
                         SECONDS_DECIMALS);
    json_tree_put_number(tree, client, "longest_stall_s",
                         seconds(view->stalls.longest_ns), SECONDS_DECIMALS);
    json_tree_put_count(tree, client, "most_requests_at_once", view->most_at_once);
}

static void put_usage(struct json_tree *tree, json_t *client,
                      const struct run_facts *facts)
{
    json_tree_put_number(tree, client, "cpu_s", facts->cpu_user_s + facts->cpu_system_s,
                         SECONDS_DECIMALS);
    json_tree_put_number(tree, client, "cpu_user_s", facts->cpu_user_s, SECONDS_DECIMALS);
    json_tree_put_number(tree, client, "cpu_system_s", facts->cpu_system_s,
                         SECONDS_DECIMALS);
    json_tree_put_count(tree, client, "max_rss_bytes", facts->max_rss_bytes);
    json_tree_put_count(tree, client, "connections_opened", facts->connections_opened);
    json_tree_put_count(tree, client, "connections_peak", facts->connections_peak);
}

/* How late the generator was: over the measured window, since those figures enter the headline. */
static void put_delays(struct json_tree *tree, json_t *client,
                       const struct series_view *window)
{
    static const enum metric delays[] = {METRIC_SCHEDULE_LAG, METRIC_LOOP_LAG,
                                         METRIC_CLIENT_DELAY, METRIC_SEND_DELAY};

    for (size_t i = 0; i < COUNT_OF(delays); i++) {
        const struct histogram *histogram = window->histograms[delays[i]];

        json_tree_put(tree, client, metric_info(delays[i])->name,
                      histogram ? summary_latency_short(tree, histogram) : json_null());
    }
}

static void put_stamps(struct json_tree *tree, json_t *client,
                       const struct run_facts *facts, const struct counters *window)
{
    json_tree_put_count(tree, client, "reads", facts->reads);
    json_tree_put_count(tree, client, "unstamped_reads", facts->unstamped_reads);
    json_tree_put_count(tree, client, "chunks", window->chunks);
    json_tree_put_count(tree, client, "unstamped_chunks", window->unstamped_chunks);
    json_tree_put_number(tree, client, "unstamped_share",
                         share(window->unstamped_chunks, window->chunks), SHARE_DECIMALS);
    json_tree_put_count(tree, client, "unresolved_chunks", window->unresolved_chunks);
    json_tree_put_number(tree, client, "unresolved_share",
                         share(window->unresolved_chunks, window->chunks),
                         SHARE_DECIMALS);
    json_tree_put_count(tree, client, "unsure_chunks", window->unsure_chunks);
    json_tree_put_number(tree, client, "unsure_share",
                         share(window->unsure_chunks, window->judged_chunks),
                         SHARE_DECIMALS);
    json_tree_put_count(tree, client, "generation_unknown", window->generation_unknown);
    json_tree_put_count(tree, client, "clock_steps", facts->clock_steps);
}

static void put_pauses(struct json_tree *tree, json_t *client,
                       const struct client_view *view)
{
    const double drawn_s = seconds(view->drawn_pause_ns);
    const double achieved_s = seconds(view->achieved_pause_ns);
    json_t *pauses = json_tree_put_object(tree, client, "pauses");

    json_tree_put_count(tree, pauses, "count", view->pauses);
    json_tree_put_number(tree, pauses, "drawn_s", drawn_s, SECONDS_DECIMALS);
    json_tree_put_number(tree, pauses, "achieved_s", achieved_s, SECONDS_DECIMALS);
    json_tree_put_number(tree, pauses, "achieved_share",
                         drawn_s > 0 ? achieved_s / drawn_s : (double)NAN,
                         SHARE_DECIMALS);
}

static void put_books(struct json_tree *tree, json_t *client,
                      const struct run_facts *facts, const struct client_view *view)
{
    json_tree_put_count(tree, client, "unfinished", view->unfinished);
    json_tree_put_number(tree, client, "in_flight_integral_s", view->in_flight_integral_s,
                         SECONDS_DECIMALS);
    json_tree_put_number(tree, client, "latency_sum_s", view->latency_sum_s,
                         SECONDS_DECIMALS);
    json_tree_put_count(tree, client, "lost_observations", view->lost);
    json_tree_put_count(tree, client, "samples_dropped", facts->samples_dropped);
    json_tree_put_count(tree, client, "chunks_dropped", facts->chunks_dropped);
    json_tree_put_count(tree, client, "label_sets", view->label_sets);
    json_tree_put_count(tree, client, "label_sets_overflown", view->label_sets_overflown);
}

void summary_put_client(struct json_tree *tree, json_t *summary,
                        const struct run_facts *facts)
{
    const struct recorder *recorder = facts->view->recorder;
    const struct series_view window = recorder_total(recorder, RECORDER_WINDOW);
    json_t *client = json_tree_put_object(tree, summary, "client");
    struct client_view view;

    recorder_client(recorder, facts->view->now_ns, &view);
    put_trust(tree, client, facts->trust);
    put_usage(tree, client, facts);
    put_lost_time(tree, client, facts, &view);
    put_delays(tree, client, &window);
    put_stamps(tree, client, facts, window.counters);
    put_pauses(tree, client, &view);
    json_tree_put_count(tree, client, "questions", view.questions);
    json_tree_put_number(tree, client, "unique_questions",
                         view.questions > 0 ? view.unique_questions : (double)NAN,
                         SHARE_DECIMALS);
    put_books(tree, client, facts, &view);
}
