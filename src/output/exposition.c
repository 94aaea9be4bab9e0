#include "output/exposition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "measure/anomaly.h"
#include "output/family.h"
#include "output/family_custom.h"
#include "output/family_otel.h"
#include "plan/plan.h"

DEFINE_CLEANUP(struct exposition, exposition_free)

int exposition_new(const struct exposition_options *options,
                   struct exposition **ret_exposition)
{
    CLEANUP(exposition_freep)
    struct exposition *exposition = calloc(1, sizeof(*exposition));

    if (!exposition)
        return -ENOMEM;
    exposition->options = *options;
    if (histogram_new(HISTOGRAM_COARSE, &exposition->ttft_so_far) < 0 ||
        histogram_new(HISTOGRAM_COARSE, &exposition->ttft) < 0)
        return -ENOMEM;
    *ret_exposition = TAKE(exposition);
    return 0;
}

struct exposition *exposition_free(struct exposition *exposition)
{
    if (!exposition)
        return NULL;
    histogram_free(exposition->ttft_so_far);
    histogram_free(exposition->ttft);
    customs_deinit(&exposition->customs_so_far);
    customs_deinit(&exposition->customs);
    snapshot_deinit(&exposition->snapshot);
    family_backends_deinit(&exposition->backends);
    free(exposition);
    return NULL;
}

void exposition_set_pushes(struct exposition *exposition,
                           const struct push_counts *pushes)
{
    exposition->pushes_now = pushes;
}

void exposition_add(struct exposition *exposition, const struct interval_view *interval)
{
    const struct histogram *seen = interval->total.histograms[METRIC_TTFT];

    if (seen) /* both are coarse: they always merge */
        (void)histogram_merge(exposition->ttft_so_far, seen);
    /* What memory did not suffice for is missing here, and nowhere else. */
    (void)customs_merge(&exposition->customs_so_far, interval->total.customs,
                        exposition->options.plan->metric_count, HISTOGRAM_COARSE);
}

int exposition_take(struct exposition *exposition, const struct run_view *view)
{
    int r = snapshot_take(view->recorder, view->now_ns, &exposition->snapshot);

    if (r == 0)
        r = family_backends_take(&exposition->backends,
                                 recorder_options(view->recorder)->backends);
    if (r < 0)
        return r;
    histogram_reset(exposition->ttft);
    (void)histogram_merge(exposition->ttft, exposition->ttft_so_far);
    customs_reset(&exposition->customs);
    if (!customs_merge(&exposition->customs, exposition->customs_so_far.each,
                       exposition->customs_so_far.count, HISTOGRAM_COARSE))
        return -ENOMEM;
    exposition->view = *view;
    exposition->has_trust = view->trust != NULL;
    exposition->trust = view->trust ? view->trust->grade : TRUST_F;
    exposition->anomalies =
        view->anomalies ? anomaly_watch_view(view->anomalies) : (struct anomaly_view){0};
    if (exposition->pushes_now)
        exposition->pushes = *exposition->pushes_now;
    exposition->started_wall_ns = clock_wall_ns() - (clock_mono_ns() - view->started_ns);
    exposition->ended_wall_ns =
        view->state == RUN_DONE
            ? exposition->started_wall_ns + (view->now_ns - view->started_ns)
            : 0;
    return 0;
}

int exposition_write(const struct exposition *exposition, bool with_run, struct buf *out)
{
    const struct metric_label run[] = {
        {"test_run", exposition->options.test_run},
        {"worker_pod", exposition->options.worker_pod},
    };
    struct metric_text text = {
        .out = out, .common = run, .common_count = with_run ? COUNT_OF(run) : 0};
    const struct family *family;

    for (size_t i = 0; (family = family_at(i)); i++) {
        metric_text_begin(&text, family->name, family_type_name(family->type),
                          family->help);
        family->write(family, exposition, &text);
        if (family_is_otel(family, exposition))
            family_write_otel(family, exposition, &text);
    }
    family_write_backends(&exposition->backends, &text);
    family_write_customs(exposition->options.plan, &exposition->customs, &text);
    return buf_error(out);
}
