#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "made_run.h"
#include "output/terminal.h"
#include "output/terminal_text.h"

#define MAX_TEXT ((size_t)1 << 20)

static const char *golden_dir;

static void read_golden(const char *name, struct buf *out)
{
    char path[1024];
    char piece[4096];
    size_t len = 0;

    snprintf(path, sizeof(path), "%s/%s", golden_dir, name);
    FILE *file = fopen(path, "re");

    if (!file)
        fail_msg("%s is missing", path);
    while ((len = fread(piece, 1, sizeof(piece), file)) > 0)
        buf_append(out, piece, len);
    fclose(file);
}

/* With UPDATE_GOLDEN set the file is written anew, to be reviewed as a difference. */
static void update_golden(const char *name, const struct buf *text)
{
    char path[1024];

    snprintf(path, sizeof(path), "%s/%s", golden_dir, name);
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fwrite(text->bytes, 1, text->len, file);
    fclose(file);
}

static void assert_golden(const char *name, const struct buf *text)
{
    struct buf expected = BUF_INIT(MAX_TEXT);

    if (getenv("UPDATE_GOLDEN"))
        update_golden(name, text);
    read_golden(name, &expected);
    assert_string_equal(buf_str(text), buf_str(&expected));
    buf_deinit(&expected);
}

static void write_summary(struct made_run *run, struct terminal_style style,
                          struct buf *out)
{
    assert_int_equal(
        terminal_summary(&run->facts, NULL, style, "results/three-tenants", out), 0);
}

/* Each line of a text is at most so wide. */
static void assert_width(const struct buf *text, size_t columns)
{
    char *copy = strdup(buf_str(text));
    char *rest = copy;
    char *line = NULL;

    while ((line = strsep(&rest, "\n")) != NULL)
        if (terminal_width(line) > columns)
            fail_msg("wider than %zu: %s", columns, line);
    free(copy);
}

static void a_run_that_passed_reads_as_its_golden_file(void **state)
{
    struct made_run run;
    struct buf out = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000});
    write_summary(&run, (struct terminal_style){.columns = 120}, &out);
    assert_golden("passed.txt", &out);
    assert_width(&out, 100);
    buf_deinit(&out);
    made_run_deinit(&run);
}

static void what_streams_nothing_has_no_columns_of_first_tokens(void **state)
{
    struct made_run run;
    struct buf out = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 400, .plain = true});
    write_summary(&run, (struct terminal_style){.columns = 100}, &out);
    assert_golden("plain.txt", &out);
    assert_null(strstr(strstr(buf_str(&out), "Phase "), "ttft"));
    buf_deinit(&out);
    made_run_deinit(&run);
}

static void a_run_with_slos_tells_its_goodput(void **state)
{
    struct made_run run;
    struct buf out = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){
                            .requests = 4000, .failures = true, .objectives = true});
    write_summary(&run, (struct terminal_style){.columns = 100}, &out);
    assert_golden("goodput.txt", &out);
    buf_deinit(&out);
    made_run_deinit(&run);
}

static void a_run_that_failed_says_why_and_marks_what_is_only_a_bound(void **state)
{
    struct made_run run;
    struct buf out = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000, .failures = true});
    verdicts_add(&run.verdicts, EXIT_THRESHOLDS,
                 "ttft: p(95)<2s does not hold: it was more than 4.00 s.");
    write_summary(&run, (struct terminal_style){.columns = 100}, &out);
    assert_golden("failed.txt", &out);
    assert_non_null(strstr(buf_str(&out), "FAILED"));
    assert_non_null(strstr(buf_str(&out), "> 4000 ms"));
    buf_deinit(&out);
    made_run_deinit(&run);
}

static void what_scripts_told_stands_in_rows_failed_checks_first(void **state)
{
    struct made_run run;
    struct buf out = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000, .scripted = true});
    write_summary(&run, (struct terminal_style){.columns = 100}, &out);
    assert_golden("scripted.txt", &out);
    assert_non_null(strstr(buf_str(&out), "✗ 98.0% is short — 3,430 of 3,500 (ask)"));
    assert_non_null(strstr(buf_str(&out), "– names a source — never looked at (ask)"));
    assert_width(&out, 100);
    buf_deinit(&out);
    made_run_deinit(&run);
}

static void too_few_observations_are_dashes(void **state)
{
    struct made_run run;
    struct buf out = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 8});
    write_summary(&run, (struct terminal_style){.columns = 100}, &out);
    assert_golden("few.txt", &out);
    buf_deinit(&out);
    made_run_deinit(&run);
}

static void nothing_measured_is_a_short_page(void **state)
{
    struct made_run run;
    struct buf out = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 0});
    verdicts_add(&run.verdicts, EXIT_UNTRUSTED, "Nothing was measured.");
    write_summary(&run, (struct terminal_style){.columns = 100}, &out);
    assert_golden("nothing.txt", &out);
    buf_deinit(&out);
    made_run_deinit(&run);
}

static void what_keeps_a_run_from_being_trusted_stands_before_its_figures(void **state)
{
    struct made_run run;
    struct buf out = BUF_INIT(MAX_TEXT);
    const struct trust_inputs inputs = {.elapsed_ns = UINT64_C(40000000000),
                                        .throttled_ns = UINT64_C(4000000000),
                                        .load_end_ns = UINT64_MAX};

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000});
    trust_of(run.recorder, &inputs, &run.trust);
    write_summary(&run, (struct terminal_style){.columns = 100}, &out);
    assert_golden("throttled.txt", &out);
    buf_deinit(&out);
    made_run_deinit(&run);
}

static void a_stall_too_short_to_count_is_told_all_the_same(void **state)
{
    struct made_run run;
    struct buf out = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000});
    recorder_stall(run.recorder, run.view.started_ns, run.view.started_ns + 30000000);
    write_summary(&run, (struct terminal_style){.columns = 200}, &out);
    assert_non_null(strstr(buf_str(&out), "; stood still 1 time, 30.0 ms at most"));
    buf_deinit(&out);
    made_run_deinit(&run);
}

static void a_narrow_terminal_gets_narrow_lines(void **state)
{
    struct made_run run;
    struct buf out = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000, .failures = true});
    write_summary(&run, (struct terminal_style){.columns = 72}, &out);
    assert_width(&out, 72);
    buf_deinit(&out);
    made_run_deinit(&run);
}

static void fault_55_no_escape_of_a_model_reaches_the_terminal(void **state)
{
    struct made_run run;
    struct buf out = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000, .evil = true});
    write_summary(&run, (struct terminal_style){.columns = 100}, &out);
    assert_non_null(strstr(buf_str(&out), "evil\\x1b[31m"));
    assert_null(strchr(buf_str(&out), '\033'));
    assert_null(strchr(buf_str(&out), '\r'));
    buf_deinit(&out);
    made_run_deinit(&run);
}

static void an_ignored_threshold_says_so(void **state)
{
    struct made_run run;
    struct buf out = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 400});
    run.judged[0] = (struct threshold_judgement){.passed = true, .ignored = true};
    write_summary(&run, (struct terminal_style){.columns = 100}, &out);
    assert_non_null(
        strstr(buf_str(&out), "– ttft p(95)<2s: ignored, nothing was streamed"));
    buf_deinit(&out);
    made_run_deinit(&run);
}

/* Takes the colours away. */
static void strip(struct buf *text)
{
    size_t to = 0;

    for (size_t from = 0; from < text->len; from++) {
        if (text->bytes[from] == '\033') {
            from += strcspn(text->bytes + from, "m");
            continue;
        }
        text->bytes[to++] = text->bytes[from];
    }
    text->len = to;
    text->bytes[to] = '\0';
}

static void colours_add_nothing_but_colour(void **state)
{
    struct made_run run;
    struct buf bare = BUF_INIT(MAX_TEXT);
    struct buf coloured = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000, .failures = true});
    write_summary(&run, (struct terminal_style){.columns = 100}, &bare);
    write_summary(&run, (struct terminal_style){.columns = 100, .colour = true},
                  &coloured);
    assert_non_null(strchr(buf_str(&coloured), '\033'));
    strip(&coloured);
    assert_string_equal(buf_str(&coloured), buf_str(&bare));
    buf_deinit(&coloured);
    buf_deinit(&bare);
    made_run_deinit(&run);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_passed_reads_as_its_golden_file),
        cmocka_unit_test(what_streams_nothing_has_no_columns_of_first_tokens),
        cmocka_unit_test(a_run_with_slos_tells_its_goodput),
        cmocka_unit_test(a_run_that_failed_says_why_and_marks_what_is_only_a_bound),
        cmocka_unit_test(what_scripts_told_stands_in_rows_failed_checks_first),
        cmocka_unit_test(too_few_observations_are_dashes),
        cmocka_unit_test(nothing_measured_is_a_short_page),
        cmocka_unit_test(what_keeps_a_run_from_being_trusted_stands_before_its_figures),
        cmocka_unit_test(a_stall_too_short_to_count_is_told_all_the_same),
        cmocka_unit_test(a_narrow_terminal_gets_narrow_lines),
        cmocka_unit_test(an_ignored_threshold_says_so),
        cmocka_unit_test(fault_55_no_escape_of_a_model_reaches_the_terminal),
        cmocka_unit_test(colours_add_nothing_but_colour),
    };

    golden_dir = argc > 1 ? argv[1] : ".";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
