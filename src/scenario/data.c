#include <errno.h>
#include <string.h>

#include "scenario/replay.h"

static const char *const order_words[] = {[PLAN_ORDER_SEQUENTIAL] = "sequential",
                                          [PLAN_ORDER_RANDOM] = "random",
                                          [PLAN_ORDER_UNIQUE] = "unique",
                                          NULL};
static const char *const format_words[] = {
    [PLAN_DATASET_SHAREGPT] = "sharegpt", [PLAN_DATASET_JSONL] = "jsonl", NULL};
const char *const bad_row_words[] = {"fail", "skip", NULL};

#define FILE_ROW(form_type)                                                              \
    {ROW("file", FIELD_TEXT, form_type, file), .unit = "a path from where this file is", \
     .flags = FIELD_REQUIRED | FIELD_PATH, .help = "where its rows are"}
#define ORDER_ROW(form_type)                                                             \
    {ROW("order", FIELD_CHOICE, form_type, order), .words = order_words,                 \
     .preset = "sequential",                                                             \
     .help = "which row a user takes: one after the other, drawn, or `unique`: "         \
             "none twice, and a user without a row ends. Workers share them out"}
#define BAD_ROW_ROW(form_type)                                                           \
    {ROW("on_bad_row", FIELD_CHOICE, form_type, on_bad_row), .words = bad_row_words,     \
     .preset = "fail",                                                                   \
     .help = "what a row that cannot be read is: a mistake of the scenario, or "         \
             "left out and counted"}

static const struct field feeder_fields[] = {
    FILE_ROW(struct feeder_form),
    ORDER_ROW(struct feeder_form),
    BAD_ROW_ROW(struct feeder_form),
};

const struct field_table feeder_table = {
    TABLE_OF(
        "feeder", feeder_fields, struct feeder_form,
        "Rows for templates: `{{ data.NAME.COLUMN }}`. A `.csv` (RFC 4180) names its "
        "columns in the first line,\na `.jsonl` has an object in each. A user keeps "
        "a row for an iteration; `feed: NAME` takes the next."),
    .short_key = "file",
    .example = "data:\n"
               "  people: {file: people.csv, order: unique}\n"
               "users:\n"
               "  shopper:\n"
               "    flow:\n"
               "      - http: GET /users/{{ data.people.id }}\n"};

static const struct field dataset_fields[] = {
    FILE_ROW(struct dataset_form),
    {ROW("format", FIELD_CHOICE, struct dataset_form, format), .words = format_words,
     .help =
         "`sharegpt`: a list of `{conversations: [{from, value}]}`; `jsonl`: lines of "
         "`{\"prompt\": …}` or `{\"messages\": […]}`, with `output_tokens` or "
         "without. By default by the file's ending"},
    ORDER_ROW(struct dataset_form),
    BAD_ROW_ROW(struct dataset_form),
};

const struct field_table dataset_table = {
    TABLE_OF("dataset", dataset_fields, struct dataset_form,
             "Prompts and conversations that are asked as they are written down."),
    .short_key = "file",
    .example = "datasets:\n"
               "  chats: {file: sharegpt.json, order: random}\n"
               "users:\n"
               "  asker:\n"
               "    flow:\n"
               "      - repeat: 3\n"
               "        steps: [{chat: {model: gpt-4o, dataset: chats, conversation: "
               "keep}}]\n"};

static bool ends_with(const char *path, const char *ending)
{
    const size_t len = strlen(path);
    const size_t ending_len = strlen(ending);

    return len > ending_len && strcmp(path + len - ending_len, ending) == 0;
}

static int make_feeder(struct making *making, const struct feeder_form *form,
                       struct plan_feeder *feeder)
{
    const struct config_node *place;
    int r = making_copy(making, form->form.key->text, &feeder->name);

    if (r < 0 || !form->file)
        return r; /* that was told when the form was filled */
    place = making_place(&form->form, "file");
    feeder->json_lines = ends_with(form->file, ".jsonl");
    feeder->order = (enum plan_order)form->order;
    feeder->skip_bad_rows = form->on_bad_row == 1;
    feeder->line = (uint32_t)place->place.line;
    feeder->column = (uint32_t)place->place.column;
    if (!feeder->json_lines && !ends_with(form->file, ".csv"))
        r = MAKING_REFUSE(making, place, "rename it: the ending says how it is read",
                          "'%s' is neither a .csv nor a .jsonl", place->written);
    if (r == 0)
        r = making_copy(making, place->place.file, &feeder->file);
    return r < 0 ? r : making_beside(making, &form->form, "file", &feeder->path);
}

int make_feeders(struct making *making)
{
    const struct feeder_form *forms = making->form->data.items;
    const size_t count = making->form->data.count;
    int r;

    making->feeders = making_array(making, count, sizeof(*making->feeders));
    making->columns = making_array(making, count, sizeof(*making->columns));
    r = making->feeders && making->columns ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = make_feeder(making, &forms[i], &making->feeders[i]);
    if (r < 0)
        return r;
    making->plan->feeders = making->feeders;
    making->plan->feeder_count = count;
    return 0;
}

static int make_dataset(struct making *making, const struct dataset_form *form,
                        struct plan_dataset *dataset)
{
    const struct config_node *place;
    int r = making_copy(making, form->form.key->text, &dataset->name);

    if (r < 0 || !form->file)
        return r;
    place = making_place(&form->form, "file");
    dataset->format =
        ends_with(form->file, ".jsonl") ? PLAN_DATASET_JSONL : PLAN_DATASET_SHAREGPT;
    if (making_has(&form->form, "format"))
        dataset->format = (enum plan_dataset_format)form->format;
    dataset->order = (enum plan_order)form->order;
    dataset->skip_bad_rows = form->on_bad_row == 1;
    dataset->line = (uint32_t)place->place.line;
    dataset->column = (uint32_t)place->place.column;
    r = making_copy(making, place->place.file, &dataset->file);
    return r < 0 ? r : making_beside(making, &form->form, "file", &dataset->path);
}

int make_datasets(struct making *making)
{
    const struct dataset_form *forms = making->form->datasets.items;
    const size_t count = making->form->datasets.count;
    struct plan_dataset *datasets = making_array(making, count, sizeof(*datasets));
    int r = datasets ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < count; i++)
        r = make_dataset(making, &forms[i], &datasets[i]);
    if (r < 0)
        return r;
    making->plan->datasets = datasets;
    making->plan->dataset_count = count;
    return 0;
}
