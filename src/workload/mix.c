#include "workload/mix.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "plan/plan.h"

/*
 * Two sequences of classes: the head, which is dealt once and holds the fixed counts, and the
 * round, which repeats behind it. Either may be empty, not both.
 */
struct mix {
    uint16_t *head;
    uint16_t *round;
    uint64_t head_len;
    uint64_t round_len;
};

struct mix *mix_free(struct mix *mix)
{
    if (mix) {
        free(mix->head);
        free(mix->round);
        free(mix);
    }
    return NULL;
}

/*
 * Deals places to classes so that after t places class i has floor or ceiling of
 * shares[i]·t/whole, where the shares sum to the whole and places ≤ whole. Its c-th user may not
 * come before place ⌊(c−1)·whole/share⌋ + 1 nor after ⌈c·whole/share⌉; taking the earliest deadline
 * among those who may come meets all deadlines (Steiner & Yeomans 1993, "Level schedules for
 * mixed-model, just-in-time processes"). With places ≤ 2^20 and whole ≤ 2^40 nothing overflows.
 */
static int deal(uint16_t **ret_sequence, const uint64_t *shares, size_t class_count,
                uint64_t whole, uint64_t places)
{
    uint64_t *dealt = calloc(class_count, sizeof(*dealt));
    uint16_t *sequence = calloc(places, sizeof(*sequence));

    if (!dealt || !sequence) {
        free(dealt);
        free(sequence);
        return -ENOMEM;
    }

    for (uint64_t t = 1; t <= places; t++) {
        uint64_t earliest = UINT64_MAX;
        size_t chosen = 0;

        for (size_t i = 0; i < class_count; i++) {
            uint64_t deadline;

            if (dealt[i] * whole >= shares[i] * t)
                continue;
            deadline = ((dealt[i] + 1) * whole + shares[i] - 1) / shares[i];
            if (deadline < earliest) {
                earliest = deadline;
                chosen = i;
            }
        }
        dealt[chosen]++;
        sequence[t - 1] = (uint16_t)chosen;
    }

    free(dealt);
    *ret_sequence = sequence;
    return 0;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b > 0) {
        const uint64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* The shares of one round of the weighted classes, reduced. Returns their sum, 0 where none. */
static uint64_t weigh(const struct mix_class *classes, size_t class_count,
                      uint64_t *shares)
{
    uint64_t divisor = 0;
    uint64_t sum = 0;

    for (size_t i = 0; i < class_count; i++)
        divisor = common_divisor(divisor, classes[i].count > 0 ? 0 : classes[i].weight);
    for (size_t i = 0; i < class_count; i++) {
        shares[i] =
            classes[i].count > 0 || divisor == 0 ? 0 : classes[i].weight / divisor;
        sum += shares[i];
    }
    return sum;
}

/*
 * Deals the head: the fixed counts, and what they leave of it to the weighted. Everything is scaled
 * by the sum of weights, so that shares stay whole numbers.
 */
static int deal_head(struct mix *mix, const struct mix_class *classes, size_t class_count,
                     uint64_t fixed, uint64_t *shares)
{
    const uint64_t scale = mix->round_len > 0 ? mix->round_len : 1;

    for (size_t i = 0; i < class_count; i++)
        shares[i] = classes[i].count > 0 ? classes[i].count * scale
                                         : (mix->head_len - fixed) * shares[i];
    return deal(&mix->head, shares, class_count, mix->head_len * scale, mix->head_len);
}

static int make(struct mix *mix, const struct mix_class *classes, size_t class_count,
                uint64_t users, uint64_t *shares)
{
    uint64_t fixed = 0;
    int r;

    for (size_t i = 0; i < class_count; i++) {
        if (classes[i].count > MIX_MAX_PERIOD - fixed)
            return -ERANGE;
        fixed += classes[i].count;
    }
    mix->round_len = weigh(classes, class_count, shares);
    if (mix->round_len > MIX_MAX_PERIOD)
        return -ERANGE;
    if (fixed == 0 && mix->round_len == 0)
        return -EINVAL;

    if (mix->round_len > 0) {
        r = deal(&mix->round, shares, class_count, mix->round_len, mix->round_len);
        if (r < 0)
            return r;
    }
    if (fixed == 0)
        return 0;

    mix->head_len = mix->round_len == 0 || users < fixed ? fixed : users;
    if (mix->head_len > MIX_MAX_PERIOD)
        return -ERANGE;
    return deal_head(mix, classes, class_count, fixed, shares);
}

int mix_new(struct mix **ret_mix, const struct mix_class *classes, size_t class_count,
            uint64_t users)
{
    struct mix *mix;
    uint64_t *shares;
    int r;

    if (class_count == 0 || class_count > UINT16_MAX)
        return -EINVAL;

    mix = calloc(1, sizeof(*mix));
    shares = calloc(class_count, sizeof(*shares));
    r = mix && shares ? make(mix, classes, class_count, users, shares) : -ENOMEM;
    free(shares);
    if (r < 0) {
        mix_free(mix);
        return r;
    }
    *ret_mix = mix;
    return 0;
}

int mix_of_plan(struct mix **ret_mix, const struct plan *plan)
{
    struct mix_class *classes = calloc(plan->class_count + 1, sizeof(*classes));
    int r;

    if (!classes)
        return -ENOMEM;
    for (size_t i = 0; i < plan->class_count; i++)
        classes[i] = (struct mix_class){.weight = plan->classes[i].weight,
                                        .count = plan->classes[i].count};
    r = mix_new(ret_mix, classes, plan->class_count, plan_peak_users(plan));
    free(classes);
    return r;
}

size_t mix_class_of(const struct mix *mix, uint64_t ordinal)
{
    if (ordinal < mix->head_len)
        return mix->head[ordinal];
    if (mix->round_len == 0)
        return mix->head[ordinal % mix->head_len];
    return mix->round[(ordinal - mix->head_len) % mix->round_len];
}
