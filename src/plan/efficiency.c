/* What streams of models could reach at best. */
#include <string.h>

#include "expr/selector.h"
#include "plan/plan.h"

double plan_theoretical_tps(const struct plan *plan, const char *model)
{
    double tps = 0;

    for (size_t i = 0; i < plan->model_count; i++) {
        const struct plan_model *one = &plan->models[i];
        const bool differs = one->theoretical_tps < tps || one->theoretical_tps > tps;

        if (model && strcmp(one->name, model) == 0)
            return one->theoretical_tps;
        if (!model && i > 0 && differs)
            return 0;
        if (!model)
            tps = one->theoretical_tps;
    }
    return tps;
}

double plan_selected_tps(const struct plan *plan, const char *text)
{
    const struct selector_label *model = NULL;
    struct selector selector;

    if (*text && selector_parse(text, &selector) == 0)
        model = selector_find(&selector, "model");
    if (!model)
        return plan_theoretical_tps(plan, NULL);
    for (size_t i = 0; i < plan->model_count; i++)
        if (selector_label_is(model, plan->models[i].name))
            return plan->models[i].theoretical_tps;
    return 0;
}
