#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "measure/labels.h"
#include "measure/sample.h"
#include "result/sample_codec.h"
#include "result/sample_file.h"

static json_t *line_of(const struct sample *sample, const struct labels *labels)
{
    struct buf out = BUF_INIT(1 << 16);
    json_error_t error;

    assert_int_equal(sample_json_line(sample, labels, &out), 0);
    assert_null(strchr(buf_str(&out), '\n'));
    json_t *line = json_loadb(out.bytes, out.len, JSON_REJECT_DUPLICATES, &error);

    if (!line)
        fail_msg("%s: %s", error.text, buf_str(&out));
    buf_deinit(&out);
    return line;
}

static void a_sample_is_told_by_names_and_with_its_labels(void **state)
{
    const struct label set[] = {{"model", "a \"b\"\n\xff"}, {"step", "ask"}};
    struct sample sample = {
        .operation_id = 7,
        .outcome = OUTCOME_RATE_LIMITED,
        .flags = SAMPLE_STREAMED | SAMPLE_OPEN_LOOP,
        .status = 429,
        .sent_ns = 12,
        .cost_pusd = -5,
        .user = UINT64_MAX >> 1,
    };
    struct labels *labels = NULL;

    (void)state;
    assert_int_equal(labels_new(10, &labels), 0);
    assert_int_equal(labels_intern(labels, set, 2, &sample.labels), 0);
    json_t *line = line_of(&sample, labels);

    assert_int_equal(json_integer_value(json_object_get(line, "operation_id")), 7);
    assert_string_equal(json_string_value(json_object_get(line, "outcome")),
                        "rate_limited");
    assert_string_equal(json_string_value(json_object_get(line, "token_source")),
                        "usage");
    assert_int_equal(json_integer_value(json_object_get(line, "cost_pusd")), -5);
    assert_int_equal(json_integer_value(json_object_get(line, "user")), INT64_MAX);
    json_t *flags = json_object_get(line, "flags");

    assert_int_equal(json_array_size(flags), 2);
    assert_string_equal(json_string_value(json_array_get(flags, 1)), "open_loop");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(line, "labels"), "model")),
        "a \"b\"\n\uFFFD");
    json_decref(line);
    labels_free(labels);
}

static void moments_that_did_not_happen_are_left_out(void **state)
{
    const struct sample sample = {.outcome = OUTCOME_OK, .sent_ns = 12};
    struct labels *labels = NULL;

    (void)state;
    assert_int_equal(labels_new(10, &labels), 0);
    json_t *line = line_of(&sample, labels);

    assert_int_equal(json_integer_value(json_object_get(line, "sent_ns")), 12);
    assert_null(json_object_get(line, "wire_ns"));
    assert_null(json_object_get(line, "first_output_ns"));
    assert_int_equal(json_integer_value(json_object_get(line, "dns_ns")), 0);
    json_decref(line);
    labels_free(labels);
}

static void rates_and_prompt_processing_follow_from_the_fields(void **state)
{
    struct sample sample = {
        .outcome = OUTCOME_OK,
        .flags = SAMPLE_STREAMED,
        .sent_ns = 1,
        .wire_ns = 1000000,
        .first_output_ns = 101000000,
        .last_output_ns = 501000000,
        .rtt_min_ns = 3000000,
        .chunks = 5,
        .completion_tokens = 9,
    };
    struct labels *labels = NULL;

    (void)state;
    assert_int_equal(labels_new(10, &labels), 0);
    json_t *line = line_of(&sample, labels);

    assert_true(json_number_value(json_object_get(line, "chunks_per_s")) == 10);
    assert_true(json_number_value(json_object_get(line, "decode_tps")) == 20);
    assert_int_equal(json_integer_value(json_object_get(line, "prompt_processing_ns")),
                     97000000);
    assert_string_equal(
        json_string_value(json_object_get(line, "prompt_processing_source")), "estimate");
    json_decref(line);
    sample.server_prompt_ns = 81000000;
    sample.outcome = OUTCOME_TRUNCATED;
    line = line_of(&sample, labels);
    assert_null(json_object_get(line, "chunks_per_s"));
    assert_null(json_object_get(line, "decode_tps"));
    assert_int_equal(json_integer_value(json_object_get(line, "prompt_processing_ns")),
                     81000000);
    assert_string_equal(
        json_string_value(json_object_get(line, "prompt_processing_source")), "server");
    json_decref(line);
    labels_free(labels);
}

static const char *page_path;

/* The table of fields in the page is that of the program, in its order. */
static void the_page_on_results_has_each_field_with_its_width(void **state)
{
    const struct sample_field *field = NULL;
    char line[1024];
    char row[128];
    FILE *page = fopen(page_path, "re");

    (void)state;
    if (!page)
        fail_msg("%s is missing", page_path);
    for (size_t i = 0; (field = sample_field_at(i)) != NULL; i++) {
        bool found = false;

        snprintf(row, sizeof(row), "| `%s` | %u |", field->name, (unsigned)field->bytes);
        while (!found && fgets(line, sizeof(line), page))
            found = strncmp(line, row, strlen(row)) == 0;
        if (!found)
            fail_msg("no row (or not in its place): %s", row);
    }
    fclose(page);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_is_told_by_names_and_with_its_labels),
        cmocka_unit_test(moments_that_did_not_happen_are_left_out),
        cmocka_unit_test(rates_and_prompt_processing_follow_from_the_fields),
        cmocka_unit_test(the_page_on_results_has_each_field_with_its_width),
    };

    page_path = argc > 1 ? argv[1] : "doc/results.md";

    return cmocka_run_group_tests(tests, NULL, NULL);
}
