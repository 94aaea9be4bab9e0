#include "engine/mask.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "base/secret_name.h"
#include "engine/asking.h"
#include "engine/attempt.h"
#include "engine/knowledge.h"
#include "engine/parts.h"
#include "engine/user.h"
#include "engine/user_script.h"
#include "engine/variables.h"
#include "engine/wording.h"
#include "plan/plan.h"
#include "plan/roster.h"

/* Of what stands in a query or a body, so much is looked for. */
#define MAX_PART_BYTES 512

static void mask_key(char *text, const struct secret *key)
{
    if (key)
        secret_star_out(text, secret_reveal(key));
}

/* At the quote that ends the string which begins at this one; an end that was cut off is the text's. */
static const char *string_end(const char *quote)
{
    const char *at = quote + 1;

    while (*at && *at != '"')
        at += at[0] == '\\' && at[1] ? 2 : 1;
    return at;
}

/* Between the parts of JSON (RFC 8259, section 2). */
static const char blanks[] = " \t\r\n";

/* The next string value under the name of a secret in a JSON text; NULL: there is none. */
static const char *next_secret_member(const char *json, size_t *ret_len)
{
    for (const char *quote = strchr(json, '"'); quote; quote = strchr(quote, '"')) {
        const char *end = string_end(quote);
        const char *value = *end ? end + 1 + strspn(end + 1, blanks) : end;

        if (*value != ':') {
            quote = *end ? end + 1 : end;
            continue;
        }
        value += 1 + strspn(value + 1, blanks);
        if (*value == '"' && secret_name_is(quote + 1, (size_t)(end - quote - 1))) {
            *ret_len = (size_t)(string_end(value) - value - 1);
            return value + 1;
        }
        quote = value;
    }
    return NULL;
}

/* Stars over so many bytes of other's wherever they stand in the text, a long one piece by piece. */
static void mask_part(char *text, const char *part, size_t len)
{
    char words[MAX_PART_BYTES];
    const size_t most = sizeof(words) - 1;

    for (size_t at = 0; at < len && len >= SECRET_MIN_BYTES; at += most) {
        /* What is left over may be too short to be looked for. */
        const size_t from = len - at < SECRET_MIN_BYTES ? len - SECRET_MIN_BYTES : at;

        (void)snprintf(words, sizeof(words), "%.*s",
                       (int)(len - from < most ? len - from : most), part + from);
        secret_star_out(text, words);
    }
}

/* What stands under the name of a secret in the pairs of a query or a form. */
static void mask_pairs(char *text, const char *pairs)
{
    while (*pairs) {
        const size_t pair_len = strcspn(pairs, "&");
        const size_t name_len = strcspn(pairs, "=&");

        if (name_len < pair_len && secret_name_is(pairs, name_len))
            mask_part(text, pairs + name_len + 1, pair_len - name_len - 1);
        pairs += pair_len + (pairs[pair_len] == '&');
    }
}

/* Likewise in the members of a JSON text. */
static void mask_values(char *text, const char *json)
{
    size_t len = 0;

    for (const char *value = next_secret_member(json, &len); value;
         value = next_secret_member(value + len, &len)) {
        mask_part(text, value, len);
        if (value[len] == '"')
            len++;
    }
}

static void mask_cookie(void *ctx, const char *value)
{
    char *text = ctx;

    mask_part(text, value, strlen(value));
}

/* What a call sends under the name of a secret, in the query of its URL and in its body. */
static void mask_call(char *text, const struct attempt *attempt)
{
    const char *path = attempt->url ? attempt->url : attempt->step->http.path.text;
    const char *query = strchr(path, '?');
    size_t len = 0;
    const char *body = asking_body(attempt, &len);

    if (query)
        mask_pairs(text, query + 1);
    if (!body || len == 0)
        return;
    /* A form has no quotes, they are percent-encoded in it. */
    if (strchr(body, '"'))
        mask_values(text, body);
    else
        mask_pairs(text, body);
}

/* The values of headers, of which those with templates are the next of the walk. */
static void mask_headers(char *text, const struct plan_pair *headers, size_t count,
                         struct wording *wording)
{
    for (size_t i = 0; i < count; i++) {
        const struct plan_pair sent = {
            .key = headers[i].key,
            .value = wording_next(wording, headers[i].template, headers[i].value)};

        plan_star_headers(text, &sent, 1);
    }
}

/* What templates and files put into the request, and what the user knows and nobody should see. */
static void mask_known(char *text, const struct attempt *attempt)
{
    const struct user *user = attempt->user;
    const struct plan *plan = attempt->engine->plan;

    for (uint32_t i = 0; i < plan->variable_count; i++) {
        struct variable value;

        if (plan->variables[i].secret && user_script_variable(user, i, &value))
            mask_part(text, value.text, value.len);
    }
    if (user->knowledge)
        cookies_each(&user->knowledge->cookies, mask_cookie, text);
}

void mask_secrets(const struct attempt *attempt, char *text)
{
    const struct engine *engine = attempt->engine;
    const struct user *user = attempt->user;
    const struct roster_user *who = engine_roster_user(user);
    const struct plan_target *target = &engine->plan->targets[request_target(
        engine->plan, user->class_index, user->operation.step)];

    struct wording wording = wording_begin(&attempt->wording);
    const char *token;

    mask_key(text, who ? who->key : NULL);
    mask_key(text, target->api_key);
    (void)wording_url(&wording, attempt->step);
    token =
        wording_next(&wording, attempt->step->auth.template, attempt->step->auth.text);
    if (token)
        mask_part(text, token, strlen(token));
    mask_headers(text, target->headers, target->header_count, &wording);
    mask_headers(text, user->class->headers, user->class->header_count, &wording);
    mask_headers(text, attempt->step->headers, attempt->step->header_count, &wording);
    mask_known(text, attempt);
    if (attempt->step->kind == PLAN_STEP_HTTP)
        mask_call(text, attempt);
}

void mask_members(char *text)
{
    size_t len = 0;

    for (const char *value = next_secret_member(text, &len); value;
         value = next_secret_member(value + len, &len)) {
        memset(text + (value - text), '*', len);
        if (value[len] == '"')
            len++;
    }
}
