#include <string.h>

#include "base/secret.h"
#include "scenario/making.h"
#include "scenario/url.h"

static const char *const at_end_words[] = {"keep", "delete", NULL};

static const char *const naming_words[] = {
    [PLAN_NAMING_THRONG] = "throng",
    [PLAN_NAMING_OTEL] = "otel",
    [PLAN_NAMING_OTEL + 1] = NULL,
};

static const struct field pushgateway_fields[] = {
    {ROW("url", FIELD_TEXT, struct pushgateway_form, url), .flags = FIELD_REQUIRED,
     .help = "`http://host:9091`, with a path where it is served under one, and with "
             "`name:password@` where it asks for them; they are never shown"},
    {ROW("interval", FIELD_DURATION, struct pushgateway_form, interval_ns), .min = "1s",
     .max = "1h", .preset = "5s", .help = "between two pushes"},
    {ROW("job", FIELD_TEXT, struct pushgateway_form, job), .preset = "throng",
     .help = "label `job` of all that is pushed"},
    {ROW("timeout", FIELD_DURATION, struct pushgateway_form, timeout_ns), .min = "100ms",
     .max = "1m", .preset = "5s",
     .help =
         "a push that takes longer is given up; the end of a run waits no longer than "
         "that"},
    {ROW("at_end", FIELD_CHOICE, struct pushgateway_form, at_end), .words = at_end_words,
     .preset = "keep",
     .help =
         "`keep`: the last figures stay until somebody removes them; `delete`: they "
         "are removed once Prometheus had time to read them, two of its scrapes after "
         "the end"},
    {ROW("scrape_interval", FIELD_DURATION, struct pushgateway_form, scrape_interval_ns),
     .min = "100ms", .max = "10m", .preset = "15s",
     .help = "how often Prometheus reads the Pushgateway, for `at_end: delete`"},
    {ROW("last_result", FIELD_BOOL, struct pushgateway_form, last_result),
     .preset = "true",
     .help = "what came out of the run stays in a group of the scenario's, without the "
             "run's id, for trends over runs and alerts on a run that did not happen"},
    {ROW("headers", FIELD_PAIRS, struct pushgateway_form, headers),
     .flags = FIELD_GUARDED,
     .help = "sent with every push, such as `Authorization`; never shown"},
    {ROW("tls", FIELD_MAP, struct pushgateway_form, tls), .table = &tls_table,
     .help = "certificates"},
};

static const struct field_table pushgateway_table = {
    TABLE_OF(
        "pushgateway", pushgateway_fields, struct pushgateway_form,
        "A Prometheus Pushgateway that gets the figures while the run goes on, under "
        "the grouping\nkey job, test_run, worker_pod. It never holds the load up: "
        "what it does not take is\nwarned of and counted."),
    .short_key = "url",
    .example = "outputs:\n"
               "  pushgateway: {url: \"http://127.0.0.1:9091\", interval: 5s}\n"};

static const struct field outputs_fields[] = {
    {ROW("pushgateway", FIELD_MAP, struct outputs_form, pushgateway),
     .table = &pushgateway_table, .help = "a Prometheus Pushgateway"},
    {ROW("webhooks", FIELD_LIST, struct outputs_form, webhooks), .table = &webhook_table,
     .help = "who is told how the run ended"},
    {ROW("naming", FIELD_CHOICE, struct outputs_form, naming), .words = naming_words,
     .preset = "throng",
     .help =
         "what metrics are called for Prometheus: `otel` takes the names and attributes "
         "that OpenTelemetry has for clients of generative AI, where it has one"},
    {ROW("history", FIELD_TEXT, struct outputs_form, history), .flags = FIELD_GUARDED,
     .help =
         "where runs are kept and compared over time: a file, a PostgreSQL server's "
         "`postgresql://user@host/database`, or `none`; without it `history.db` in the "
         "folder of results ([history.md](history.md))"},
    {ROW("ui", FIELD_TEXT, struct outputs_form, ui),
     .help =
         "where the live page of a run listens, as `--ui-listen` says: `127.0.0.1:8089`"},
};

const struct field_table outputs_table = {
    TABLE_OF("outputs", outputs_fields, struct outputs_form,
             "Where figures go beside the results folder."),
    .example = "outputs: {pushgateway: \"http://127.0.0.1:9091\"}\n"};

/* The URL is kept without credentials, so that nothing that prints it can show them. */
static int make_url(struct making *making, const struct pushgateway_form *form,
                    struct plan_pushgateway *gateway)
{
    char plain[URL_MAX_BYTES];
    char credentials[URL_MAX_BYTES];
    struct url url;
    const char *problem = url_take_credentials(form->url, plain, credentials);
    int r = 0;

    if (!problem)
        problem = url_split(plain, &url);
    if (problem) {
        const struct config_node *place = making_place(&form->form, "url");
        char masked[URL_MASKED_BYTES];

        url_mask(place->written, masked);
        r = MAKING_REFUSE(making, place, "write one such as http://host:9091",
                          "url: %s in '%s'", problem, masked);
    } else {
        size_t len = strlen(plain);

        while (plain[len - 1] == '/')
            plain[--len] = '\0';
        r = making_copy(making, plain, &gateway->url);
        if (r == 0 && *credentials)
            r = making_secret(making, credentials, &gateway->credentials);
    }
    secret_wipe(credentials, sizeof(credentials));
    return r;
}

/* What is wrong with where a history is to be, in words without a part of it; NULL: nothing. */
static const char *history_problem(const char *text)
{
    const char *scheme = strstr(text, "://");

    if (!scheme)
        return NULL;
    if (strncmp(text, "postgresql://", strlen("postgresql://")) != 0 &&
        strncmp(text, "postgres://", strlen("postgres://")) != 0 &&
        strncmp(text, "sqlite://", strlen("sqlite://")) != 0)
        return "this is neither a file nor a PostgreSQL server";
    return strstr(scheme, "password=") ? "a password in the query of a URL is shown"
                                       : NULL;
}

static int make_history(struct making *making)
{
    const struct outputs_form *form = &making->form->outputs;
    const char *problem = form->history ? history_problem(form->history) : NULL;

    if (problem)
        return MAKING_REFUSE(
            making, making_place(&form->form, "history"),
            "write one such as postgresql://user@host/database, with the "
            "password in PGPASSWORD or ~/.pgpass, or a file's path",
            "history: %s", problem);
    if (!form->history)
        return 0;
    return making_secret(making, form->history, &making->plan->outputs.history);
}

int make_outputs(struct making *making)
{
    const struct pushgateway_form *form = &making->form->outputs.pushgateway;
    struct plan_pushgateway *gateway = &making->plan->outputs.pushgateway;
    int r = make_history(making);

    if (r == 0)
        r = making_copy(making, making->form->outputs.ui,
                        &making->plan->outputs.ui_listen);
    making->plan->outputs.naming = (enum plan_naming)making->form->outputs.naming;
    if (r < 0 || !form->form.node || !form->url)
        return r; /* what is missing was told when the form was filled */
    *gateway = (struct plan_pushgateway){
        .interval_ns = form->interval_ns,
        .timeout_ns = form->timeout_ns,
        .delete_at_end = form->at_end == 1,
        .scrape_interval_ns = form->scrape_interval_ns,
        .last_result = form->last_result,
    };
    r = make_url(making, form, gateway);
    if (r == 0)
        r = making_copy(making, form->job, &gateway->job);
    if (r == 0)
        r = making_headers(making, form->headers, &gateway->headers,
                           &gateway->header_count);
    if (r == 0)
        r = make_tls(making, &form->tls, &gateway->tls);
    return r;
}
