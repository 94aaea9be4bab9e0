/*
 * A stage to play runs on: a small plan that tests change as they like, a virtual world with a
 * server of a few words, a recorder and an engine, and notes of what was heard.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "engine/engine.h"
#include "engine/virtual_world.h"
#include "measure/recorder.h"
#include "measure/run_view.h"
#include "measure/sample.h"
#include "plan/plan.h"

#define MS(ms) ((uint64_t)(ms) * NS_PER_MS)
#define S(s) ((uint64_t)(s) * NS_PER_S)

/* The virtual clock's reading when a run begins: not 0, as no monotonic clock's is. */
#define BEGIN S(1000)

#define STAGE_STEPS 4
#define STAGE_INSTRUCTIONS 16
#define STAGE_PHASES 8
#define STAGE_CLASSES 3

struct stage;

typedef void stage_sample_fn(struct stage *stage, const struct sample *sample);

struct stage {
    /* What the plan is made of; stage_init() fills it, tests change it before stage_open(). */
    struct plan plan;
    struct plan_target target;
    struct plan_model model;
    struct plan_class classes[STAGE_CLASSES];
    struct plan_program program;
    struct plan_instruction instructions[STAGE_INSTRUCTIONS];
    struct plan_step steps[STAGE_STEPS];
    struct plan_phase phases[STAGE_PHASES];

    virtual_server_fn *server;  /* gets the stage as ctx */
    stage_sample_fn *on_sample; /* may be NULL */
    void *notes;                /* the test's own */
    const struct roster *roster;
    uint64_t nonce;
    const struct data *data;
    const struct variables *found;
    bool is_on_paper;
    enum engine_stage engine_stage;
    struct variables *finding;
    const struct errand_giver *giver;
    uint64_t errands_at_once;

    struct virtual_world *world;
    struct recorder *recorder;
    struct engine *engine;

    uint64_t samples;
    uint64_t outcomes[OUTCOME_COUNT];
    struct sample last;
    char detail[256];  /* of the last failure */
    char warning[400]; /* the last */
    uint64_t warnings;
    uint64_t phases_told;
    uint64_t done;
    uint64_t done_ns;
    uint64_t marks;
    uint64_t circuits_told;
};

/*
 * One class of one target: asks a question, hears three words in 30 ms and thinks a second, over
 * and over; the phases are the test's to add.
 */
void stage_init(struct stage *stage);

/* Adds a phase behind the others. */
struct plan_phase *stage_phase(struct stage *stage, enum plan_phase_kind kind,
                               uint64_t users, uint64_t duration_ns);

/* The words of the default server, as events of a stream. */
extern const struct virtual_event stage_words[];
extern const size_t stage_word_count;

/* Answers with stage_words. */
void stage_serve(void *ctx, const struct virtual_request *request,
                 struct virtual_answer *ret_answer);

/* Makes world, recorder and engine, and starts the run. */
void stage_open(struct stage *stage);

/* Lets the run go on until so long after its begin. */
void stage_run_to(struct stage *stage, uint64_t since_begin_ns);

/* Lets it go on to its end; fails the test if it has none, or if its books are wrong. */
void stage_finish(struct stage *stage);

/* Opens, finishes and closes. */
void stage_play(struct stage *stage);

void stage_close(struct stage *stage);
