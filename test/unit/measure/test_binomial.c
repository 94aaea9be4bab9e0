#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "measure/binomial.h"

static void near(double got, double wanted, double within)
{
    if (fabs(got - wanted) > within)
        fail_msg("%.12g is not %.12g", got, wanted);
}

static void small_distributions_are_those_counted_by_hand(void **state)
{
    (void)state;
    /* Four coins: 1, 4, 6, 4, 1 of 16. */
    near(binomial_at_most(0, 4, 0.5), 1.0 / 16, 1e-12);
    near(binomial_at_most(1, 4, 0.5), 5.0 / 16, 1e-12);
    near(binomial_at_most(3, 4, 0.5), 15.0 / 16, 1e-12);
    near(binomial_at_least(3, 4, 0.5), 5.0 / 16, 1e-12);
    near(binomial_at_most(4, 4, 0.5), 1, 0);
    near(binomial_at_least(0, 4, 0.5), 1, 0);
    near(binomial_at_most(0, 100, 0.05), pow(0.95, 100), 1e-12);
}

static void both_tails_and_the_middle_make_one(void **state)
{
    static const uint64_t sizes[] = {1, 7, 60, 1000, 200000};
    static const double shares[] = {0.001, 0.05, 0.5, 0.9, 0.999};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (size_t j = 0; j < sizeof(shares) / sizeof(shares[0]); j++)
            for (uint64_t k = 1; k <= sizes[i]; k += 1 + sizes[i] / 13)
                near(binomial_at_most(k - 1, sizes[i], shares[j]) +
                         binomial_at_least(k, sizes[i], shares[j]),
                     1, 1e-9);
}

static void the_edges_of_a_share_are_certain(void **state)
{
    (void)state;
    near(binomial_at_most(3, 10, 0), 1, 0);
    near(binomial_at_most(3, 10, 1), 0, 0);
    near(binomial_at_least(3, 10, 0), 0, 0);
    near(binomial_at_least(3, 10, 1), 1, 0);
}

/* Values of Clopper and Pearson's interval as R's binom.test() gives them. */
static void the_interval_is_the_exact_one(void **state)
{
    struct binomial_interval interval = binomial_interval_of(3, 10, 0.05);

    (void)state;
    near(interval.low, 0.06673951, 1e-7);
    near(interval.high, 0.6524529, 1e-7);
    interval = binomial_interval_of(3, 3, 0.05);
    near(interval.low, 0.2924018, 1e-7);
    near(interval.high, 1, 0);
    interval = binomial_interval_of(0, 20, 0.05);
    near(interval.low, 0, 0);
    near(interval.high, 0.1684335, 1e-7);
    interval = binomial_interval_of(0, 0, 0.05);
    near(interval.high - interval.low, 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_distributions_are_those_counted_by_hand),
        cmocka_unit_test(both_tails_and_the_middle_make_one),
        cmocka_unit_test(the_edges_of_a_share_are_certain),
        cmocka_unit_test(the_interval_is_the_exact_one),
    };

    return cmocka_run_group_tests_name("binomial", tests, NULL, NULL);
}
