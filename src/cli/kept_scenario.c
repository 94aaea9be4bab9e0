#include "cli/kept_scenario.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/diag.h"
#include "scenario/scenario.h"

#define MAX_ERRORS 100
#define MAX_REPORT_BYTES ((size_t)1 << 20)

static const char *look_up(void *ctx, const char *name)
{
    const char *value = getenv(name); // NOLINT(concurrency-mt-unsafe): nobody sets any

    (void)ctx;
    return value && *value ? value : KEPT_SCENARIO_NO_KEY;
}

static void print_diags(const struct diag_list *diags)
{
    struct buf text = BUF_INIT(MAX_REPORT_BYTES);

    diag_print(diags, isatty(STDERR_FILENO), &text);
    (void)fputs(buf_str(&text), stderr);
    buf_deinit(&text);
}

int kept_scenario_load(const char *path, struct plan **ret_plan)
{
    const struct scenario_options options = {.config = {.lookup = look_up}};
    struct diag_list *diags = NULL;
    int r = diag_list_new(MAX_ERRORS, &diags);

    if (r >= 0)
        r = scenario_load(path, &options, diags, ret_plan);
    if (r == -EINVAL)
        print_diags(diags);
    diag_list_free(diags);
    return r;
}
