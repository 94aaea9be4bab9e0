#include "cli/capacity_options.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "result/verdict.h"

#define MAX_SLOS_BYTES ((size_t)64 * 1024)
#define MOST_CONFIRM 20

#define FIELD(name) offsetof(struct capacity_wishes, name)

static const struct option options_table[] = {
    {.name = "slo",
     .kind = OPTION_LIST,
     .value = "METRIC: EXPRESSION",
     .offset = FIELD(slos),
     .help = "What must hold, as a threshold: 'ttft: p(95)<500ms'. May be repeated. "
             "Default: the scenario's thresholds, else the SLOs of its steps."},
    {.name = "by",
     .kind = OPTION_CHOICE,
     .value = "WHAT",
     .choices = "users|rate",
     .offset = FIELD(by),
     .help = "What a level is: users, or arrivals a second. Default: as the scenario's "
             "load is."},
    {.name = "from",
     .kind = OPTION_TEXT,
     .value = "N",
     .fallback = "1",
     .offset = FIELD(from),
     .help = "The first level: users, or arrivals a second. Each next one is twice the "
             "one before, until one breaks."},
    {.name = "to",
     .kind = OPTION_TEXT,
     .value = "N",
     .offset = FIELD(to),
     .help = "The highest level that is tried. Default: no limit but this machine's."},
    {.name = "settle",
     .kind = OPTION_TEXT,
     .value = "D",
     .fallback = "5s",
     .offset = FIELD(settle),
     .help = "How long each level settles before it counts."},
    {.name = "hold",
     .kind = OPTION_TEXT,
     .value = "D",
     .fallback = "20s",
     .offset = FIELD(hold),
     .help = "How long each level is held and measured; up to three times as long until "
             "its verdict is sure."},
    {.name = "resolution",
     .kind = OPTION_TEXT,
     .value = "SHARE",
     .fallback = "5%",
     .offset = FIELD(resolution),
     .help = "How finely the answer is told: the difference between what holds and what "
             "breaks, as a share of it."},
    {.name = "confirm",
     .kind = OPTION_TEXT,
     .value = "N",
     .fallback = "2",
     .offset = FIELD(confirm),
     .help = "How many times the answer must hold again before it is believed."},
    {.name = "max-duration",
     .kind = OPTION_TEXT,
     .value = "D",
     .fallback = "30m",
     .offset = FIELD(max_duration),
     .help = "The search ends then, with what it has."},
};

/* Options of a run whose load is the scenario's, or is shared, or is not sent at all. */
static bool is_for_runs_alone(const char *name)
{
    static const char *const names[] = {"duration", "workers",        "worker-index",
                                        "dry-run",  "print-requests", "preflight-only"};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* What a search makes of an option of runs. */
static struct option as_of_search(struct option row)
{
    if (strcmp(row.name, "require-trust") == 0) {
        row.choices = "A|B|C|D|F";
        row.fallback = "C";
        row.help = "A level of a worse trust grade is tried again, and ends the search "
                   "after three in a row; F takes any.";
    }
    return row;
}

size_t capacity_options_all(struct option *rows, size_t room)
{
    struct option of_runs[OPTION_SET_MAX];
    const size_t run_count = run_options_all(of_runs, OPTION_SET_MAX);
    size_t count = COUNT_OF(options_table);

    assert(count <= room);
    memcpy(rows, options_table, sizeof(options_table));
    for (size_t i = 0; i < run_count; i++) {
        if (is_for_runs_alone(of_runs[i].name))
            continue;
        assert(count < room);
        rows[count++] = as_of_search(of_runs[i]);
    }
    return count;
}

static int refuse(const char *option, const char *value, const char *hint)
{
    fprintf(stderr, "throng capacity: --%s: '%s' %s\n", option, value, hint);
    return EXIT_COMMAND_LINE;
}

/* "12" or "12/s". */
static bool read_level(const char *text, double *ret_level)
{
    return (quantity_parse_number(text, ret_level) == 0 ||
            quantity_parse_rate(text, ret_level) == 0) &&
           *ret_level > 0;
}

static int read_levels(const struct capacity_wishes *wishes, struct capacity_terms *terms)
{
    const char *hint = "is no level: write a number of users or of arrivals a second, "
                       "above 0";

    if (wishes->from && !read_level(wishes->from, &terms->from))
        return refuse("from", wishes->from, hint);
    if (wishes->to && !read_level(wishes->to, &terms->to))
        return refuse("to", wishes->to, hint);
    if (terms->to < terms->from)
        return refuse("to", wishes->to, "is below --from");
    return -1;
}

static int read_duration(const char *option, const char *text, uint64_t *ret_ns)
{
    if (!text || (quantity_parse_duration(text, ret_ns) == 0 && *ret_ns > 0))
        return -1;
    return refuse(option, text, "is no duration; write one such as 500ms, 20s or 5m");
}

static int read_fineness(const struct capacity_wishes *wishes,
                         struct capacity_terms *terms)
{
    uint64_t count;

    if (wishes->resolution &&
        (quantity_parse_fraction(wishes->resolution, &terms->resolution) < 0 ||
         terms->resolution < 0.001 || terms->resolution > 1))
        return refuse("resolution", wishes->resolution,
                      "is no share between 0.1% and 100%");
    if (!wishes->confirm)
        return -1;
    if (quantity_parse_count(wishes->confirm, &count) < 0 || count > MOST_CONFIRM)
        return refuse("confirm", wishes->confirm, "is no whole number from 0 to 20");
    terms->confirm = (unsigned)count;
    return -1;
}

int capacity_terms_read(const struct capacity_wishes *wishes,
                        struct capacity_terms *ret_terms)
{
    struct capacity_terms terms = {
        .by_users = wishes->by && strcmp(wishes->by, "users") == 0,
        .by_rate = wishes->by && strcmp(wishes->by, "rate") == 0,
        .from = 1,
        .to = (double)INFINITY,
        .resolution = 0.05,
        .confirm = 2,
        .settle_ns = 5 * NS_PER_S,
        .hold_ns = 20 * NS_PER_S,
        .max_duration_ns = 1800 * NS_PER_S,
    };
    int code = read_levels(wishes, &terms);

    if (code < 0)
        code = read_duration("settle", wishes->settle, &terms.settle_ns);
    if (code < 0)
        code = read_duration("hold", wishes->hold, &terms.hold_ns);
    if (code < 0)
        code =
            read_duration("max-duration", wishes->max_duration, &terms.max_duration_ns);
    if (code < 0)
        code = read_fineness(wishes, &terms);
    *ret_terms = terms;
    return code;
}

/* Where the metric of "ttft{model:m}: p(95)<1s" ends: the first colon outside of braces; NULL: none. */
static const char *end_of_metric(const char *slo)
{
    const char *closed = strchr(slo, '}');
    const char *colon = strchr(slo, ':');
    const char *open = strchr(slo, '{');

    return open && closed && colon && open < colon ? strchr(closed, ':') : colon;
}

static void put_text(struct buf *out, const char *text, size_t len)
{
    while (len > 0 && *text == ' ') {
        text++;
        len--;
    }
    while (len > 0 && text[len - 1] == ' ')
        len--;
    buf_append_char(out, '"');
    buf_append_json(out, text, len);
    buf_append_char(out, '"');
}

/* Whether an SLO before has the same metric, whose list then holds it. */
static bool is_listed(const struct option_list *slos, size_t index, size_t len)
{
    for (size_t i = 0; i < index; i++)
        if (strncmp(slos->values[i], slos->values[index], len + 1) == 0)
            return true;
    return false;
}

static void put_slo(const struct option_list *slos, size_t index, struct buf *out)
{
    const char *slo = slos->values[index];
    const size_t len = (size_t)(end_of_metric(slo) - slo);
    const char *between = "";

    if (is_listed(slos, index, len))
        return;
    buf_append_str(out, index > 0 ? ", " : "");
    put_text(out, slo, len);
    buf_append_str(out, ": [");
    for (size_t i = index; i < slos->count; i++) {
        if (strncmp(slos->values[i], slo, len + 1) != 0)
            continue;
        buf_append_str(out, between);
        put_text(out, slos->values[i] + len + 1, strlen(slos->values[i] + len + 1));
        between = ", ";
    }
    buf_append_char(out, ']');
}

int capacity_slos_write(const struct capacity_wishes *wishes, char **ret_yaml)
{
    const struct option_list *slos = &wishes->slos;
    struct buf text = BUF_INIT(MAX_SLOS_BYTES);

    *ret_yaml = NULL;
    for (size_t i = 0; i < slos->count; i++)
        if (!end_of_metric(slos->values[i]))
            return refuse("slo", slos->values[i],
                          "is no SLO: write one such as 'ttft: p(95)<500ms'");
    if (slos->count == 0)
        return -1;
    buf_append_char(&text, '{');
    for (size_t i = 0; i < slos->count; i++)
        put_slo(slos, i, &text);
    buf_append_char(&text, '}');
    if (buf_error(&text) == 0)
        *ret_yaml = strdup(buf_str(&text));
    buf_deinit(&text);
    if (*ret_yaml)
        return -1;
    (void)fputs("throng: out of memory\n", stderr);
    return EXIT_INTERNAL;
}
