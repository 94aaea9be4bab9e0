#include "scenario/replay.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

const char *const trace_format_words[] = {[PLAN_TRACE_AUTO] = "auto",
                                          [PLAN_TRACE_THRONG] = "throng",
                                          [PLAN_TRACE_MOONCAKE] = "mooncake",
                                          [PLAN_TRACE_AZURE] = "azure",
                                          [PLAN_TRACE_BURSTGPT] = "burstgpt",
                                          [PLAN_TRACE_HAR] = "har",
                                          NULL};

int replay_check_keys(struct making *making, const struct phase_form *form,
                      enum plan_phase_kind kind)
{
    static const char *const of_replays[] = {"trace", "format", "time_scale", "from",
                                             "limit", "origin", "on_bad_row"};
    static const char *const of_others[] = {"users", "rate",  "over",
                                            "at",    "shape", "steps"};
    int r = 0;

    for (size_t i = 0; r == 0 && kind != PLAN_PHASE_REPLAY && i < COUNT_OF(of_replays);
         i++)
        if (making_has(&form->form, of_replays[i]))
            r = MAKING_REFUSE(making, config_find_key(form->form.node, of_replays[i]),
                              "write 'phase: replay'",
                              "'%s' has no meaning in a phase '%s'", of_replays[i],
                              plan_phase_kind_name(kind));
    for (size_t i = 0; r == 0 && kind == PLAN_PHASE_REPLAY && i < COUNT_OF(of_others);
         i++)
        if (making_has(&form->form, of_others[i]))
            r = MAKING_REFUSE(making, config_find_key(form->form.node, of_others[i]),
                              "its trace says who comes when; 'time_scale: 0.5' makes it "
                              "twice as fast, and 'arrivals: {users: 200}' says how many "
                              "people there are",
                              "'%s' has no meaning in a phase 'replay'", of_others[i]);
    if (r == 0 && kind == PLAN_PHASE_REPLAY && !form->replay.trace && !form->form.faulty)
        r = MAKING_REFUSE(making, form->form.node,
                          "add 'trace: conversation_trace.jsonl'",
                          "a phase 'replay' without a trace");
    return r;
}

/* "https://host:port", without a path. */
static bool is_origin(const char *text)
{
    const char *host = text;

    if (strncasecmp(text, "https://", strlen("https://")) == 0)
        host += strlen("https://");
    else if (strncasecmp(text, "http://", strlen("http://")) == 0)
        host += strlen("http://");
    else
        return false;
    for (const char *at = host; *at; at++)
        if (strchr("/?#@", *at) || isspace((unsigned char)*at))
            return false;
    return *host != '\0';
}

static int make_origin(struct making *making, const struct phase_form *form,
                       struct plan_replay *replay)
{
    const char *origin = form->replay.origin;
    const struct config_node *place;

    if (!origin)
        return 0;
    place = making_place(&form->form, "origin");
    if (strcmp(origin, "all") == 0)
        return making_copy(making, "*", &replay->origin);
    if (!is_origin(origin))
        return MAKING_REFUSE(making, place,
                             "write one such as https://app.example.com, or 'all'",
                             "'%s' is not an origin", place->written);
    return making_copy(making, origin, &replay->origin);
}

int make_replay(struct making *making, const struct phase_form *form,
                struct plan_phase *phase)
{
    struct plan *plan = making->plan;
    struct plan_replay *replay = &plan->replay;
    const struct config_node *place = making_place(&form->form, "trace");
    int r = 0;

    phase->kind = PLAN_PHASE_REPLAY;
    if (!form->replay.trace || replay->path)
        return 0; /* that is told elsewhere */
    replay->format = (enum plan_trace_format)form->replay.format;
    replay->time_scale = form->replay.time_scale;
    replay->from_ns = form->replay.from_ns;
    replay->for_ns = form->for_ns;
    replay->limit_entries = form->replay.limit;
    replay->skip_bad_rows = form->replay.on_bad_row == 1;
    replay->line = (uint32_t)place->place.line;
    replay->column = (uint32_t)place->place.column;
    r = making_copy(making, place->place.file, &replay->file);
    if (r == 0)
        r = making_beside(making, &form->form, "trace", &replay->path);
    return r < 0 ? r : make_origin(making, form, replay);
}

static const struct config_node *place_of_step(const struct making *making)
{
    return making_place(&making->form->form, "load");
}

int check_replay(struct making *making)
{
    const struct plan *plan = making->plan;
    const struct phase_form *forms = making->form->load.items;
    const struct plan_step *steps = making->steps.items;
    int r = 0;

    for (size_t i = 0; r == 0 && plan->replay.path && i < plan->phase_count; i++)
        if (plan->phases[i].kind != PLAN_PHASE_REPLAY || i > 0)
            r = MAKING_REFUSE(making, forms[i].form.node, "make it the only one",
                              "a load of a 'replay' and another phase");
    for (size_t i = 0; r == 0 && !plan->replay.path && i < making->steps.count; i++)
        if (steps[i].kind == PLAN_STEP_REPLAY && diag_count(making->diags) == 0)
            r = MAKING_REFUSE(making, place_of_step(making),
                              "write 'load: [{phase: replay, trace: FILE}]'",
                              "a step 'replay' in a load that replays no trace");
    if (r == 0 && plan->replay.path && making->options->duration_ns > 0)
        r = making_noted(diag_add(making->diags,
                                  (struct diag_place){"--duration", 0, 0, 0},
                                  "say in the phase how much of the trace is sent "
                                  "('for', 'limit'), or how fast "
                                  "('time_scale')",
                                  "a replay lasts as long as its trace"));
    return r;
}
