#include <string.h>

#include "scenario/convert_artillery.h"

#define MAX_TEXT_BYTES ((size_t)1 << 20)

static const char *const word_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

void artillery_name_add(struct artillery *artillery, const char *name, const char *ours)
{
    for (size_t i = 0; i < artillery->name_count; i++)
        if (strcmp(artillery->names[i].name, name) == 0)
            return;
    if (artillery->name_count < ARTILLERY_NAMES)
        artillery->names[artillery->name_count++] = (struct artillery_name){name, ours};
}

static const char *find_name(const struct artillery *artillery, const char *name)
{
    for (size_t i = 0; i < artillery->name_count; i++)
        if (strcmp(artillery->names[i].name, name) == 0)
            return artillery->names[i].ours;
    return NULL;
}

/* A variable that only the scenario's `vars` give a value. */
static const char *declare(struct artillery *artillery, const char *name,
                           const char *value)
{
    struct draft *draft = artillery->draft;
    const char *ours = draft_printf(draft, "vars.%s", name);

    if (draft->parts[DRAFT_VARS].len == 0)
        draft_line(draft, DRAFT_VARS, 0, "vars:");
    draft_line(draft, DRAFT_VARS, 1, "%s: %s", draft_text(draft, name, false), value);
    artillery_name_add(artillery, name, ours);
    return ours;
}

const char *artillery_variable(struct artillery *artillery, const char *name)
{
    const char *ours = find_name(artillery, name);

    if (ours)
        return ours;
    draft_note(artillery->draft,
               "`%s` is set by JavaScript or not at all: it is an empty text "
               "under `vars`",
               name);
    return declare(artillery, name, "\"\"");
}

/* The arguments of a call with so many numbers, "(1, 9)", or what is used without them. */
static const char *arguments(struct artillery *artillery, const char *call,
                             const char *otherwise)
{
    const char *open = strchr(call, '(');
    const size_t len = open ? strspn(open + 1, "0123456789, -") : 0;

    return len > 0 ? draft_printf(artillery->draft, "%.*s", (int)len, open + 1)
                   : otherwise;
}

/* `$uuid` and its like. NULL where there is nothing of the kind. */
static const char *dollar_word(struct artillery *artillery, const char *word)
{
    struct draft *draft = artillery->draft;
    const char *variable = strncmp(word, "$processEnvironment.", 20) == 0 ? word + 20
                           : strncmp(word, "$env.", 5) == 0               ? word + 5
                                                                          : NULL;

    if (variable && variable[strspn(variable, word_characters)] == '\0') {
        const char *known = find_name(artillery, variable);

        return known ? known
                     : declare(artillery, variable,
                               draft_printf(draft, "${%s:-}", variable));
    }
    if (strncmp(word, "$uuid", 5) == 0)
        return "uuid";
    if (strncmp(word, "$randomString", 13) == 0)
        return draft_printf(draft, "random.string(%s)", arguments(artillery, word, "10"));
    if (strncmp(word, "$randomNumber", 13) == 0)
        return draft_printf(draft, "random.int(%s)",
                            arguments(artillery, word, "0, 9007199254740991"));
    if (strncmp(word, "$timestamp", 10) == 0)
        return "now.unix_ms";
    if (strcmp(word, "$loopCount") == 0)
        return "round";
    return strcmp(word, "$testId") == 0 ? "run.id" : NULL;
}

/* What stands between braces, as ours; NULL where it has no counterpart. */
static const char *expression(struct artillery *artillery, const char *text, size_t len)
{
    struct draft *draft = artillery->draft;

    while (len > 0 && strchr(" \t", text[len - 1]))
        len--;
    while (len > 0 && strchr(" \t", *text)) {
        text++;
        len--;
    }
    const char *word = draft_printf(draft, "%.*s", (int)len, text);
    const char *ours = *word == '$' ? dollar_word(artillery, word) : NULL;

    if (ours)
        return ours;
    if (*word && word[strspn(word, word_characters)] == '\0')
        return artillery_variable(artillery, word);
    draft_note(draft, "`{{ %s }}` has no counterpart: nothing is written there", word);
    return NULL;
}

const char *artillery_text(struct artillery *artillery, const char *text)
{
    struct buf out = BUF_INIT(MAX_TEXT_BYTES);
    const char *open;

    while ((open = strstr(text, "{{"))) {
        const char *close = strstr(open, "}}");

        if (!close)
            break;
        buf_append(&out, text, (size_t)(open - text));
        const char *ours = expression(artillery, open + 2, (size_t)(close - open - 2));

        if (ours)
            buf_printf(&out, "{{ %s }}", ours);
        text = close + 2;
    }
    buf_append_str(&out, text);
    return draft_take(artillery->draft, &out);
}

/* The steps of a path, each in its form: bytes of it, 0 where it is another. They write it as jq. */
static size_t take_field(const char *at, struct buf *out)
{
    const size_t len = *at == '.' ? strspn(at + 1, word_characters) : 0;

    if (len == 0)
        return 0;
    buf_printf(out, memchr(at, '-', len + 1) ? ".\"%.*s\"" : ".%.*s", (int)len, at + 1);
    return len + 1;
}

static size_t take_quoted(const char *at, struct buf *out)
{
    const char quote = *at == '[' ? at[1] : '\0';
    const char *end = quote == '\'' || quote == '"' ? strchr(at + 2, quote) : NULL;

    if (!end || end[1] != ']')
        return 0;
    buf_printf(out, "%s[\"%.*s\"]", out->len == 0 ? "." : "", (int)(end - at - 2),
               at + 2);
    return (size_t)(end + 2 - at);
}

static size_t take_index(const char *at, struct buf *out)
{
    const size_t len = *at == '[' ? strspn(at + 1, "0123456789*") : 0;

    if (len == 0 || at[1 + len] != ']')
        return 0;
    buf_printf(out, "%s[%.*s]", out->len == 0 ? "." : "", at[1] == '*' ? 0 : (int)len,
               at + 1);
    return len + 2;
}

static size_t take_step(const char *at, struct buf *out)
{
    size_t len = take_field(at, out);

    if (len == 0)
        len = take_quoted(at, out);
    return len > 0 ? len : take_index(at, out);
}

const char *artillery_path(struct artillery *artillery, const char *path)
{
    struct buf out = BUF_INIT(1000);
    const char *at =
        *path == '$' ? path + 1 : draft_printf(artillery->draft, ".%s", path);

    for (size_t len; *at && (len = take_step(at, &out)) > 0;)
        at += len;
    if (*at) {
        buf_deinit(&out);
        return NULL;
    }
    if (out.len == 0)
        buf_append_char(&out, '.');
    return draft_take(artillery->draft, &out);
}
