#include "stage.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/world.h"
#include "measure/check.h"
#include "plan/load.h"

#define CHUNK(text) "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" text "\"}}]}"

const struct virtual_event stage_words[] = {
    {.delay_ns = MS(10), .data = CHUNK("one")},
    {.delay_ns = MS(10), .data = CHUNK(" two")},
    {.delay_ns = MS(10), .data = CHUNK(" three")},
    {.data = "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}"},
    {.data = "{\"choices\":[],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":3,"
             "\"total_tokens\":23}}"},
    {.data = "[DONE]"},
};
const size_t stage_word_count = sizeof(stage_words) / sizeof(stage_words[0]);

void stage_serve(void *ctx, const struct virtual_request *request,
                 struct virtual_answer *ret_answer)
{
    (void)ctx;
    (void)request;
    ret_answer->events = stage_words;
    ret_answer->event_count = stage_word_count;
}

void stage_init(struct stage *stage)
{
    memset(stage, 0, sizeof(*stage));
    stage->server = stage_serve;
    stage->nonce = 7;
    stage->target = (struct plan_target){
        .name = "default", .origin = "http://virtual:80", .api_prefix = "/v1"};
    stage->model = (struct plan_model){.name = "small",
                                       .prompt_pusd = 1000,
                                       .cached_pusd = 1000,
                                       .completion_pusd = 2000,
                                       .reasoning_pusd = 2000,
                                       .priced = true,
                                       .target = PLAN_NONE};
    stage->classes[0] = (struct plan_class){
        .name = "asker",
        .weight = 1,
        .setup = PLAN_NONE,
        .teardown = PLAN_NONE,
        .think = {.kind = PLAN_PAUSE_CONSTANT, .base_ns = S(1), .max_ns = UINT64_MAX}};
    stage->steps[0] = (struct plan_step){.kind = PLAN_STEP_CHAT,
                                         .name = "ask",
                                         .target = PLAN_NONE,
                                         .chat = {.say = PLAN_SAY_QUESTION,
                                                  .strategy_name = "mixed",
                                                  .stream = true,
                                                  .max_tokens = 100,
                                                  .temperature = (double)NAN,
                                                  .include_usage = true}};
    stage->steps[1] =
        (struct plan_step){.kind = PLAN_STEP_THINK, .name = "think", .target = PLAN_NONE};
    stage->instructions[0] = (struct plan_instruction){.op = PLAN_OP_REQUEST, .a = 0};
    stage->instructions[1] = (struct plan_instruction){.op = PLAN_OP_THINK, .a = 1};
    stage->instructions[2] = (struct plan_instruction){.op = PLAN_OP_END};
    stage->program = (struct plan_program){.instructions = stage->instructions,
                                           .instruction_count = STAGE_INSTRUCTIONS};
    stage->plan = (struct plan){
        .name = "test",
        .description = "",
        .seed = 1,
        .graceful_stop_ns = S(30),
        .graceful_ramp_down_ns = S(30),
        .max_series = 1000,
        .targets = &stage->target,
        .target_count = 1,
        .models = &stage->model,
        .model_count = 1,
        .classes = stage->classes,
        .class_count = 1,
        .programs = &stage->program,
        .program_count = 1,
        .steps = stage->steps,
        .step_count = 2,
        .phases = stage->phases,
        .worker_count = 1,
    };
}

struct plan_phase *stage_phase(struct stage *stage, enum plan_phase_kind kind,
                               uint64_t users, uint64_t duration_ns)
{
    struct plan_phase *phase = &stage->phases[stage->plan.phase_count];

    assert_true(stage->plan.phase_count < STAGE_PHASES);
    *phase = (struct plan_phase){
        .kind = kind,
        .name = plan_phase_kind_name(kind),
        .steps = 1,
        .from_users = stage->plan.phase_count > 0 ? plan_phase_end_users(phase - 1) : 0,
        .users = users,
        .duration_ns = duration_ns,
    };
    stage->plan.phase_count++;
    return phase;
}

static void on_sample(void *ctx, const struct sample *sample)
{
    struct stage *stage = ctx;

    stage->samples++;
    stage->outcomes[sample->outcome]++;
    stage->last = *sample;
    if (stage->on_sample)
        stage->on_sample(stage, sample);
}

static void on_failure(void *ctx, const struct sample *sample, const char *detail)
{
    struct stage *stage = ctx;

    (void)sample;
    (void)snprintf(stage->detail, sizeof(stage->detail), "%s", detail);
}

static void on_warning(void *ctx, const char *sentence)
{
    struct stage *stage = ctx;

    stage->warnings++;
    (void)snprintf(stage->warning, sizeof(stage->warning), "%s", sentence);
}

static void on_phase(void *ctx, const struct run_view *view)
{
    struct stage *stage = ctx;

    (void)view;
    stage->phases_told++;
}

static void on_mark(void *ctx, const char *text, uint64_t now_ns)
{
    struct stage *stage = ctx;

    (void)text;
    (void)now_ns;
    stage->marks++;
}

static void on_circuit(void *ctx, const struct circuit_view *circuit)
{
    struct stage *stage = ctx;

    assert_int_equal(circuit->is_closed, strcmp(circuit->state, "closed") == 0);
    stage->circuits_told++;
}

static void on_done(void *ctx, const struct run_view *view)
{
    struct stage *stage = ctx;

    assert_int_equal(view->state, RUN_DONE);
    stage->done++;
    stage->done_ns = view->now_ns - BEGIN;
}

void stage_open(struct stage *stage)
{
    struct recorder_options recording = {
        .plan = &stage->plan, .started_ns = BEGIN, .interval_ns = S(1)};
    struct engine_options options = {
        .plan = &stage->plan,
        .roster = stage->roster,
        .observer = {.ctx = stage,
                     .on_sample = on_sample,
                     .on_failure = on_failure,
                     .on_warning = on_warning,
                     .on_circuit = on_circuit,
                     .on_phase = on_phase,
                     .on_mark = on_mark,
                     .on_done = on_done},
        .run_id = "run",
        .nonce = stage->nonce,
        .data = stage->data,
        .found = stage->found,
        .is_on_paper = stage->is_on_paper,
        .stage = stage->engine_stage,
        .finding = stage->finding,
        .giver = stage->giver,
        .errands_at_once = stage->errands_at_once,
    };

    plan_window(&stage->plan, &recording.window_start_ns, &recording.window_end_ns);
    recording.window_start_ns += BEGIN;
    recording.window_end_ns += BEGIN;
    assert_int_equal(virtual_world_new(BEGIN, stage->server, stage, &stage->world), 0);
    assert_int_equal(recorder_new(&recording, &stage->recorder), 0);
    options.world = virtual_world_as_world(stage->world);
    options.recorder = stage->recorder;
    assert_int_equal(engine_new(&options, &stage->engine), 0);
    engine_start(stage->engine);
}

void stage_run_to(struct stage *stage, uint64_t since_begin_ns)
{
    virtual_world_run_until(stage->world, BEGIN + since_begin_ns);
}

static void complain(void *ctx, const char *sentence)
{
    (void)ctx;
    print_error("%s\n", sentence);
}

void stage_finish(struct stage *stage)
{
    const uint64_t patience_ns = plan_duration_ns(&stage->plan) + S(100000);

    assert_false(virtual_world_run_until(stage->world, BEGIN + patience_ns));
    assert_int_equal(stage->done, 1);
    assert_int_equal(virtual_world_in_flight(stage->world), 0);
    assert_int_equal(
        check_recorder(stage->recorder, virtual_world_now(stage->world), complain, NULL),
        0);
}

void stage_play(struct stage *stage)
{
    stage_open(stage);
    stage_finish(stage);
    stage_close(stage);
}

void stage_close(struct stage *stage)
{
    engine_free(stage->engine);
    recorder_free(stage->recorder);
    virtual_world_free(stage->world);
}
