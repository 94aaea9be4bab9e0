#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "expr/regex.h"
#include "scenario/convert_k6.h"

/* A flow stands three levels in: users, class, flow. */
#define FLOW_INDENT "      "
#define MAX_FLOW_BYTES ((size_t)1 << 20)

/* What is looked for: requests with a literal address, and pauses. */
static const char pattern[] =
    "\\bhttp\\.(get|post|put|patch|del|delete|head|options)\\(\\s*(['\"`])(.*?)\\2"
    "|\\bsleep\\(\\s*([0-9.]+)\\s*\\)";

enum group { GROUP_ALL, GROUP_METHOD, GROUP_QUOTE, GROUP_ADDRESS, GROUP_PAUSE };

static const struct {
    const char *call;
    const char *method;
} methods[] = {
    {"get", "GET"},    {"post", "POST"},     {"put", "PUT"},   {"patch", "PATCH"},
    {"del", "DELETE"}, {"delete", "DELETE"}, {"head", "HEAD"}, {"options", "OPTIONS"},
};

static const char *keep_span(struct draft *draft, struct regex_span span)
{
    const char *kept = arena_copy_bytes(draft->arena, span.text, span.len);

    if (!kept)
        draft->error = -ENOMEM;
    return kept ? kept : "";
}

/* One that the pattern let through; "" only where memory was out. */
static const char *method_of(const char *call)
{
    for (size_t i = 0; i < COUNT_OF(methods); i++)
        if (strcmp(methods[i].call, call) == 0)
            return methods[i].method;
    return "GET";
}

/* The path of an address, with its origin where it has one. */
static const char *split_address(struct draft *draft, const char *address,
                                 const char **ret_origin)
{
    const char *host = strstr(address, "://");

    if (strncmp(address, "${", 2) == 0) {
        const char *end = strchr(address, '}'); /* the variable that the origin is in */

        return end && end[1] == '/' ? end + 1 : "/";
    }
    if (!host)
        return *address == '/' ? address : "/";
    const size_t origin = (size_t)(host - address) + 3 + strcspn(host + 3, "/?#");

    *ret_origin = draft_printf(draft, "%.*s", (int)origin, address);
    return address[origin] == '/' ? address + origin : "/";
}

static void add_request(struct draft *draft, const char *method, const char *address,
                        struct buf *flow, const char **origin)
{
    const char *own = NULL;
    const char *path = split_address(draft, address, &own);

    if (own && !*origin)
        *origin = own;
    else if (own && strcmp(own, *origin) != 0)
        draft_note(draft, "%s %s goes to the target too, and not to %s", method, path,
                   own);
    if (strstr(path, "${")) {
        draft_note(draft,
                   "%s %s: `${…}` of the script is cut off: write a template there",
                   method, path);
        path = draft_printf(draft, "%.*s", (int)(strstr(path, "${") - path), path);
    }
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        draft_note(draft, "%s %s is sent without a body and headers: write them there",
                   method, path);
    buf_printf(flow, FLOW_INDENT "- http: %s\n",
               draft_text(draft, draft_printf(draft, "%s %s", method, path), false));
}

/* One match: what it found goes into the flow. */
static void add_found(struct draft *draft, struct regex *regex, const char *at,
                      struct buf *flow, size_t *steps, const char **origin)
{
    struct regex_span spans[GROUP_PAUSE + 1] = {0};

    for (unsigned group = 0; group <= GROUP_PAUSE; group++)
        (void)regex_match(regex, at, strlen(at), group, &spans[group]);
    if (spans[GROUP_PAUSE].text) {
        buf_printf(flow, FLOW_INDENT "- think: %ss\n",
                   keep_span(draft, spans[GROUP_PAUSE]));
        return;
    }
    add_request(draft, method_of(keep_span(draft, spans[GROUP_METHOD])),
                keep_span(draft, spans[GROUP_ADDRESS]), flow, origin);
    ++*steps;
}

const char *k6_read_script(const char *script, struct draft *draft, size_t *ret_steps,
                           const char **ret_origin)
{
    struct regex_error error;
    struct regex *regex = NULL;
    struct buf flow = BUF_INIT(MAX_FLOW_BYTES);
    struct regex_span span;

    *ret_steps = 0;
    *ret_origin = NULL;
    if (regex_new(pattern, &regex, &error) < 0) {
        draft->error = -ENOMEM;
        return "";
    }
    for (const char *at = script;
         regex_match(regex, at, strlen(at), GROUP_ALL, &span) == 1;
         at = span.text + span.len)
        add_found(draft, regex, at, &flow, ret_steps, ret_origin);
    regex_free(regex);
    if (*ret_steps == 0) {
        buf_clear(&flow);
        buf_append_str(&flow, FLOW_INDENT "- http: GET /\n");
        *ret_steps = 1;
        draft_note(
            draft,
            "the requests stand in the script, not in its options: GET / stands in "
            "their place");
    } else {
        draft_note(draft,
                   "of the script only literal addresses and pauses were read, in their "
                   "order: checks, groups, loops and data are to be written anew");
    }
    return draft_take(draft, &flow);
}
