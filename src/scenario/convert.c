#include "scenario/convert.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/quantity.h"
#include "scenario/convert_forms.h"

#define MAX_SCENARIO_BYTES ((size_t)16 << 20)

static const char *const sources[] = {
    [CONVERT_GUESS] = "something",
    [CONVERT_K6] = "k6 options",
    [CONVERT_ARTILLERY] = "an Artillery script",
    [CONVERT_VLLM] = "a command line of vLLM's benchmark",
};

void conversion_init(struct conversion *conversion)
{
    conversion->scenario = BUF_INIT(MAX_SCENARIO_BYTES);
    conversion->notes = BUF_INIT(MAX_SCENARIO_BYTES);
}

void conversion_deinit(struct conversion *conversion)
{
    buf_deinit(&conversion->scenario);
    buf_deinit(&conversion->notes);
}

/* `written`, not `text`: ${…} in another tool's file is not an environment variable of ours. */
const char *convert_text(const struct config_node *node)
{
    return node && node->kind == CONFIG_SCALAR ? node->written : NULL;
}

double convert_number(const struct config_node *node, double otherwise)
{
    const char *text = convert_text(node);
    double number = 0;

    return text && quantity_parse_number(text, &number) == 0 ? number : otherwise;
}

double convert_seconds(const struct config_node *node, double unit_s, double otherwise)
{
    const char *text = convert_text(node);
    const double bare = convert_number(node, -1);
    uint64_t ns = 0;

    if (bare >= 0)
        return bare * unit_s;
    return text && quantity_parse_duration(text, &ns) == 0 ? (double)ns / (double)NS_PER_S
                                                           : otherwise;
}

static void note_unread(struct draft *draft, const struct config_node *node,
                        const char *key, const char *wanted)
{
    const char *text = convert_text(node);

    if (node && node->kind != CONFIG_NULL)
        draft_note(draft, "line %zu: `%s` is left out: '%.60s' is no %s",
                   node->place.line, key, text ? text : config_kind_name(node->kind),
                   wanted);
}

double convert_number_at(struct draft *draft, const struct config_node *map,
                         const char *key, double otherwise)
{
    const struct config_node *node = config_find(map, key);
    const double number = convert_number(node, -1);

    if (number >= 0)
        return number;
    note_unread(draft, node, key, "number");
    return otherwise;
}

double convert_seconds_at(struct draft *draft, const struct config_node *map,
                          const char *key, double unit_s, double otherwise)
{
    const struct config_node *node = config_find(map, key);
    const double seconds = convert_seconds(node, unit_s, -1);

    if (seconds >= 0)
        return seconds;
    note_unread(draft, node, key, "duration");
    return otherwise;
}

const char *convert_address(struct draft *draft, const char *url)
{
    const char *host = url ? strstr(url, "://") : NULL;
    const size_t len = host ? strcspn(host + 3, "/?#") : 0;
    const char *at = host ? memrchr(host + 3, '@', len) : NULL;

    if (!at)
        return url;
    draft_note(draft, "the name and password of the target are left out: a header says "
                      "them, `Authorization: Basic ${CREDENTIALS}`, in base 64");
    return draft_printf(draft, "%.*s%s", (int)(host + 3 - url), url, at + 1);
}

bool convert_is_true(const struct config_node *node)
{
    const char *text = convert_text(node);

    return text && strcmp(text, "true") == 0;
}

void convert_note_others(struct draft *draft, const struct config_node *map,
                         const char *const *known, const char *whose)
{
    for (size_t i = 0; map && map->kind == CONFIG_MAP && i < map->count; i++) {
        const char *key = convert_text(map->entries[i].key);
        size_t at = 0;

        while (known[at] && strcmp(known[at], key) != 0)
            at++;
        if (!known[at])
            draft_note(draft, "%s `%s` has no counterpart", whose, key);
    }
}

void convert_pairs(struct draft *draft, enum draft_part part, unsigned level,
                   const char *key, const struct config_node *map)
{
    if (!map || map->kind != CONFIG_MAP || map->count == 0)
        return;
    draft_line(draft, part, level, "%s:", key);
    for (size_t i = 0; i < map->count; i++) {
        const char *text = convert_text(map->entries[i].value);

        if (text)
            draft_line(draft, part, level + 1, "%s: %s",
                       draft_text(draft, convert_text(map->entries[i].key), false),
                       draft_text(draft, text, false));
    }
}

static bool has_any(const char *text, const char *const *words)
{
    while (*words && !strstr(text, *words))
        words++;
    return *words != NULL;
}

/* By words that only one of them has; a command line has options, and JSON of k6 no `config`. */
static enum convert_form guess(const char *text)
{
    static const char *const vllm[] = {"vllm bench", "bench serve", "benchmark_serving",
                                       NULL};
    static const char *const artillery[] = {"phases", "flow:", "arrivalRate", NULL};
    static const char *const k6[] = {"export ",    "stages",     "scenarios", "vus",
                                     "thresholds", "iterations", "executor",  NULL};
    const bool json = text[strspn(text, " \t\r\n")] == '{';

    if (has_any(text, vllm) && strstr(text, "--"))
        return CONVERT_VLLM;
    if (json ? strstr(text, "\"config\"") != NULL : has_any(text, artillery))
        return CONVERT_ARTILLERY;
    return has_any(text, k6) ? CONVERT_K6 : CONVERT_GUESS;
}

/* Where the object behind `options =` in a script opens, or NULL. */
static char *find_options(char *text)
{
    for (char *at = text; (at = strstr(at, "options")); at++) {
        char *next = at + strlen("options");

        next += strspn(next, " \t");
        if (*next != '=')
            continue;
        next += 1 + strspn(next + 1, " \t\r\n");
        if (*next == '{')
            return next;
    }
    return NULL;
}

/* Puts blanks in place of bytes, so that what is left keeps its place in the file. */
static void blank_out(char *from, const char *to)
{
    for (; from < to; from++)
        if (*from != '\n')
            *from = ' ';
}

/* Where the comment that begins here ends; NULL: none does. */
static char *comment_end(char *at)
{
    if (strncmp(at, "//", 2) == 0)
        return at + strcspn(at, "\n");
    if (strncmp(at, "/*", 2) != 0)
        return NULL;
    char *end = strstr(at + 2, "*/");

    return end ? end + 2 : at + strlen(at);
}

/*
 * Leaves only the options of a script, without comments and tabs: as a rule a JavaScript object is
 * YAML. JSON stays as it is.
 */
static void keep_options(char *text)
{
    char *open = find_options(text);
    size_t depth = 0;
    char quote = '\0';

    if (!open)
        return;
    blank_out(text, open);
    for (char *at = open; *at; at++) {
        char *end = quote ? NULL : comment_end(at);

        if (end) {
            blank_out(at, end);
            at = end - 1;
        } else if (*at == '\t') {
            *at = ' ';
        } else if (quote) {
            quote = *at == quote ? '\0' : quote;
        } else if (strchr("'\"`", *at)) {
            quote = *at;
        } else if (*at == '{') {
            depth++;
        } else if (*at == '}' && --depth == 0) {
            blank_out(at + 1, at + strlen(at));
            return;
        }
    }
}

static const char *no_variable(void *ctx, const char *name)
{
    (void)ctx;
    (void)name;
    return "";
}

/* Reads a tree and has it converted. script: all of the text, options or not. */
static int convert_tree(const char *name, const char *script, enum convert_form form,
                        struct draft *draft, struct diag_list *reterr_diags)
{
    const struct config_options options = {.lookup = no_variable};
    CLEANUP(config_tree_freep) struct config_tree *tree = NULL;
    char *text = strdup(script);

    if (!text)
        return -ENOMEM;
    if (form == CONVERT_K6)
        keep_options(text);
    const int r =
        config_load_text(name, text, strlen(text), &options, reterr_diags, &tree);

    free(text);
    if (r < 0)
        return r;
    return form == CONVERT_K6 ? convert_k6(config_root(tree), script, draft, reterr_diags)
                              : convert_artillery(config_root(tree), draft, reterr_diags);
}

static int convert(const char *name, const char *text, enum convert_form form,
                   struct draft *draft, struct diag_list *reterr_diags)
{
    switch (form) {
    case CONVERT_K6:
    case CONVERT_ARTILLERY:
        return convert_tree(name, text, form, draft, reterr_diags);
    case CONVERT_VLLM:
        return convert_vllm(name, text, draft, reterr_diags);
    case CONVERT_GUESS:
        break;
    }
    return diag_add(reterr_diags, (struct diag_place){.file = name},
                    "say whose it is: --from k6, artillery or vllm",
                    "it looks like neither k6's options, nor an Artillery script, nor a "
                    "`vllm bench serve` command line");
}

int scenario_convert(const char *name, const char *text, size_t len,
                     enum convert_form form, struct diag_list *reterr_diags,
                     struct conversion *ret_conversion)
{
    struct draft draft;
    char *copy = strndup(text, len);
    int r = copy ? draft_init(&draft) : -ENOMEM;

    if (r < 0) {
        free(copy);
        return r;
    }
    if (form == CONVERT_GUESS)
        form = guess(copy);
    r = convert(name, copy, form, &draft, reterr_diags);
    if (r == 0)
        r = draft_write(&draft, sources[form], &ret_conversion->scenario);
    if (r == 0)
        r = buf_append(&ret_conversion->notes, buf_str(&draft.notes), draft.notes.len);
    draft_deinit(&draft);
    free(copy);
    return r;
}
