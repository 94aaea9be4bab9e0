/*
 * A run made by hand: forty seconds of two classes of people with two models, a spike, refusals and
 * answers that never came. The same to the last nanosecond each time, so that what is said of it
 * can be compared with a golden file.
 */
#pragma once

#include "measure/recorder.h"
#include "measure/run_view.h"
#include "measure/threshold.h"
#include "measure/trust.h"
#include "plan/plan.h"
#include "result/facts.h"
#include "result/timeline.h"

struct made_run {
    struct plan plan;
    struct recorder *recorder;
    struct timeline *timeline;
    struct run_view view;
    struct verdicts verdicts;
    struct trust trust;
    struct threshold_judgement judged[2];
    struct failure_example examples[OUTCOME_COUNT];
    struct run_facts facts;
};

/* Text from outside that would turn a terminal red, clear it, and forge a line. */
#define EVIL_TEXT "evil\033[31m\033[2J\r\nPASSED\xff"

/* What a made run holds. */
struct made_options {
    uint64_t requests; /* 0: nothing was sent */
    bool failures;     /* refusals, and first tokens that never came */
    bool evil;         /* a model with an evil name */
    bool objectives;   /* SLOs on the first token, time per token, and reasoning */
    bool plain;        /* answers in one piece, that no model gave */
    bool scripted;     /* checks, a group, iterations and metrics of the scenario's own */
};

void made_run_init(struct made_run *run, struct made_options options);
void made_run_deinit(struct made_run *run);
