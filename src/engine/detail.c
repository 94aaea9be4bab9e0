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

/* Writes stars over each place where the key stands. */
static void mask(char *text, const struct secret *secret)
{
    const char *key = secret_reveal(secret);
    const size_t len = key ? strlen(key) : 0;

    if (len == 0)
        return;
    for (char *at = strstr(text, key); at; at = strstr(at + len, key))
        memset(at, '*', len);
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
    const uint32_t target =
        request_target(engine->plan, user->class_index, user->operation.step);
    char text[DETAIL_BYTES];

    if (!observer->on_failure || !outcome_is_failure(attempt->sample.outcome))
        return;
    write_detail(attempt, text);
    mask(text, who ? who->key : NULL);
    mask(text, engine->plan->targets[target].api_key);
    observer->on_failure(observer->ctx, &attempt->sample, text);
}
