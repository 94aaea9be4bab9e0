#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "cli/history_command.h"
#include "result/history.h"
#include "result/verdict.h"

#define MAX_TEXT_BYTES ((size_t)1 << 20)
#define MAX_PATH_BYTES 4096
#define NS_PER_DAY (24 * 3600 * NS_PER_S)

struct import {
    struct history_call *call;
    uint64_t added;
    uint64_t known;
    uint64_t failed;
};

/* A run that cannot be added keeps no other from being so. */
static void import_one(struct import *import, const char *path)
{
    CLEANUP(buf_deinit) struct buf why = BUF_INIT(MAX_TEXT_BYTES);
    const struct history_origin origin = {0};
    struct run_files run = {0};
    bool added = false;
    int r = run_files_open(import->call->places.results, path, &run, &why);

    if (r == 0)
        r = history_add(import->call->history, &run, &origin, &added, &why);
    if (r < 0)
        fprintf(stderr, "throng history import: %s%s%s\n", r == -EINVAL ? "" : path,
                r == -EINVAL ? "" : ": ", why.len > 0 ? buf_str(&why) : strerror(-r));
    import->failed += r < 0;
    import->added += r == 0 && added;
    import->known += r == 0 && !added;
    run_files_close(&run);
}

/* All runs of the folder of results; those without a summary go on, or wait for `throng recover`. */
static int import_all(struct import *import)
{
    const char *results = import->call->places.results;
    const struct dirent *entry;
    DIR *dir = opendir(results);

    if (!dir) {
        fprintf(stderr, "throng history import: %s: %s\n", results, strerror(errno));
        return EXIT_COMMAND_LINE;
    }
    /* No other thread reads this stream. */
    while ((entry = readdir(dir))) { /* NOLINT(concurrency-mt-unsafe) */
        char path[MAX_PATH_BYTES];
        const int len =
            snprintf(path, sizeof(path), "%s/%s/summary.json", results, entry->d_name);

        if (entry->d_name[0] != '.' && len < MAX_PATH_BYTES && access(path, R_OK) == 0)
            import_one(import, path);
    }
    (void)closedir(dir);
    return -1;
}

int history_import_action(struct history_call *call)
{
    struct import import = {.call = call};
    int code = history_call_open(call, true);

    if (code >= 0)
        return code;
    for (size_t i = 0; i < call->count; i++)
        import_one(&import, call->words[i]);
    if (call->count == 0)
        code = import_all(&import);
    if (code >= 0)
        return code;
    printf("%" PRIu64 " added, %" PRIu64 " already there", import.added, import.known);
    if (import.failed > 0)
        printf(", %" PRIu64 " not added", import.failed);
    puts(".");
    return import.failed > 0 ? EXIT_NOT_SAVED : EXIT_PASSED;
}

/* "90d", "2w", or a duration such as 12h. */
static int read_age(const char *text, uint64_t *ret_ns)
{
    char digits[32];
    const size_t len = strlen(text);
    const uint64_t days = len > 0 && text[len - 1] == 'w' ? 7 : 1;
    uint64_t count;

    if (len == 0 || len >= sizeof(digits) || !strchr("dw", text[len - 1]))
        return quantity_parse_duration(text, ret_ns);
    memcpy(digits, text, len - 1);
    digits[len - 1] = '\0';
    if (quantity_parse_count(digits, &count) < 0 || count > 36500)
        return -EINVAL;
    *ret_ns = count * days * NS_PER_DAY;
    return 0;
}

static const char *text_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));

    return text ? text : "";
}

/* Of runs, newest first, those that are not among the newest so many of their scenario. */
static json_t *beyond(json_t *runs, uint64_t keep)
{
    CLEANUP(json_decrefp) json_t *seen = json_object();
    json_t *left = json_array();

    for (size_t i = 0; seen && left && i < json_array_size(runs); i++) {
        json_t *run = json_array_get(runs, i);
        const char *scenario = text_of(run, "scenario");
        const json_int_t count = json_integer_value(json_object_get(seen, scenario)) + 1;

        (void)json_object_set_new(seen, scenario, json_integer(count));
        if ((uint64_t)count > keep &&
            json_array_size(json_object_get(run, "baselines")) == 0)
            (void)json_array_append(left, json_object_get(run, "run_id"));
    }
    return left;
}

static int prune(struct history_call *call, const char *before, uint64_t keep)
{
    CLEANUP(buf_deinit) struct buf why = BUF_INIT(MAX_TEXT_BYTES);
    CLEANUP(json_decrefp) json_t *runs = NULL;
    CLEANUP(json_decrefp) json_t *going = NULL;
    struct history_filter filter = history_call_filter(call, 0);
    int code = history_call_open(call, true);
    int r;

    if (code >= 0)
        return code;
    filter.before = before;
    r = history_list(call->history, &filter, &runs, &why);
    going = r == 0 ? beyond(runs, keep) : NULL;
    if (going && !call->options->dry_run)
        r = history_remove(call->history, going, &why);
    if (r < 0 || !going)
        return history_call_fail(call, r < 0 ? r : -ENOMEM, &why);
    if (call->options->dry_run)
        for (size_t i = 0; i < json_array_size(going); i++)
            puts(json_string_value(json_array_get(going, i)));
    printf("%zu run%s %s.\n", json_array_size(going),
           json_array_size(going) == 1 ? "" : "s",
           call->options->dry_run ? "would be removed" : "removed");
    return EXIT_PASSED;
}

int history_prune_action(struct history_call *call)
{
    const struct history_options *options = call->options;
    const uint64_t now_ns = clock_wall_ns();
    char before[32];
    uint64_t age_ns = 0;

    if ((options->keep > 0) == (options->older_than != NULL) || call->count > 0) {
        (void)fputs("throng history prune: give --keep N or --older-than AGE\n", stderr);
        return EXIT_COMMAND_LINE;
    }
    if (options->older_than &&
        (read_age(options->older_than, &age_ns) < 0 || age_ns > now_ns)) {
        fprintf(
            stderr,
            "throng history prune: --older-than: '%s' is no age; write one such as 90d "
            "or 12h\n",
            options->older_than);
        return EXIT_COMMAND_LINE;
    }
    clock_format_wall(now_ns - age_ns, before);
    return prune(call, options->older_than ? before : NULL, options->keep);
}
