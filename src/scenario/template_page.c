#include "base/buf.h"
#include "expr/query.h"
#include "expr/template.h"
#include "scenario/name.h"
#include "scenario/scenario.h"

static const char opening[] =
    "# Templates, queries, patterns\n"
    "\n"
    "Written by the tables that read them (`throng schema templates`); do not edit it "
    "here.\n"
    "\n"
    "## Templates\n"
    "\n"
    "Between `{{` and `}}` stands a name, a function or a literal, with filters behind "
    "it. They may "
    "stand in\n"
    "any text that is sent or set: paths, headers, bodies, prompts, values. In YAML a "
    "text that "
    "begins with a\n"
    "brace must be quoted.\n"
    "\n"
    "```yaml\n"
    "- http:\n"
    "    request: POST /search?q={{ vars.q }}\n"
    "    json: {id: \"{{ uuid }}\", page: \"{{ vars.page | json }}\", by: \"{{ "
    "user.email }}\"}\n"
    "```\n"
    "\n"
    "- Arguments are literals: numbers, or texts in quotes of either kind. Functions "
    "without "
    "arguments need no\n"
    "  parentheses.\n"
    "- In a JSON body all that is written is escaped. A string that is one expression "
    "with the "
    "filter `json`\n"
    "  last, and nothing else, becomes that value: the page above is a number.\n"
    "- In a path all that is written is percent-encoded, unless it ends in the filter "
    "`raw`. An address of the\n"
    "  target's own, such as what a `Location` header says, may stand there whole (`GET "
    "{{ "
    "vars.next | raw }}`); what\n"
    "  would lead to another server is not sent.\n"
    "- `{{ \"{{\" }}` writes two braces.\n"
    "- What is drawn comes from the scenario's `seed` and the user's number: the same "
    "file makes the "
    "same load.\n"
    "  Times are named placeholders in a dry run: `{{now}}`.\n"
    "- A name without a value writes nothing, and the result says so; `default` gives "
    "another "
    "value.\n";

static const char query_opening[] = "\n"
                                    "## Queries\n"
                                    "\n"
                                    "[jq](https://jqlang.github.io/jq/manual/v1.6/) 1.6, "
                                    "over the JSON of an answer, or over what a "
                                    "user knows; the\n"
                                    "first value is the result. null, false and no value "
                                    "at all are false, everything else is "
                                    "true.\n"
                                    "\n"
                                    "| query | over | gives | what it is for |\n"
                                    "|---|---|---|---|\n";

static const char query_rules[] =
    "\n"
    "- Paths, `length`, `not`, `and`, `or`, `//`, `|`, comparisons, literals and "
    "parentheses are "
    "read off the text\n"
    "  without libjq: about a hundredth of a millisecond for a page of JSON. All other "
    "queries of a "
    "scenario\n"
    "  are compiled into one jq program when it is loaded, which takes some 20 ms; each "
    "evaluation "
    "parses the\n"
    "  body.\n"
    "- What conditions and `record` look at is known: a name that is not there is a "
    "mistake of the\n"
    "  scenario, as far as the text tells (not behind a pipe, nor in a function's "
    "arguments).\n"
    "- What is not JSON reads as null. Bodies beyond 1 MiB are not looked into.\n"
    "- Not allowed: `env`, `$ENV`, `input`, `inputs`, `input_filename`, `import`, "
    "`include`, "
    "`debug`, `stderr`, `halt`,\n"
    "  `halt_error`, and functions that call themselves.\n"
    "- An evaluation that takes 100 ms of processor time ends there, and has failed; a "
    "query to which "
    "that\n"
    "  happened three times is not tried again.\n"
    "\n"
    "## Patterns\n"
    "\n"
    "[PCRE2](https://www.pcre.org/current/doc/html/pcre2pattern.html), over UTF-8: `.` "
    "matches line "
    "breaks too, case\n"
    "matters unless the pattern begins with `(?i)`. The first match counts; groups are "
    "numbered "
    "from 1, and 0 is\n"
    "all of it. Bytes that are no UTF-8 match nothing. A search that takes too many "
    "steps or too "
    "much memory\n"
    "ends, and has found nothing: the worst takes some 25 ms.\n";

/* A cell of a table: a bar would end it. */
static void append_cell(struct buf *out, const char *text)
{
    buf_append_str(out, " `");
    for (; *text; text++)
        buf_append_str(out, *text == '|' ? "\\|" : (const char[]){*text, '\0'});
    buf_append_str(out, "` |");
}

static void append_names(struct buf *out)
{
    const char *name = NULL;
    const char *help = NULL;

    buf_append_str(out,
                   "\n### Names\n\n| name | what it stands for |\n|---|---|\n"
                   "| `vars.NAME` | a variable: by `vars`, `set`, `extract` or `with` |\n"
                   "| `data.FEEDER.COLUMN` | the column of the feeder's row |\n");
    for (size_t i = 0; name_of_everybody_at(i, &name, &help); i++)
        buf_printf(out, "| `%s` | %s |\n", name, help);
}

static void append_words(struct buf *out, const char *heading,
                         bool (*word_at)(size_t index, struct template_word *ret_word))
{
    struct template_word word;

    buf_printf(out,
               "\n### %s\n\n| as written | what it writes | such as |\n|---|---|---|\n",
               heading);
    for (size_t i = 0; word_at(i, &word); i++) {
        buf_append_char(out, '|');
        append_cell(out, word.usage);
        buf_printf(out, " %s |", word.help);
        append_cell(out, word.example);
        buf_append_char(out, '\n');
    }
}

static void append_queries(struct buf *out)
{
    struct query_example example;

    buf_append_str(out, query_opening);
    for (size_t i = 0; query_example_at(i, &example); i++) {
        buf_append_char(out, '|');
        append_cell(out, example.query);
        append_cell(out, example.input);
        append_cell(out, example.gives);
        buf_printf(out, " %s |\n", example.help);
    }
    buf_append_str(out, query_rules);
}

int scenario_template_page(struct buf *out)
{
    buf_append_str(out, opening);
    append_names(out);
    append_words(out, "Functions", template_function_at);
    append_words(out, "Filters", template_filter_at);
    append_queries(out);
    return buf_error(out);
}
