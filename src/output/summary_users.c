#include "output/summary_users.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/quantity.h"
#include "measure/user_ranking.h"
#include "output/markup.h"
#include "output/summary_reader.h"
#include "output/terminal_table.h"
#include "result/facts.h"

#define INDENT 2
#define MAX_ROWS 5 /* the others stand in summary.json, and all in users.csv */
#define MAX_CELL_BYTES 1024

#define FIGURES                                                                          \
    {.head = "requests", .width = 8}, {.head = "failed", .width = 6},                    \
        {.head = "tokens", .optional = true, .width = 8},                                \
        {.head = "cost", .optional = true, .width = 8}, {.head = "e2e p50", .width = 8}, \
        {.head = "p95", .width = 8}, {.head = "max", .width = 8}

static const struct table_column failing_columns[] = {
    {.head = "Users, most failures", .left = true, .width = 20},
    {.head = "organization", .left = true, .optional = true},
    FIGURES,
};

static const struct table_column slowest_columns[] = {
    {.head = "Users, slowest", .left = true, .width = 20},
    {.head = "organization", .left = true, .optional = true},
    FIGURES,
};

static void add_user(struct terminal_table *table, const struct run_facts *facts,
                     const struct ranked_user *ranked)
{
    const struct user_view *user = &ranked->user;
    struct buf text = BUF_INIT(MAX_CELL_BYTES);

    run_facts_user(facts, user->ordinal, &text);
    table_cell_safe(table, buf_str(&text));
    table_cell_safe(table, run_facts_organization(facts, user->ordinal));
    table_cell_count(table, PAINT_PLAIN, user->requests);
    table_cell_count(table, user->failed > 0 ? PAINT_BAD : PAINT_PLAIN, user->failed);
    table_cell_count(table, PAINT_PLAIN, user->prompt_tokens + user->completion_tokens);
    buf_clear(&text);
    quantity_format_money(&text, user->cost_pusd);
    table_cell(table, PAINT_PLAIN, "%s", buf_str(&text));
    table_cell_quantile(table, ranked->p50);
    table_cell_quantile(table, ranked->p95);
    table_cell_quantile(table, ranked->max);
    buf_deinit(&text);
}

static void write_list(const struct run_facts *facts, const struct table_column *columns,
                       size_t column_count, const struct ranked_user *list, size_t count,
                       struct terminal_style style, struct buf *out)
{
    struct terminal_table table;
    bool in_organizations = false;

    table_init(&table, columns, column_count);
    for (size_t i = 0; i < count && i < MAX_ROWS; i++) {
        add_user(&table, facts, &list[i]);
        in_organizations = in_organizations ||
                           *run_facts_organization(facts, list[i].user.ordinal) != '\0';
    }
    if (!in_organizations)
        table_skip(&table, 1);
    if (count > 0) {
        buf_append_char(out, '\n');
        table_write(&table, style, INDENT, out);
    }
    table_deinit(&table);
}

void summary_users(const struct run_facts *facts, struct terminal_style style,
                   struct buf *out)
{
    struct user_ranking ranking;

    user_ranking_of(facts->view->recorder, &ranking);
    if (ranking.count < 2)
        return;
    write_list(facts, failing_columns, COUNT_OF(failing_columns), ranking.failing,
               ranking.failing_count, style, out);
    write_list(facts, slowest_columns, COUNT_OF(slowest_columns), ranking.slowest,
               ranking.slowest_count, style, out);
}

static void put_row(struct buf *out, const char *name, const json_t *user)
{
    static const char *const quantiles[] = {"p50", "p95", "max"};

    buf_append_str(out, "| ");
    markup_append_markdown(out, name);
    buf_append_str(out, " | ");
    markup_append_markdown(out, summary_text(user, "org_id"));
    buf_append_str(out, " | ");
    quantity_format_count(out, (uint64_t)summary_count(user, "requests"));
    buf_append_str(out, " | ");
    quantity_format_count(out, (uint64_t)summary_count(user, "failed"));
    buf_append_str(out, " | ");
    quantity_format_count(out, (uint64_t)(summary_count(user, "prompt_tokens") +
                                          summary_count(user, "completion_tokens")));
    buf_append_str(out, " | ");
    quantity_format_money(out, summary_count(user, "cost_pusd"));
    for (size_t i = 0; i < COUNT_OF(quantiles); i++) {
        buf_append_str(out, " | ");
        summary_say_percentile(summary_at(user, "latency"), quantiles[i], out);
    }
    buf_append_str(out, " |\n");
}

static void put_list(struct buf *out, const json_t *summary, const char *heading,
                     const char *list)
{
    const json_t *names = summary_at(summary, list);
    const json_t *by = summary_at(summary, "by/user_id");

    if (json_array_size(names) == 0)
        return;
    buf_printf(
        out,
        "\n## %s\n\n| | organization | requests | failed | tokens | cost | e2e p50 | "
        "p95 | max |\n|---|---|---:|---:|---:|---:|---:|---:|---:|\n",
        heading);
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));

        if (name)
            put_row(out, name, json_object_get(by, name));
    }
}

void markdown_users(const json_t *summary, struct buf *out)
{
    if (summary_count(summary, "users/count") < 2)
        return;
    put_list(out, summary, "Users with most failures", "users/failing");
    put_list(out, summary, "Slowest users", "users/slowest");
}
