
#include "scenario/making.h"

static const struct field error_rate_fields[] = {
    {ROW("above", FIELD_FRACTION, struct error_rate_form, above), .flags = FIELD_REQUIRED,
     .max = "100%", .help = "the run ends when more requests than that fail"},
    {ROW("over", FIELD_DURATION, struct error_rate_form, over_ns), .min = "1s",
     .max = "24h", .preset = "30s", .help = "the window that is looked at, up to now"},
    {ROW("min_requests", FIELD_COUNT, struct error_rate_form, min_requests),
     .unit = "requests", .min = "1", .preset = "20",
     .help = "with fewer requests in the window nothing is judged"},
};

static const struct field_table error_rate_table = {
    TABLE_OF("error_rate", error_rate_fields, struct error_rate_form,
             "When so much fails that going on makes no sense."),
    .short_key = "above",
    .example = "limits: {error_rate: {above: 10%, over: 1m, min_requests: 100}}\n"};

static const struct field limits_fields[] = {
    {ROW("duration", FIELD_DURATION, struct limits_form, duration_ns), .min = "1ms",
     .max = "720h", .help = "the run ends after that, even if phases are left"},
    {ROW("requests", FIELD_COUNT, struct limits_form, requests), .unit = "requests",
     .min = "1", .help = "the run ends after so many"},
    {ROW("cost", FIELD_MONEY, struct limits_form, cost_pusd),
     .help = "no request is sent that could cost more than what is left of it; an answer "
             "without `max_tokens` is taken to be as long as the longest so far, and 200 "
             "tokens before the first"},
    {ROW("error_rate", FIELD_MAP, struct limits_form, error_rate),
     .table = &error_rate_table, .help = "the run ends when too much fails"},
};

const struct field_table limits_table = {
    TABLE_OF("limits", limits_fields, struct limits_form,
             "What ends a run before its load does."),
    .example = "limits: {cost: 10.00 USD, error_rate: {above: 10%, over: 30s}, duration: "
               "30m}\n"};

int make_limits(struct making *making)
{
    const struct limits_form *form = &making->form->limits;
    struct plan_limits *limits = &making->plan->limits;

    *limits = (struct plan_limits){.duration_ns = form->duration_ns,
                                   .requests = form->requests,
                                   .cost_pusd = form->cost_pusd};
    if (form->error_rate.form.node) {
        limits->error_rate = form->error_rate.above;
        limits->error_rate_over_ns = form->error_rate.over_ns;
        limits->error_rate_min = form->error_rate.min_requests;
    }
    if (!form->form.faulty && making_has(&form->form, "cost") && form->cost_pusd <= 0)
        return MAKING_REFUSE(making, making_place(&form->form, "cost"),
                             "write what the run may cost, or leave it out",
                             "a cost limit under which nothing could be sent");
    return 0;
}
