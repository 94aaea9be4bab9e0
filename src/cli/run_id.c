#include "cli/run_id.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "base/rng.h"

#define NAME_BYTES 80

static int is_plain(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '.' || c == '_';
}

void run_id_make(const char *scenario, uint64_t wall_ns, char run_id[static RUN_ID_BYTES])
{
    const time_t seconds = (time_t)(wall_ns / NS_PER_S);
    char name[NAME_BYTES];
    char when[32];
    struct tm utc;
    uint16_t suffix = 0;
    size_t len = 0;

    for (; scenario[len] && len < sizeof(name) - 1; len++)
        name[len] = is_plain(scenario[len]) ? scenario[len] : '-';
    name[len] = '\0';
    (void)gmtime_r(&seconds, &utc);
    (void)strftime(when, sizeof(when), "%Y%m%d-%H%M%S", &utc);
    if (getrandom(&suffix, sizeof(suffix), GRND_NONBLOCK) != sizeof(suffix))
        suffix = (uint16_t)rng_mix(wall_ns);
    snprintf(run_id, RUN_ID_BYTES, "%s-%s-%04x", name, when, suffix);
}

int run_id_is_valid(const char *run_id)
{
    const size_t len = strlen(run_id);

    if (len < 1 || len > 100 || run_id[0] == '.' || run_id[0] == '-')
        return 0;
    for (size_t i = 0; i < len; i++)
        if (!is_plain(run_id[i]))
            return 0;
    return 1;
}
