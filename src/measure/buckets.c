#include "measure/buckets.h"

#include "base/clock.h"

#define US(count) (UINT64_C(count) * NS_PER_US)
#define MS(count) (UINT64_C(count) * NS_PER_MS)
#define S(count) (UINT64_C(count) * NS_PER_S)
#define RATE(count)                                                                      \
    (UINT64_C(count) * 1000000) /* millionths: a slow stream has 0.2 tokens/s */
#define NONE UINT64_MAX

/* Gaps of fast and of slow models, with room for a batch that holds all streams up. */
#define GAP_SCALE                                                                        \
    {                                                                                    \
        1e9, 14,                                                                         \
        {                                                                                \
            MS(1), US(2500), MS(5), MS(10), MS(15), MS(20), MS(30), MS(50), MS(75),      \
                MS(100), MS(200), MS(500), S(1), S(5), NONE                              \
        }                                                                                \
    }

/* Fine where a client that is well moves, up to where its figures are of no use. */
#define CLIENT_SCALE                                                                     \
    {                                                                                    \
        1e9, 13,                                                                         \
        {                                                                                \
            US(50), US(100), US(200), US(500), MS(1), MS(2), MS(5), MS(10), MS(20),      \
                MS(50), MS(100), MS(200), S(1), NONE, NONE                               \
        }                                                                                \
    }

const struct buckets_scale buckets_scales[BUCKETS_KINDS] = {
    [BUCKETS_REQUEST_DURATION] = {1e9,
                                  13,
                                  {MS(50), MS(100), MS(250), MS(500), S(1), MS(2500),
                                   S(5), S(10), S(20), S(30), S(60), S(120), S(300), NONE,
                                   NONE}},
    [BUCKETS_TTFT] = {1e9,
                      15,
                      {MS(10), MS(25), MS(50), MS(100), MS(200), MS(350), MS(500),
                       MS(750), S(1), MS(1500), S(2), S(3), S(5), S(10), S(30)}},
    [BUCKETS_ICL] = GAP_SCALE,
    [BUCKETS_TPOT] = GAP_SCALE,
    [BUCKETS_TPS] = {1e6,
                     15,
                     {RATE(1), RATE(2), RATE(5), RATE(10), RATE(15), RATE(20), RATE(30),
                      RATE(40), RATE(50), RATE(75), RATE(100), RATE(150), RATE(200),
                      RATE(500), RATE(1000)}},
    [BUCKETS_SCHEDULE_LAG] = CLIENT_SCALE,
    [BUCKETS_SEND_DELAY] = CLIENT_SCALE,
    [BUCKETS_CLIENT_DELAY] = CLIENT_SCALE,
    [BUCKETS_LOOP_LAG] = CLIENT_SCALE,
    /* Those of OpenTelemetry's gen_ai.client.token.usage: powers of four. */
    [BUCKETS_TOKENS] = {1,
                        14,
                        {1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576,
                         4194304, 16777216, 67108864, NONE}},
};

uint64_t buckets_count(const struct buckets *buckets)
{
    uint64_t count = 0;

    for (size_t i = 0; i <= BUCKETS_MAX_BOUNDS; i++)
        count += buckets->counts[i];
    return count;
}

void buckets_merge(struct buckets *into, const struct buckets *from)
{
    for (size_t i = 0; i <= BUCKETS_MAX_BOUNDS; i++)
        into->counts[i] += from->counts[i];
    into->sum += from->sum;
}
