#include "workload/data.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/rng.h"
#include "plan/load.h"
#include "plan/plan.h"
#include "workload/dataset.h"
#include "workload/feeder.h"
#include "workload/row_order.h"
#include "workload/trace.h"
#include "workload/trace_plan.h"
#include "workload/trace_reading.h"

/* A feeder that was read. */
struct feeder_rows {
    struct texts texts; /* row × column */
    size_t columns;
    uint64_t skipped;
    struct row_order order;
};

struct data {
    const struct plan *plan;     /* borrowed */
    struct feeder_rows *feeders; /* owned */
    size_t feeder_count;
    struct dataset *datasets; /* owned */
    size_t dataset_count;
    struct trace *trace; /* owned; NULL: none */
};

DEFINE_CLEANUP(struct data, data_free)

struct data *data_free(struct data *data)
{
    if (!data)
        return NULL;
    for (size_t i = 0; i < data->feeder_count; i++)
        texts_deinit(&data->feeders[i].texts);
    for (size_t i = 0; i < data->dataset_count; i++)
        dataset_deinit(&data->datasets[i]);
    free(data->feeders);
    free(data->datasets);
    trace_free(data->trace);
    free(data);
    return NULL;
}

/* How often a flow takes a row of a file, as it is written: rounds of loops are not counted. */
static uint64_t takes_of(const struct plan *plan, const struct plan_program *program,
                         bool is_dataset, size_t index)
{
    uint64_t takes = 0;

    for (size_t i = 0; i < program->instruction_count; i++) {
        const struct plan_instruction *instruction = &program->instructions[i];

        if (!is_dataset)
            takes += instruction->op == PLAN_OP_FEED && instruction->a == index;
        else if (instruction->op == PLAN_OP_REQUEST) {
            const struct plan_step *step = &plan->steps[instruction->a];

            takes += plan_step_asks_model(step->kind) &&
                     step->chat.say == PLAN_SAY_DATASET && step->chat.dataset == index;
        }
    }
    return takes;
}

/* Rows that each arrival of an open loop has for itself: as many as any class takes, and at least 1. */
static uint64_t most_takes(const struct plan *plan, bool is_dataset, size_t index)
{
    uint64_t most = 1;

    for (size_t i = 0; i < plan->class_count; i++) {
        const uint64_t takes =
            takes_of(plan, &plan->programs[plan->classes[i].program], is_dataset, index);

        if (takes > most)
            most = takes;
    }
    return most;
}

/* Which rows of a file who takes; number: tells the plan's files apart, feeders first. */
static struct row_order order_of(const struct plan *plan, enum plan_order order,
                                 uint64_t rows, uint64_t number)
{
    const uint64_t peak = plan_peak_users(plan);
    const bool is_dataset = number >= plan->feeder_count;

    return (struct row_order){
        .order = order,
        .rows = rows,
        .peak = peak > 0 ? peak : 1,
        .takes = plan_is_open(plan)
                     ? most_takes(plan, is_dataset,
                                  is_dataset ? number - plan->feeder_count : number)
                     : 0,
        .seed = plan->seed ^ rng_mix(number)};
}

static int load_feeder(struct data *data, const struct plan *plan, size_t index,
                       struct diag_list *diags)
{
    const struct plan_feeder *feeder = &plan->feeders[index];
    struct feeder_rows *rows = &data->feeders[index];
    struct feeder_reading reading;
    const int r = feeder_read(&reading, feeder, diags);

    rows->texts = reading.texts;
    rows->columns = feeder->column_count;
    rows->order = order_of(plan, feeder->order, reading.rows, index);
    rows->skipped = reading.file.skipped;
    return r;
}

static int load_dataset(struct data *data, const struct plan *plan, size_t index,
                        struct diag_list *diags)
{
    struct dataset *dataset = &data->datasets[index];
    const int r = dataset_read(dataset, &plan->datasets[index], diags);

    dataset->order = order_of(plan, plan->datasets[index].order, dataset->row_count,
                              plan->feeder_count + index);
    return r;
}

/* Reads all files, also behind one that is bad: all mistakes are told at once. */
static int load_all(struct data *data, const struct plan *plan, struct diag_list *diags)
{
    int failed = 0;
    int r = 0;

    data->feeders = calloc(plan->feeder_count + 1, sizeof(*data->feeders));
    data->datasets = calloc(plan->dataset_count + 1, sizeof(*data->datasets));
    if (!data->feeders || !data->datasets)
        return -ENOMEM;
    data->feeder_count = plan->feeder_count;
    data->dataset_count = plan->dataset_count;
    for (size_t i = 0; r != -ENOMEM && i < plan->feeder_count; i++) {
        r = load_feeder(data, plan, i, diags);
        failed = r < 0 ? r : failed;
    }
    for (size_t i = 0; r != -ENOMEM && i < plan->dataset_count; i++) {
        r = load_dataset(data, plan, i, diags);
        failed = r < 0 ? r : failed;
    }
    if (r != -ENOMEM && plan->replay.path) {
        r = trace_read(&data->trace, &plan->replay, diags);
        if (r == 0)
            r = trace_check_plan(plan, data->trace, diags);
        failed = r < 0 ? r : failed;
    }
    return failed;
}

int data_load(const struct plan *plan, struct diag_list *reterr_diags,
              struct data **ret_data)
{
    CLEANUP(data_freep) struct data *data = calloc(1, sizeof(*data));
    int r;

    if (!data)
        return -ENOMEM;
    data->plan = plan;
    r = load_all(data, plan, reterr_diags);
    if (r < 0)
        return r;
    *ret_data = TAKE(data);
    return 0;
}

static const struct feeder_rows *rows_of(const struct data *data, size_t feeder)
{
    assert(feeder < data->feeder_count);
    return &data->feeders[feeder];
}

uint64_t data_rows(const struct data *data, size_t feeder)
{
    return rows_of(data, feeder)->order.rows;
}

int data_row(const struct data *data, size_t feeder, uint64_t user, uint64_t take,
             uint64_t *ret_row)
{
    return row_order_take(&rows_of(data, feeder)->order, user, take, ret_row);
}

struct data_value data_value(const struct data *data, size_t feeder, uint64_t row,
                             size_t column)
{
    const struct feeder_rows *rows = rows_of(data, feeder);
    struct data_value value = {0};

    assert(row < rows->order.rows && column < rows->columns);
    const uint32_t index = (uint32_t)(row * rows->columns + column);

    value.bytes = texts_at(&rows->texts, index, &value.len);
    value.is_json = texts_is_json(&rows->texts, index);
    return value;
}

const struct dataset *data_dataset(const struct data *data, size_t dataset)
{
    assert(dataset < data->dataset_count);
    return &data->datasets[dataset];
}

const struct trace *data_trace(const struct data *data)
{
    return data ? data->trace : NULL;
}

bool data_file_at(const struct data *data, size_t index, struct data_file *ret_file)
{
    if (index < data->feeder_count) {
        const struct feeder_rows *rows = &data->feeders[index];

        *ret_file = (struct data_file){.name = data->plan->feeders[index].name,
                                       .order = rows->order.order,
                                       .rows = rows->order.rows,
                                       .skipped = rows->skipped};
        return true;
    }
    index -= data->feeder_count;
    if (index < data->dataset_count) {
        const struct dataset *dataset = &data->datasets[index];

        *ret_file = (struct data_file){.name = data->plan->datasets[index].name,
                                       .is_dataset = true,
                                       .order = dataset->order.order,
                                       .rows = dataset->row_count,
                                       .skipped = dataset->skipped,
                                       .unfit = dataset->unfit};
        return true;
    }
    return false;
}

uint64_t data_skipped(const struct data *data)
{
    struct data_file file;
    uint64_t skipped = 0;

    for (size_t i = 0; data_file_at(data, i, &file); i++)
        skipped += file.skipped;
    return skipped + (data->trace ? trace_facts(data->trace).bad : 0);
}

uint64_t data_hash(const struct data *data)
{
    uint64_t hash = 0;

    for (size_t i = 0; i < data->dataset_count; i++)
        hash = rng_mix(hash ^ dataset_hash(&data->datasets[i]));
    return data->trace ? rng_mix(hash ^ trace_hash(data->trace)) : hash;
}
