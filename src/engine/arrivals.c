#include "engine/arrivals.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "engine/arm.h"
#include "engine/arrival_pool.h"
#include "engine/arrival_queue.h"
#include "engine/arrival_times.h"
#include "engine/load_source.h"
#include "engine/parts.h"
#include "engine/user.h"
#include "engine/world.h"
#include "measure/recorder.h"
#include "plan/plan.h"

struct arrivals {
    struct load_source source;
    struct engine *engine;
    struct arrival_times *times; /* owned */
    struct arrival_pool pool;
    struct arrival_queue *queues; /* owned: of those who wait, by the pool's groups */
    uint64_t max_wait_ns;
    uint64_t due; /* counts since the load began */
    uint64_t taken;
    uint64_t dropped;
    uint64_t freed_ns; /* somebody was free since then, whoever waited before */
    bool is_steady;    /* set_rate was called */
    double steady_rate_per_s;
    bool is_sized; /* set_people was */
    bool is_closed;
};

/* What is to be done next, and when. */
enum thing_kind { THING_NONE, THING_SET_UP, THING_SERVE, THING_DROP, THING_ARRIVAL };

struct thing {
    enum thing_kind kind;
    uint64_t at_ns;
    size_t group; /* of those who wait */
};

static struct arrivals *of_source(struct load_source *source)
{
    return (struct arrivals *)(void *)source;
}

static const struct arrivals *of_const_source(const struct load_source *source)
{
    return (const struct arrivals *)(const void *)source;
}

static uint64_t now_of(const struct arrivals *arrivals)
{
    struct world *world = arrivals->engine->world;

    return world->ops->now(world);
}

static uint64_t moment_ns(const struct arrivals *arrivals, uint64_t load_ns)
{
    return schedule_moment_ns(&arrivals->engine->schedule, load_ns);
}

/* What the head of a queue waits for: somebody who is free already, or its last moment. */
static struct thing thing_of_queue(const struct arrivals *arrivals, size_t group)
{
    const struct waiting_arrival *head = arrival_queue_head(&arrivals->queues[group]);
    uint64_t due_ns;

    if (!head)
        return (struct thing){.at_ns = UINT64_MAX};
    due_ns = moment_ns(arrivals, head->at_ns);
    if (arrival_pool_has(&arrivals->pool, group))
        return (struct thing){THING_SERVE,
                              due_ns > arrivals->freed_ns ? due_ns : arrivals->freed_ns,
                              group};
    return (struct thing){THING_DROP, due_ns + arrivals->max_wait_ns, group};
}

/* The first of all that is to be done; at one moment, those who wait come before those who arrive. */
static struct thing next_thing(const struct arrivals *arrivals)
{
    struct thing next = {.at_ns = UINT64_MAX};
    uint64_t number;
    uint64_t at_ns;

    if (arrivals->is_closed)
        return next;
    if (arrival_pool_sets_up(&arrivals->pool))
        return (struct thing){THING_SET_UP, moment_ns(arrivals, 0), 0};
    for (size_t i = 0; i < arrivals->pool.groups; i++) {
        const struct thing thing = thing_of_queue(arrivals, i);

        if (thing.at_ns < next.at_ns)
            next = thing;
    }
    if (arrivals->times->ops->peek(arrivals->times, &at_ns, &number) &&
        moment_ns(arrivals, at_ns) < next.at_ns)
        next = (struct thing){THING_ARRIVAL, moment_ns(arrivals, at_ns), 0};
    return next;
}

static uint64_t next_ns(const struct load_source *source)
{
    return next_thing(of_const_source(source)).at_ns;
}

static bool is_in_window(const struct arrivals *arrivals, uint64_t due_ns)
{
    return recorder_in_window(arrivals->engine->recorder, due_ns);
}

static void begin(struct arrivals *arrivals, struct user *user,
                  const struct waiting_arrival *waiting, uint64_t wait_ns,
                  uint64_t now_ns)
{
    struct engine *engine = arrivals->engine;
    const struct user_arrival arrival = {
        .number = waiting->number,
        .due_ns = moment_ns(arrivals, waiting->at_ns),
        .wait_ns = wait_ns,
    };
    const uint32_t class_index = arm_seat_of_arrival(engine, arrival.number).class_index;

    arrivals->taken++;
    recorder_arrival_taken(engine->recorder,
                           engine_arrival_labels(engine, class_index, PLAN_NONE),
                           is_in_window(arrivals, arrival.due_ns), wait_ns);
    user_take(user, &arrival, now_ns);
}

/* Returns 0 or -ENOMEM. */
static int serve(struct arrivals *arrivals, size_t group, uint64_t now_ns)
{
    struct user *user;
    const int r = arrival_pool_take(&arrivals->pool, group, now_ns, &user);

    if (r == 0 && user) {
        const struct waiting_arrival waiting =
            arrival_queue_pop(&arrivals->queues[group]);
        const uint64_t due_ns = moment_ns(arrivals, waiting.at_ns);

        begin(arrivals, user, &waiting, now_ns > due_ns ? now_ns - due_ns : 0, now_ns);
    }
    return r;
}

static int arrive(struct arrivals *arrivals, uint64_t now_ns)
{
    struct engine *engine = arrivals->engine;
    struct waiting_arrival arrival;
    struct user *user = NULL;
    uint32_t class_index;
    size_t group;
    int r = 0;

    if (!arrivals->times->ops->peek(arrivals->times, &arrival.at_ns, &arrival.number))
        return 0;
    arrivals->times->ops->take(arrivals->times);
    class_index = arm_seat_of_arrival(engine, arrival.number).class_index;
    group = arrival_pool_group(&arrivals->pool, class_index);
    arrivals->due++;
    recorder_arrival(engine->recorder,
                     engine_arrival_labels(engine, class_index, PLAN_NONE),
                     is_in_window(arrivals, moment_ns(arrivals, arrival.at_ns)));
    if (!arrival_queue_head(&arrivals->queues[group]))
        r = arrival_pool_take(&arrivals->pool, group, now_ns, &user);
    if (r < 0)
        return r;
    if (!user)
        return arrival_queue_push(&arrivals->queues[group], &arrival);
    begin(arrivals, user, &arrival, 0, now_ns);
    return 0;
}

/* The first request of a class's flow, as it is written; PLAN_NONE: it has none. */
static uint32_t first_request(const struct plan *plan, uint32_t class_index)
{
    const struct plan_program *program =
        &plan->programs[plan->classes[class_index].program];

    for (size_t i = 0; i < program->instruction_count; i++)
        if (program->instructions[i].op == PLAN_OP_REQUEST)
            return program->instructions[i].a;
    return PLAN_NONE;
}

/* The operation that it would have begun with failed: nobody came. */
static void fail_operation(struct arrivals *arrivals, uint32_t step, uint32_t labels,
                           uint64_t due_ns, uint64_t now_ns)
{
    struct engine *engine = arrivals->engine;
    struct operation operation = {
        .id = engine->next_operation_id++,
        .labels = labels,
        .failed = true,
        .in_window = is_in_window(arrivals, due_ns),
        .due_ns = due_ns,
        .end_ns = now_ns,
    };

    operation.slo = slo_judge(engine->plan->steps[step].slo, &operation, NULL);
    recorder_operation(engine->recorder, &operation);
}

static void drop(struct arrivals *arrivals, size_t group, uint64_t now_ns)
{
    struct engine *engine = arrivals->engine;
    const struct waiting_arrival arrival = arrival_queue_pop(&arrivals->queues[group]);
    const uint64_t due_ns = moment_ns(arrivals, arrival.at_ns);
    const uint32_t class_index = arm_seat_of_arrival(engine, arrival.number).class_index;
    const uint32_t step = first_request(engine->plan, class_index);
    const uint32_t labels = engine_arrival_labels(engine, class_index, step);
    const bool streams = step != PLAN_NONE &&
                         plan_step_asks_model(engine->plan->steps[step].kind) &&
                         engine->plan->steps[step].chat.stream;

    arrivals->dropped++;
    recorder_arrival_dropped(engine->recorder, labels, is_in_window(arrivals, due_ns),
                             now_ns > due_ns ? now_ns - due_ns : 0, streams);
    if (step != PLAN_NONE)
        fail_operation(arrivals, step, labels, due_ns, now_ns);
}

static int advance(struct load_source *source, uint64_t now_ns)
{
    struct arrivals *arrivals = of_source(source);
    const struct thing thing = next_thing(arrivals);
    int r = 0;

    switch (thing.kind) {
    case THING_NONE:
        break;
    case THING_SET_UP:
        r = arrival_pool_begin_one(&arrivals->pool, now_ns);
        break;
    case THING_SERVE:
        r = serve(arrivals, thing.group, now_ns);
        break;
    case THING_DROP:
        drop(arrivals, thing.group, now_ns);
        break;
    case THING_ARRIVAL:
        r = arrive(arrivals, now_ns);
        break;
    }
    engine_users_changed(arrivals->engine, now_ns);
    return r;
}

/* Somebody is free; an arrival that waits is served in a turn of its own, lest one leads to another. */
static void user_gone(struct load_source *source, struct user *user, uint64_t now_ns)
{
    struct arrivals *arrivals = of_source(source);

    if (arrivals->is_closed)
        return;
    arrivals->freed_ns = now_ns;
    arrival_pool_give(&arrivals->pool, user);
    engine_follow_curve(arrivals->engine);
}

static void close_source(struct load_source *source, uint64_t now_ns)
{
    struct arrivals *arrivals = of_source(source);

    arrivals->is_closed = true;
    for (size_t i = 0; i < arrivals->pool.groups; i++)
        while (arrival_queue_head(&arrivals->queues[i]))
            drop(arrivals, i, now_ns);
    arrival_pool_close(&arrivals->pool, now_ns);
}

static void cut(struct load_source *source, uint64_t now_ns)
{
    crowd_cut(&of_source(source)->pool.crowd, now_ns);
}

/* The phases say nothing of users. */
static void set_level(struct load_source *source, uint64_t level, uint64_t at_ns)
{
    (void)source;
    (void)level;
    (void)at_ns;
}

static void follow(struct load_source *source, const struct plan *plan)
{
    struct arrivals *arrivals = of_source(source);
    struct engine *engine = arrivals->engine;
    const uint64_t now_ns = now_of(arrivals);
    const struct arrival_times_ops *ops = arrivals->times->ops;

    crowd_follow(&arrivals->pool.crowd, plan);
    arrivals->max_wait_ns = plan->arrivals.max_wait_ns;
    arrivals->freed_ns = now_ns;
    if (!arrivals->is_sized)
        arrival_pool_resize(&arrivals->pool, plan->arrivals.users);
    if (ops->follow && ops->follow(arrivals->times, plan,
                                   schedule_elapsed_ns(&engine->schedule, now_ns)) < 0)
        engine_ask_stop(engine, STOP_ERROR, now_ns);
}

/* As many as there would be at work if somebody were always free. */
static uint64_t wanted(const struct load_source *source)
{
    const struct arrivals *arrivals = of_const_source(source);
    uint64_t count = arrivals->engine->counts.active;

    for (size_t i = 0; i < arrivals->pool.groups; i++)
        count += arrivals->queues[i].count;
    return count;
}

static int append(struct load_source *source, const struct plan_phase *phase)
{
    struct arrival_times *times = of_source(source)->times;

    return times->ops->append ? times->ops->append(times, phase) : -EINVAL;
}

static int set_rate(struct load_source *source, double rate_per_s, uint64_t now_ns)
{
    struct arrivals *arrivals = of_source(source);
    struct arrival_times *times = arrivals->times;

    if (!times->ops->set_rate)
        return -EINVAL;
    arrivals->is_steady = true;
    arrivals->steady_rate_per_s = rate_per_s;
    times->ops->set_rate(times, rate_per_s,
                         schedule_elapsed_ns(&arrivals->engine->schedule, now_ns));
    return 0;
}

static int set_people(struct load_source *source, uint64_t people)
{
    struct arrivals *arrivals = of_source(source);

    arrivals->is_sized = true;
    arrivals->freed_ns = now_of(arrivals);
    arrival_pool_resize(&arrivals->pool, people);
    return 0;
}

static void look(const struct load_source *source, uint64_t now_ns,
                 struct arrival_view *ret_view)
{
    const struct arrivals *arrivals = of_const_source(source);
    const struct engine *engine = arrivals->engine;
    const double rate_per_s = arrivals->is_steady
                                  ? arrivals->steady_rate_per_s
                                  : schedule_rate(&engine->schedule, now_ns);

    *ret_view = (struct arrival_view){
        .rate_per_s = arrivals->is_closed ? 0 : rate_per_s / engine->plan->worker_count,
        .count = arrivals->due,
        .taken = arrivals->taken,
        .dropped = arrivals->dropped,
        .people = arrivals->pool.people,
        .waiting = arrivals->due - arrivals->taken - arrivals->dropped,
    };
}

static void free_source(struct load_source *source)
{
    struct arrivals *arrivals = of_source(source);

    for (size_t i = 0; arrivals->queues && i < arrivals->pool.groups; i++)
        arrival_queue_deinit(&arrivals->queues[i]);
    free(arrivals->queues);
    arrival_pool_deinit(&arrivals->pool);
    arrivals->times->ops->free(arrivals->times);
    free(arrivals);
}

int arrivals_new(struct engine *engine, struct arrival_times *times,
                 struct load_source **ret_source)
{
    static const struct load_source_ops ops = {
        .set_level = set_level,
        .next_ns = next_ns,
        .advance = advance,
        .user_gone = user_gone,
        .close = close_source,
        .cut = cut,
        .follow = follow,
        .wanted = wanted,
        .append = append,
        .set_rate = set_rate,
        .set_people = set_people,
        .look = look,
        .free = free_source,
    };
    struct arrivals *arrivals = calloc(1, sizeof(*arrivals));

    if (!arrivals) {
        times->ops->free(times);
        return -ENOMEM;
    }
    arrivals->source.ops = &ops;
    arrivals->engine = engine;
    arrivals->times = times;
    arrivals->max_wait_ns = engine->plan->arrivals.max_wait_ns;
    if (arrival_pool_init(&arrivals->pool, engine) == 0)
        arrivals->queues = calloc(arrivals->pool.groups, sizeof(*arrivals->queues));
    if (!arrivals->queues) {
        free_source(&arrivals->source);
        return -ENOMEM;
    }
    *ret_source = &arrivals->source;
    return 0;
}
