/*
 * What the last seconds of a signal look like beside its past: the rules of measure/anomaly.h. Pure.
 */
#pragma once

#include <stdint.h>

#include "measure/anomaly.h"

struct course;

enum anomaly_state {
    ANOMALY_UNKNOWN, /* too little was seen to say */
    ANOMALY_CALM,
    ANOMALY_TENSE, /* neither: what began may go on, but nothing begins */
    ANOMALY_ODD,
};

struct anomaly_finding {
    enum anomaly_state state;
    uint64_t start_ns; /* the first of the last seconds that are like this */
    uint64_t end_ns;
    double value; /* as in struct anomaly, where the state is known */
    double expected;
    double share;
};

struct anomaly_finding anomaly_judge(enum anomaly_signal signal,
                                     const struct course *course);
