#include "cli/option.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/quantity.h"
#include "cli/wrap.h"

#define MAX_NAME 64
#define HELP_COLUMNS 90

static void *field_of(void *into, const struct option *option)
{
    return (char *)into + option->offset;
}

int option_list_add(struct option_list *list, const char *value)
{
    const char **grown = (const char **)reallocarray(
        (void *)list->values, list->count + 1, sizeof(*list->values));

    if (!grown)
        return -ENOMEM;
    grown[list->count++] = value;
    list->values = grown;
    return 0;
}

void option_list_deinit(struct option_list *list)
{
    free((void *)list->values);
    *list = (struct option_list){0};
}

static bool is_choice(const char *choices, const char *value)
{
    const size_t len = strlen(value);

    for (const char *at = choices; at;
         at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL) {
        const size_t choice_len = strcspn(at, "|");

        if (choice_len == len && memcmp(at, value, len) == 0)
            return true;
    }
    return false;
}

/* Stores one value. source names where it came from, for the error: "--users". */
static int store(const struct option *option, const char *source, const char *value,
                 void *into, struct buf *reterr)
{
    void *field = field_of(into, option);

    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)field =
            !value || (strcmp(value, "0") != 0 && strcmp(value, "false") != 0);
        return 0;
    case OPTION_TEXT:
        *(const char **)field = value;
        return 0;
    case OPTION_LIST:
        return option_list_add(field, value);
    case OPTION_COUNT:
        if (quantity_parse_count(value, field) == 0)
            return 0;
        buf_printf(reterr, "%s: '%s' is not a whole number", source, value);
        return -EINVAL;
    case OPTION_CHOICE:
        if (is_choice(option->choices, value)) {
            *(const char **)field = value;
            return 0;
        }
        buf_printf(reterr, "%s: '%s' is none of %s", source, value, option->choices);
        return -EINVAL;
    }
    return 0;
}

/* THRONG_BASE_URL of base-url. */
static void environment_name(const struct option *option, char name[static MAX_NAME])
{
    static const char prefix[] = "THRONG_";
    size_t len = sizeof(prefix) - 1;

    memcpy(name, prefix, len);
    for (const char *at = option->name; *at && len < MAX_NAME - 1; at++)
        name[len++] = *at == '-' ? '_' : (char)toupper((unsigned char)*at);
    name[len] = '\0';
}

static int read_environment(const struct option_set *set, void *into, struct buf *reterr)
{
    for (size_t i = 0; i < set->count; i++) {
        char name[MAX_NAME];

        environment_name(&set->rows[i], name);
        const char *value = getenv(name);

        if (!value || !*value)
            continue;
        const int r = store(&set->rows[i], name, value, into, reterr);

        if (r < 0)
            return r;
    }
    return 0;
}

/* Whether a word names an option; keys of scenarios are spelt with '_', options with '-'. */
static bool name_is(const char *name, const char *word, size_t len)
{
    if (!name || strlen(name) != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (name[i] != word[i] && !(strchr("-_", name[i]) && strchr("-_", word[i])))
            return false;
    return true;
}

static const struct option *find_long(const struct option_set *set, const char *word,
                                      size_t len)
{
    for (size_t i = 0; i < set->count; i++)
        if (name_is(set->rows[i].name, word, len) ||
            name_is(set->rows[i].alias, word, len))
            return &set->rows[i];
    return NULL;
}

static const struct option *find_letter(const struct option_set *set, char letter)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->rows[i].letter == letter)
            return &set->rows[i];
    return NULL;
}

/*
 * Reads the option at argv[0]; returns how many words it took (1 or 2), or -EINVAL.
 */
static int read_option(const struct command *command, const struct option_set *set,
                       int argc, char **argv, void *into, struct buf *reterr)
{
    const char *word = argv[0];
    const bool is_long = word[1] == '-';
    const char *name = is_long ? word + 2 : word + 1;
    const size_t len = is_long ? strcspn(name, "=") : 1;
    const char *inline_value = name[len] == '=' ? name + len + 1 : NULL;
    const struct option *option =
        is_long ? find_long(set, name, len) : find_letter(set, name[0]);

    if (!option || (!is_long && name[1] && name[1] != '=')) {
        buf_printf(reterr, "unknown option '%s'; see `throng %s --help`", word,
                   command->name);
        return -EINVAL;
    }
    if (option->kind == OPTION_FLAG) {
        const int r = store(option, word, inline_value, into, reterr);

        return r < 0 ? r : 1;
    }
    if (!inline_value && argc < 2) {
        buf_printf(reterr, "%s needs a value: %s %s", word, word, option->value);
        return -EINVAL;
    }
    const int r =
        store(option, word, inline_value ? inline_value : argv[1], into, reterr);

    return r < 0 ? r : inline_value ? 1 : 2;
}

static int check_count(const struct command *command, size_t count, struct buf *reterr)
{
    if (count < command->min_arguments)
        buf_printf(reterr, "%s is missing: throng %s %s", command->arguments,
                   command->name, command->arguments);
    else if (count > command->max_arguments)
        buf_printf(reterr, "too many words: throng %s %s", command->name,
                   command->arguments);
    else
        return 0;
    return -EINVAL;
}

void option_gather(const struct command *command, struct option_set *ret_set)
{
    ret_set->count = command->option_count;
    assert(ret_set->count <= OPTION_SET_MAX);
    if (command->option_count)
        memcpy(ret_set->rows, command->options,
               command->option_count * sizeof(*ret_set->rows));
    if (command->more_options)
        ret_set->count += command->more_options(ret_set->rows + ret_set->count,
                                                OPTION_SET_MAX - ret_set->count);
}

int option_parse(const struct command *command, int argc, char **argv, void *into,
                 struct option_list *arguments, struct buf *reterr)
{
    bool only_arguments = false;
    struct option_set set;

    option_gather(command, &set);
    int r = read_environment(&set, into, reterr);

    for (int i = 0; r >= 0 && i < argc;) {
        if (!only_arguments && strcmp(argv[i], "--") == 0) {
            only_arguments = true;
            i++;
        } else if (only_arguments || argv[i][0] != '-' || !argv[i][1]) {
            r = option_list_add(arguments, argv[i++]);
        } else {
            r = read_option(command, &set, argc - i, argv + i, into, reterr);
            i += r;
        }
    }
    return r < 0 ? r : check_count(command, arguments->count, reterr);
}

/* One option, its help wrapped beside it. */
static void describe(const struct option *option, struct buf *out)
{
    struct buf head = BUF_INIT(200);
    struct buf text = BUF_INIT(2000);

    if (option->letter)
        buf_printf(&head, "-%c, ", option->letter);
    buf_append_str(&head, "--");
    for (const char *at = option->name; *at; at++)
        buf_append_char(&head, *at == '_' ? '-' : *at);
    if (option->value)
        buf_printf(&head, " %s", option->value);
    if (option->alias)
        buf_printf(&head, ", --%s", option->alias);
    buf_printf(out, "  %-30s ", buf_str(&head));
    if (head.len > 30)
        buf_printf(out, "\n%*s", 33, "");
    buf_append_str(&text, option->help);
    if (option->fallback && *option->fallback)
        buf_printf(&text, " Default: %s.", option->fallback);
    wrap_text(out, buf_str(&text), 33, HELP_COLUMNS);
    buf_deinit(&text);
    buf_deinit(&head);
}

int option_help(const struct command *command, struct buf *out)
{
    struct option_set set;

    option_gather(command, &set);
    buf_printf(out, "Usage: throng %s%s%s%s\n\n", command->name,
               set.count ? " [OPTION]…" : "", *command->arguments ? " " : "",
               command->arguments);
    wrap_text(out, command->summary, 0, HELP_COLUMNS);
    if (command->details) {
        buf_append_char(out, '\n');
        wrap_text(out, command->details, 0, HELP_COLUMNS);
    }
    if (set.count)
        buf_append_str(
            out, "\nOptions (each also as an environment variable, THRONG_NAME):\n");
    for (size_t i = 0; i < set.count; i++)
        describe(&set.rows[i], out);
    return buf_error(out);
}
