#include "measure/level.h"

#include "base/clock.h"

void level_init(struct level *level, uint64_t now_ns)
{
    *level = (struct level){.at_ns = now_ns};
}

void level_set(struct level *level, uint64_t now_ns, int64_t value)
{
    level->integral_s = level_integral_s(level, now_ns);
    level->at_ns = now_ns;
    level->value = value;
}

double level_integral_s(const struct level *level, uint64_t now_ns)
{
    const int64_t passed_ns = (int64_t)(now_ns - level->at_ns);

    return level->integral_s +
           (double)level->value * ((double)passed_ns / (double)NS_PER_S);
}
