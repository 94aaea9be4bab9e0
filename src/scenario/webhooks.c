/* Who is told how a run ended. */
#include <errno.h>

#include "base/secret.h"
#include "scenario/making.h"
#include "scenario/webhook_url.h"

static const char *const format_words[] = {
    [PLAN_WEBHOOK_SLACK] = "slack", [PLAN_WEBHOOK_JSON] = "json", NULL};
static const char *const on_words[] = {"always", "failure", NULL};

static const struct field webhook_fields[] = {
    {ROW("url", FIELD_SECRET, struct webhook_form, url),
     .help = "where the message is posted; who knows it can post there, so it is never "
             "shown. `${NAME:-}` tells nobody where the variable is not set"},
    {ROW("format", FIELD_CHOICE, struct webhook_form, format), .words = format_words,
     .preset = "slack",
     .help = "`slack`: as Slack's incoming webhooks read it, and Mattermost's and "
             "Rocket.Chat's; `json`: a document of throng's own, for programs"},
    {ROW("on", FIELD_CHOICE, struct webhook_form, on), .words = on_words,
     .preset = "always", .help = "`failure`: only where the exit code is not 0"},
    {ROW("headers", FIELD_PAIRS, struct webhook_form, headers), .flags = FIELD_GUARDED,
     .help = "sent with it, such as `Authorization`; never shown"},
    {ROW("timeout", FIELD_DURATION, struct webhook_form, timeout_ns), .min = "100ms",
     .max = "1m", .preset = "5s", .help = "of one attempt; there are three, if need be"},
};

const struct field_table webhook_table = {
    TABLE_OF("webhook", webhook_fields, struct webhook_form,
             "Somebody who is told how a run ended, once its results are written: "
             "[ci.md](ci.md#notifications). What cannot\nbe delivered is warned of, and "
             "fails the run only with `--strict-export`."),
    .short_key = "url",
    .example = "outputs:\n"
               "  webhooks:\n"
               "    - ${SLACK_WEBHOOK_URL}\n"
               "    - {url: \"http://127.0.0.1:9/hook\", format: json, on: failure}\n"};

static int make_webhook(struct making *making, const struct webhook_form *form,
                        struct plan_webhook *webhook)
{
    const char *text = secret_reveal(form->url);
    char name[WEBHOOK_HOST_BYTES];
    const char *problem = webhook_url_problem(text);
    int r;

    *webhook = (struct plan_webhook){
        .format = (enum plan_webhook_format)form->format,
        .only_failure = form->on == 1,
        .timeout_ns = form->timeout_ns,
    };
    if (problem)
        return MAKING_REFUSE(making, making_place(&form->form, "url"),
                             "write one such as https://hooks.example/…, and "
                             "what it asks for under headers",
                             "url: %s in the URL of a webhook", problem);
    webhook_url_host(text, name);
    r = making_copy(making, name, &webhook->name);
    if (r == 0)
        r = making_secret(making, text, &webhook->url);
    if (r == 0)
        r = making_headers(making, form->headers, &webhook->headers,
                           &webhook->header_count);
    return r;
}

int make_webhooks(struct making *making)
{
    const struct config_items *items = &making->form->outputs.webhooks;
    const struct webhook_form *forms = items->items;
    struct plan_webhook *webhooks;
    int r = 0;

    if (items->count == 0)
        return 0;
    webhooks = making_array(making, items->count, sizeof(*webhooks));
    if (!webhooks)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < items->count; i++)
        if (forms[i].form.node->kind == CONFIG_MAP && !making_has(&forms[i].form, "url"))
            r = MAKING_REFUSE(making, forms[i].form.node,
                              "add 'url': where the message is posted",
                              "this webhook lacks 'url'%s", "");
        else if (forms[i].url)
            r = make_webhook(making, &forms[i],
                             &webhooks[making->plan->outputs.webhook_count++]);
    making->plan->outputs.webhooks = webhooks;
    return r;
}
