/*
 * The server on paper, asked by each kind of step.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/dry_run.h"
#include "measure/labels.h"
#include "measure/sample.h"
#include "plan/plan.h"

/* What one user met who did one step for ten seconds. */
struct met {
    uint64_t samples;
    uint64_t ok;
    uint64_t streamed;
    uint64_t first_outputs;
};

static void on_sample(void *ctx, const struct labels *labels, const struct sample *sample)
{
    struct met *met = ctx;

    (void)labels;
    met->samples++;
    met->ok += sample->outcome == OUTCOME_OK;
    met->streamed += (sample->flags & SAMPLE_STREAMED) != 0;
    met->first_outputs += sample->first_output_ns != 0;
}

static struct met meet(enum plan_api api, const struct plan_step *step)
{
    struct plan_target target = {
        .name = "default", .origin = "http://paper:80", .api_prefix = "/v1", .api = api};
    const struct plan_model model = {.name = "m", .target = PLAN_NONE};
    const struct plan_instruction instructions[] = {{.op = PLAN_OP_REQUEST, .a = 0},
                                                    {.op = PLAN_OP_END}};
    const struct plan_program program = {.instructions = instructions,
                                         .instruction_count = COUNT_OF(instructions)};
    const struct plan_class class = {
        .name = "asker", .weight = 1, .setup = PLAN_NONE, .teardown = PLAN_NONE};
    const struct plan_phase phase = {.kind = PLAN_PHASE_SUSTAINED,
                                     .name = "sustained",
                                     .steps = 1,
                                     .users = 1,
                                     .duration_ns = 10 * NS_PER_S};
    const struct plan plan = {
        .name = "paper",
        .description = "",
        .seed = 1,
        .graceful_stop_ns = 30 * NS_PER_S,
        .graceful_ramp_down_ns = 30 * NS_PER_S,
        .max_series = 1000,
        .targets = &target,
        .target_count = 1,
        .models = &model,
        .model_count = 1,
        .classes = &class,
        .class_count = 1,
        .programs = &program,
        .program_count = 1,
        .steps = step,
        .step_count = 1,
        .phases = &phase,
        .phase_count = 1,
        .stages = {.run_setup = PLAN_NONE, .run_teardown = PLAN_NONE},
        .worker_count = 1,
    };
    struct met met = {0};
    const struct dry_watch watch = {.ctx = &met, .on_sample = on_sample};

    assert_int_equal(dry_run(&plan, NULL, 7, UINT64_MAX, &watch), 0);
    return met;
}

static struct plan_step ask(enum plan_step_kind kind, bool stream)
{
    return (struct plan_step){.kind = kind,
                              .name = "ask",
                              .target = PLAN_NONE,
                              .chat = {.say = PLAN_SAY_PROMPT,
                                       .prompt = PLAN_LITERAL("hi"),
                                       .questions = PLAN_NONE,
                                       .stream = stream,
                                       .batch = 3,
                                       .temperature = (double)NAN}};
}

static void each_dialect_is_answered_in_its_own_words(void **state)
{
    static const struct {
        enum plan_api api;
        enum plan_step_kind kind;
        bool streams;
    } table[] = {
        {PLAN_API_OPENAI, PLAN_STEP_CHAT, true},
        {PLAN_API_OPENAI, PLAN_STEP_COMPLETION, true},
        {PLAN_API_OPENAI, PLAN_STEP_RESPONSES, true},
        {PLAN_API_OPENAI, PLAN_STEP_EMBEDDINGS, false},
        {PLAN_API_ANTHROPIC, PLAN_STEP_CHAT, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        for (int stream = 0; stream <= 1; stream++) {
            const struct plan_step step = ask(table[i].kind, stream);
            const struct met met = meet(table[i].api, &step);
            const uint64_t streamed = stream && table[i].streams ? met.samples : 0;

            /* Each is answered in 0.3 s. */
            assert_int_equal(met.samples, 34);
            assert_int_equal(met.ok, met.samples);
            assert_int_equal(met.streamed, streamed);
            assert_int_equal(met.first_outputs, streamed);
        }
    }
}

static void calls_of_tools_and_plain_http_are_answered_too(void **state)
{
    static const struct plan_step steps[] = {
        {.kind = PLAN_STEP_MCP,
         .name = "tool",
         .target = PLAN_NONE,
         .mcp = {.path = PLAN_LITERAL("/mcp"),
                 .method = "tools/list",
                 .session = PLAN_NONE}},
        {.kind = PLAN_STEP_MCP,
         .name = "opened",
         .target = PLAN_NONE,
         .mcp = {.path = PLAN_LITERAL("/mcp"),
                 .method = "notifications/initialized",
                 .session = PLAN_NONE,
                 .notification = true}},
        {.kind = PLAN_STEP_HTTP,
         .name = "GET /health",
         .target = PLAN_NONE,
         .http = {.method = "GET", .path = PLAN_LITERAL("/health")}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        const struct met met = meet(PLAN_API_OPENAI, &steps[i]);

        assert_int_equal(met.samples, 34);
        assert_int_equal(met.ok, met.samples);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_dialect_is_answered_in_its_own_words),
        cmocka_unit_test(calls_of_tools_and_plain_http_are_answered_too),
    };

    return cmocka_run_group_tests_name("dry_run", tests, NULL, NULL);
}
