#include "scenario/name.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/suggest.h"
#include "expr/template.h"
#include "scenario/making.h"
#include "scenario/variable.h"

/* Longer names are not known. */
#define MAX_NAME_BYTES 200

#define VARIABLE_PREFIX "vars."
#define DATA_PREFIX "data."

/* What everybody has. */
static const struct {
    const char *name;
    enum plan_name_kind kind;
    const char *help; /* Markdown, no full stop */
} of_everybody[] = {
    {"user.id", PLAN_NAME_USER_ID, "the user's id at the platform, else `user-7`"},
    {"user.ordinal", PLAN_NAME_USER_ORDINAL, "the user's number, from 0"},
    {"user.class", PLAN_NAME_USER_CLASS, "the name of the user's class"},
    {"user.email", PLAN_NAME_USER_EMAIL,
     "the user's at the platform, else an address made up; the same all run long"},
    {"user.name", PLAN_NAME_USER_NAME, "a name made up, the same all run long"},
    {"user.index", PLAN_NAME_USER_INDEX,
     "the user's number within the organization, from 1"},
    {"iteration", PLAN_NAME_ITERATION, "the user's iteration, from 0"},
    {"round", PLAN_NAME_ROUND, "the round of the innermost `repeat`, from 0"},
    {"org.id", PLAN_NAME_ORG_ID, "the user's organization"},
    {"org.slug", PLAN_NAME_ORG_SLUG, "the same, as the platform's paths name it"},
    {"org.name", PLAN_NAME_ORG_NAME,
     "the same, as `platform.organizations.name` names it"},
    {"org.budget_usd", PLAN_NAME_ORG_BUDGET,
     "what it may spend, in dollars; `null` without a budget"},
    {"key.id", PLAN_NAME_KEY_ID,
     "the id of the user's key at the platform, never the key"},
    {"run.id", PLAN_NAME_RUN_ID, "this run"},
    {"scenario", PLAN_NAME_SCENARIO, "the scenario's name"},
    {"worker.index", PLAN_NAME_WORKER, "the number of this worker, from 0"},
    {"last.status", PLAN_NAME_LAST_STATUS, "the HTTP status of the request before"},
};

bool name_of_everybody_at(size_t index, const char **ret_name, const char **ret_help)
{
    if (index >= COUNT_OF(of_everybody))
        return false;
    *ret_name = of_everybody[index].name;
    *ret_help = of_everybody[index].help;
    return true;
}

/* A name that is being looked for. */
struct search {
    struct making *making;
    const char *written;
    struct plan_name found;
};

static bool find_of_everybody(struct search *search)
{
    for (size_t i = 0; i < COUNT_OF(of_everybody); i++) {
        if (strcmp(of_everybody[i].name, search->written) == 0) {
            search->found.kind = of_everybody[i].kind;
            return true;
        }
    }
    return false;
}

/* What follows the prefix, or NULL. */
static const char *behind(const char *written, const char *prefix)
{
    const size_t len = strlen(prefix);

    return strncmp(written, prefix, len) == 0 ? written + len : NULL;
}

static bool find_variable(struct search *search)
{
    const char *name = behind(search->written, VARIABLE_PREFIX);

    search->found.kind = PLAN_NAME_VARIABLE;
    return name && variable_find(search->making, name, &search->found.index);
}

/* The number of a column, which a template may be the first to name. Returns 0 or -ENOMEM. */
static int find_column(struct making *making, uint32_t feeder, const char *name,
                       uint32_t *ret_column)
{
    struct growing *columns = &making->columns[feeder];
    const char **items = (const char **)columns->items;
    const char **added;
    uint32_t at = 0;

    while (at < columns->count && strcmp(items[at], name) != 0)
        at++;
    *ret_column = at;
    if (at < columns->count)
        return 0;
    added = (const char **)growing_add(columns, making->arena, sizeof(*added));
    return added ? making_copy(making, name, added) : -ENOMEM;
}

/* Which columns a file has is known only when it is read. Returns 1: found; 0: not; -ENOMEM. */
static int find_feeder(struct search *search)
{
    struct making *making = search->making;
    const char *name = behind(search->written, DATA_PREFIX);

    for (uint32_t i = 0; name && i < making->plan->feeder_count; i++) {
        const char *rest = behind(name, making->feeders[i].name);

        if (!rest || rest[0] != '.' || rest[1] == '\0')
            continue;
        search->found.kind = PLAN_NAME_FEEDER;
        search->found.index = i;
        return find_column(making, i, rest + 1, &search->found.column) < 0 ? -ENOMEM : 1;
    }
    return 0;
}

/* Names that could have been meant, and what stands before all of them. */
struct candidates {
    const char *prefix;
    const char *names[MAKING_MAX_NAMES];
    size_t count;
};

static void add_candidate(struct candidates *candidates, const char *name)
{
    if (candidates->count < MAKING_MAX_NAMES)
        candidates->names[candidates->count++] = name;
}

static void gather_variables(const struct making *making, struct candidates *candidates)
{
    const struct plan_variable *variables = making->variables.items;

    candidates->prefix = VARIABLE_PREFIX;
    for (size_t i = 0; i < making->variables.count; i++)
        add_candidate(candidates, variables[i].name);
}

static void gather_feeders(const struct making *making, struct candidates *candidates)
{
    candidates->prefix = DATA_PREFIX;
    for (size_t i = 0; i < making->plan->feeder_count; i++)
        add_candidate(candidates, making->feeders[i].name);
}

/* What has no prefix of its own: functions may be written as names are. */
static void gather_others(struct candidates *candidates)
{
    struct template_word function;

    candidates->prefix = "";
    for (size_t i = 0; i < COUNT_OF(of_everybody); i++)
        add_candidate(candidates, of_everybody[i].name);
    for (size_t i = 0; template_function_at(i, &function); i++)
        add_candidate(candidates, function.name);
}

/* What to write instead, in the plan's memory. */
static int hint_at(const struct search *search, const char **reterr_hint)
{
    const char *variable = behind(search->written, VARIABLE_PREFIX);
    const char *row = behind(search->written, DATA_PREFIX);
    const char *column = row ? strchr(row, '.') : NULL;
    const char *piece = variable ? variable : row ? row : search->written;
    const size_t len = column ? (size_t)(column - row) : strlen(piece);
    struct candidates candidates = {.count = 0};
    char written[MAX_NAME_BYTES];
    char text[3 * MAX_NAME_BYTES];
    const char *hint;

    if (variable) {
        gather_variables(search->making, &candidates);
        hint =
            "nothing sets it: add it to 'vars', or take it from an answer with 'extract'";
    } else if (row) {
        gather_feeders(search->making, &candidates);
        hint = "write data.FEEDER.COLUMN, with a feeder that stands under 'data'";
    } else {
        gather_others(&candidates);
        hint =
            "names begin with vars., data., user., org., key., run., worker. or last., "
            "or are iteration, round and scenario";
    }
    memcpy(written, piece, len);
    written[len] = '\0';
    const char *meant = suggest_name(written, candidates.names, candidates.count);

    if (meant)
        (void)snprintf(text, sizeof(text), "did you mean '%s%.100s%.200s'?",
                       candidates.prefix, meant,
                       column ? column
                       : row  ? ".COLUMN"
                              : "");
    else
        (void)snprintf(text, sizeof(text), "%s", hint);
    return making_copy(search->making, text, reterr_hint) < 0 ? -ENOMEM : -ENOENT;
}

/* The number of a name that was found. */
static int number(struct search *search, uint32_t *ret_ref)
{
    struct growing *names = &search->making->names;
    const struct plan_name *all = names->items;
    struct plan_name *added;

    for (uint32_t i = 0; i < names->count; i++) {
        if (strcmp(all[i].written, search->written) == 0) {
            *ret_ref = i;
            return 0;
        }
    }
    *ret_ref = (uint32_t)names->count;
    added = growing_add(names, search->making->arena, sizeof(*added));
    if (!added)
        return -ENOMEM;
    *added = search->found;
    return making_copy(search->making, search->written, &added->written);
}

int name_resolve(void *ctx, const char *name, size_t len, uint32_t *ret_ref,
                 const char **reterr_hint)
{
    char written[MAX_NAME_BYTES];
    struct search search = {.making = ctx, .written = written};
    int found = 1;

    if (len >= sizeof(written))
        return -ENOENT;
    memcpy(written, name, len);
    written[len] = '\0';
    if (!find_of_everybody(&search) && !find_variable(&search))
        found = find_feeder(&search);
    if (found < 0)
        return found;
    return found ? number(&search, ret_ref) : hint_at(&search, reterr_hint);
}
