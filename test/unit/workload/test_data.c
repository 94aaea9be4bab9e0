#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/diag.h"
#include "paper.h"
#include "plan/plan.h"
#include "workload/data.h"

static const char *const columns[] = {"email", "city"};

/* A feeder over a file of the test's, and what came of loading it. */
struct fixture {
    struct paper paper;
    struct plan_feeder feeder;
    struct plan_phase phase;
    struct plan plan;
    struct diag_list *diags;
    struct data *data;
    struct buf said;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.said = BUF_INIT(65536)};
    fixture.feeder = (struct plan_feeder){.name = "people",
                                          .order = PLAN_ORDER_SEQUENTIAL,
                                          .columns = columns,
                                          .column_count = 2,
                                          .file = "shop.yaml",
                                          .line = 7,
                                          .column = 3};
    fixture.phase =
        (struct plan_phase){.kind = PLAN_PHASE_SUSTAINED, .from_users = 3, .users = 3};
    fixture.plan = (struct plan){.seed = 42,
                                 .feeders = &fixture.feeder,
                                 .feeder_count = 1,
                                 .phases = &fixture.phase,
                                 .phase_count = 1};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    fixture->data = data_free(fixture->data);
    fixture->diags = diag_list_free(fixture->diags);
    buf_deinit(&fixture->said);
    paper_remove(&fixture->paper);
    return 0;
}

static int load_bytes(struct fixture *fixture, const char *bytes, size_t len)
{
    int r;

    paper_write(&fixture->paper, bytes, len);
    fixture->feeder.path = fixture->paper.path;
    fixture->data = data_free(fixture->data);
    fixture->diags = diag_list_free(fixture->diags);
    assert_int_equal(diag_list_new(20, &fixture->diags), 0);
    r = data_load(&fixture->plan, fixture->diags, &fixture->data);
    buf_clear(&fixture->said);
    assert_int_equal(diag_print(fixture->diags, 0, &fixture->said), 0);
    return r;
}

static int load(struct fixture *fixture, const char *text)
{
    return load_bytes(fixture, text, strlen(text));
}

/* "rows: email|city;email|city;" with stars before JSON values. */
static const char *rows(struct fixture *fixture)
{
    const uint64_t count = data_rows(fixture->data, 0);

    buf_clear(&fixture->said);
    for (uint64_t row = 0; row < count; row++)
        for (size_t column = 0; column < 2; column++) {
            const struct data_value value = data_value(fixture->data, 0, row, column);

            buf_append_str(&fixture->said, value.is_json ? "*" : "");
            buf_append(&fixture->said, value.bytes, value.len);
            buf_append_char(&fixture->said, column == 0 ? '|' : ';');
        }
    return buf_str(&fixture->said);
}

static void expect_said(const struct fixture *fixture, const char *words)
{
    if (!strstr(buf_str(&fixture->said), words))
        fail_msg("'%s' is not in:\n%s", words, buf_str(&fixture->said));
}

static void a_csv_gives_the_columns_that_are_used(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load(fixture, "\xEF\xBB\xBF"
                                   "id,city,email\r\n"
                                   "1,\"Paris, \"\"Texas\"\"\",a@x\r\n"
                                   "2,\"two\nlines\",b@x\r\n\r\n3,,c@x"),
                     0);
    assert_string_equal(rows(fixture), "a@x|Paris, \"Texas\";b@x|two\nlines;c@x|;");
    assert_int_equal(data_skipped(fixture->data), 0);
}

static void all_mistakes_of_a_csv_are_told_with_their_lines(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load(fixture, "email,city\n"
                                   "a@x,Rome\n"
                                   "b@x\n"
                                   "c@x,Bonn,sesame\n"
                                   "\"two\nlines\",\"x\"sesame\n"
                                   "d@x,\xFFsesame\n"
                                   "e@x,\"sesame\n"),
                     -EINVAL);
    expect_said(fixture, "rows:3: error: fewer fields");
    expect_said(fixture, "rows:4: error: more fields");
    expect_said(fixture, "rows:5: error: text behind the closing quote");
    expect_said(fixture, "rows:7: error: bytes that are not UTF-8");
    expect_said(fixture, "rows:8: error: a quote that is never closed");
    assert_null(strstr(buf_str(&fixture->said), "sesame"));
    assert_null(fixture->data);
}

static void bad_rows_are_left_out_and_counted_where_that_is_asked_for(void **state)
{
    struct fixture *fixture = *state;

    fixture->feeder.skip_bad_rows = true;
    assert_int_equal(load(fixture, "email,city\na@x,Rome\nb@x\nc\"@x,Oslo\nd@x,Bonn\n"),
                     0);
    assert_string_equal(rows(fixture), "a@x|Rome;d@x|Bonn;");
    assert_int_equal(data_skipped(fixture->data), 2);
}

static void
a_column_that_is_not_there_is_a_mistake_that_lists_those_that_are(void **state)
{
    struct fixture *fixture = *state;

    fixture->feeder.skip_bad_rows = true; /* the first line is no row */
    assert_int_equal(load(fixture, "e-mail,city\na@x,Rome\n"), -EINVAL);
    expect_said(fixture,
                "rows:1: error: no column 'email', which 'data.people.email' asks for");
    expect_said(fixture, "the first line names: e-mail, city");
}

static void a_file_without_rows_is_a_mistake(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load(fixture, ""), -EINVAL);
    expect_said(fixture, "an empty file");
    assert_int_equal(load(fixture, "email,city\n"), -EINVAL);
    expect_said(fixture, "no rows");
    fixture->feeder.json_lines = true;
    assert_int_equal(load(fixture, "\n \n"), -EINVAL);
    expect_said(fixture, "no rows");
    fixture->feeder.skip_bad_rows = true;
    assert_int_equal(load(fixture, "not json\n"), -EINVAL);
    expect_said(fixture, "no rows");
}

static void a_file_that_is_not_there_is_told_where_it_is_named(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load(fixture, "x"), -EINVAL);
    fixture->feeder.path = "/nowhere/people.csv";
    assert_int_equal(data_load(&fixture->plan, fixture->diags, &fixture->data), -EINVAL);
    buf_clear(&fixture->said);
    diag_print(fixture->diags, 0, &fixture->said);
    expect_said(fixture,
                "shop.yaml:7:3: error: '/nowhere/people.csv' cannot be read: No such");
}

static void utf_16_is_refused_with_the_way_out(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load_bytes(fixture, "\xFF\xFE\0e", 4), -EINVAL);
    expect_said(fixture, "rows:1: error: UTF-16 text");
    expect_said(fixture, "save it as UTF-8");
}

static void json_lines_give_texts_and_json_values_as_they_stand(void **state)
{
    struct fixture *fixture = *state;

    fixture->feeder.json_lines = true;
    assert_int_equal(
        load(fixture, "{\"email\": \"a@x\", \"city\": \"K\\u00f6ln\"}\r\n"
                      "\n"
                      "{\"city\":{\"name\": \"Rome\", \"at\":[1.50, 2]},\"more\":[{}],"
                      "\"em\\u0061il\":0.10 }\n"
                      "{\"email\":null,\"city\":\"x\",\"city\":\"y\"}"),
        0);
    assert_string_equal(
        rows(fixture), "a@x|Köln;*0.10|*{\"name\": \"Rome\", \"at\":[1.50, 2]};*null|y;");
}

static void all_mistakes_of_json_lines_are_told_with_their_lines(void **state)
{
    struct fixture *fixture = *state;

    fixture->feeder.json_lines = true;
    assert_int_equal(load(fixture, "{\"email\":\"a\",\"city\":\"b\"}\n"
                                   "{\"email\":\"sesame\",\n"
                                   "\n"
                                   "[\"sesame\"]\n"
                                   "{\"email\":\"sesame\"}\n"
                                   "{\"email\":\"a\",\"city\":\"\xC3sesame\"}\n"
                                   "{\"email\":\"a\",\"city\":\"sesame\"} x\n"),
                     -EINVAL);
    expect_said(fixture, "rows:2: error: not one well-formed JSON object");
    expect_said(fixture, "rows:4: error: no JSON object");
    expect_said(fixture, "rows:5: error: no key 'city', which 'data.people.city'");
    expect_said(fixture, "rows:6: error: bytes that are not UTF-8");
    expect_said(fixture, "rows:7: error: not one well-formed JSON object");
    assert_null(strstr(buf_str(&fixture->said), "sesame"));
}

static void rows_are_shared_out_by_the_peak_of_the_plan(void **state)
{
    struct fixture *fixture = *state;
    uint64_t row = 0;

    fixture->feeder.order = PLAN_ORDER_UNIQUE;
    assert_int_equal(load(fixture, "email,city\na,1\nb,2\nc,3\nd,4\n"), 0);
    assert_int_equal(data_row(fixture->data, 0, 2, 0, &row), 0);
    assert_int_equal(row, 2);
    assert_int_equal(data_row(fixture->data, 0, 0, 1, &row), 0);
    assert_int_equal(row, 3);
    assert_int_equal(data_row(fixture->data, 0, 1, 1, &row), -ENODATA);
}

static void two_feeders_draw_rows_of_their_own(void **state)
{
    struct fixture *fixture = *state;
    struct plan_feeder both[2];
    unsigned alike = 0;

    fixture->feeder.order = PLAN_ORDER_RANDOM;
    assert_int_equal(load(fixture, "email,city\na,1\nb,2\nc,3\nd,4\ne,5\nf,6\ng,7\n"), 0);
    both[0] = both[1] = fixture->feeder;
    fixture->plan.feeders = both;
    fixture->plan.feeder_count = 2;
    fixture->data = data_free(fixture->data);
    assert_int_equal(data_load(&fixture->plan, fixture->diags, &fixture->data), 0);
    for (uint64_t take = 0; take < 100; take++) {
        uint64_t first = 0;
        uint64_t second = 0;

        assert_int_equal(data_row(fixture->data, 0, 1, take, &first), 0);
        assert_int_equal(data_row(fixture->data, 1, 1, take, &second), 0);
        alike += first == second;
    }
    assert_in_range(alike, 1, 40); /* 14 of 100 by chance */
}

/* More than the first block holds, so that it has to grow. */
static void a_long_file_is_read_whole(void **state)
{
    struct fixture *fixture = *state;
    struct buf text = BUF_INIT(4 << 20);
    const unsigned count = 50000;

    buf_append_str(&text, "email,city\n");
    for (unsigned i = 0; i < count; i++)
        buf_printf(&text, "user%u@example.com,City %u\n", i, i);
    assert_int_equal(buf_error(&text), 0);
    assert_int_equal(load_bytes(fixture, text.bytes, text.len), 0);
    assert_int_equal(data_rows(fixture->data, 0), count);
    const struct data_value last = data_value(fixture->data, 0, count - 1, 1);

    assert_int_equal(last.len, strlen("City 49999"));
    assert_memory_equal(last.bytes, "City 49999", last.len);
    buf_deinit(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_csv_gives_the_columns_that_are_used),
        TEST(all_mistakes_of_a_csv_are_told_with_their_lines),
        TEST(bad_rows_are_left_out_and_counted_where_that_is_asked_for),
        TEST(a_column_that_is_not_there_is_a_mistake_that_lists_those_that_are),
        TEST(a_file_without_rows_is_a_mistake),
        TEST(a_file_that_is_not_there_is_told_where_it_is_named),
        TEST(utf_16_is_refused_with_the_way_out),
        TEST(json_lines_give_texts_and_json_values_as_they_stand),
        TEST(all_mistakes_of_json_lines_are_told_with_their_lines),
        TEST(rows_are_shared_out_by_the_peak_of_the_plan),
        TEST(two_feeders_draw_rows_of_their_own),
        TEST(a_long_file_is_read_whole),
    };

    return cmocka_run_group_tests_name("data", tests, NULL, NULL);
}
