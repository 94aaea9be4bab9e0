#include "cli/preflight_report.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/log.h"
#include "cli/wrap.h"
#include "output/terminal.h"
#include "result/verdict.h"

#define LOG_MODULE "run"

/* Of the table: the mark, what was checked, and what was found. */
#define MARK_COLUMNS 8
#define WHAT_COLUMNS 26

void preflight_report_init(struct preflight_report *report, struct verdicts *verdicts)
{
    report->count = 0;
    report->left_out = 0;
    report->failed = 0;
    report->verdicts = verdicts;
    report->request_id = NULL;
}

static void add(struct preflight_report *report, const struct finding *finding)
{
    report->failed += finding->grade == FINDING_FAILED;
    if (report->count == PREFLIGHT_FINDINGS)
        report->left_out++;
    else
        report->items[report->count++] = *finding;
}

void preflight_find(struct preflight_report *report, enum finding_grade grade,
                    const char *what, const char *format, ...)
{
    struct finding finding = {.grade = grade};
    va_list arguments;

    (void)snprintf(finding.what, sizeof(finding.what), "%s", what);
    va_start(arguments, format);
    (void)vsnprintf(finding.said, sizeof(finding.said), format, arguments);
    va_end(arguments);
    if (grade == FINDING_FAILED)
        verdicts_add(report->verdicts, EXIT_PREFLIGHT, "%s", finding.said);
    else if (grade == FINDING_WARNING)
        log_write(LOG_LEVEL_WARN, LOG_MODULE, report->request_id, "pre-flight: %s: %s",
                  finding.what, finding.said);
    add(report, &finding);
}

void preflight_adopt(struct preflight_report *report, size_t from, const char *what,
                     const char *passed)
{
    const struct verdicts *verdicts = report->verdicts;
    struct finding finding = {.grade = FINDING_FAILED};

    (void)snprintf(finding.what, sizeof(finding.what), "%s", what);
    for (size_t i = from; i < verdicts->count; i++) {
        (void)snprintf(finding.said, sizeof(finding.said), "%s",
                       verdicts->items[i].sentence);
        add(report, &finding);
    }
    if (verdicts->count > from)
        return;
    finding.grade = FINDING_PASSED;
    (void)snprintf(finding.said, sizeof(finding.said), "%s", passed);
    add(report, &finding);
}

/* How a grade shows: a sign with its colour where there are colours, a word elsewhere. */
struct mark {
    const char *sign;
    const char *word;
    const char *colour;
};

static struct mark mark_of(enum finding_grade grade)
{
    switch (grade) {
    case FINDING_PASSED:
        return (struct mark){"✓", "ok", "\x1b[32m"};
    case FINDING_SKIPPED:
        return (struct mark){"–", "skipped", "\x1b[2m"};
    case FINDING_WARNING:
        return (struct mark){"!", "warning", "\x1b[33m"};
    case FINDING_FAILED:
        break;
    }
    return (struct mark){"✗", "FAILED", "\x1b[31m"};
}

static void write_finding(const struct finding *finding, struct terminal_style style,
                          struct buf *out)
{
    const struct mark mark = mark_of(finding->grade);
    const size_t mark_columns = style.colour ? 2 : MARK_COLUMNS;

    if (style.colour)
        buf_printf(out, "%s%s\x1b[0m ", mark.colour, mark.sign);
    else
        buf_printf(out, "%-*s", MARK_COLUMNS, mark.word);
    buf_printf(out, "%-*s ", WHAT_COLUMNS, finding->what);
    wrap_text(out, finding->said, mark_columns + WHAT_COLUMNS + 1, (size_t)style.columns);
}

void preflight_report_write(const struct preflight_report *report,
                            struct terminal_style style, struct buf *out)
{
    size_t warnings = 0;

    for (size_t i = 0; i < report->count; i++) {
        warnings += report->items[i].grade == FINDING_WARNING;
        write_finding(&report->items[i], style, out);
    }
    if (report->left_out > 0)
        buf_printf(out, "… and %zu more\n", report->left_out);
    if (report->failed > 0)
        buf_printf(out, "Pre-flight failed: %zu of %zu checks.\n", report->failed,
                   report->count + report->left_out);
    else
        buf_printf(out, "Pre-flight passed: %zu checks%s.\n",
                   report->count + report->left_out,
                   warnings > 0 ? ", some with a warning" : "");
}
