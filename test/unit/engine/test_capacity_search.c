#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "engine/capacity_search.h"

/* A server that is searched. */
struct server {
    double capacity;
    double
        noise; /* how wide the region around capacity is in which a trial may go either way */
    double
        relief; /* after overload it holds nothing above this share of capacity; 1: it forgets */
    bool is_overloaded;
    struct rng rng;
};

static struct rng stream(uint64_t seed, uint64_t ordinal)
{
    struct rng rng;

    rng_init(&rng, seed, ordinal, 0, RNG_TEST);
    return rng;
}

static bool holds(struct server *server, double level)
{
    double chance;

    if (server->is_overloaded && level > server->capacity * server->relief)
        return false;
    server->is_overloaded = false;
    if (server->noise <= 0) {
        server->is_overloaded = level > server->capacity && server->relief < 1;
        return level <= server->capacity;
    }
    chance = 1 / (1 + exp((level / server->capacity - 1) / server->noise));
    return rng_unit(&server->rng) < chance;
}

static void search_to_end(struct capacity_search *search, struct server *server)
{
    while (search->stage != CAPACITY_OVER)
        capacity_search_tell(search, holds(server, search->level));
}

static struct capacity_search_options options_of(bool whole)
{
    return (struct capacity_search_options){.from = whole ? 2 : 0.5,
                                            .to = INFINITY,
                                            .resolution = 0.03,
                                            .whole = whole,
                                            .relief = 1,
                                            .patience = 4,
                                            .confirm = 2};
}

/* From just above the first level to 5,000 times it, evenly in the logarithm. */
static double any_capacity(struct rng *rng, double from)
{
    return from * exp(0.05 + rng_unit(rng) * log(5000));
}

static void any_capacity_is_found_as_finely_as_asked(void **state)
{
    struct rng rng = stream(7, 0);

    (void)state;
    for (int i = 0; i < 4000; i++) {
        const struct capacity_search_options options = options_of(i % 2 == 0);
        struct server server = {.capacity = any_capacity(&rng, options.from),
                                .relief = 1};
        struct capacity_search search;
        double wrong;

        capacity_search_init(&search, &options);
        search_to_end(&search, &server);
        assert_int_equal(search.end, CAPACITY_FOUND);
        assert_true(search.held <= server.capacity);
        wrong = server.capacity - search.held;
        assert_true(wrong <=
                    fmax(server.capacity * options.resolution, options.whole ? 1 : 0));
        assert_false(search.is_hysteretic);
        /* Some 13 steps up, 6 of bisection, 1 + 2 again, and a recovery for each that broke. */
        assert_true(search.trial_count <= 40);
        assert_true(capacity_search_score(&search, search.held).held == 3);
        assert_true(capacity_search_score(&search, search.broke).trials == 2);

        const struct capacity_bracket bracket = capacity_search_bracket(&search);

        assert_true(bracket.low == search.held);
        assert_true(bracket.high == search.broke);
    }
}

/* Each trial near the capacity may go either way: few answers are far off, and the bracket says so. */
static void chance_near_the_edge_leads_few_searches_astray(void **state)
{
    struct rng rng = stream(11, 0);
    unsigned found = 0;
    unsigned near = 0;
    unsigned inside = 0;
    const unsigned searches = 4000;

    (void)state;
    for (unsigned i = 0; i < searches; i++) {
        const struct capacity_search_options options = options_of(false);
        struct server server = {.capacity = any_capacity(&rng, options.from) + 1,
                                .noise = 0.01,
                                .relief = 1,
                                .rng = stream(13, i)};
        struct capacity_search search;

        capacity_search_init(&search, &options);
        search_to_end(&search, &server);
        found += search.end == CAPACITY_FOUND;
        near += fabs(search.held / server.capacity - 1) <= 0.06;

        const struct capacity_bracket bracket = capacity_search_bracket(&search);

        inside += bracket.low <= server.capacity * 1.03 &&
                  bracket.high >= server.capacity * 0.97;
    }
    assert_true(found >= searches * 98 / 100);
    assert_true(near >= searches * 98 / 100);
    assert_true(inside >= searches * 99 / 100);
}

/* A trial in ten breaks for no reason, at whatever level: the first steps are not the answer. */
static void a_break_by_chance_is_not_believed(void **state)
{
    struct rng rng = stream(17, 0);
    unsigned near = 0;
    const unsigned searches = 1000;

    (void)state;
    for (unsigned i = 0; i < searches; i++) {
        const struct capacity_search_options options = options_of(false);
        const double capacity = any_capacity(&rng, options.from) + 1;
        struct server server = {.capacity = capacity, .relief = 1};
        struct capacity_search search;

        capacity_search_init(&search, &options);
        while (search.stage != CAPACITY_OVER)
            capacity_search_tell(&search,
                                 rng_unit(&rng) > 0.1 && holds(&server, search.level));
        near += search.held <= capacity && search.held >= capacity * 0.8;
    }
    assert_true(near >= searches * 90 / 100);
}

static void a_server_that_does_not_forget_overload_is_found_out(void **state)
{
    struct rng rng = stream(19, 0);

    (void)state;
    for (int i = 0; i < 1000; i++) {
        const struct capacity_search_options options = options_of(false);
        struct server server = {.capacity = any_capacity(&rng, options.from) + 2,
                                .relief = 0.6};
        struct capacity_search search;

        capacity_search_init(&search, &options);
        search_to_end(&search, &server);
        assert_true(search.is_hysteretic);
        assert_false(search.is_stuck);
        assert_int_equal(search.end, CAPACITY_FOUND);
        assert_true(search.recovered_at <= server.capacity * 0.6);
        assert_true(search.held <= server.capacity &&
                    search.held >= server.capacity * 0.96);
    }
}

/*
 * So many requests may come at once, and so many a second after that (a limit per minute): on the way up all
 * levels hold, and behind the first that breaks only what the limit allows for ever.
 */
static void what_held_by_a_burst_alone_is_taken_back(void **state)
{
    const double burst = 600;
    const double refill = 41;
    struct rng rng = stream(29, 0);

    (void)state;
    for (int i = 0; i < 200; i++) {
        struct capacity_search_options options = options_of(true);
        const double lasting = 4 + 40 * rng_unit(&rng);
        struct capacity_search search;
        double left = burst;

        capacity_search_init(&search, &options);
        while (search.stage != CAPACITY_OVER) {
            left = fmin(burst, left + refill * (lasting - search.level));
            if (left < 0)
                left = 0;
            capacity_search_tell(&search, left > 0);
        }
        assert_int_equal(search.end, CAPACITY_FOUND);
        /* A burst carries what is little above it for some trials more. */
        assert_true(search.held >= lasting - 2 && search.held <= lasting * 1.4 + 2);
        assert_true(search.trial_count <= 40);
    }
}

static void a_server_that_never_recovers_ends_the_search(void **state)
{
    const struct capacity_search_options options = options_of(true);
    struct server server = {.capacity = 100, .relief = 0};
    struct capacity_search search;

    (void)state;
    capacity_search_init(&search, &options);
    search_to_end(&search, &server);
    assert_int_equal(search.end, CAPACITY_UNCONFIRMED);
    assert_true(search.is_stuck);
    assert_true(search.held == 64);
}

/* It holds up to 50, breaks, and holds again between 90 and 140 (it scaled out). */
static void what_holds_again_higher_up_does_not_confuse_it(void **state)
{
    const struct capacity_search_options options = options_of(true);
    struct capacity_search search;

    (void)state;
    capacity_search_init(&search, &options);
    while (search.stage != CAPACITY_OVER)
        capacity_search_tell(&search, search.level <= 50 ||
                                          (search.level >= 90 && search.level <= 140));
    assert_int_equal(search.end, CAPACITY_FOUND);
    assert_true(search.held == 50);
}

static void the_top_that_may_be_tried_is_confirmed_as_well(void **state)
{
    struct capacity_search_options options = options_of(true);
    struct server server = {.capacity = 1000, .relief = 1};
    struct capacity_search search;

    (void)state;
    options.to = 50;
    capacity_search_init(&search, &options);
    search_to_end(&search, &server);
    assert_int_equal(search.end, CAPACITY_TOP_HELD);
    assert_true(search.held == 50);
    assert_int_equal(capacity_search_score(&search, 50).held, 3);
}

static void a_first_level_that_breaks_twice_is_the_end(void **state)
{
    const struct capacity_search_options options = options_of(true);
    struct server server = {.capacity = 1, .relief = 1};
    struct capacity_search search;

    (void)state;
    capacity_search_init(&search, &options);
    search_to_end(&search, &server);
    assert_int_equal(search.end, CAPACITY_NONE_HELD);
    assert_int_equal(search.trial_count, 2);
}

static void a_search_that_is_cut_has_what_it_found(void **state)
{
    const struct capacity_search_options options = options_of(true);
    struct server server = {.capacity = 100, .relief = 1};
    struct capacity_search search;

    (void)state;
    capacity_search_init(&search, &options);
    for (int i = 0; i < 8; i++)
        capacity_search_tell(&search, holds(&server, search.level));
    capacity_search_cut(&search);
    assert_int_equal(search.end, CAPACITY_UNCONFIRMED);
    assert_true(search.held == 64);
    assert_true(search.broke == 128);
}

/* Whatever is told, it comes to an end. */
static void it_ends_whatever_it_is_told(void **state)
{
    struct rng rng = stream(23, 0);

    (void)state;
    for (int i = 0; i < 3000; i++) {
        struct capacity_search_options options = options_of(i % 2 == 0);
        const double chance = rng_unit(&rng);
        struct capacity_search search;

        options.to = i % 3 == 0 ? 1000 : 1e6;
        options.confirm = (unsigned)(i % 4);
        capacity_search_init(&search, &options);
        while (search.stage != CAPACITY_OVER) {
            assert_true(search.level > 0 && search.level <= options.to);
            capacity_search_tell(&search, rng_unit(&rng) < chance);
        }
        assert_true(search.end != CAPACITY_SEARCHING);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_capacity_is_found_as_finely_as_asked),
        cmocka_unit_test(chance_near_the_edge_leads_few_searches_astray),
        cmocka_unit_test(a_break_by_chance_is_not_believed),
        cmocka_unit_test(a_server_that_does_not_forget_overload_is_found_out),
        cmocka_unit_test(what_held_by_a_burst_alone_is_taken_back),
        cmocka_unit_test(a_server_that_never_recovers_ends_the_search),
        cmocka_unit_test(what_holds_again_higher_up_does_not_confuse_it),
        cmocka_unit_test(the_top_that_may_be_tried_is_confirmed_as_well),
        cmocka_unit_test(a_first_level_that_breaks_twice_is_the_end),
        cmocka_unit_test(a_search_that_is_cut_has_what_it_found),
        cmocka_unit_test(it_ends_whatever_it_is_told),
    };

    return cmocka_run_group_tests_name("capacity_search", tests, NULL, NULL);
}
