/*
 *   test_scenario_reference FILE TEMPLATES            compares the pages with what the tables say
 *   test_scenario_reference FILE TEMPLATES --update   writes the pages
 */
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
#include "scenario/form.h"
#include "written.h"

struct page {
    const char *path;
    int (*write)(struct buf *out);
    bool update;
};

static void the_page_is_what_the_tables_say(void **state)
{
    const struct page *page = *state;
    struct buf out = BUF_INIT((size_t)1 << 22);
    char *written;

    assert_int_equal(page->write(&out), 0);
    if (page->update) {
        FILE *file = fopen(page->path, "we");

        assert_non_null(file);
        assert_true(fputs(buf_str(&out), file) >= 0);
        assert_int_equal(fclose(file), 0);
    }
    written = written_file(page->path);
    if (strcmp(written, buf_str(&out)) != 0)
        fail_msg(
            "%s is out of date; run test_scenario_reference with both pages and --update",
            page->path);
    free(written);
    buf_deinit(&out);
}

static void the_tables_are_sound(void **state)
{
    (void)state;
    assert_true(config_table_is_sound(&scenario_table));
}

static void the_schema_refuses_unknown_keys(void **state)
{
    struct buf out = BUF_INIT((size_t)1 << 22);
    json_t *schema;
    const json_t *step;

    (void)state;
    assert_int_equal(scenario_schema(&out), 0);
    schema = json_loads(buf_str(&out), 0, NULL);
    assert_non_null(schema);
    step = json_object_get(json_object_get(schema, "$defs"), "step");
    step = json_array_get(json_object_get(step, "anyOf"), 0);
    assert_true(json_is_false(json_object_get(step, "additionalProperties")));
    assert_int_equal(json_array_size(json_object_get(step, "oneOf")), 16);
    assert_null(json_object_get(json_object_get(step, "properties"), "websocket"));
    json_decref(schema);
    buf_deinit(&out);
}

int main(int argc, char **argv)
{
    struct page reference = {argc > 1 ? argv[1] : "", scenario_reference, argc > 3};
    struct page templates = {argc > 2 ? argv[2] : "", scenario_template_page, argc > 3};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(the_page_is_what_the_tables_say, &reference),
        cmocka_unit_test_prestate(the_page_is_what_the_tables_say, &templates),
        cmocka_unit_test(the_tables_are_sound),
        cmocka_unit_test(the_schema_refuses_unknown_keys),
    };

    return cmocka_run_group_tests_name("scenario/reference", tests, NULL, NULL);
}
