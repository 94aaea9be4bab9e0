#include "cli/results.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "output/junit.h"
#include "output/markdown.h"
#include "output/report.h"
#include "plan/plan.h"
#include "result/capacity_csv.h"
#include "result/facts.h"
#include "result/folder.h"
#include "result/hlog.h"
#include "result/sample_file.h"
#include "result/summary.h"
#include "result/timeline_csv.h"
#include "result/users_csv.h"
#include "result/worker_file.h"

#define MAX_FILE_BYTES ((size_t)256 << 20)
#define MAX_PATH_BYTES 4096

static void note_failure(struct verdicts *verdicts, const char *name, int error)
{
    verdicts_add(verdicts, EXIT_NOT_SAVED, "%s could not be written: %s.", name,
                 strerror(-error));
}

/* Writes what was made, r being what became of making it. */
static void save(struct result_folder *folder, const char *name, struct buf *text, int r,
                 struct verdicts *verdicts)
{
    if (r >= 0)
        r = buf_error(text);
    if (r >= 0)
        r = result_folder_write(folder, name, buf_str(text), text->len);
    if (r < 0)
        note_failure(verdicts, name, r);
    buf_deinit(text);
}

void results_save_scenario(struct result_folder *folder, const char *text,
                           struct verdicts *verdicts)
{
    const int r = result_folder_write(folder, "scenario.yaml", text, strlen(text));

    if (r < 0)
        note_failure(verdicts, "scenario.yaml", r);
}

static void save_histograms(struct result_folder *folder, const struct run_facts *facts,
                            struct verdicts *verdicts)
{
    struct buf text = BUF_INIT(MAX_FILE_BYTES);
    const int r = hlog_write(facts, &text);

    save(folder, "histograms.hlog", &text, r, verdicts);
}

static void save_samples_as_json(struct result_folder *folder, struct verdicts *verdicts)
{
    char path[MAX_PATH_BYTES];
    bool complete = false;
    FILE *file = NULL;
    int r = result_folder_path_of(folder, "samples.bin", path, sizeof(path));

    if (r >= 0)
        r = result_folder_begin(folder, "requests.jsonl", &file);
    if (r >= 0) {
        r = sample_json_export(path, file, &complete);
        if (r == 1)
            r = errno ? -errno : -EIO;
        r = result_folder_finish(folder, "requests.jsonl", file, r);
    }
    if (r < 0)
        note_failure(verdicts, "requests.jsonl", r);
}

static void save_timeline(struct result_folder *folder, const json_t *summary,
                          struct verdicts *verdicts)
{
    struct buf text = BUF_INIT(MAX_FILE_BYTES);
    const int r = timeline_csv_write(summary, &text);

    save(folder, "timeline.csv", &text, r, verdicts);
}

static void save_levels(struct result_folder *folder, const json_t *summary,
                        struct verdicts *verdicts)
{
    struct buf text = BUF_INIT(MAX_FILE_BYTES);

    if (capacity_csv_has(summary))
        save(folder, "capacity.csv", &text, capacity_csv_write(summary, &text), verdicts);
}

static void save_page(struct result_folder *folder, const json_t *summary,
                      struct verdicts *verdicts)
{
    struct buf text = BUF_INIT(MAX_FILE_BYTES);
    const int r = markdown_write(summary, result_folder_path(folder), &text);

    save(folder, "summary.md", &text, r, verdicts);
}

static void save_cases(struct result_folder *folder, const json_t *summary,
                       struct verdicts *verdicts)
{
    struct buf text = BUF_INIT(MAX_FILE_BYTES);
    const int r = junit_write(summary, &text);

    save(folder, "junit.xml", &text, r, verdicts);
}

static int save_document(struct result_folder *folder, const json_t *summary)
{
    struct buf text = BUF_INIT(MAX_FILE_BYTES);
    int r = summary ? summary_write(summary, &text) : -ENOMEM;

    if (r >= 0)
        r = result_folder_write(folder, "summary.json", text.bytes, text.len);
    buf_deinit(&text);
    return r;
}

static void print_document(const json_t *summary)
{
    struct buf text = BUF_INIT(MAX_FILE_BYTES);

    if (summary && summary_write(summary, &text) >= 0)
        puts(buf_str(&text));
    buf_deinit(&text);
}

/* Returns whether it is there. */
static bool save_report(struct result_folder *folder, json_t *summary,
                        struct verdicts *verdicts)
{
    const struct report_run run = {summary, result_folder_path(folder)};
    const size_t before = verdicts->count;
    struct buf text = BUF_INIT(MAX_FILE_BYTES);
    const int r = report_write(&run, 1, &text);

    save(folder, "report.html", &text, r, verdicts);
    return verdicts->count == before;
}

void results_save_summary(struct result_folder *folder, json_t *summary,
                          struct verdicts *verdicts)
{
    int r = 0;

    /* Each tells of those that could not be written before it, and summary.json of all. */
    save_timeline(folder, summary, verdicts);
    save_levels(folder, summary, verdicts);
    (void)summary_set_verdicts(summary, verdicts);
    save_page(folder, summary, verdicts);
    (void)summary_set_verdicts(summary, verdicts);
    save_cases(folder, summary, verdicts);
    (void)summary_set_verdicts(summary, verdicts);
    r = save_document(folder, summary);
    /* It needs most room, so it comes last, and the summary is written anew where there was none. */
    if (!save_report(folder, summary, verdicts)) {
        (void)summary_set_verdicts(summary, verdicts);
        if (r >= 0)
            r = save_document(folder, summary);
    }
    if (r >= 0) {
        (void)result_folder_remove(folder, "checkpoint.json");
        return;
    }
    verdicts_add(verdicts, EXIT_NOT_SAVED,
                 "summary.json could not be written (%s); it was printed instead.",
                 strerror(-r));
    (void)summary_set_verdicts(summary, verdicts);
    print_document(summary);
}

static void save_users(struct result_folder *folder, const struct run_facts *facts,
                       struct verdicts *verdicts)
{
    struct buf text = BUF_INIT(MAX_FILE_BYTES);
    const int r = users_csv_write(facts, &text);

    save(folder, "users.csv", &text, r, verdicts);
}

/* One of several workers leaves what throng merge adds up. */
static void save_worker(struct result_folder *folder, const struct run_facts *facts,
                        struct verdicts *verdicts)
{
    struct buf bytes = BUF_INIT(MAX_FILE_BYTES);

    if (facts->view->plan->worker_count > 1)
        save(folder, WORKER_FILE, &bytes, worker_file_write(facts, &bytes), verdicts);
}

json_t *results_save(struct result_folder *folder, const struct run_facts *facts,
                     bool jsonl, struct verdicts *verdicts)
{
    json_t *summary = NULL;

    save_histograms(folder, facts, verdicts);
    save_users(folder, facts, verdicts);
    save_worker(folder, facts, verdicts);
    if (jsonl)
        save_samples_as_json(folder, verdicts);
    if (summary_build(facts, &summary) < 0) {
        note_failure(verdicts, "summary.json", -ENOMEM);
        return NULL;
    }
    results_save_summary(folder, summary, verdicts);
    return summary;
}
