/*
 * Replay: a trace of requests whose times the load follows. Each entry of the trace is an arrival
 * (plan/load.h, PLAN_ARRIVALS_TRACE); a step `replay` sends what its arrival's entry holds. The plan
 * says where the trace is; workload reads it before the load starts (workload/trace.h).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What is known of traces; doc/traces.md has each one's fields and their source. */
enum plan_trace_format {
    PLAN_TRACE_AUTO,   /* found from the file's name and its first bytes */
    PLAN_TRACE_THRONG, /* throng.trace/1: `throng record` and `throng samples` write it */
    PLAN_TRACE_MOONCAKE, /* JSON lines: timestamp, input_length, output_length, hash_ids */
    PLAN_TRACE_AZURE,    /* CSV: TIMESTAMP,ContextTokens,GeneratedTokens */
    PLAN_TRACE_BURSTGPT, /* CSV: Timestamp,Model,Request tokens,Response tokens,… */
    PLAN_TRACE_HAR,      /* HTTP Archive 1.2 */
};

struct plan;

/* The replay of a plan; path NULL: it has none. */
struct plan_replay {
    const char *path; /* as opened: relative to the file that names it is resolved */
    enum plan_trace_format format;
    double time_scale; /* recorded times are multiplied by it: 0.5 is twice as fast */
    uint64_t from_ns;  /* what was recorded before is left out … */
    uint64_t for_ns;   /* … and what comes so much later; 0: none of it */
    uint64_t limit_entries; /* so many entries at most; 0: all */
    /*
     * Entries that were sent to another origin are left out: "https://app.example.com"; NULL: to another
     * than the first one of the file; "*": none is. Of HAR, whose entries say where they went.
     */
    const char *origin;
    bool
        skip_bad_rows; /* counted and left out; else a bad entry is a mistake of the scenario */
    /* Where it is named, for messages about the file. */
    const char *file;
    uint32_t line;
    uint32_t column;
};

/* Whether two plans replay the same part of the same trace in the same time; also where neither does. */
bool plan_replays_alike(const struct plan *one, const struct plan *other);
