#include "config/syntax.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"

/* One line of the text, without its end. */
struct line {
    const char *bytes;
    size_t len;
};

/* What libyaml says, what that means, and what helps. */
struct explanation {
    const char *problem; /* how libyaml's sentence begins */
    const char *sentence;
    const char *hint;
    bool
        at_context; /* the mistake is where the broken thing began, not where it was noticed */
};

static const struct explanation explanations[] = {
    {"mapping values are not allowed in this context", "a ':' where no key can stand",
     "quote a text that holds ': ', and check that keys of one map are indented alike",
     false},
    {"did not find expected key", "neither another key nor the end of the map",
     "keys of one map start in the same column", false},
    {"did not find expected '-' indicator",
     "neither another '- ' nor the end of the list",
     "items of one list start in the same column", false},
    {"did not find expected ',' or '}'", "this '{' is not closed properly",
     "separate keys by ',' and close with '}'", true},
    {"did not find expected ',' or ']'", "this '[' is not closed properly",
     "separate items by ',' and close with ']'", true},
    {"found unexpected end of stream", "this quote is not closed",
     "write the same quote again at the end of the text", true},
    {"found unexpected document indicator", "this quote is not closed",
     "write the same quote again at the end of the text", true},
    {"could not find expected ':'", "a key without ':'", "write 'key: value'", true},
    {"found unknown escape character", "an escape that YAML does not know",
     "double a backslash (\\\\), or use single quotes, which know no escapes", false},
    {"found undefined alias", "an alias without its anchor",
     "write '&name' before the value that '*name' stands for, or quote a text that "
     "starts "
     "with '*'",
     false},
    {"did not find expected alphabetic or numeric character",
     "a name is missing behind '*' or '&'", "quote a text that starts with '*' or '&'",
     false},
    {"did not find expected <document start>", "text behind the end of the document",
     "keys at the top start in the first column", false},
    {"block sequence entries are not allowed in this context",
     "a list cannot start on this line", "start it on a line of its own", false},
    {"control characters are not allowed", "a control character",
     "remove it, or write it as an escape in double quotes: \"\\x1b\"", false},
    {"exceeded maximum", "nested too deep", "a scenario needs a few levels only", false},
};

static struct line line_at(const char *text, size_t len, size_t number)
{
    const char *at = text;
    const char *const end = text + len;
    const char *stop;

    for (size_t line = 0; line < number && at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));

        at = newline ? newline + 1 : end;
    }
    stop = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    return (struct line){at, (size_t)((stop ? stop : end) - at)};
}

/* Whether the line's indentation holds a tab, and at which column. */
static bool tab_indents(struct line line, size_t *ret_column)
{
    for (size_t i = 0; i < line.len && (line.bytes[i] == ' ' || line.bytes[i] == '\t');
         i++) {
        if (line.bytes[i] == '\t') {
            *ret_column = i + 1;
            return true;
        }
    }
    return false;
}

/* Whether the line has a value that starts with an unquoted template. */
static bool has_bare_template(struct line line)
{
    static const char *const starts[] = {": {{", "- {{"};

    for (size_t i = 0; i < COUNT_OF(starts); i++) {
        if (memmem(line.bytes, line.len, starts[i], strlen(starts[i])))
            return true;
    }
    return false;
}

static const struct explanation *explanation_of(const char *problem)
{
    for (size_t i = 0; i < COUNT_OF(explanations); i++) {
        if (strncmp(problem, explanations[i].problem, strlen(explanations[i].problem)) ==
            0)
            return &explanations[i];
    }
    return NULL;
}

static struct diag_place place_at(const char *file, yaml_mark_t mark)
{
    return (struct diag_place){file, mark.line + 1, mark.column + 1, 1};
}

/* Reader errors know an offset only. */
static int explain_encoding(const yaml_parser_t *parser, const char *file,
                            const char *text, size_t len, struct diag_list *reterr_diags)
{
    const size_t offset = parser->problem_offset < len ? parser->problem_offset : len;
    struct diag_place place = {file, 1, 0, 0};

    for (size_t i = 0; i < offset; i++)
        place.line += text[i] == '\n';
    if (parser->problem && strstr(parser->problem, "control characters"))
        return diag_add(reterr_diags, place,
                        "remove it, or write it as an escape in double quotes: \"\\x1b\"",
                        "a control character (0x%02x)", (unsigned)parser->problem_value);
    return diag_add(reterr_diags, place, "save the file as UTF-8",
                    "a byte that is no UTF-8 text");
}

int syntax_explain(const yaml_parser_t *parser, const char *file, const char *text,
                   size_t len, struct diag_list *reterr_diags)
{
    const char *problem = parser->problem ? parser->problem : "no YAML";
    struct diag_place place = place_at(file, parser->problem_mark);
    const struct line line = line_at(text, len, parser->problem_mark.line);
    const struct explanation *explanation = explanation_of(problem);

    if (parser->error == YAML_MEMORY_ERROR)
        return -ENOMEM;
    if (parser->error == YAML_READER_ERROR)
        return explain_encoding(parser, file, text, len, reterr_diags);
    if (tab_indents(line, &place.column))
        return diag_add(reterr_diags, place, "indent with spaces",
                        "a tab indents this line");
    if (has_bare_template(line))
        return diag_add(reterr_diags, place,
                        "quote a text that starts with a template: \"{{ … }}…\"",
                        "a '{{' that YAML takes for the start of a map");
    if (memmem(line.bytes, line.len, "${", 2))
        return diag_add(
            reterr_diags, place,
            "quote it: between [ ] and { } a text cannot hold braces unquoted",
            "a '${' that YAML takes for the start of a map");
    if (!explanation)
        return diag_add(reterr_diags, place,
                        "quote a text that has a special character here", "%s", problem);
    if (explanation->at_context && parser->context)
        place = place_at(file, parser->context_mark);
    return diag_add(reterr_diags, place, explanation->hint, "%s", explanation->sentence);
}
