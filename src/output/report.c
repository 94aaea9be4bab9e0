#include "output/report.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "output/glossary.h"
#include "output/page.h"
#include "result/heat_map.h"
#include "result/run_files.h"
#include "result/spectrum.h"

#define MAX_PATH_BYTES 4096
#define MAX_SCENARIO_BYTES ((size_t)1 << 20)

/* Puts a node, which it takes, under a name. Returns 0 or -ENOMEM. */
static int put(json_t *object, const char *name, json_t *node)
{
    return json_object_set_new(object, name, node) < 0 ? -ENOMEM : 0;
}

static bool path_of(const struct report_run *run, const char *name,
                    char path[static MAX_PATH_BYTES])
{
    const int len =
        run->folder ? snprintf(path, MAX_PATH_BYTES, "%s/%s", run->folder, name) : -1;

    return len > 0 && len < MAX_PATH_BYTES;
}

typedef int read_fn(const char *path, const json_t *summary, json_t **ret_document);

/* What a reader makes of the histograms; nothing where it can make nothing of them. */
static int put_read(json_t *made, const char *name, const struct report_run *run,
                    read_fn *read)
{
    char path[MAX_PATH_BYTES];
    json_t *document = NULL;
    int r = -ENODATA;

    if (path_of(run, "histograms.hlog", path))
        r = read(path, run->summary, &document);
    if (r == -ENOMEM)
        return r;
    return r < 0 ? 0 : put(made, name, document);
}

static int put_scenario(json_t *made, const struct report_run *run)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_SCENARIO_BYTES);
    char path[MAX_PATH_BYTES];
    json_t *node = NULL;

    if (!path_of(run, "scenario.yaml", path) || run_files_read(path, &text) < 0 ||
        text.len == 0)
        return 0;
    node = json_stringn(text.bytes, text.len);
    return node ? put(made, "scenario", node) : 0; /* it is no UTF-8 */
}

static int append_run(json_t *list, const struct report_run *run)
{
    json_t *made = json_object();
    int r = 0;

    if (json_array_append_new(list, made) < 0)
        return -ENOMEM;
    r = put(made, "summary", json_incref(run->summary));
    if (r == 0 && run->folder)
        r = put(made, "folder", json_string(run->folder));
    if (r == 0)
        r = put_read(made, "spectrum", run, spectrum_read);
    if (r == 0)
        r = put_read(made, "heat", run, heat_map_read);
    return r == 0 ? put_scenario(made, run) : r;
}

int report_write(const struct report_run *runs, size_t count, struct buf *out)
{
    json_t *data = json_object();
    json_t *list = json_array();
    int r = data && list ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < count; i++)
        r = append_run(list, &runs[i]);
    if (r == 0)
        r = put(data, "runs", json_incref(list));
    if (r == 0)
        r = put(data, "glossary", glossary_new());
    if (r == 0)
        r = page_write(&page_report, data, out);
    json_decref(list);
    json_decref(data);
    return r;
}
