#include "engine/detail.h"

#include <stddef.h>
#include <string.h>

#include "base/secret.h"
#include "engine/attempt.h"
#include "engine/parts.h"
#include "engine/user.h"
#include "plan/plan.h"
#include "plan/roster.h"

#define DETAIL_BYTES ((size_t)240)

/* A header's value shorter than this is no key, and its stars would hide what the message says. */
#define SECRET_MIN_BYTES ((size_t)4)

/* The part of an answer that is shown where it is no answer. */
static size_t copy_printable(char *text, size_t size, const char *bytes, size_t len)
{
    size_t used = 0;

    for (; used < len && used + 1 < size; used++) {
        const unsigned char c = (unsigned char)bytes[used];

        text[used] = c < ' ' || c == 0x7f ? ' ' : (char)c;
    }
    text[used] = '\0';
    return used;
}

/* Writes stars over each place where these words stand. */
static void mask(char *text, const char *words)
{
    const size_t len = strlen(words);

    for (char *at = len > 0 ? strstr(text, words) : NULL; at;
         at = strstr(at + len, words))
        memset(at, '*', len);
}

static void mask_key(char *text, const struct secret *key)
{
    if (key)
        mask(text, secret_reveal(key));
}

/* Any header may carry a key: whole, or behind the name of a scheme ("Basic …"). */
static void mask_headers(char *text, const struct plan_pair *headers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *value = headers[i].value;
        const char *space = strrchr(value, ' ');

        if (plan_header_is_public(headers[i].key) || strlen(value) < SECRET_MIN_BYTES)
            continue;
        mask(text, value);
        if (space && strlen(space + 1) >= SECRET_MIN_BYTES)
            mask(text, space + 1);
    }
}

/* What tells most: the server's own message, what came in place of an answer, the transport. */
static void write_detail(const struct attempt *attempt, char text[static DETAIL_BYTES])
{
    const char *bytes = attempt->detail ? attempt->detail : "";
    size_t len = strlen(bytes);

    if (attempt->reader.error[0]) {
        bytes = attempt->reader.error;
        len = strlen(bytes);
    } else if (len == 0 && attempt->answer.len > 0) {
        bytes = attempt->answer.bytes;
        len = attempt->answer.len;
    }
    (void)copy_printable(text, DETAIL_BYTES, bytes, len);
}

void detail_tell(const struct attempt *attempt)
{
    const struct engine *engine = attempt->engine;
    const struct engine_observer *observer = &engine->observer;
    const struct user *user = attempt->user;
    const struct roster_user *who = engine_roster_user(engine, user->ordinal);
    const struct plan_target *target = &engine->plan->targets[request_target(
        engine->plan, user->class_index, user->operation.step)];
    char text[DETAIL_BYTES];

    if (!observer->on_failure || !outcome_is_failure(attempt->sample.outcome))
        return;
    write_detail(attempt, text);
    mask_key(text, who ? who->key : NULL);
    mask_key(text, target->api_key);
    mask_headers(text, target->headers, target->header_count);
    mask_headers(text, user->class->headers, user->class->header_count);
    mask_headers(text, attempt->step->headers, attempt->step->header_count);
    observer->on_failure(observer->ctx, &attempt->sample, text);
}
