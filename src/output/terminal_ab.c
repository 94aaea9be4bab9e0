#include "output/terminal_ab.h"

#include <string.h>

#include "output/terminal_page.h"
#include "plan/plan.h"
#include "result/ab_report.h"
#include "result/facts.h"

/* Whether the arm is worse in anything. */
static bool is_worse(const struct ab_report *report, const char *arm)
{
    const struct ab_difference *of = NULL;

    for (size_t i = 0; (of = ab_report_at(report, i)) != NULL; i++)
        if (strcmp(of->arm, arm) == 0 && of->verdict == DIFFERENCE_REGRESSION)
            return true;
    return false;
}

void terminal_ab(struct page *page)
{
    const struct plan_ab *ab = &page->facts->view->plan->ab;
    const struct ab_report *report = page->facts->ab;
    const char *name = "A/B";

    for (size_t i = 0; report && i < ab->arm_count; i++) {
        if (i == ab->base)
            continue;
        ab_report_say_arm(report, ab->arms[i].name, &page->line);
        page_put_row(page, name,
                     is_worse(report, ab->arms[i].name) ? PAINT_BAD : PAINT_PLAIN);
        name = "";
    }
}
