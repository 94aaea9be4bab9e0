#include "output/glossary.h"

#include "measure/backend_metric.h"
#include "measure/metric.h"

static int put(json_t *object, const char *name, const char *meaning)
{
    return json_object_set_new(object, name, json_string(meaning));
}

json_t *glossary_new(void)
{
    json_t *made = json_object();
    int r = made ? 0 : -1;

    for (enum metric metric = 0; r == 0 && metric < METRIC_COUNT; metric++)
        r = put(made, metric_info(metric)->name, metric_info(metric)->help);
    for (enum backend_metric metric = 0; r == 0 && metric < BACKEND_METRIC_COUNT;
         metric++)
        r = put(made, backend_metric_info(metric)->name,
                backend_metric_info(metric)->help);
    if (r < 0) {
        json_decref(made);
        return NULL;
    }
    return made;
}
