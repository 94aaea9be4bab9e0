#include "scenario/resolved.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "config/yaml_writer.h"
#include "plan/plan.h"
#include "scenario/form.h"
#include "scenario/scenario.h"

#define MAX_VALUE_BYTES ((size_t)1 << 20)

static const char head[] =
    "# The scenario of this run as it was resolved: includes, options and ${...} put "
    "in.\n"
    "# Keys are left out. `throng run` of this file makes the same workload.\n";

struct resolving {
    struct config_tree *tree;
    const struct scenario_options *options;
    const struct plan *plan;
    struct diag_list *diags;
};

/* Puts a text of YAML at a path; frees the text. */
static int put(const struct resolving *resolving, const char *origin,
               const char *const *path, size_t count, struct buf *yaml)
{
    const struct config_node *value = NULL;
    int r = buf_error(yaml);

    if (r == 0)
        r = config_parse(resolving->tree, origin, buf_str(yaml), resolving->diags,
                         &value);
    if (r == 0)
        r = config_put(resolving->tree, origin, path, count, value, resolving->diags);
    buf_deinit(yaml);
    return r;
}

static void append_quoted(struct buf *yaml, const char *text)
{
    buf_append_char(yaml, '"');
    buf_append_json(yaml, text, strlen(text));
    buf_append_char(yaml, '"');
}

/* To the nanosecond, as the plan has it. */
static void append_duration(struct buf *yaml, uint64_t ns)
{
    if (ns % NS_PER_S == 0)
        buf_printf(yaml, "%" PRIu64 "s", ns / NS_PER_S);
    else
        buf_printf(yaml, "%" PRIu64 ".%09" PRIu64 "s", ns / NS_PER_S, ns % NS_PER_S);
}

static int put_seed(const struct resolving *resolving)
{
    static const char *const path[] = {"seed"};
    struct buf yaml = BUF_INIT(MAX_VALUE_BYTES);

    if (!resolving->options->seed)
        return 0;
    buf_printf(&yaml, "%" PRIu64, *resolving->options->seed);
    return put(resolving, "--seed", path, 1, &yaml);
}

static int put_tags(const struct resolving *resolving)
{
    static const char *const path[] = {"tags"};
    const struct plan *plan = resolving->plan;
    struct buf yaml = BUF_INIT(MAX_VALUE_BYTES);

    if (resolving->options->tag_count == 0)
        return 0;
    buf_append_char(&yaml, '{');
    for (size_t i = 0; i < plan->tag_count; i++) {
        buf_append_str(&yaml, i > 0 ? ", " : "");
        append_quoted(&yaml, plan->tags[i].key);
        buf_append_str(&yaml, ": ");
        append_quoted(&yaml, plan->tags[i].value);
    }
    buf_append_char(&yaml, '}');
    return put(resolving, "--tag", path, 1, &yaml);
}

static const char *shape_word(enum plan_shape shape)
{
    switch (shape) {
    case PLAN_SHAPE_LINEAR:
        return "linear";
    case PLAN_SHAPE_EXPONENTIAL:
        return "exponential";
    case PLAN_SHAPE_STEP:
        break;
    }
    return "step";
}

static void append_phase(struct buf *yaml, const struct plan_phase *phase, bool is_open)
{
    const bool ramp =
        phase->kind == PLAN_PHASE_RAMP_UP || phase->kind == PLAN_PHASE_COOL_DOWN;

    buf_printf(yaml, "{phase: %s, %s: ", plan_phase_kind_name(phase->kind),
               ramp ? "over" : "for");
    append_duration(yaml, phase->duration_ns);
    if (phase->kind != PLAN_PHASE_PAUSE && is_open)
        buf_printf(yaml, ", rate: %.17g/s", phase->rate_per_s);
    else if (phase->kind != PLAN_PHASE_PAUSE)
        buf_printf(yaml, ", users: %" PRIu64, phase->users);
    if (ramp)
        buf_printf(yaml, ", shape: %s, steps: %" PRIu32, shape_word(phase->shape),
                   phase->steps);
    buf_append_char(yaml, '}');
}

static int put_duration(const struct resolving *resolving, const char *key, uint64_t ns)
{
    struct buf yaml = BUF_INIT(64);

    if (ns == 0)
        return 0;
    append_duration(&yaml, ns);
    return put(resolving, "--duration", &key, 1, &yaml);
}

/* --users of an open loop: so many people. */
static int put_people(const struct resolving *resolving)
{
    const struct plan_arrivals *arrivals = &resolving->plan->arrivals;
    const struct config_node *written =
        config_find(config_root(resolving->tree), "arrivals");
    const char *path[] = {"arrivals", "users"};
    struct buf yaml = BUF_INIT(MAX_VALUE_BYTES);
    int r = 0;

    if (resolving->options->users == 0 || !plan_is_open(resolving->plan))
        return 0;
    if (written && written->kind != CONFIG_MAP) {
        buf_printf(&yaml, "{distribution: %s}", written->text ? written->text : "");
        r = put(resolving, "--users", path, 1, &yaml);
        yaml = BUF_INIT(MAX_VALUE_BYTES);
    }
    if (r < 0)
        return r;
    if (written)
        buf_printf(&yaml, "%" PRIu64, arrivals->users);
    else
        buf_printf(&yaml, "{users: %" PRIu64 "}", arrivals->users);
    return put(resolving, "--users", path, written ? 2 : 1, &yaml);
}

static bool scales_phases(const struct scenario_options *options, const struct plan *plan)
{
    return options->duration_ns > 0 || options->rate_per_s > 0 ||
           (options->users > 0 && !plan_is_open(plan));
}

/* The phases as they were scaled. */
static int put_load(const struct resolving *resolving)
{
    static const char *const path[] = {"load"};
    const struct scenario_options *options = resolving->options;
    const struct plan *plan = resolving->plan;
    const char *between = "";
    struct buf yaml = BUF_INIT(MAX_VALUE_BYTES);
    int r = 0;

    if (!scales_phases(options, plan))
        return 0;
    buf_append_char(&yaml, '[');
    for (size_t i = 0; i < plan->phase_count; i++) {
        if (plan->phases[i].duration_ns == 0)
            continue;
        buf_append_str(&yaml, between);
        append_phase(&yaml, &plan->phases[i], plan_is_open(plan));
        between = ", ";
    }
    buf_append_char(&yaml, ']');
    r = put(resolving,
            options->rate_per_s > 0 ? "--rate"
            : options->users > 0    ? "--users"
                                    : "--duration",
            path, 1, &yaml);
    if (r == 0 && options->duration_ns > 0)
        r = put_duration(resolving, "warm_up", plan->warm_up_ns);
    if (r == 0 && options->duration_ns > 0)
        r = put_duration(resolving, "cool_down_out", plan->cool_down_out_ns);
    return r;
}

/* A target as a map, which it is not where it is a URL alone. */
static int open_target(const struct resolving *resolving, const char *const *path,
                       size_t count, const struct config_node *target)
{
    struct buf yaml = BUF_INIT(MAX_VALUE_BYTES);

    if (target->kind == CONFIG_MAP)
        return 0;
    buf_append_str(&yaml, "{url: ");
    append_quoted(&yaml, target->text ? target->text : "");
    buf_append_char(&yaml, '}');
    return put(resolving, "--base-url", path, count, &yaml);
}

/* What an option changes in a target: another URL, or that its certificate is not looked at. */
struct change {
    const char *url; /* NULL: it stays */
    bool insecure;
};

static int change_target(const struct resolving *resolving, const char *const *at,
                         size_t depth, const struct config_node *target,
                         const struct change *change)
{
    const char *path[4] = {at[0], depth > 1 ? at[1] : NULL};
    struct buf yaml = BUF_INIT(MAX_VALUE_BYTES);
    int r = open_target(resolving, path, depth, target);

    if (r == 0 && change->url) {
        path[depth] = "url";
        append_quoted(&yaml, change->url);
        r = put(resolving, "--base-url", path, depth + 1, &yaml);
    }
    if (r == 0 && change->insecure) {
        path[depth] = "tls";
        path[depth + 1] = "insecure";
        buf_append_str(&yaml, "true");
        r = put(resolving, "--insecure", path, depth + 2, &yaml);
    }
    return r;
}

/* All targets that the file has. */
static int change_targets(const struct resolving *resolving, const struct change *change)
{
    const struct config_node *root = config_root(resolving->tree);
    const struct config_node *single = config_find(root, "target");
    const struct config_node *several = config_find(root, "targets");
    const char *path[2] = {"target", NULL};
    int r = single ? change_target(resolving, path, 1, single, change) : 0;

    const struct config_node *platform = config_find(root, "platform");

    path[0] = "platform";
    if (r == 0 && platform && change->insecure)
        r = change_target(resolving, path, 1, platform, change);
    path[0] = "targets";
    for (size_t i = 0; r == 0 && several && i < several->count; i++) {
        path[1] = several->entries[i].key->text;
        r = change_target(resolving, path, 2, several->entries[i].value, change);
    }
    return r;
}

/* The target that a class uses, as it is written. */
static const struct config_node *target_of_class(const struct config_node *root,
                                                 const struct config_node *class)
{
    const struct config_node *named = config_find(class, "target");
    const struct config_node *several = config_find(root, "targets");
    const struct config_node *found =
        named && named->text ? config_find(several, named->text) : NULL;

    if (!found)
        found = config_find(root, "target");
    return found || !several || several->count == 0 ? found : several->entries[0].value;
}

/* A class gets a target of its own name, which is a copy of the one it had. */
static int move_class(const struct resolving *resolving,
                      const struct scenario_base_url *given)
{
    const struct config_node *root = config_root(resolving->tree);
    const struct config_node *class =
        config_find(config_find(root, "users"), given->class_name);
    const struct config_node *target = target_of_class(root, class);
    const char *own[] = {"targets", given->class_name};
    const char *named[] = {"users", given->class_name, "target"};
    const struct change change = {.url = given->url};
    struct buf yaml = BUF_INIT(MAX_VALUE_BYTES);
    int r = config_put(resolving->tree, "--base-url", own, 2, target, resolving->diags);

    if (r == 0)
        r = change_target(resolving, own, 2, target, &change);
    if (r < 0)
        return r;
    append_quoted(&yaml, given->class_name);
    return put(resolving, "--base-url", named, 3, &yaml);
}

/* In the order of scenario/base_url.c: classes first, so that they copy what was written. */
static int put_targets(const struct resolving *resolving)
{
    const struct scenario_options *options = resolving->options;
    const struct change insecure = {.insecure = true};
    int r = 0;

    for (size_t i = 0; r == 0 && i < options->base_url_count; i++) {
        const struct change change = {.url = options->base_urls[i].url};

        if (!options->base_urls[i].class_name)
            r = change_targets(resolving, &change);
    }
    for (size_t i = 0; r == 0 && i < options->base_url_count; i++)
        if (options->base_urls[i].class_name)
            r = move_class(resolving, &options->base_urls[i]);
    if (r == 0 && options->insecure)
        r = change_targets(resolving, &insecure);
    return r;
}

int resolved_write(struct config_tree *tree, const struct scenario_options *options,
                   const struct plan *plan, struct diag_list *reterr_diags,
                   struct buf *out)
{
    static int (*const parts[])(const struct resolving *) = {
        put_seed, put_tags, put_people, put_load, put_targets};
    const struct resolving resolving = {
        .tree = tree, .options = options, .plan = plan, .diags = reterr_diags};
    int r = 0;

    for (size_t i = 0; r == 0 && i < COUNT_OF(parts); i++)
        r = parts[i](&resolving);
    if (r < 0)
        return r;
    buf_append_str(out, head);
    return config_write_yaml(tree, &scenario_table, plan_header_is_public, out);
}
