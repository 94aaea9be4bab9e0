#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/command.h"
#include "cli/version.h"
#include "result/verdict.h"

#define MAX_PAGE_BYTES ((size_t)1 << 20)

/* Text for roff: a backslash, and a dot or quote that begins a line, would be taken as requests. */
static void append_roff(struct buf *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        buf_append_str(out, "\\&");
    for (; *text; text++) {
        if (*text == '\\')
            buf_append_str(out, "\\e");
        else if (*text == '-')
            buf_append_str(out, "\\-");
        else
            buf_append_char(out, *text);
    }
}

static void append_option(struct buf *out, const struct option *option)
{
    buf_append_str(out, ".TP\n.B ");
    if (option->letter)
        buf_printf(out, "\\-%c, ", option->letter);
    buf_append_str(out, "\\-\\-");
    for (const char *at = option->name; *at; at++)
        buf_append_str(out, *at == '_' || *at == '-' ? "\\-" : (const char[]){*at, '\0'});
    if (option->value) {
        buf_append_str(out, " \\fI");
        append_roff(out, option->value);
        buf_append_str(out, "\\fR");
    }
    buf_append_char(out, '\n');
    append_roff(out, option->help);
    if (option->fallback && *option->fallback) {
        buf_append_str(out, " Default: ");
        append_roff(out, option->fallback);
        buf_append_char(out, '.');
    }
    buf_append_char(out, '\n');
}

static void append_command(struct buf *out, const struct command *command)
{
    struct option_set set;

    option_gather(command, &set);
    buf_printf(out, ".SS throng %s %s\n", command->name, command->arguments);
    append_roff(out, command->summary);
    buf_append_str(out, ".\n");
    if (command->details) {
        buf_append_str(out, ".PP\n");
        append_roff(out, command->details);
        buf_append_char(out, '\n');
    }
    for (size_t i = 0; i < set.count; i++)
        append_option(out, &set.rows[i]);
}

static void append_exit_codes(struct buf *out)
{
    buf_append_str(
        out, ".SH EXIT STATUS\nWhere several hold, the first in this order is taken; "
             "all stand in summary.json.\n");
    for (size_t i = 0; exit_code_at(i) != EXIT_PASSED; i++)
        buf_printf(out, ".TP\n.B %d\n%s\n", (int)exit_code_at(i),
                   exit_code_text((int)exit_code_at(i)));
    buf_append_str(out, ".TP\n.B 0\npassed\n");
}

static int run(const struct command *command, int argc, char **argv)
{
    struct buf page = BUF_INIT(MAX_PAGE_BYTES);
    struct option_list none = {0};
    int code = command_begin(command, argc, argv, NULL, &none);

    option_list_deinit(&none);
    if (code >= 0)
        return code;
    buf_printf(&page, ".TH THRONG 1 \"\" \"throng %s\" \"User Commands\"\n",
               throng_version());
    buf_append_str(&page,
                   ".SH NAME\nthrong \\- a load generator for LLM platforms\n"
                   ".SH SYNOPSIS\n.B throng\n.I COMMAND\n[\\fIOPTION\\fR]... "
                   "[\\fIARGUMENT\\fR]...\n"
                   ".SH DESCRIPTION\nOne event loop drives thousands of simulated people "
                   "who ask an OpenAI\\-compatible API questions, read the streamed "
                   "answers, think, and ask again.\n.SH COMMANDS\n");
    for (size_t i = 0; command_at(i); i++)
        append_command(&page, command_at(i));
    append_exit_codes(&page);
    buf_append_str(
        &page,
        ".SH ENVIRONMENT\nEach option can be given as a variable: THRONG_BASE_URL for "
        "\\-\\-base\\-url. Lists are given once. The command line wins. NO_COLOR "
        "switches colours off.\n");
    fputs(buf_str(&page), stdout);
    code = buf_error(&page) < 0 ? EXIT_INTERNAL : EXIT_PASSED;
    buf_deinit(&page);
    return code;
}

const struct command command_man = {
    .name = "man",
    .arguments = "",
    .summary = "print the manual page (roff): throng man | man -l -",
    .run = run,
};
