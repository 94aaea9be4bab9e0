#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "paper.h"
#include "plan/plan.h"
#include "torture.h"
#include "workload/data.h"

static const char *const columns[] = {"email"};

/* Files of each form, good or with mistakes. */
struct papers {
    struct paper csv;
    struct paper lines;
    struct paper talks;
    struct paper prompts;
    struct paper trace;
};

static struct papers papers;

static void write_text(struct paper *paper, const char *text)
{
    paper_write(paper, text, strlen(text));
}

static void write_good(void)
{
    write_text(&papers.csv, "id,email\n1,\"a\"\"b\"\n2,c\n");
    write_text(&papers.lines, "{\"em\\u0061il\":\"\\u00f6\"}\n{\"email\":[1]}\n");
    write_text(&papers.talks, "[{\"conversations\":[{\"from\":\"human\",\"value\":\"a\"},"
                              "{\"from\":\"gpt\",\"value\":\"b\"}]}]");
    write_text(&papers.prompts, "{\"prompt\":\"\\n\",\"output_tokens\":3}\n");
    write_text(&papers.trace,
               "{\"log\":{\"entries\":[{\"startedDateTime\":\"2024-05-10T08:00:00Z\","
               "\"request\":{\"method\":\"PUT\",\"url\":\"http://a/b\",\"headers\":[{"
               "\"name\":\"x-a\",\"value\":\"\\t\"},{\"name\":\"x-b\",\"value\":"
               "\"c\"}],\"postData\":{\"text\":\"d\"}}}]}}");
}

static void write_bad(void)
{
    write_text(&papers.csv, "id,e-mail\n");
    write_text(&papers.lines, "{}\n[]\n");
    write_text(&papers.talks, "[{}, 7");
    write_text(&papers.prompts, "{\"prompt\":7}\n");
    write_text(&papers.trace, "{\"timestamp\":0,\"hash_ids\":[1]}\n[]\n");
}

static int load(void)
{
    const struct plan_feeder feeders[] = {
        {.name = "csv", .path = papers.csv.path, .columns = columns, .column_count = 1},
        {.name = "lines",
         .path = papers.lines.path,
         .json_lines = true,
         .columns = columns,
         .column_count = 1},
    };
    const struct plan_dataset datasets[] = {
        {.name = "talks", .path = papers.talks.path, .format = PLAN_DATASET_SHAREGPT},
        {.name = "prompts", .path = papers.prompts.path, .format = PLAN_DATASET_JSONL},
    };
    const struct plan plan = {.feeders = feeders,
                              .feeder_count = 2,
                              .datasets = datasets,
                              .dataset_count = 2,
                              .replay = {.path = papers.trace.path, .time_scale = 1}};
    struct diag_list *diags = NULL;
    struct data *data = NULL;
    int r = diag_list_new(10, &diags);

    if (r == 0)
        r = data_load(&plan, diags, &data);
    data_free(data);
    diag_list_free(diags);
    return r;
}

/* Mistakes are what is expected here. */
static int load_bad(void)
{
    const int r = load();

    return r == -EINVAL ? 0 : r;
}

static void every_failed_allocation_of_loading_is_survived(void **state)
{
    (void)state;
    write_good();
    assert_in_range(torture(load, -ENOMEM), 15, 40);
}

static void every_failed_allocation_of_telling_mistakes_is_survived(void **state)
{
    (void)state;
    write_bad();
    assert_in_range(torture(load_bad, -ENOMEM), 20, 60);
}

static int remove_papers(void **state)
{
    (void)state;
    paper_remove(&papers.csv);
    paper_remove(&papers.lines);
    paper_remove(&papers.talks);
    paper_remove(&papers.prompts);
    paper_remove(&papers.trace);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failed_allocation_of_loading_is_survived),
        cmocka_unit_test(every_failed_allocation_of_telling_mistakes_is_survived),
    };

    return cmocka_run_group_tests_name("data_torture", tests, NULL, remove_papers);
}
