#include "engine/wording.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "engine/attempt.h"
#include "engine/parts.h"
#include "engine/rendering.h"
#include "engine/user.h"
#include "plan/plan.h"

/* Whether a rendered text holds nothing that would end its line (RFC 9110, section 5.5). */
static bool is_one_line(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];

        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

/* What a URL takes: no blanks, nothing that is not printed (RFC 3986). */
static bool is_url(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f)
            return false;
    return true;
}

/*
 * Whether what stands behind the origin is a path on that server: "@host" and ":port" behind it would
 * take the request, and its key, to another one.
 */
static bool is_path(const char *path, size_t len)
{
    return len == 0 || *path == '/' || *path == '?';
}

static bool begins_at(const char *text, size_t len, const char *origin, size_t origin_len)
{
    return len >= origin_len && memcmp(text, origin, origin_len) == 0 &&
           is_path(text + origin_len, len - origin_len);
}

/* What servers tell as an address of their own (Location, the next page) has the origin already. */
static void drop_second_origin(struct buf *out, size_t path_from, const char *origin)
{
    static const char *const defaults[][2] = {{"http://", ":80"}, {"https://", ":443"}};
    char *path = out->bytes + path_from;
    const size_t len = out->len - path_from;
    size_t drop = strlen(origin);

    for (size_t i = 0; i < COUNT_OF(defaults) && !begins_at(path, len, origin, drop);
         i++) {
        const size_t port_len = strlen(defaults[i][1]);

        if (strncmp(origin, defaults[i][0], strlen(defaults[i][0])) == 0 &&
            strcmp(origin + drop - port_len, defaults[i][1]) == 0)
            drop -= port_len; /* nobody writes the port that goes without saying */
    }
    if (!begins_at(path, len, origin, drop))
        return;
    memmove(path, path + drop, len - drop);
    out->len -= drop;
}

/* Closes the string that began at from. */
static int close_string(struct attempt *attempt, size_t from,
                        bool (*fits)(const char *text, size_t len), const char *problem)
{
    struct buf *out = &attempt->wording;

    /* Where nothing was written yet there are no bytes, and from is 0. */
    if (!fits(buf_str(out) + from, out->len - from)) {
        attempt->detail = problem;
        return -EINVAL;
    }
    return buf_append_char(out, '\0');
}

/* The path that a step itself says; NULL: its API's. */
static const struct plan_text *path_of(const struct plan_step *step)
{
    if (plan_step_asks_model(step->kind))
        return NULL;
    return step->kind == PLAN_STEP_MCP ? &step->mcp.path : &step->http.path;
}

static int make_url(struct attempt *attempt, struct rendering *rendering)
{
    const struct plan_step *step = attempt->step;
    const struct plan_text *path = path_of(step);
    const struct plan *plan = attempt->engine->plan;
    const uint32_t target =
        request_target(plan, attempt->user->class_index, attempt->user->operation.step);
    const char *origin = plan->targets[target].origin;
    struct buf *out = &attempt->wording;
    const size_t from = out->len;
    size_t path_from;
    int r;

    if (!path || !path->template)
        return 0;
    r = buf_append_str(out, origin);
    path_from = out->len;
    if (r == 0)
        r = rendering_append(rendering, path, out);
    if (r < 0)
        return r;
    drop_second_origin(out, path_from, origin);
    /* On paper a name stands for what only an answer would tell. */
    if (!is_path(out->bytes + path_from, out->len - path_from) &&
        !attempt->engine->script.is_on_paper) {
        attempt->detail =
            "the path does not begin with / (a template that holds a whole path "
            "ends in the filter raw)";
        return -EINVAL;
    }
    return close_string(attempt, from, is_url,
                        "a blank or a control character came into the path");
}

static int make_auth(struct attempt *attempt, struct rendering *rendering)
{
    const struct plan_text *auth = &attempt->step->auth;
    const size_t from = attempt->wording.len;
    int r;

    if (!auth->template)
        return 0;
    r = rendering_append(rendering, auth, &attempt->wording);
    return r < 0 ? r
                 : close_string(attempt, from, is_one_line,
                                "a control character came into the token of auth");
}

static int make_headers(struct attempt *attempt, struct rendering *rendering,
                        const struct plan_pair *pairs, size_t count)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < count; i++) {
        const size_t from = attempt->wording.len;

        if (!pairs[i].template)
            continue;
        r = rendering_append_pair(rendering, &pairs[i], &attempt->wording);
        if (r == 0)
            r = close_string(attempt, from, is_one_line,
                             "a control character came into the value of a header");
    }
    return r;
}

int wording_make(struct attempt *attempt, struct rendering *rendering)
{
    const struct engine *engine = attempt->engine;
    const struct user *user = attempt->user;
    const struct plan_step *step = attempt->step;
    const struct plan_target *target = &engine->plan->targets[request_target(
        engine->plan, user->class_index, user->operation.step)];
    int r = make_url(attempt, rendering);

    if (r == 0)
        r = make_auth(attempt, rendering);
    if (r == 0)
        r = make_headers(attempt, rendering, target->headers, target->header_count);
    if (r == 0)
        r = make_headers(attempt, rendering, user->class->headers,
                         user->class->header_count);
    if (r == 0)
        r = make_headers(attempt, rendering, step->headers, step->header_count);
    return r;
}

struct wording wording_begin(const struct buf *buf)
{
    const char *text = buf_str(buf);

    return (struct wording){.next = text, .end = text + buf->len};
}

const char *wording_next(struct wording *wording, const struct template *template,
                         const char *written)
{
    const char *text = wording->next;

    if (!template)
        return written;
    if (text >= wording->end)
        return "";
    wording->next += strlen(text) + 1;
    return text;
}

const char *wording_url(struct wording *wording, const struct plan_step *step)
{
    const struct plan_text *path = path_of(step);

    return path ? wording_next(wording, path->template, NULL) : NULL;
}
