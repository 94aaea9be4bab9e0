/*
 * The recorder: samples → aggregates. It keeps counters and histograms in total and by single
 * dimension (model, backend, org_id, step, class, phase, region, target, group, arm, prompt_size), for the
 * measured window and for the whole run, and the total of the current interval. It reads no clock,
 * does no I/O, and after the first touch of a series allocates and hashes nothing.
 *
 * What it costs: a histogram is allocated at its first observation. The total holds 3 digits
 * (184 KiB a metric), a dimension's value and the interval 2 digits (26 KiB a metric). What a
 * threshold selects is kept in a series of its own with 3 digits, of the window alone. A streaming
 * run fills about 22 metrics of the total (4 MiB, of which only pages with a value in them are memory) and
 * 16 of each value of each dimension (0.4 MiB); as much again for what was seen outside the window, which
 * is kept apart so that each observation is written once (a checkpoint takes a copy of all that):
 * RECORDER_ALL is the sum of both, made when it is read. A trend of the scenario's own is one metric more.
 * plan->max_series bounds the label sets, and with them the values. Beside it each user has 384 bytes of
 * counters and latencies. What drifts within a phase is kept in 64 slices: 1.6 MiB a metric that a threshold
 * asks so about.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"
#include "measure/custom.h"
#include "measure/integrity.h"
#include "measure/labels.h"
#include "measure/lengths.h"
#include "measure/metric.h"
#include "measure/pauses.h"
#include "measure/sample.h"

struct backend_book;
struct brief;
struct plan;
struct recorder;

struct recorder_options {
    const struct plan *plan; /* borrowed for the recorder's life */
    uint64_t started_ns;     /* monotonic moment of the run's start */
    /* The measured window: what is due in [start, end) counts in it. */
    uint64_t window_start_ns;
    uint64_t window_end_ns;
    uint64_t interval_ns; /* length of an interval of the timeline */
    /* What servers tell of themselves, for those who read the recorder; NULL: nobody asks them. */
    const struct backend_book *backends;
    struct pauses pauses; /* of the load, so far: recorder_paused() */
};

/* Counters of one series (the total, or one value of one dimension). */
struct counters {
    /*
     * Attempts handed to the network. In a dimension only those that are over, since what they
     * belong to (backend, prompt size) may be known no earlier.
     */
    uint64_t started;
    uint64_t ok;
    uint64_t degraded;
    uint64_t cancelled;
    uint64_t abandoned;
    uint64_t sabotaged;
    uint64_t failed;
    uint64_t outcomes[OUTCOME_COUNT]; /* the six above by kind */
    uint64_t streamed;                /* of the ended: those that asked for a stream */
    uint64_t with_output;             /* of the ended: had any output chunk */
    uint64_t cut_short; /* streamed, withdrawn after their first output: in no e2e */
    uint64_t operations;
    uint64_t operations_failed;
    uint64_t slo_operations; /* of the operations: judged by the SLOs of their step */
    uint64_t slo_met;        /* of them: met all of theirs */
    uint64_t slo_failed;     /* of them: failed, however long they took */
    /* Of the judged that did not fail, by metric: had a value, and took too long. */
    uint64_t slo_observed[PLAN_SLO_COUNT];
    uint64_t slo_missed[PLAN_SLO_COUNT];
    uint64_t iterations; /* of flows, from their beginning to their end */
    /* Of an open loop: arrivals that were due, and of them: taken by somebody; nobody came in time. */
    uint64_t arrivals;
    uint64_t arrivals_taken;
    uint64_t dropped_iterations;
    uint64_t checks_passed;
    uint64_t checks_failed;
    uint64_t prompt_tokens;
    uint64_t cached_tokens; /* part of the prompt's */
    uint64_t completion_tokens;
    uint64_t reasoning_tokens; /* part of the completion's */
    uint64_t estimated_tokens; /* of prompt and completion: not told by the server */
    uint64_t chunks;
    uint64_t reads;
    uint64_t unresolved_chunks;
    uint64_t unstamped_chunks;
    /* Without answers that are read slowly on purpose: their delays are asked for. */
    uint64_t judged_chunks;
    uint64_t unsure_chunks; /* of them: whose arrival is not known */
    uint64_t
        generation_unknown;   /* whole streams left out of tpot and generation for it */
    uint64_t stream_tokens;   /* of whole streams whose usage the server told */
    uint64_t stream_chunks;   /* of the same */
    uint64_t judged_streams;  /* whose shape is known: measure/stream.h */
    uint64_t bunched_streams; /* of the judged */
    uint64_t bytes_sent;
    uint64_t bytes_received;
    uint64_t on_wire; /* of the ended: those that had a connection */
    uint64_t reused;
    uint64_t resent;
    uint64_t retries;                   /* attempts after an operation's first */
    uint64_t retries_of[OUTCOME_COUNT]; /* by how the attempt before each ended */
    uint64_t slow_reads;                /* of the ended: read slowly on purpose */
    uint64_t delayed;                   /* of the ended: sent late on purpose */
    uint64_t retransmits;               /* TCP segments sent again */
    uint64_t unsound; /* of the ended: those of which any of the next holds */
    uint64_t integrity[INTEGRITY_COUNT];
    int64_t cost_pusd;
    uint64_t generation_ns;  /* from first to last output, summed, where it is known */
    int64_t generation_pusd; /* what these attempts cost */
};

/* A dimension's value with its figures, for reading. */
struct series_view {
    const char *key;   /* "model"; NULL for the total */
    const char *value; /* "gpt-4o" */
    const struct counters *counters;
    const struct histogram *const
        *histograms; /* METRIC_COUNT of them, NULL where empty */
    const struct custom
        *customs; /* one for each metric of the plan; NULL: none has a value */
};

/* Users at a moment. */
struct user_counts {
    uint64_t wanted;
    uint64_t active;  /* wanted and at work */
    uint64_t leaving; /* no longer wanted, finishing */
};

enum recorder_scope { RECORDER_WINDOW, RECORDER_ALL };

/* Returns 0, -ENOMEM. */
int recorder_new(const struct recorder_options *options, struct recorder **ret_recorder);
/* NULL is allowed. Returns NULL. */
struct recorder *recorder_free(struct recorder *recorder);

/*
 * Goes on with another plan, which is the first one's but for load, limits, thresholds and think times.
 * Selectors that are new begin empty, at now; those that are not there any more are kept. Borrowed, and
 * the plan before it stays so. Returns 0; -ENOSPC: more selectors than PLAN_SELECTORS; -ENOMEM: nothing
 * has changed then.
 */
int recorder_follow(struct recorder *recorder, const struct plan *plan, uint64_t now_ns);

/*
 * The load was paused: what of the plan lies behind that, the end of the measured window too, comes later.
 */
void recorder_paused(struct recorder *recorder, uint64_t start_ns, uint64_t end_ns);

/* The moment that a moment would have been, had there been no pauses: where it lies on the plan. */
uint64_t recorder_planned_ns(const struct recorder *recorder, uint64_t moment_ns);

/* What it was made with, or follows since. */
const struct recorder_options *recorder_options(const struct recorder *recorder);

/* The interned label sets that samples refer to. Owned by the recorder. */
struct labels *recorder_labels(const struct recorder *recorder);

/* Whether what is due at due_ns counts in the measured window. */
bool recorder_in_window(const struct recorder *recorder, uint64_t due_ns);

/*
 * Writing, by the engine. None can fail; what memory did not suffice for is counted as lost, and
 * the checks at the end (measure/check.h) tell it.
 */

/* An attempt was handed to the network. */
void recorder_started(struct recorder *recorder, uint64_t now_ns, uint32_t labels,
                      bool in_window);
/*
 * A gap between two output chunks of one attempt (icl), on the hot path. The prompt size is not
 * known yet: that dimension has no icl.
 */
void recorder_gap(struct recorder *recorder, uint32_t labels, bool in_window,
                  uint64_t gap_ns);
/*
 * How far off a recorded gap may be: only where the kernel gave no stamp and it is more than
 * measure/trust.h asks about. In the totals only.
 */
void recorder_gap_width(struct recorder *recorder, bool in_window, uint64_t width_ns);
/* seen − arrived of a read that brought output. On the hot path. In the totals only. */
void recorder_client_delay(struct recorder *recorder, bool in_window, uint64_t delay_ns);
/* An attempt is over: fills every histogram and counter that follows from it. */
void recorder_sample(struct recorder *recorder, const struct sample *sample);
/* An operation is over. */
void recorder_operation(struct recorder *recorder, const struct operation *operation);
/* A value of the scenario's own metric, by its index into the plan's. */
void recorder_metric(struct recorder *recorder, uint32_t metric, uint32_t labels,
                     bool in_window, double value);
/*
 * A check was looked at; labels: of the request, whose `step` it counts under. The name is borrowed
 * for the recorder's life.
 */
void recorder_checked(struct recorder *recorder, uint32_t labels, bool in_window,
                      const char *check, bool passed);
/* A group is over; labels: with its path as `group`. */
void recorder_group(struct recorder *recorder, uint32_t labels, bool in_window,
                    uint64_t duration_ns);
/* An iteration went through its flow to the end. */
void recorder_iteration(struct recorder *recorder, uint32_t labels, bool in_window,
                        uint64_t duration_ns);
/*
 * Of an open loop: an arrival is due; somebody took it, after it waited so long for them, or 0; it was
 * dropped, which is an operation that failed (recorder_operation) and is told beside it. streams: its
 * first request would have streamed. What never came counts as "later than waited" in *_from_due.
 */
void recorder_arrival(struct recorder *recorder, uint32_t labels, bool in_window);
void recorder_arrival_taken(struct recorder *recorder, uint32_t labels, bool in_window,
                            uint64_t wait_ns);
void recorder_arrival_dropped(struct recorder *recorder, uint32_t labels, bool in_window,
                              uint64_t waited_ns, bool streams);
/* A timer ran at now, lag_ns after it was due. In the totals only. */
void recorder_loop_lag(struct recorder *recorder, uint64_t now_ns, uint64_t lag_ns);
/*
 * The loop stood still, or was busy with one thing: nothing could run from from_ns to to_ns. What
 * lies in the measured window counts.
 */
void recorder_stall(struct recorder *recorder, uint64_t from_ns, uint64_t to_ns);
/* A request was due at due_ns, whenever it leaves. Told once for each, before it is sent. */
void recorder_due(struct recorder *recorder, bool in_window, uint64_t due_ns);
/* Users changed. */
void recorder_users(struct recorder *recorder, uint64_t now_ns, struct user_counts users);
/* A pause is over: what was drawn and what it took; their sums are compared in the result. */
void recorder_pause(struct recorder *recorder, uint64_t drawn_ns, uint64_t achieved_ns);
/* How many questions were sent so far, and how many of them were unlike all others. */
void recorder_questions(struct recorder *recorder, uint64_t sent, uint64_t unique);
/* A prompt or an answer was to be so long (at least 1), and the server counted so many tokens. */
void recorder_length(struct recorder *recorder, enum length_of kind,
                     uint64_t asked_tokens, uint64_t told_tokens);

/* Reading, by outputs and results. Views are borrowed until the next write or the next reading. */

/* The total, over all dimensions. */
struct series_view recorder_total(const struct recorder *recorder,
                                  enum recorder_scope scope);
/*
 * What a threshold of the plan selects, in the window; labels may be any of those that attempts have,
 * and several. Returns false where no threshold has that selector.
 */
bool recorder_selected(const struct recorder *recorder, const char *selector,
                       struct series_view *ret_view);
/* Since when: 0: since the start; else when a reload brought the selector, monotonic. */
uint64_t recorder_selected_since_ns(const struct recorder *recorder,
                                    const char *selector);
/* Keys of the dimensions in the order in which they are walked, NULL from the end on. */
const char *recorder_dimension_at(size_t index);
/* Keys that selectors of thresholds may name beside tags: dimensions, and `check`; likewise. */
const char *recorder_selector_key_at(size_t index);
/*
 * Each series of each dimension: keys in the order above, values in order of first use. A view is
 * borrowed until fn returns.
 */
typedef void series_fn(void *ctx, const struct series_view *series);
void recorder_each(const struct recorder *recorder, enum recorder_scope scope,
                   series_fn *fn, void *ctx);
/*
 * The same with counters alone, which spares the adding up of histograms: the total, and each value
 * of one dimension, whose views have no histograms (NULL).
 */
struct counters recorder_counters(const struct recorder *recorder,
                                  enum recorder_scope scope);
void recorder_each_count(const struct recorder *recorder, enum recorder_scope scope,
                         const char *key, series_fn *fn, void *ctx);

/* Turns of conversations that are told apart; the last stands for all later ones too. */
#define RECORDER_TURNS 32

/* What was asked as the same turn of a conversation: how prompts grow with what was said before. */
struct turn_view {
    uint64_t requests;
    uint64_t prompts; /* of them: whose number of prompt tokens is known */
    uint64_t prompt_tokens;
    const struct histogram *ttft; /* NULL: nothing streamed */
};

/* Turn 1 to RECORDER_TURNS, in the window. Returns false where no conversation got there. */
bool recorder_turn(const struct recorder *recorder, uint32_t turn,
                   struct turn_view *ret_turn);

/* What became of one check, over all requests of its step. */
struct check_view {
    const char *step;
    const char *name;
    uint64_t passed;
    uint64_t failed;
};

/* Each check, those of the plan first and in its order. A view is borrowed until fn returns. */
typedef void check_view_fn(void *ctx, const struct check_view *check);
void recorder_each_check(const struct recorder *recorder, enum recorder_scope scope,
                         check_view_fn *fn, void *ctx);

/* Users that are told apart; those after them are counted together. */
#define RECORDER_USERS (UINT64_C(1) << 20)
#define RECORDER_OTHER_USERS UINT64_MAX

/* What a user did, over the whole run; only attempts that are over. */
struct user_view {
    uint64_t ordinal; /* RECORDER_OTHER_USERS: those past RECORDER_USERS together */
    uint64_t requests;
    uint64_t questions; /* chats; a retry is no question of its own */
    uint64_t failed;    /* of the requests */
    uint64_t prompt_tokens;
    uint64_t completion_tokens;
    int64_t cost_pusd;
    const struct brief
        *latency; /* of whole answers, e2e: measure/brief.h; NULL: not known */
};

/* Each user with a request that is over, by ordinal. A view is borrowed until fn returns. */
typedef void user_fn(void *ctx, const struct user_view *user);
void recorder_each_user(const struct recorder *recorder, user_fn *fn, void *ctx);

/* Peers that are told apart; those after them are counted together. */
#define RECORDER_PEERS 64

/* What went to one address, over the whole run; only attempts that are over. */
struct peer_view {
    const char *peer; /* "10.0.0.7:8000"; NULL: all past RECORDER_PEERS together */
    uint64_t requests;
    uint64_t connections; /* requests that were the first on theirs */
    uint64_t failed;
    uint64_t retransmits;
};

/* Each peer, in order of first use. A view is borrowed until fn returns. */
typedef void peer_fn(void *ctx, const struct peer_view *peer);
void recorder_each_peer(const struct recorder *recorder, peer_fn *fn, void *ctx);

/* Users as last told. */
struct user_counts recorder_user_counts(const struct recorder *recorder);
uint64_t recorder_users_peak(const struct recorder *recorder); /* of the active */
/* Of the whole run. */
struct lengths recorder_lengths(const struct recorder *recorder, enum length_of kind);
uint64_t recorder_in_flight(const struct recorder *recorder);

/* When nothing could run, or one thing took all the time (engine/pacer.h). */
struct stall_counts {
    uint64_t count;
    uint64_t total_ns;
    uint64_t longest_ns;
};

/* Client-side facts for the honesty part of the result. */
struct client_view {
    uint64_t pauses;
    uint64_t drawn_pause_ns;
    uint64_t achieved_pause_ns;
    uint64_t questions;
    double unique_questions;       /* share, 0 to 1; 1 while none was sent */
    uint64_t unfinished;           /* started, not over */
    double in_flight_integral_s;   /* seconds of requests in flight, over the whole run */
    double latency_sum_s;          /* sum of sent → end of all ended */
    uint64_t lost;                 /* observations that memory did not suffice for */
    uint64_t label_sets;           /* distinct label sets */
    uint64_t label_sets_overflown; /* how often one past the limit became `other` */
    struct stall_counts stalls;    /* in the measured window */
    uint64_t most_at_once;         /* requests of the window due within 10 ms, at most */
};
void recorder_client(const struct recorder *recorder, uint64_t now_ns,
                     struct client_view *ret_client);

/* What happened since the last call: the total of one interval, borrowed until the next call. */
struct interval_view {
    uint64_t start_ns;
    uint64_t end_ns;
    struct series_view total;
    struct user_counts users; /* at its end */
    double mean_active_users; /* over the interval */
    double mean_in_flight;    /* likewise */
};
void recorder_close_interval(struct recorder *recorder, uint64_t now_ns,
                             struct interval_view *ret_interval);
