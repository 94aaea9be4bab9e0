#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "cli/command.h"
#include "cli/results.h"
#include "result/folder.h"
#include "result/sample_file.h"
#include "result/summary.h"
#include "result/verdict.h"

#define MAX_PATH_BYTES 4096

static int count_one(void *ctx, const struct sample *sample, const struct labels *labels)
{
    (void)sample;
    (void)labels;
    ++*(uint64_t *)ctx;
    return 0;
}

/* How many attempts samples.bin holds, up to its last whole record. Returns 0 or a negative errno. */
static int count_samples(const struct result_folder *folder, uint64_t *ret_count)
{
    char path[MAX_PATH_BYTES];
    bool complete = false;
    int r = result_folder_path_of(folder, "samples.bin", path, sizeof(path));

    *ret_count = 0;
    if (r >= 0)
        r = sample_file_read(path, count_one, ret_count, &complete);
    return r;
}

static bool has_file(const struct result_folder *folder, const char *name)
{
    char path[MAX_PATH_BYTES];
    struct stat facts;

    return result_folder_path_of(folder, name, path, sizeof(path)) >= 0 &&
           stat(path, &facts) == 0;
}

/* The verdicts of the checkpoint, but for the one that the run was not over. */
static void read_verdicts(const json_t *summary, struct verdicts *verdicts)
{
    const json_t *list = json_object_get(summary, "verdicts");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *verdict = json_array_get(list, i);
        const int code = (int)json_integer_value(json_object_get(verdict, "code"));
        const char *sentence = json_string_value(json_object_get(verdict, "sentence"));

        if (code != EXIT_SIGNAL && exit_code_text(code) && sentence)
            verdicts_add(verdicts, (enum exit_code)code, "%s", sentence);
    }
}

static void judge(const struct result_folder *folder, const json_t *summary,
                  struct verdicts *verdicts)
{
    const json_t *run = json_object_get(summary, "run");
    uint64_t samples = 0;
    const int r = count_samples(folder, &samples);

    verdicts_add(
        verdicts, EXIT_SIGNAL,
        "throng was killed, as by the kernel when memory is out, before it could "
        "write its results: they hold what was measured until %.1f s after the "
        "start.",
        json_number_value(json_object_get(run, "duration_s")));
    if (r < 0)
        verdicts_add(verdicts, EXIT_NOT_SAVED,
                     "There is no histograms.hlog, and samples.bin cannot be read: %s.",
                     strerror(-r));
    else
        verdicts_add(verdicts, EXIT_NOT_SAVED,
                     "There is no histograms.hlog; samples.bin has %" PRIu64
                     " requests, those after that moment included.",
                     samples);
    read_verdicts(summary, verdicts);
}

/* The checkpoint, whole. NULL where there is none. */
static json_t *read_checkpoint(const struct result_folder *folder)
{
    char path[MAX_PATH_BYTES];
    json_t *summary = NULL;

    if (result_folder_path_of(folder, "checkpoint.json", path, sizeof(path)) >= 0)
        summary = json_load_file(path, 0, NULL);
    if (!json_is_object(json_object_get(summary, "run"))) {
        json_decref(summary);
        return NULL;
    }
    return summary;
}

static int recover(struct result_folder *folder, json_t *summary)
{
    struct verdicts verdicts = {0};
    json_t *run = json_object_get(summary, "run");

    if (json_object_set_new(run, "stop_reason", json_string("killed")) < 0)
        return EXIT_INTERNAL;
    result_folder_sweep(folder); /* not before it is known to be a run's */
    judge(folder, summary, &verdicts);
    results_save_summary(folder, summary, &verdicts);
    printf("%s: recovered from its last checkpoint.\n", result_folder_path(folder));
    for (size_t i = 0; i < verdicts.count; i++)
        printf("  %d  %s\n", (int)verdicts.items[i].code, verdicts.items[i].sentence);
    return (int)verdicts_exit_code(&verdicts);
}

static int recover_folder(const char *path)
{
    struct result_folder *folder = NULL;
    const int r = result_folder_open(path, &folder);
    json_t *summary = NULL;
    int code = EXIT_INTERNAL;

    if (r < 0) {
        fprintf(stderr, "throng recover: %s: %s\n", path,
                r == -EBUSY ? "its run still goes on" : strerror(-r));
        return EXIT_INTERNAL;
    }
    if (has_file(folder, "summary.json")) {
        printf("%s: has its summary.json; there is nothing to recover.\n", path);
        result_folder_free(folder);
        return EXIT_PASSED;
    }
    summary = read_checkpoint(folder);
    if (summary)
        code = recover(folder, summary);
    else
        fprintf(stderr,
                "throng recover: %s: there is no checkpoint.json: the first is written "
                "after a second; see `throng samples` for what there is\n",
                path);
    json_decref(summary);
    result_folder_free(folder);
    return code;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct option_list words = {0};
    int code = command_begin(command, argc, argv, NULL, &words);

    if (code < 0)
        code = recover_folder(words.values[0]);
    option_list_deinit(&words);
    return code;
}

const struct command command_recover = {
    .name = "recover",
    .arguments = "FOLDER",
    .min_arguments = 1,
    .max_arguments = 1,
    .summary = "complete the results of a run that was killed",
    .details =
        "Makes summary.json, summary.md, report.html, junit.xml and timeline.csv from "
        "checkpoint.json, which a run writes every few seconds. A folder that has its "
        "summary.json is left as it is. The exit code is that of the run: 105.",
    .run = run,
};
