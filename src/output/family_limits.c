/* How near the run is to the limits that end it. */
#include "output/family_writers.h"
#include "plan/plan.h"

static void write_share(struct metric_text *text, const char *limit, double used,
                        double most)
{
    const struct metric_label label = {"limit", limit};

    if (!(most > 0)) /* no share of it falls to this worker */
        return;
    metric_text_sample(text, "", &label, 1, used / most);
}

/* Of requests and money each worker has its share; a run that follows its file has the limits of now. */
void family_write_limits(const struct family *family, const struct exposition *exposition,
                         struct metric_text *text)
{
    const struct plan *plan = exposition->view.plan;
    const struct plan_limits *limits = &plan->limits;
    const struct run_view *view = &exposition->view;

    (void)family;
    if (limits->cost_pusd > 0)
        write_share(text, "cost", (double)view->spent_pusd + (double)view->reserved_pusd,
                    (double)plan_share(plan, (uint64_t)limits->cost_pusd));
    if (limits->requests > 0)
        write_share(text, "requests", (double)exposition->snapshot.totals.started,
                    (double)plan_share(plan, limits->requests));
    if (limits->duration_ns > 0)
        write_share(text, "duration", (double)view->elapsed_ns,
                    (double)limits->duration_ns);
}
