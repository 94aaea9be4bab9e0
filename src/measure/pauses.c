#include "measure/pauses.h"

void pauses_add(struct pauses *pauses, uint64_t start_ns, uint64_t end_ns)
{
    if (pauses->count < PAUSES_MAX && end_ns > start_ns)
        pauses->each[pauses->count++] = (struct pause_span){start_ns, end_ns};
}

uint64_t pauses_moment_ns(const struct pauses *pauses, uint64_t started_ns,
                          uint64_t load_ns)
{
    uint64_t moment_ns =
        load_ns < UINT64_MAX - started_ns ? started_ns + load_ns : UINT64_MAX;

    for (size_t i = 0; i < pauses->count && pauses->each[i].start_ns < moment_ns; i++) {
        const uint64_t length_ns = pauses->each[i].end_ns - pauses->each[i].start_ns;

        moment_ns =
            length_ns < UINT64_MAX - moment_ns ? moment_ns + length_ns : UINT64_MAX;
    }
    return moment_ns;
}

uint64_t pauses_load_ns(const struct pauses *pauses, uint64_t started_ns,
                        uint64_t moment_ns)
{
    uint64_t load_ns = moment_ns > started_ns ? moment_ns - started_ns : 0;

    for (size_t i = 0; i < pauses->count && pauses->each[i].start_ns < moment_ns; i++) {
        const struct pause_span span = pauses->each[i];
        const uint64_t end_ns = span.end_ns < moment_ns ? span.end_ns : moment_ns;

        load_ns -= end_ns - span.start_ns;
    }
    return load_ns;
}
