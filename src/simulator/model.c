/*
 * GET /v1/models and /v1/models/{id}.
 * Source: OpenAI API reference, "Models": the model object and the list object.
 */
#include "simulator/model.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "simulator/endpoint.h"
#include "simulator/instance.h"

#define BODY_BYTES_MAX (1024 * 1024)
#define NAME_BYTES_MAX 512

/* What is listed where the options name none. */
static const char *const usual_models[] = {"gpt-4o", "gpt-4o-mini", NULL};

bool model_is_known(const struct simulator_options *options, const char *name)
{
    for (size_t i = 0; options->models[i]; i++) {
        if (strcmp(options->models[i], name) == 0)
            return true;
    }
    return options->models[0] == NULL;
}

void model_refuse(const struct exchange *exchange, const char *name)
{
    exchange_refuse(
        exchange,
        (struct exchange_error){404, "invalid_request_error", NULL, "model_not_found"},
        "The model `%.200s` does not exist or you do not have access to it.", name);
}

static void write_model(struct buf *out, const char *name)
{
    buf_append_str(out, "{\"id\":\"");
    buf_append_json(out, name, strlen(name));
    /* The second at which OpenAI made gpt-4o. */
    buf_append_str(out, "\",\"object\":\"model\",\"created\":1715367049,"
                        "\"owned_by\":\"system\"}");
}

static void answer(const struct exchange *exchange, const struct buf *body)
{
    if (buf_error(body) < 0)
        exchange_refuse_status(exchange, 500);
    else
        exchange_answer(exchange, 200, buf_str(body), body->len);
}

void models_list(struct exchange *exchange)
{
    const struct simulator_options *options = exchange->simulator->options;
    CLEANUP(buf_deinit) struct buf body = BUF_INIT(BODY_BYTES_MAX);

    buf_append_str(&body, "{\"object\":\"list\",\"data\":[");
    for (size_t i = 0;; i++) {
        const char *name = options->models[0] ? options->models[i] : usual_models[i];

        if (!name)
            break;
        if (i > 0)
            buf_append_char(&body, ',');
        write_model(&body, name);
    }
    buf_append_str(&body, "]}");
    answer(exchange, &body);
}

void models_show(struct exchange *exchange)
{
    CLEANUP(buf_deinit) struct buf body = BUF_INIT(BODY_BYTES_MAX);
    char name[NAME_BYTES_MAX];

    if (serve_percent_decode(exchange->match.params[0].text,
                             exchange->match.params[0].len, name, sizeof(name)) < 0)
        name[0] = '\0';
    if (name[0] == '\0' || !model_is_known(exchange->simulator->options, name)) {
        model_refuse(exchange, name);
        return;
    }
    write_model(&body, name);
    answer(exchange, &body);
}
