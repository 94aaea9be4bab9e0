/*
 * A run as if recorded: a few people who ask, wait and think for a minute in virtual time, on a service that is
 * sometimes slower and sometimes faster; its samples.bin and as much of its summary as a comparison reads. The same
 * seed makes the same run.
 */
#pragma once

#include <stdint.h>

#include "result/run_files.h"

struct recorded_service {
    double slowness;   /* 1: as it is; 1.1: all takes a tenth longer */
    double error_rate; /* share of the requests that fail */
    double hang_rate; /* share that never get a first token, and are given up after 5 s */
    uint64_t seconds;
    const char *fingerprint;
};

#define RECORDED_SERVICE {.slowness = 1, .seconds = 60, .fingerprint = "f00d"}

/* Writes it into a new folder below /tmp. */
struct run_files recorded_run(const struct recorded_service *service, uint64_t seed);

/* Closes it and removes its folder. */
void recorded_run_remove(struct run_files *run);
