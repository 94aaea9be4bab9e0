/* The embeddings endpoint against OpenAI's reference. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "rig.h"

#define PATH "/v1/embeddings"

static double product(const json_t *a, const json_t *b)
{
    double sum = 0;

    assert_int_equal(json_array_size(a), json_array_size(b));
    for (size_t i = 0; i < json_array_size(a); i++)
        sum += json_number_value(json_array_get(a, i)) *
               json_number_value(json_array_get(b, i));
    return sum;
}

static void each_input_has_a_vector_of_length_1(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_start(rig);
    rig_call(rig, "POST", PATH, "",
             "{\"model\":\"text-embedding-3-small\",\"input\":[\"a bee\",\"a bear\"]}",
             &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(rig_text_at(answer.json, "object"), "list");
    assert_int_equal(json_array_size(rig_at(answer.json, "data")), 2);
    assert_int_equal(rig_count_at(answer.json, "data.1.index"), 1);
    assert_int_equal(json_array_size(rig_at(answer.json, "data.0.embedding")), 1536);
    assert_true(fabs(product(rig_at(answer.json, "data.0.embedding"),
                             rig_at(answer.json, "data.0.embedding")) -
                     1) < 1e-4);
    /* Two directions of so many dimensions are nearly at right angles. */
    assert_true(fabs(product(rig_at(answer.json, "data.0.embedding"),
                             rig_at(answer.json, "data.1.embedding"))) < 0.2);
    assert_int_equal(rig_count_at(answer.json, "usage.prompt_tokens"), 2 + 2);
    rig_answer_deinit(&answer);
}

static void the_same_text_has_the_same_vector(void **state)
{
    struct rig *rig = *state;
    struct rig_answer first;
    struct rig_answer second;

    rig_start(rig);
    rig_call(rig, "POST", PATH, "",
             "{\"model\":\"m\",\"input\":\"a bee\",\"dimensions\":8}", &first);
    rig_call(rig, "POST", PATH, "",
             "{\"model\":\"m\",\"input\":[\"other\",\"a bee\"],\"dimensions\":8}",
             &second);
    assert_int_equal(json_array_size(rig_at(first.json, "data.0.embedding")), 8);
    assert_true(json_equal(rig_at(first.json, "data.0.embedding"),
                           rig_at(second.json, "data.1.embedding")));
    assert_false(json_equal(rig_at(first.json, "data.0.embedding"),
                            rig_at(second.json, "data.0.embedding")));
    rig_answer_deinit(&first);
    rig_answer_deinit(&second);
}

static void base64_holds_the_same_floats(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer;

    rig_start(rig);
    rig_call(rig, "POST", PATH, "",
             "{\"model\":\"m\",\"input\":\"x\",\"dimensions\":3,\"encoding_format\":"
             "\"base64\"}",
             &answer);
    /* 12 bytes; the clients' own decoders are asked in test/e2e. */
    assert_int_equal(strlen(rig_text_at(answer.json, "data.0.embedding")), 16);
    rig_answer_deinit(&answer);
}

static void bad_inputs_are_refused(void **state)
{
    static const char *const bodies[] = {
        "{\"model\":\"m\"}",
        "{\"model\":\"m\",\"input\":\"\"}",
        "{\"model\":\"m\",\"input\":[]}",
        "{\"model\":\"m\",\"input\":[\"a\",\"\"]}",
        "{\"model\":\"m\",\"input\":[1,\"a\"]}",
        "{\"model\":\"m\",\"input\":\"a\",\"dimensions\":0}",
        "{\"model\":\"m\",\"input\":\"a\",\"dimensions\":4097}",
        "{\"model\":\"m\",\"input\":\"a\",\"encoding_format\":\"hex\"}",
    };
    struct rig *rig = *state;

    rig_start(rig);
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        struct rig_answer answer;

        rig_call(rig, "POST", PATH, "", bodies[i], &answer);
        if (answer.status != 400)
            fail_msg("%s is answered %d", bodies[i], answer.status);
        rig_answer_deinit(&answer);
    }
}

static void a_client_has_time_to_read_the_vectors_of_many_texts(void **state)
{
    CLEANUP(buf_deinit) struct buf body = BUF_INIT((size_t)1024 * 1024);
    struct rig *rig = *state;
    struct wire *wire = &rig->wires[0];

    buf_append_str(&body,
                   "{\"model\":\"m\",\"encoding_format\":\"base64\",\"input\":[\"0\"");
    for (int i = 1; i < 2048; i++)
        buf_printf(&body, ",\"%d\"", i);
    buf_append_str(&body, "]}");
    rig_set(rig, "embedding", "0");
    rig_start(rig);
    rig_post(rig, 0, PATH, "Connection: close\r\n", buf_str(&body));
    while (!wire->is_over) {
        wire_turn(wire);
        wire_forget(wire);
    }
    assert_false(wire->is_reset);
    /* 1,536 floats of 4 bytes each, as base64. */
    assert_true(wire->total > (size_t)2048 * 1536 * 4 / 3 * 4);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(each_input_has_a_vector_of_length_1),
        WITH_RIG(the_same_text_has_the_same_vector),
        WITH_RIG(base64_holds_the_same_floats),
        WITH_RIG(bad_inputs_are_refused),
        WITH_RIG(a_client_has_time_to_read_the_vectors_of_many_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
