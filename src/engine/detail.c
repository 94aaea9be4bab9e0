#include "engine/detail.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "engine/asking.h"
#include "engine/attempt.h"
#include "engine/findings.h"
#include "engine/mask.h"
#include "engine/parts.h"
#include "plan/program.h"

#define DETAIL_BYTES ((size_t)240)
/* Of a body, so much is shown. */
#define BODY_BYTES ATTEMPT_HEARD_BYTES

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

/* What tells most: the server's own message, what came in place of an answer, the transport. */
static void write_detail(const struct attempt *attempt, char text[static DETAIL_BYTES])
{
    const char *bytes = attempt->detail ? attempt->detail : "";
    size_t len = strlen(bytes);

    if (attempt->sample.outcome == OUTCOME_CHECK_FAILED) {
        bytes = attempt->findings->problem;
        len = strlen(bytes);
    } else if (attempt->reader.error[0]) {
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
    const struct engine_observer *observer = &attempt->engine->observer;
    char text[DETAIL_BYTES];

    if (!observer->on_failure || !outcome_is_failure(attempt->sample.outcome))
        return;
    write_detail(attempt, text);
    mask_secrets(attempt, text);
    mask_members(text);
    observer->on_failure(observer->ctx, &attempt->sample, text);
}

void detail_note(const struct attempt *attempt)
{
    struct engine *engine = attempt->engine;
    char text[DETAIL_BYTES];

    write_detail(attempt, text);
    mask_secrets(attempt, text);
    mask_members(text);
    (void)snprintf(engine->problem, sizeof(engine->problem), "%s: %s (status %u)%s%s",
                   attempt->step->name, outcome_name(attempt->sample.outcome),
                   (unsigned)attempt->sample.status, text[0] ? ": " : "", text);
}

/* A body as people may see it, in its own memory; "" where there is none, or no memory. */
static const char *printable_body(const struct attempt *attempt, const char *bytes,
                                  size_t len, struct buf *text)
{
    if (len > 0 &&
        buf_append_printable(text, bytes, len < BODY_BYTES ? len : BODY_BYTES) < 0)
        return "";
    if (text->len > 0) {
        mask_secrets(attempt, text->bytes);
        mask_members(text->bytes);
    }
    return buf_str(text);
}

void detail_tell_bodies(const struct attempt *attempt)
{
    const struct engine_observer *observer = &attempt->engine->observer;
    size_t sent_len = 0;
    const char *sent = asking_body(attempt, &sent_len);
    /* Whatever is not valid text becomes a character of three bytes. */
    struct buf request = BUF_INIT(3 * BODY_BYTES);
    struct buf answer = BUF_INIT(3 * BODY_BYTES);
    const struct engine_bodies bodies = {
        .request = printable_body(attempt, sent, sent_len, &request),
        .answer =
            printable_body(attempt, attempt->heard.bytes, attempt->heard.len, &answer),
    };

    observer->on_bodies(observer->ctx, &attempt->sample, &bodies);
    buf_deinit(&request);
    buf_deinit(&answer);
}
