#include "scenario/manners.h"

#include <errno.h>
#include <string.h>

#include "base/quantity.h"
#include "scenario/making.h"

static const char *const then_words[] = {"next", "leave", NULL};

static const struct field patience_fields[] = {
    {ROW("first_token", FIELD_MAP, struct patience_form, first_token),
     .table = &pause_table,
     .help = "how long they wait for the first word, or for any body of an `http` step"},
    {ROW("total", FIELD_MAP, struct patience_form, total), .table = &pause_table,
     .help = "how long they wait for the end"},
    {ROW("mid_stream", FIELD_FRACTION, struct patience_form, mid_stream), .max = "100%",
     .preset = "0%", .help = "the share of answers that they leave while they stream"},
    {ROW("chunks", FIELD_TEXT, struct patience_form, chunks), .preset = "1..20",
     .help = "of `mid_stream`: after so many pieces, `5` or `3..40`"},
    {ROW("then", FIELD_CHOICE, struct patience_form, then), .words = then_words,
     .preset = "next",
     .help = "what they do then: the next step, or they `leave` the rest of the flow"},
};

const struct field_table patience_table = {
    TABLE_OF("patience", patience_fields, struct patience_form,
             "When people have waited long enough: they cancel, and the outcome is "
             "`abandoned`, which is no\nfailure of the server."),
    .example = "patience: {first_token: 5s..10s, total: 30s, mid_stream: 10%, chunks: "
               "3..40, then: leave}\n"};

static const struct field chaos_fields[] = {
    {ROW("drop", FIELD_FRACTION, struct chaos_form, drop), .max = "100%", .preset = "0%",
     .help = "the share of requests whose connection is closed while they wait"},
    {ROW("reset", FIELD_FRACTION, struct chaos_form, reset), .max = "100%",
     .preset = "0%", .help = "likewise, but it is reset"},
    {ROW("after", FIELD_MAP, struct chaos_form, after), .table = &pause_table,
     .help = "how long after sending that happens; at once by default"},
    {ROW("late", FIELD_FRACTION, struct chaos_form, late), .max = "100%", .preset = "0%",
     .help = "the share that is sent later than it should be"},
    {ROW("late_by", FIELD_MAP, struct chaos_form, late_by), .table = &pause_table,
     .help = "by how much"},
};

const struct field_table chaos_table = {
    TABLE_OF("chaos", chaos_fields, struct chaos_form,
             "Faults on purpose, to see how a server takes clients that go away. The "
             "outcome of such a\nrequest is `sabotaged`, which is no failure of the "
             "server."),
    .example = "chaos: {drop: 1%, reset: 0.5%, after: 0s..2s, late: 10%, late_by: "
               "100ms..1s}\n"};

/* "3..40" or "5", from 1. */
static bool parse_chunks(const char *text, uint32_t *ret_min, uint32_t *ret_max)
{
    const char *dots = strstr(text, "..");
    char low[16] = "";
    uint64_t min;
    uint64_t max;
    const size_t len = dots ? (size_t)(dots - text) : strlen(text);

    if (len >= sizeof(low))
        return false;
    memcpy(low, text, len);
    if (quantity_parse_count(low, &min) < 0 || min < 1 || min > UINT32_MAX)
        return false;
    max = min;
    if (dots && quantity_parse_count(dots + 2, &max) < 0)
        return false;
    if (max < min || max > UINT32_MAX)
        return false;
    *ret_min = (uint32_t)min;
    *ret_max = (uint32_t)max;
    return true;
}

static int make_patience(struct making *making, const struct patience_form *form,
                         const struct plan_patience **ret_patience)
{
    struct plan_patience *patience = making_array(making, 1, sizeof(*patience));
    int r = patience ? 0 : -ENOMEM;

    if (r < 0)
        return r;
    patience->mid_stream = form->mid_stream;
    patience->leaves = form->then == 1;
    r = make_pause(making, &form->first_token, &patience->first_token);
    if (r == 0)
        r = make_pause(making, &form->total, &patience->total);
    if (r == 0 &&
        !parse_chunks(form->chunks, &patience->chunks_min, &patience->chunks_max))
        r = MAKING_REFUSE(making, making_place(&form->form, "chunks"),
                          "write a number, or two as in 3..40",
                          "'%s' is no number of chunks", form->chunks);
    *ret_patience = patience;
    return r;
}

static int make_chaos(struct making *making, const struct chaos_form *form,
                      const struct plan_chaos **ret_chaos)
{
    struct plan_chaos *chaos = making_array(making, 1, sizeof(*chaos));
    int r = chaos ? 0 : -ENOMEM;

    if (r < 0)
        return r;
    *chaos =
        (struct plan_chaos){.drop = form->drop, .reset = form->reset, .late = form->late};
    r = make_pause(making, &form->after, &chaos->after);
    if (r == 0)
        r = make_pause(making, &form->late_by, &chaos->late_by);
    if (r == 0 && form->drop + form->reset > 1)
        r = MAKING_REFUSE(making, form->form.node, "make their sum 100% at most",
                          "drop and reset are more than all requests together");
    if (r == 0 && form->late > 0 && chaos->late_by.kind == PLAN_PAUSE_NONE)
        r = MAKING_REFUSE(making, making_place(&form->form, "late"),
                          "add 'late_by: 100ms..1s'", "'late' without how late");
    *ret_chaos = chaos;
    return r;
}

static int make_reading(struct making *making, uint64_t bytes_per_s,
                        const struct plan_reading **ret_reading)
{
    struct plan_reading *reading = making_array(making, 1, sizeof(*reading));

    if (!reading)
        return -ENOMEM;
    reading->bytes_per_s = bytes_per_s;
    *ret_reading = reading;
    return 0;
}

/* The innermost form that is written, or NULL. */
#define INNERMOST(member)                                                                \
    (step->member.form.node                   ? &step->member                            \
     : class && class->member.form.node       ? &class->member                           \
     : scenario && scenario->member.form.node ? &scenario->member                        \
                                              : NULL)

static uint64_t innermost_reads(const struct manners_form *step,
                                const struct manners_form *class,
                                const struct manners_form *scenario)
{
    if (step->reads_per_s > 0)
        return step->reads_per_s;
    if (class && class->reads_per_s > 0)
        return class->reads_per_s;
    return scenario ? scenario->reads_per_s : 0;
}

int make_manners(struct making *making, const struct manners_form *scenario,
                 const struct step_form *form, const struct class_form *class_form,
                 uint32_t target, struct plan_step *step_made)
{
    const struct manners_form *step = &form->manners;
    const struct manners_form *class = class_form ? &class_form->manners : NULL;
    const struct retry_form *retry = INNERMOST(retry);
    const struct patience_form *patience = INNERMOST(patience);
    const struct chaos_form *chaos = INNERMOST(chaos);
    const struct slo_form *slo = INNERMOST(slo);
    const uint64_t reads_per_s = innermost_reads(step, class, scenario);
    int r = 0;

    if (retry)
        r = make_retry(making, retry, &step_made->retry);
    else if (target < making->plan->target_count)
        step_made->retry = making->target_retries[target];
    if (r == 0 && patience)
        r = make_patience(making, patience, &step_made->patience);
    if (r == 0 && chaos)
        r = make_chaos(making, chaos, &step_made->chaos);
    if (r == 0 && reads_per_s > 0)
        r = make_reading(making, reads_per_s, &step_made->reading);
    if (r == 0 && slo)
        r = make_slo(making, slo, &step_made->slo);
    return r;
}
