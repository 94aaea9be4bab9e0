#include "result/portrait.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "result/portrait_made.h"
#include "result/survival.h"

#define PATH_BYTES_MAX 4096
#define SAMPLES "samples.bin"
#define SUMMARY "summary.json"
#define HISTOGRAMS "histograms.hlog"

DEFINE_CLEANUP(struct portrait, portrait_free)

static void free_model(struct portrait_model *model)
{
    free(model->name);
    free(model->ttft_ns.points);
    free(model->gap_ns.points);
    free(model->content_tokens.points);
    free(model->reasoning_tokens.points);
    free(model->fault_after.points);
}

struct portrait *portrait_free(struct portrait *portrait)
{
    if (!portrait)
        return NULL;
    for (size_t i = 0; i < portrait->count; i++)
        free_model(&portrait->models[i]);
    free(portrait->models);
    free(portrait);
    return NULL;
}

int portrait_add_model(struct portrait *portrait, const char *name,
                       struct portrait_model **ret_model)
{
    struct portrait_model *grown =
        reallocarray(portrait->models, portrait->count + 1, sizeof(*grown));
    char *copy = name ? strdup(name) : NULL;

    if (grown)
        portrait->models = grown;
    if (!grown || (name && !copy)) {
        free(copy);
        return -ENOMEM;
    }
    *ret_model = &grown[portrait->count++];
    **ret_model = (struct portrait_model){.name = copy, .tokens_per_chunk = 1};
    return 0;
}

int portrait_draw_curve(struct survival *survival, struct portrait_curve *curve)
{
    double *points = reallocarray(NULL, PORTRAIT_POINTS, sizeof(*points));

    if (!points)
        return -ENOMEM;
    if (!survival_quantiles(survival, PORTRAIT_POINTS, points)) {
        free(points);
        return 0;
    }
    free(curve->points);
    curve->points = points;
    return 0;
}

void portrait_count_status(struct portrait_model *model, int status, uint64_t count)
{
    for (size_t i = 0; i < PORTRAIT_STATUSES_MAX - 1; i++) {
        struct portrait_status *at = &model->statuses[i];

        if (at->status == 0 || at->status == status) {
            at->status = status;
            at->count += count;
            return;
        }
    }
    model->others += count;
}

/* --- Which file. --- */

static bool is_folder(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static bool ends_with(const char *path, const char *name)
{
    const size_t len = strlen(path);
    const size_t its_len = strlen(name);

    return len >= its_len && strcmp(path + len - its_len, name) == 0;
}

/* The bytes of the folder that a file is in: up to its name. */
static int folder_len(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? (int)(slash + 1 - path) : 0;
}

/* Fills in the portrait from the best of the files. */
static int fill(const char *path, struct portrait *portrait)
{
    char folder[PATH_BYTES_MAX];
    char samples[PATH_BYTES_MAX];
    char other[PATH_BYTES_MAX];
    int r;

    if (is_folder(path))
        r = snprintf(folder, sizeof(folder), "%s/", path);
    else if (ends_with(path, SAMPLES))
        r = snprintf(folder, sizeof(folder), "%.*s", folder_len(path), path);
    else
        return portrait_of_summary(path, portrait);
    if (r < 0 || (size_t)r + sizeof(HISTOGRAMS) > sizeof(folder))
        return -ENAMETOOLONG;
    (void)snprintf(samples, sizeof(samples), "%.*s" SAMPLES, r, folder);
    if (access(samples, R_OK) == 0) {
        (void)snprintf(other, sizeof(other), "%.*s" HISTOGRAMS, r, folder);
        return portrait_of_samples(samples, other, portrait);
    }
    (void)snprintf(other, sizeof(other), "%.*s" SUMMARY, r, folder);
    return portrait_of_summary(other, portrait);
}

int portrait_read(const char *path, struct buf *reterr, struct portrait **ret_portrait)
{
    CLEANUP(portrait_freep) struct portrait *portrait = calloc(1, sizeof(*portrait));
    const int r = portrait ? fill(path, portrait) : -ENOMEM;

    if (r == 0) {
        *ret_portrait = TAKE(portrait);
        return 0;
    }
    if (r == -ENODATA)
        buf_printf(reterr,
                   "%s: no answer of a model was measured there; name the results of a "
                   "run that asked one",
                   path);
    else if (r == -EBADMSG)
        buf_printf(reterr,
                   "%s: these are no results of this version; name a results folder, "
                   "its samples.bin or a summary.json",
                   path);
    else if (r == -ENOENT)
        buf_printf(reterr,
                   "%s: there is neither samples.bin nor summary.json; name a results "
                   "folder",
                   path);
    else
        buf_printf(reterr, "%s: %s", path, strerror(-r));
    return r;
}
