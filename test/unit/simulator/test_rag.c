/* The RAG stack. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "rig.h"

static void answers_name_what_was_indexed(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_set(rig, "rag_index", "1ms");
    rig_set(rig, "rag_query", "3ms");
    rig_start(rig);
    rig_call(
        rig, "POST", "/index", "",
        "{\"collection\":\"bees\",\"documents\":[\"Bees hum\",{\"id\":\"b2\",\"text\":"
        "\"Bees dance\"}]}",
        &answer);
    assert_int_equal(answer.status, 200);
    assert_int_equal(rig_count_at(answer.json, "indexed"), 2);
    assert_int_equal(rig_count_at(answer.json, "total"), 2);
    rig_answer_deinit(&answer);
    rig_call(rig, "POST", "/query", "",
             "{\"collection\":\"bees\",\"query\":\"What do bees do?\",\"top_k\":3}",
             &answer);
    assert_int_equal(answer.status, 200);
    assert_true(strlen(rig_text_at(answer.json, "answer")) > 0);
    assert_int_equal(json_array_size(rig_at(answer.json, "sources")), 3);
    assert_string_equal(rig_text_at(answer.json, "sources.0.text"), "Bees hum");
    assert_string_equal(rig_text_at(answer.json, "sources.1.id"), "b2");
    assert_string_equal(rig_text_at(answer.json, "sources.2.id"), "made-up-2");
    assert_true(json_number_value(rig_at(answer.json, "sources.0.score")) >
                json_number_value(rig_at(answer.json, "sources.1.score")));
    assert_true(json_number_value(rig_at(answer.json, "timings.total_ms")) >= 3);
    rig_answer_deinit(&answer);
}

static void collections_are_apart(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_set(rig, "rag_index", "0");
    rig_set(rig, "rag_query", "0");
    rig_start(rig);
    rig_call(rig, "POST", "/index", "",
             "{\"collection\":\"a\",\"documents\":[\"first\"]}", &answer);
    rig_answer_deinit(&answer);
    rig_call(rig, "POST", "/query", "", "{\"collection\":\"b\",\"query\":\"x\"}",
             &answer);
    assert_int_equal(json_array_size(rig_at(answer.json, "sources")), 5);
    assert_string_equal(rig_text_at(answer.json, "sources.0.id"), "made-up-0");
    rig_answer_deinit(&answer);
}

static void a_document_is_cut_at_a_whole_character(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;
    CLEANUP(buf_deinit) struct buf json = BUF_INIT(4096);

    rig_set(rig, "rag_index", "0");
    rig_set(rig, "rag_query", "0");
    rig_start(rig);
    buf_append_str(&json, "{\"collection\":\"a\",\"documents\":[\"");
    for (int i = 0; i < 100; i++)
        buf_append_str(&json, "\u20ac"); /* 3 bytes each; 160 is no multiple of them */
    buf_append_str(&json, "\"]}");
    rig_call(rig, "POST", "/index", "", buf_str(&json), &answer);
    assert_int_equal(answer.status, 200);
    rig_answer_deinit(&answer);
    rig_call(rig, "POST", "/query", "", "{\"collection\":\"a\",\"query\":\"x\"}",
             &answer);
    assert_int_equal(strlen(rig_text_at(answer.json, "sources.0.text")), 159);
    rig_answer_deinit(&answer);
}

static void a_vector_store_that_times_out_is_named(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;
    const uint64_t begin_ns = clock_mono_ns();

    rig_set(rig, "vector_timeout_rate", "1");
    rig_set(rig, "vector_timeout", "30ms");
    rig_set(rig, "vector_timeout_status", "503");
    rig_start(rig);
    rig_call(rig, "POST", "/query", "", "{\"collection\":\"b\",\"query\":\"x\"}",
             &answer);
    assert_int_equal(answer.status, 503);
    assert_string_equal(rig_text_at(answer.json, "error"), "vector_store_timeout");
    assert_string_equal(rig_text_at(answer.json, "component"), "vector_store");
    assert_true(clock_mono_ns() - begin_ns >= 30 * NS_PER_MS);
    rig_answer_deinit(&answer);
}

static void bad_bodies_are_refused(void **state)
{
    static const struct {
        const char *path;
        const char *json;
        int status;
    } cases[] = {
        {"/query", "no JSON", 400},
        {"/query", "{\"query\":\"x\"}", 422},
        {"/query", "{\"collection\":\"a\"}", 422},
        {"/query", "{\"collection\":\"a\",\"query\":\"x\",\"top_k\":0}", 422},
        {"/query", "{\"collection\":\"a\",\"query\":\"x\",\"top_k\":51}", 422},
        {"/index", "{\"collection\":\"a\"}", 422},
        {"/index", "{\"collection\":\"a\",\"documents\":[]}", 422},
        {"/index", "{\"collection\":\"a\",\"documents\":[7]}", 422},
    };
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_start(rig);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        rig_call(rig, "POST", cases[i].path, "", cases[i].json, &answer);
        if (answer.status != cases[i].status)
            fail_msg("%s is answered %d", cases[i].json, answer.status);
        assert_true(strlen(rig_text_at(answer.json, "detail")) > 0);
        rig_answer_deinit(&answer);
    }
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(answers_name_what_was_indexed),
        WITH_RIG(collections_are_apart),
        WITH_RIG(a_document_is_cut_at_a_whole_character),
        WITH_RIG(a_vector_store_that_times_out_is_named),
        WITH_RIG(bad_bodies_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
