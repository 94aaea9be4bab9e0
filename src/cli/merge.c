#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/command.h"
#include "cli/merged_samples.h"
#include "cli/merging.h"
#include "cli/results.h"
#include "output/terminal.h"
#include "result/folder.h"
#include "result/verdict.h"

#define MAX_PATH_BYTES 4096
#define MAX_TEXT_BYTES ((size_t)4 << 20)
#define RESULTS "results"

struct merge_options {
    const char *out;
    const char *run_id;
};

static const struct option options_table[] = {
    {.name = "out",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .value = "DIR",
     .fallback = RESULTS,
     .offset = offsetof(struct merge_options, out),
     .help = "The folder in which the merged results get a folder of their own."},
    {.name = "run-id",
     .kind = OPTION_TEXT,
     .value = "ID",
     .offset = offsetof(struct merge_options, run_id),
     .help = "What the merged run is called. Without it, as its first worker, with "
             "-merged behind it."},
};

static int out_of_memory(void)
{
    fprintf(stderr, "throng merge: out of memory\n");
    return EXIT_INTERNAL;
}

/* The scenario of the whole is that of each worker. */
static void save_scenario(struct result_folder *folder, const struct merging *merging,
                          struct verdicts *verdicts)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_TEXT_BYTES);
    char path[MAX_PATH_BYTES];
    int r =
        run_files_path(&merging->workers[0].files, "scenario.yaml", path, sizeof(path));

    if (r == 0)
        r = run_files_read(path, &text);
    if (r == 0)
        results_save_scenario(folder, buf_str(&text), verdicts);
    else
        verdicts_add(verdicts, EXIT_NOT_SAVED,
                     "scenario.yaml of the first worker could not be read: %s.",
                     strerror(-r));
}

static void save_samples(const struct result_folder *folder,
                         const struct merging *merging, struct verdicts *verdicts)
{
    char path[MAX_PATH_BYTES];
    int r = result_folder_path_of(folder, "samples.bin", path, sizeof(path));

    if (r == 0)
        r = merged_samples_write(merging, path);
    if (r < 0)
        verdicts_add(verdicts, EXIT_NOT_SAVED, "samples.bin is incomplete: %s.",
                     strerror(-r));
}

/* Writes the folder and tells of it. Returns the exit code. */
static int save(struct merging *merging, struct run_facts *facts,
                struct verdicts *verdicts, const char *out)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_TEXT_BYTES);
    struct result_folder *folder = NULL;
    json_t *summary = NULL;
    const int r = result_folder_new(out, merging->run_id, &folder);

    if (r < 0) {
        fprintf(stderr, "throng merge: %s: %s\n", out, strerror(-r));
        return EXIT_NOT_SAVED;
    }
    save_scenario(folder, merging, verdicts);
    save_samples(folder, merging, verdicts);
    summary = results_save(folder, facts, false, verdicts);
    if (terminal_summary(facts, summary, terminal_style_of(STDOUT_FILENO),
                         result_folder_path(folder), &text) == 0)
        (void)fputs(buf_str(&text), stdout);
    json_decref(summary);
    result_folder_free(folder);
    return (int)verdicts_exit_code(verdicts);
}

static int name_run(struct merging *merging, const char *wanted)
{
    const char *first = merging->workers[0].head.run_id;

    if (wanted)
        merging->run_id = strdup(wanted);
    else if (asprintf(&merging->run_id, "%s-merged", first) < 0)
        merging->run_id = NULL;
    return merging->run_id ? 0 : -ENOMEM;
}

static int merge_opened(struct merging *merging, const struct merge_options *options)
{
    struct verdicts *verdicts = calloc(1, sizeof(*verdicts));
    struct run_facts facts;
    int r = verdicts ? merging_check(merging) : -ENOMEM;
    int code;

    if (r == 0)
        r = name_run(merging, options->run_id);
    if (r == 0)
        r = merging_add(merging, verdicts, &facts);
    if (r == 0)
        code = save(merging, &facts, verdicts, options->out ? options->out : RESULTS);
    else
        code = r == -ENOMEM ? out_of_memory() : EXIT_COMMAND_LINE;
    free(verdicts);
    return code;
}

/* Opens all, so that all mistakes are told. */
static int merge(const struct option_list *words, const struct merge_options *options,
                 uv_loop_t *loop)
{
    struct merging merging = {.loop = loop};
    int code = EXIT_PASSED;

    for (size_t i = 0; i < words->count && code != EXIT_INTERNAL; i++) {
        const int r = merging_open(&merging, RESULTS, words->values[i]);

        if (r == -ENOMEM)
            code = out_of_memory();
        else if (r < 0)
            code = EXIT_COMMAND_LINE;
    }
    if (code == EXIT_PASSED)
        code = merge_opened(&merging, options);
    merging_deinit(&merging);
    return code;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct merge_options options = {0};
    struct option_list words = {0};
    uv_loop_t loop;
    int code = command_begin(command, argc, argv, &options, &words);

    if (code < 0 && uv_loop_init(&loop) < 0)
        code = out_of_memory();
    if (code < 0) {
        code = merge(&words, &options, &loop);
        (void)uv_loop_close(&loop);
    }
    option_list_deinit(&words);
    return code;
}

const struct command command_merge = {
    .name = "merge",
    .arguments = "RUN...",
    .min_arguments = 1,
    .max_arguments = SIZE_MAX,
    .summary = "make one result of what the workers of a run left",
    .details =
        "Each RUN is the results folder of one worker, started with --workers N "
        "--worker-index I. Counters, histograms and users are added up exactly, "
        "percentiles and thresholds are those of all together. The exit code is that of "
        "the merged run: 114 where the results of a worker are missing.",
    .options = options_table,
    .option_count = COUNT_OF(options_table),
    .run = run,
};
