#include "scenario/scenario.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "plan/plan.h"
#include "scenario/making.h"
#include "scenario/outline.h"
#include "scenario/resolved.h"

static const char *const unique_over_words[] = {"run", "seed", NULL};

static const struct field scenario_fields[] = {
    {ROW("scenario", FIELD_TEXT, struct scenario_form, name), .flags = FIELD_REQUIRED,
     .help = "the name under which results and reports show it"},
    {ROW("description", FIELD_TEXT, struct scenario_form, description),
     .help = "a sentence for those who read the results"},
    {ROW("include", FIELD_NODE, struct scenario_form, include),
     .unit = "a file or a list of files",
     .help = "files laid below this one, relative to it: their maps are merged key by "
             "key, and "
             "this file wins"},
    {ROW("environments", FIELD_PARTS, struct scenario_form, environments),
     .table = &scenario_table,
     .help =
         "what differs from place to place, by its name: any keys of this page, laid "
         "over the others as an including file is over what it includes; `--env NAME` "
         "takes one"},
    {ROW("env", FIELD_TEXT, struct scenario_form, environment),
     .unit = "a name under `environments`", .help = "the one to take without `--env`"},
    {ROW("seed", FIELD_COUNT, struct scenario_form, seed), .preset = "1",
     .help = "the same seed asks the same questions in the same order"},
    {ROW("unique_over", FIELD_CHOICE, struct scenario_form, unique_over),
     .words = unique_over_words, .preset = "run",
     .help = "`run`: no question is ever asked twice, so that no cache helps; `seed`: "
             "runs of "
             "one seed send the same bytes"},
    {ROW("target", FIELD_MAP, struct scenario_form, target), .table = &target_table,
     .help = "the server under test: a URL, `simulator`, or a map"},
    {ROW("targets", FIELD_KEYED, struct scenario_form, targets), .table = &target_table,
     .help = "several servers under test; classes, models and steps name theirs"},
    {ROW("platform", FIELD_MAP, struct scenario_form, platform), .table = &platform_table,
     .help = "where organizations, users and keys are made before the load and removed "
             "behind it"},
    {ROW("simulator", FIELD_MAP, struct scenario_form, simulator),
     .table = &simulator_table, .help = "how the built-in simulator behaves"},
    {ROW("models", FIELD_KEYED, struct scenario_form, models), .table = &model_table,
     .help = "models and what they cost"},
    {ROW("users", FIELD_KEYED, struct scenario_form, users), .table = &class_table,
     .flags = FIELD_REQUIRED, .help = "the kinds of people and what they do"},
    {ROW("vars", FIELD_NODE, struct scenario_form, vars), .flags = FIELD_KEY,
     .unit = "a map of names to anything",
     .help = "variables that every user begins with: `{{ vars.NAME }}`; texts may be "
             "templates, `{secret: text}` is starred out wherever it would show"},
    {ROW("flows", FIELD_KEYED, struct scenario_form, flows), .table = &flow_table,
     .help = "steps that several flows share"},
    {ROW("setup", FIELD_MAP, struct scenario_form, setup), .table = &setup_table,
     .help = "what is done before the load"},
    {ROW("teardown", FIELD_MAP, struct scenario_form, teardown), .table = &teardown_table,
     .help = "what is done behind it"},
    {ROW("metrics", FIELD_KEYED, struct scenario_form, metrics), .table = &metric_table,
     .help = "metrics of the scenario's own"},
    {ROW("record", FIELD_PAIRS, struct scenario_form, record),
     .help = "what every measured request adds to them: see [step](#step)"},
    {ROW("data", FIELD_KEYED, struct scenario_form, data), .table = &feeder_table,
     .help = "rows for templates: `{{ data.NAME.COLUMN }}`"},
    {ROW("datasets", FIELD_KEYED, struct scenario_form, datasets),
     .table = &dataset_table, .help = "prompts and conversations to ask"},
    {ROW("questions", FIELD_KEYED, struct scenario_form, questions),
     .table = &questions_table, .help = "questions that the scenario words itself"},
    MANNERS_ROWS(struct scenario_form),
    {ROW("cookies", FIELD_CHOICE, struct scenario_form, cookies), .words = cookies_words,
     .preset = "off", .help = "whether people `keep` the cookies that they get"},
    {ROW("load", FIELD_LIST, struct scenario_form, load), .table = &phase_table,
     .flags = FIELD_REQUIRED,
     .help = "how many people there are, or how many arrive, phase by phase"},
    {ROW("arrivals", FIELD_MAP, struct scenario_form, arrivals), .table = &arrivals_table,
     .help = "of a load whose phases have a `rate`: how arrivals follow each other, and "
             "how many people take them"},
    {ROW("ab", FIELD_MAP, struct scenario_form, ab), .table = &ab_table,
     .help = "an A/B comparison within the run: what is asked is dealt to arms"},
    {ROW("limits", FIELD_MAP, struct scenario_form, limits), .table = &limits_table,
     .help = "what ends the run early"},
    {ROW("thresholds", FIELD_KEYED, struct scenario_form, thresholds),
     .table = &threshold_table, .flags = FIELD_LISTS,
     .help = "what the result must satisfy, by metric"},
    {ROW("backends", FIELD_LIST, struct scenario_form, backends), .table = &backend_table,
     .help = "servers behind the target that are asked for their own metrics"},
    {ROW("outputs", FIELD_MAP, struct scenario_form, outputs), .table = &outputs_table,
     .help = "where figures go beside the results folder"},
    {ROW("tags", FIELD_PAIRS, struct scenario_form, tags),
     .help = "labels of the whole run"},
    {ROW("warm_up", FIELD_DURATION, struct scenario_form, warm_up_ns), .max = "24h",
     .preset = "0", .help = "left out of the headline figures at the start"},
    {ROW("cool_down_out", FIELD_DURATION, struct scenario_form, cool_down_out_ns),
     .max = "24h", .preset = "0",
     .help =
         "left out of them at the end; cool-down phases that end the load are left out "
         "anyway"},
    {ROW("graceful_stop", FIELD_DURATION, struct scenario_form, graceful_stop_ns),
     .max = "24h", .preset = "30s",
     .help = "how long requests may go on when the run ends"},
    {ROW("graceful_ramp_down", FIELD_DURATION, struct scenario_form,
         graceful_ramp_down_ns),
     .max = "24h", .preset = "30s",
     .help = "how long people who are no longer wanted may take to finish"},
    {ROW("max_series", FIELD_COUNT, struct scenario_form, max_series), .unit = "series",
     .min = "10", .max = "1000000", .preset = "10000",
     .help = "sets of labels that are told apart; what is beyond counts as `other`"},
};

const struct field_table scenario_table = {
    TABLE_OF(
        "scenario", scenario_fields, struct scenario_form,
        "The whole file. A first scenario needs a name, a target, users and a load."),
    .example = "scenario: first\n"
               "target: simulator\n"
               "users:\n"
               "  asker:\n"
               "    think_time: 1s..3s\n"
               "    flow: [{chat: {model: gpt-4o}}]\n"
               "load:\n"
               "  - {phase: sustained, users: 10, for: 30s}\n"};

/* KEY=VALUE of the command line, in place of the scenario's tag of that key or behind them. */
static int add_tag(struct making *making, const char *given, struct plan_pair *tags,
                   size_t *count)
{
    char *key = arena_copy(making->arena, given);
    char *equals = key ? strchr(key, '=') : NULL;
    size_t at = 0;

    if (!key)
        return -ENOMEM;
    if (!equals || equals == key)
        return making_noted(diag_add(making->diags, (struct diag_place){"--tag", 0, 0, 0},
                                     "write KEY=VALUE", "'%s' is not a tag", given));
    *equals = '\0';
    while (at < *count && strcmp(tags[at].key, key) != 0)
        at++;
    tags[at] = (struct plan_pair){.key = key, .value = equals + 1};
    *count += at == *count;
    return 0;
}

static int make_tags(struct making *making)
{
    const struct scenario_options *options = making->options;
    const size_t written_count = making->form->tags ? making->form->tags->count : 0;
    struct plan_pair *tags =
        making_array(making, written_count + options->tag_count, sizeof(*tags));
    const struct plan_pair *written = NULL;
    size_t count = 0;
    int r = making_pairs(making, making->form->tags, &written, &count);

    if (!tags || r < 0)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        tags[i] = written[i];
    for (size_t i = 0; r == 0 && i < options->tag_count; i++)
        r = add_tag(making, options->tags[i], tags, &count);
    making->plan->tags = tags;
    making->plan->tag_count = count;
    return r;
}

static int make_head(struct making *making)
{
    const struct scenario_form *form = making->form;
    const struct scenario_options *options = making->options;
    struct plan *plan = making->plan;
    int r = making_copy(making, form->name, &plan->name);

    if (r == 0)
        r = making_copy(making, form->description ? form->description : "",
                        &plan->description);
    plan->stages = (struct plan_stages){PLAN_NONE, PLAN_NONE, PLAN_NONE, PLAN_NONE, 0, 0};
    plan->seed = options->seed ? *options->seed : form->seed;
    plan->unique_over_seed = form->unique_over == 1;
    plan->warm_up_ns = form->warm_up_ns;
    plan->cool_down_out_ns = form->cool_down_out_ns;
    plan->graceful_stop_ns = form->graceful_stop_ns;
    plan->graceful_ramp_down_ns = form->graceful_ramp_down_ns;
    plan->max_series = form->max_series;
    plan->worker_index = options->worker_index;
    plan->worker_count = options->worker_count > 0 ? options->worker_count : 1;
    return r;
}

/* Layers within a layer: none of them was looked at. */
static int refuse_layers(struct making *making, const struct config_node *environment)
{
    static const char *const keys[] = {"environments", "env", "include"};
    int r = 0;

    for (size_t i = 0; r == 0 && i < COUNT_OF(keys); i++) {
        const struct config_node *key = config_find_key(environment, keys[i]);

        if (key)
            r = MAKING_REFUSE(
                making, key,
                "write it at the top of the file, or put the environment into "
                "a file of its own, which may include others",
                "'%s' has no meaning in an environment", keys[i]);
    }
    return r;
}

/* Of environments in this file: those in files of their own have other places, and their includes. */
static int check_environments(struct making *making)
{
    const struct config_node *all = making->form->environments;
    int r = 0;

    for (size_t i = 0; r == 0 && all && all->kind == CONFIG_MAP && i < all->count; i++) {
        const struct config_node *one = all->entries[i].value;

        if (one->place.file && all->place.file &&
            strcmp(one->place.file, all->place.file) == 0)
            r = refuse_layers(making, one);
    }
    return r;
}

/*
 * All parts, in the order in which they refer to each other: which servers are asked for metrics depends on
 * where the targets were moved to.
 */
static int make_plan(struct making *making)
{
    static int (*const parts[])(struct making *) = {
        check_environments, make_head,    make_tags,     make_variables, make_feeders,
        make_targets,       make_models,  make_datasets, make_questions, make_metrics,
        make_initials,      make_classes, make_ab,       make_platform,  make_stages,
        make_load,          make_ab_load, make_limits,   make_base_urls, make_backends,
        make_thresholds,    make_outputs, make_webhooks, make_simulator,
    };
    int r = 0;

    for (size_t i = 0; r == 0 && i < COUNT_OF(parts); i++)
        r = parts[i](making);
    return r;
}

DEFINE_CLEANUP(struct arena, arena_free)

/* The plan of a form, also where the form has mistakes: then to find more of them. */
static int plan_new(const struct scenario_form *form,
                    const struct scenario_options *options,
                    struct diag_list *reterr_diags, struct plan **ret_plan)
{
    CLEANUP(arena_freep) struct arena *arena = NULL;
    struct making making = {.options = options, .form = form, .diags = reterr_diags};
    int r = arena_new(&arena);

    if (r < 0)
        return r;
    making.arena = arena;
    making.plan = arena_alloc(arena, 1, sizeof(*making.plan));
    if (!making.plan)
        return -ENOMEM;
    making.plan->arena = arena;
    r = make_plan(&making);
    if (r < 0)
        return r;
    if (diag_count(reterr_diags) > 0)
        return -EINVAL;
    arena = NULL; /* the plan's now */
    *ret_plan = making.plan;
    return 0;
}

/* Of `throng capacity`: messages call them by its option. */
static int put_slos(struct config_tree *tree, const char *slos,
                    struct diag_list *reterr_diags)
{
    static const char *const path[] = {"thresholds"};
    const struct config_node *value = NULL;
    int r = 0;

    if (!slos)
        return 0;
    r = config_parse(tree, "--slo", slos, reterr_diags, &value);
    return r < 0 ? r
                 : config_put(tree, "--slo", path, COUNT_OF(path), value, reterr_diags);
}

int scenario_load(const char *path, const struct scenario_options *options,
                  struct diag_list *reterr_diags, struct plan **ret_plan)
{
    CLEANUP(config_tree_freep) struct config_tree *tree = NULL;
    struct scenario_form form = {0};
    struct config_options reading = options->config;
    int r;

    reading.has_environments = true;
    r = config_load(path, &reading, reterr_diags, &tree);

    if (!tree)
        return r;
    r = put_slos(tree, options->slos, reterr_diags);
    if (r < 0)
        return r;
    r = config_fill(tree, config_root(tree), &scenario_table, &form, reterr_diags);
    if (r < 0 && r != -EINVAL)
        return r;
    r = plan_new(&form, options, reterr_diags, ret_plan);
    if (r >= 0 && options->outline) {
        r = outline_new(config_root(tree), options->outline);
        if (r < 0)
            *ret_plan = plan_free(*ret_plan);
    }
    if (r < 0 || !options->resolved)
        return r;
    r = resolved_write(tree, options, *ret_plan, reterr_diags, options->resolved);
    if (r < 0)
        *ret_plan = plan_free(*ret_plan);
    return r;
}
