/* LOAD-4: replays in virtual time: what is sent of a trace, and exactly when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "base/histogram.h"
#include "measure/labels.h"
#include "net/transport.h"
#include "paper.h"
#include "stage.h"
#include "workload/data.h"
#include "workload/trace.h"

#define NOTED 64

/* What a server was asked, in order. */
struct asked {
    uint64_t sent_ns;
    char method[16];
    char url[128];
    char headers[512]; /* "Name=value;" of each */
    char body[4096];
    size_t body_len;
};

struct play {
    struct stage stage;
    struct paper paper;
    struct diag_list *diags;
    struct data *data;
    struct asked asked[NOTED];
    size_t count;
    uint64_t arrivals[NOTED]; /* numbers, in the order of their ends */
    size_t samples;
    const char *models[NOTED];
};

/* The stage is the first member: what it is given as ctx is the play as well. */
static void serve(void *ctx, const struct virtual_request *asked,
                  struct virtual_answer *ret_answer)
{
    struct play *play = ctx;
    struct asked *note = &play->asked[play->count++];
    const struct transfer_request *request = asked->request;
    size_t len = 0;

    assert_true(play->count <= NOTED);
    note->sent_ns = asked->sent_ns - BEGIN;
    (void)snprintf(note->method, sizeof(note->method), "%s", request->method);
    (void)snprintf(note->url, sizeof(note->url), "%s", request->url);
    for (size_t i = 0; i < request->header_count; i++)
        len +=
            (size_t)snprintf(note->headers + len, sizeof(note->headers) - len, "%s=%s;",
                             request->headers[i].name, request->headers[i].value);
    note->body_len = request->body_len;
    if (request->body)
        memcpy(note->body, request->body,
               request->body_len < sizeof(note->body) ? request->body_len
                                                      : sizeof(note->body));
    stage_serve(ctx, asked, ret_answer);
}

static void note(struct stage *stage, const struct sample *sample)
{
    struct play *play = (struct play *)(void *)stage;
    const char *model =
        labels_value(recorder_labels(stage->recorder), sample->labels, "model");

    assert_true(sample->flags & SAMPLE_REPLAYED);
    play->models[play->samples] = model;
    play->arrivals[play->samples++] = sample->arrival;
}

/* Reads a trace, in which ' stands for ", and lays it under the stage. */
static void open_play(struct play *play, const char *text, uint64_t people)
{
    struct stage *stage = &play->stage;
    char *json = strdup(text);

    assert_non_null(json);
    for (char *at = json; (at = strchr(at, '\''));)
        *at = '"';
    *play = (struct play){0};
    stage_init(stage);
    paper_write(&play->paper, json, strlen(json));
    free(json);
    stage->steps[0].kind = PLAN_STEP_REPLAY;
    stage->steps[0].chat.say = PLAN_SAY_TRACE;
    stage->steps[0].chat.max_tokens = 0;
    stage->instructions[1] = (struct plan_instruction){.op = PLAN_OP_END};
    stage->plan.arrivals = (struct plan_arrivals){
        .kind = PLAN_ARRIVALS_TRACE, .users = people, .max_wait_ns = S(10)};
    stage->plan.replay = (struct plan_replay){.path = play->paper.path, .time_scale = 1};
    assert_int_equal(diag_list_new(10, &play->diags), 0);
    assert_int_equal(data_load(&stage->plan, play->diags, &play->data), 0);
    stage->data = play->data;
    stage_phase(stage, PLAN_PHASE_REPLAY, 0,
                trace_facts(data_trace(play->data)).duration_ns);
    stage->server = serve;
    stage->on_sample = note;
}

static void close_play(struct play *play)
{
    data_free(play->data);
    diag_list_free(play->diags);
    paper_remove(&play->paper);
    free(play);
}

static const char lengths[] = "{'timestamp': 0, 'input_length': 5, 'output_length': 7}\n"
                              "{'timestamp': 10, 'input_length': 6, 'output_length': 8}\n"
                              "{'timestamp': 10, 'input_length': 7, 'output_length': 9}\n"
                              "{'timestamp': 1500.5, 'input_length': 8}\n";

static void entries_are_sent_at_their_moments(void **state)
{
    static const uint64_t at_us[] = {0, 10000, 10000, 1500500};
    struct play *play = calloc(1, sizeof(*play));
    const struct histogram *late;

    (void)state;
    open_play(play, lengths, 10);
    stage_open(&play->stage);
    stage_finish(&play->stage);
    assert_int_equal(play->count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(play->asked[i].sent_ns, at_us[i] * 1000);
    assert_non_null(strstr(play->asked[0].body, "\"max_tokens\":7"));
    assert_null(strstr(play->asked[3].body, "max_tokens"));
    assert_non_null(strstr(play->asked[0].url, "/chat/completions"));
    late = recorder_total(play->stage.recorder, RECORDER_ALL)
               .histograms[METRIC_REPLAY_LATENESS];
    assert_int_equal(histogram_count(late), 4);
    assert_true(histogram_max_ns(late) <= 1000); /* the histogram's least */
    assert_string_equal(play->models[0], play->stage.model.name);
    stage_close(&play->stage);
    close_play(play);
}

/* One person, who answers for 30 ms: the second and third wait for them. */
static void who_is_not_free_makes_entries_late(void **state)
{
    struct play *play = calloc(1, sizeof(*play));
    const struct histogram *late;

    (void)state;
    open_play(play, lengths, 1);
    stage_open(&play->stage);
    stage_finish(&play->stage);
    assert_int_equal(play->asked[1].sent_ns, MS(30));
    assert_int_equal(play->asked[2].sent_ns, MS(60));
    late = recorder_total(play->stage.recorder, RECORDER_ALL)
               .histograms[METRIC_REPLAY_LATENESS];
    assert_int_equal(histogram_count(late), 4);
    assert_in_range(histogram_max_ns(late), MS(49), MS(51));
    stage_close(&play->stage);
    close_play(play);
}

static void workers_share_the_entries(void **state)
{
    static const uint32_t workers[] = {1, 2, 3, 7};

    (void)state;
    for (size_t i = 0; i < sizeof(workers) / sizeof(workers[0]); i++) {
        unsigned seen = 0;

        for (uint32_t index = 0; index < workers[i]; index++) {
            struct play *play = calloc(1, sizeof(*play));

            open_play(play, lengths, 20);
            play->stage.plan.worker_count = workers[i];
            play->stage.plan.worker_index = index;
            stage_open(&play->stage);
            stage_finish(&play->stage);
            for (size_t j = 0; j < play->samples; j++) {
                assert_int_equal(play->arrivals[j] % workers[i], index);
                assert_false(seen & 1U << play->arrivals[j]);
                seen |= 1U << play->arrivals[j];
            }
            stage_close(&play->stage);
            close_play(play);
        }
        assert_int_equal(seen, 15);
    }
}

static void a_request_is_sent_as_it_was(void **state)
{
    static const char recorded[] =
        "{'schema': 'throng.trace/1'}\n"
        "{'timestamp': 5, 'input_length': 3, 'request': {'method': 'POST', 'path': "
        "'/v1/chat/completions?a=1', 'headers': [['X-Team', 'a'], ['Content-Type', "
        "'application/json']], 'body': '{ \\u0022model\\u0022 : \\u0022other\\u0022, "
        "\\u0022stream\\u0022: true }'}}\n"
        "{'timestamp': 6, 'request': {'method': 'DELETE', 'path': '/v1/files/7'}}\n";
    struct play *play = calloc(1, sizeof(*play));
    const struct asked *asked = play->asked;

    (void)state;
    open_play(play, recorded, 3);
    stage_open(&play->stage);
    stage_finish(&play->stage);
    assert_int_equal(play->count, 2);
    assert_string_equal(asked[0].method, "POST");
    assert_non_null(strstr(asked[0].url, "/v1/chat/completions?a=1"));
    assert_string_equal(asked[0].body, "{ \"model\" : \"other\", \"stream\": true }");
    assert_non_null(strstr(asked[0].headers, "X-Team=a;Content-Type=application/json;"));
    assert_null(strstr(asked[0].headers, "Accept="));
    assert_string_equal(asked[1].method, "DELETE");
    assert_int_equal(asked[1].body_len, 0);
    assert_int_equal(asked[1].sent_ns, MS(1));
    /* The one that ends first is the one that streams no words. */
    assert_int_equal(play->stage.outcomes[OUTCOME_OK], 2);
    for (size_t i = 0; i < 2; i++) {
        if (play->arrivals[i] == 0)
            assert_string_equal(play->models[i], "other");
        else
            assert_null(play->models[i]);
    }
    stage_close(&play->stage);
    close_play(play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_sent_at_their_moments),
        cmocka_unit_test(who_is_not_free_makes_entries_late),
        cmocka_unit_test(workers_share_the_entries),
        cmocka_unit_test(a_request_is_sent_as_it_was),
    };

    return cmocka_run_group_tests_name("engine_replay", tests, NULL, NULL);
}
