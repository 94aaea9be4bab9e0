/*
 * The goodput told in one line, from the facts of a run or from its summary: what met its service level
 * objectives, and what the rest missed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "plan/slo.h"

struct buf;
struct run_facts;

struct summary_goodput {
    double per_s;        /* NAN: not known */
    uint64_t operations; /* that had SLOs */
    uint64_t met;
    uint64_t failed;
    uint64_t missed[PLAN_SLO_COUNT];
    uint32_t ignored; /* bits of metrics that no operation had a value of */
};

struct summary_goodput summary_goodput_of_facts(const struct run_facts *facts);
struct summary_goodput summary_goodput_of(const json_t *summary);

/*
 * "12.3/s: 94% of 1,234 operations met their SLOs; missed: ttft 40, e2e 3; 2 failed; ignored: ttfo, which
 * nothing had". Returns false, and says nothing, where the scenario has no SLOs.
 */
bool summary_say_goodput(const struct summary_goodput *goodput, struct buf *out);
