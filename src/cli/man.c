#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/command.h"
#include "cli/version.h"
#include "result/verdict.h"

#define MAX_PAGE_BYTES ((size_t)1 << 20)

/* A name and what it means, as plain text. */
struct text {
    const char *name;
    const char *what;
};

/* What a character beyond ASCII is called (groff_char(7)). */
static size_t append_character(struct buf *out, const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    const size_t len = bytes[0] >= 0xF0 ? 4 : bytes[0] >= 0xE0 ? 3 : 2;
    uint32_t point = bytes[0] & (0x7Fu >> len);

    for (size_t i = 1; i < len; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 1; /* our own texts are whole */
        point = point << 6 | (bytes[i] & 0x3Fu);
    }
    buf_printf(out, "\\[u%04" PRIX32 "]", point);
    return len;
}

/*
 * Text for roff: a backslash, and a dot or quote that begins a line, would be taken as requests;
 * what stands between backquotes is bold.
 */
static void append_roff(struct buf *out, const char *text)
{
    bool bold = false;

    if (*text == '.' || *text == '\'')
        buf_append_str(out, "\\&");
    while (*text) {
        if ((unsigned char)*text >= 0x80) {
            text += append_character(out, text);
            continue;
        }
        if (*text == '`') {
            bold = !bold;
            buf_append_str(out, bold ? "\\fB" : "\\fR");
        } else if (*text == '\\') {
            buf_append_str(out, "\\e");
        } else if (*text == '-') {
            buf_append_str(out, "\\-");
        } else {
            buf_append_char(out, *text);
        }
        text++;
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

/* A section of names, each with what it means. */
static void append_list(struct buf *out, const char *title, const struct text *rows,
                        size_t count)
{
    buf_printf(out, ".SH %s\n", title);
    for (size_t i = 0; i < count; i++) {
        buf_append_str(out, ".TP\n.B ");
        append_roff(out, rows[i].name);
        buf_append_char(out, '\n');
        append_roff(out, rows[i].what);
        buf_append_char(out, '\n');
    }
}

static void append_environment(struct buf *out)
{
    static const struct text rows[] = {
        {"THRONG_NAME",
         "Each option: THRONG_BASE_URL for --base-url. Lists are given once, "
         "with commas. The command line wins."},
        {"NO_COLOR", "Switches colours off."},
        {"COLUMNS", "The width of lines where the output is no terminal."},
        {"TERM", "Where it is `dumb` or missing, progress is told in plain lines."},
        {"JOB_COMPLETION_INDEX",
         "The index of this worker, as an Indexed Job of Kubernetes "
         "sets it; --worker-index wins."},
        {"POD_NAME",
         "What this worker is called towards Prometheus; the host's name without "
         "it."},
    };

    append_list(out, "ENVIRONMENT", rows, COUNT_OF(rows));
}

static void append_files(struct buf *out)
{
    static const struct text rows[] = {
        {"results/RUN/",
         "The results of a run; --out chooses another place than `results`."},
        {"summary.json", "The result as a whole; `throng schema summary` describes it."},
        {"summary.md, junit.xml", "The same for the page of a CI job, and for what shows "
                                  "tests."},
        {"scenario.yaml", "The scenario as it was resolved, without keys."},
        {"timeline.csv", "The run over time."},
        {"histograms.hlog", "Every latency, for the tools of HdrHistogram."},
        {"samples.bin", "One record for each attempt; `throng samples` prints them."},
        {"checkpoint.json", "What a run has so far; `throng recover` makes results of it "
                            "where the run was killed."},
    };

    append_list(out, "FILES", rows, COUNT_OF(rows));
}

static void append_examples(struct buf *out)
{
    static const struct text rows[] = {
        {"throng run scenarios/quickstart.yaml",
         "Half a minute against the built-in simulator."},
        {"throng check first.yaml",
         "Every mistake of a scenario, or what it would do and cost."},
        {"throng run first.yaml --base-url https://gateway.example/v1 --users 50 "
         "--duration 5m",
         "The same load, scaled, against another server."},
        {"throng run first.yaml --dry-run --print-requests",
         "What would be sent, without a network."},
        {"throng run first.yaml --quiet; echo $?", "The verdict alone, for scripts."},
        {"throng simulate --listen 127.0.0.1:8000 --ttft 'gaussian(200ms,50ms)' "
         "--max-concurrency 64",
         "A server to try things with."},
        {"throng samples results/RUN/samples.bin", "Each attempt as a line of JSON."},
    };

    append_list(out, "EXAMPLES", rows, COUNT_OF(rows));
}

static void append_signals(struct buf *out)
{
    static const struct text rows[] = {
        {"SIGINT, SIGTERM",
         "Nothing new is started; what is in flight may finish within `graceful_stop`, "
         "and "
         "results are written. A second one stops at once, with results all the same. "
         "Before the load each ends the program with 105, and there are no results."},
        {"SIGHUP",
         "The scenario file is read again, as it is whenever something in its folder "
         "changes: "
         "load, limits, thresholds and think times are followed at the same run clock; "
         "any "
         "other change is refused by its key, and the run goes on as it was. Where the "
         "terminal has gone it is as SIGINT; where it was ignored at the start (nohup) "
         "it stays "
         "ignored."},
        {"SIGTSTP, SIGWINCH",
         "The display leaves the terminal, or is drawn for its new size."},
    };

    append_list(out, "SIGNALS", rows, COUNT_OF(rows));
}

static void append_page(struct buf *page)
{
    buf_printf(page, ".TH THRONG 1 \"\" \"throng %s\" \"User Commands\"\n",
               throng_version());
    buf_append_str(
        page, ".SH NAME\nthrong \\- a load generator for LLM platforms\n"
              ".SH SYNOPSIS\n.B throng\n.I COMMAND\n[\\fIOPTION\\fR]... "
              "[\\fIARGUMENT\\fR]...\n"
              ".SH DESCRIPTION\nOne event loop drives thousands of simulated people "
              "who ask an OpenAI\\-compatible API questions, read the streamed "
              "answers, think, and ask again. A scenario is a YAML file that says who "
              "they are, how many there are over time, and what the results must "
              "satisfy; the exit status is the verdict.\n.SH COMMANDS\n");
    for (size_t i = 0; command_at(i); i++)
        append_command(page, command_at(i));
    append_exit_codes(page);
    append_environment(page);
    append_files(page);
    append_signals(page);
    append_examples(page);
    buf_append_str(page,
                   ".SH SEE ALSO\n.BR curl (1),\n.BR promtool (1)\n.PP\n"
                   "\\fBthrong schema reference\\fR prints every key of a scenario, "
                   "\\fBthrong schema metrics\\fR what Prometheus is told.\n");
}

static int run(const struct command *command, int argc, char **argv)
{
    struct buf page = BUF_INIT(MAX_PAGE_BYTES);
    struct option_list none = {0};
    int code = command_begin(command, argc, argv, NULL, &none);

    option_list_deinit(&none);
    if (code >= 0)
        return code;
    append_page(&page);
    (void)fputs(buf_str(&page), stdout);
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
