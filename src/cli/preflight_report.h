/*
 * What the pre-flight found: each check with how it went and its figure. A failure becomes a verdict
 * (113), a warning a line of the log; `--preflight-only` shows all as a table.
 */
#pragma once

#include <stddef.h>

struct buf;
struct terminal_style;
struct verdicts;

enum finding_grade {
    FINDING_PASSED,
    FINDING_SKIPPED, /* it could not be looked at, and said says why */
    FINDING_WARNING, /* the run goes on */
    FINDING_FAILED,  /* it does not */
};

#define FINDING_WHAT_BYTES 80
#define FINDING_SAID_BYTES 400

struct finding {
    enum finding_grade grade;
    char what[FINDING_WHAT_BYTES]; /* what was checked: "descriptors", "model gpt-4o" */
    char said
        [FINDING_SAID_BYTES]; /* a figure; of warnings and failures sentences: what it means, what to do */
};

#define PREFLIGHT_FINDINGS 256

struct preflight_report {
    struct finding items[PREFLIGHT_FINDINGS]; /* what is beyond is only counted */
    size_t count;
    size_t left_out;
    size_t failed;
    struct verdicts *verdicts; /* borrowed: gets the failures */
    const char *request_id;    /* of what is added next; NULL: about no request */
};

void preflight_report_init(struct preflight_report *report, struct verdicts *verdicts);

/* Adds one. */
__attribute__((format(printf, 4, 5))) void preflight_find(struct preflight_report *report,
                                                          enum finding_grade grade,
                                                          const char *what,
                                                          const char *format, ...);

/* Failures that others added to the verdicts since there were `from` of them. */
void preflight_adopt(struct preflight_report *report, size_t from, const char *what,
                     const char *passed);

/* Writes the table, and a sentence on the whole. */
void preflight_report_write(const struct preflight_report *report,
                            struct terminal_style style, struct buf *out);
