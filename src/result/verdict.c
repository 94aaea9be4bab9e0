#include "result/verdict.h"

#include <stdarg.h>
#include <stdio.h>

struct code_info {
    enum exit_code code;
    const char *text;
};

/* In the order in which they win (FAULTS.md, head); "passed" last. */
static const struct code_info infos[] = {
    {EXIT_INTERNAL, "internal error"},
    {EXIT_COMMAND_LINE, "bad command line"},
    {EXIT_SCENARIO, "invalid scenario"},
    {EXIT_PREFLIGHT, "pre-flight failed"},
    {EXIT_SETUP_TIMEOUT, "setup timed out"},
    {EXIT_SETUP_FAILED, "setup failed"},
    {EXIT_TEARDOWN_TIMEOUT, "teardown timed out"},
    {EXIT_FLEET, "the fleet is incomplete"},
    {EXIT_COST, "the cost limit was reached"},
    {EXIT_STOP_RULE, "stopped by an error-rate or abort_on_fail rule"},
    {EXIT_SIGNAL, "stopped by a signal or by hand, results complete"},
    {EXIT_UNTRUSTED, "the measurement itself cannot be trusted"},
    {EXIT_MARKED_FAILED, "marked failed by the scenario"},
    {EXIT_THRESHOLDS, "a threshold was crossed"},
    {EXIT_REGRESSION, "regression against the baseline"},
    {EXIT_NOT_SAVED, "results could not be saved or exported in full"},
    {EXIT_LISTEN, "cannot listen"},
    {EXIT_PASSED, "passed"},
};

#define INFO_COUNT (sizeof(infos) / sizeof(infos[0]))

const char *exit_code_text(int code)
{
    for (size_t i = 0; i < INFO_COUNT; i++)
        if ((int)infos[i].code == code)
            return infos[i].text;
    return NULL;
}

enum exit_code exit_code_at(size_t index)
{
    return index < INFO_COUNT ? infos[index].code : EXIT_PASSED;
}

/* Its place in the order: the smaller, the graver. */
static size_t rank_of(enum exit_code code)
{
    size_t rank = 0;

    while (rank < INFO_COUNT && infos[rank].code != code)
        rank++;
    return rank;
}

/* Where there is no room left: the least grave that is less so than code. NULL: none is. */
static struct verdict *find_lesser(struct verdicts *verdicts, enum exit_code code)
{
    struct verdict *least = &verdicts->items[0];

    for (size_t i = 1; i < verdicts->count; i++)
        if (rank_of(verdicts->items[i].code) >= rank_of(least->code))
            least = &verdicts->items[i];
    return rank_of(least->code) > rank_of(code) ? least : NULL;
}

void verdicts_add(struct verdicts *verdicts, enum exit_code code, const char *format, ...)
{
    struct verdict *verdict = verdicts->count < VERDICTS_MAX
                                  ? &verdicts->items[verdicts->count++]
                                  : find_lesser(verdicts, code);
    va_list args;

    if (!verdict)
        return;
    verdict->code = code;
    va_start(args, format);
    (void)vsnprintf(verdict->sentence, sizeof(verdict->sentence), format, args);
    va_end(args);
}

enum exit_code verdicts_exit_code(const struct verdicts *verdicts)
{
    for (size_t i = 0; i < INFO_COUNT; i++)
        for (size_t j = 0; j < verdicts->count; j++)
            if (verdicts->items[j].code == infos[i].code)
                return infos[i].code;
    return EXIT_PASSED;
}
