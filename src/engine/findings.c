#include "engine/findings.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/attempt.h"
#include "engine/knowledge.h"
#include "engine/parts.h"
#include "engine/rendering.h"
#include "engine/user.h"
#include "engine/user_script.h"
#include "engine/variables.h"
#include "engine/world.h"
#include "expr/regex.h"
#include "measure/recorder.h"
#include "net/transport.h"
#include "plan/plan.h"

#define MAX_HEADERS_BYTES ((size_t)512 * 1024)

/* One answer that is looked at. */
struct look {
    struct attempt *attempt;
    const struct transfer *transfer; /* NULL: no answer ever began */
    struct script *script;
    bool whole; /* it came to its end */
};

int findings_begin(struct attempt *attempt)
{
    struct findings *findings = attempt->findings;

    if (!attempt->needs)
        return 0;
    if (!findings) {
        findings = calloc(1, sizeof(*findings));
        if (!findings)
            return -ENOMEM;
        findings->headers = BUF_INIT(MAX_HEADERS_BYTES);
        attempt->findings = findings;
    }
    buf_clear(&findings->headers);
    findings->checks_failed = 0;
    findings->problem[0] = '\0';
    return 0;
}

struct findings *findings_free(struct findings *findings)
{
    if (!findings)
        return NULL;
    buf_deinit(&findings->headers);
    free(findings);
    return NULL;
}

size_t findings_room(const struct attempt *attempt)
{
    /* One byte more tells a body that is too long from one that just is not. */
    const size_t most = QUERY_MAX_BYTES + 1;

    if (!(attempt->needs & SCRIPT_NEEDS_BODY) || attempt->answer.len >= most)
        return 0;
    return most - attempt->answer.len;
}

/* A request that may go wrong for a reason of the scenario's own: the first one is told. */
static void refuse(struct attempt *attempt, const char *what, const char *name)
{
    struct findings *findings = attempt->findings;

    attempt->ending.check_failed = true;
    if (!findings->problem[0])
        (void)snprintf(findings->problem, sizeof(findings->problem), "%s: %s", what,
                       name);
}

static void put_headers(struct buf *out, const struct transfer *transfer)
{
    struct transfer_header header;
    char sign = '{';

    for (size_t i = 0; transport_header_at(transfer, i, &header); i++) {
        buf_append_char(out, sign);
        buf_append_char(out, '"');
        for (const char *c = header.name; *c; c++) {
            const char small = (char)tolower((unsigned char)*c);

            buf_append_json(out, &small, 1);
        }
        buf_append_str(out, "\":\"");
        buf_append_json(out, header.value, strlen(header.value));
        buf_append_char(out, '"');
        sign = ',';
    }
    buf_append_str(out, sign == '{' ? "{}" : "}");
    if (buf_error(out) < 0)
        buf_clear(out); /* too many to look at: there are none */
}

/* What people read of the answer: of a model its words, else the body. */
static struct regex_span words_of(const struct attempt *attempt)
{
    const struct buf *words = attempt->dialect ? &attempt->text : &attempt->answer;

    return (struct regex_span){buf_str(words), words->len};
}

void findings_put(const struct attempt *attempt)
{
    struct script *script = &attempt->engine->script;
    const struct api_usage *usage = &attempt->reader.usage;
    const char *finish = api_finish_word((enum api_finish)attempt->reader.finish);

    script_begin(script);
    if (attempt->ending.form != ANSWER_STREAM || attempt->answer.len > 0)
        script_put_text(script, "", QUERY_JSON, buf_str(&attempt->answer),
                        attempt->answer.len);
    if (!attempt->dialect)
        return;
    script_put_text(script, "text", QUERY_TEXT, buf_str(&attempt->text),
                    attempt->text.len);
    if (attempt->ending.form != ANSWER_STREAM)
        return;
    script_put_truth(script, "finished", attempt->reader.finished);
    if (attempt->reader.finish)
        script_put_text(script, "finish", QUERY_TEXT, finish, strlen(finish));
    if (usage->present) {
        script_put_number(script, "usage.prompt_tokens", (double)usage->prompt_tokens);
        script_put_number(script, "usage.completion_tokens",
                          (double)usage->completion_tokens);
        script_put_number(script, "usage.cached_tokens", (double)usage->cached_tokens);
        script_put_number(script, "usage.reasoning_tokens",
                          (double)usage->reasoning_tokens);
    }
}

static struct query_result ask(const struct look *look, uint32_t query)
{
    findings_put(look->attempt);
    return script_query(look->script, query);
}

static const char *header_of(const struct look *look, const char *name)
{
    return look->transfer ? transport_header(look->transfer, name) : NULL;
}

/* What an extract finds. False: nothing. */
static bool find(const struct look *look, const struct plan_extract *extract,
                 char number[static 8], struct variable *ret_value)
{
    const struct regex_span words = words_of(look->attempt);
    struct query_result result;
    struct regex_span span = {NULL, 0};

    *ret_value = (struct variable){.text = NULL};
    switch (extract->kind) {
    case PLAN_EXTRACT_QUERY:
        result = ask(look, extract->query);
        return script_value(look->script, &result, ret_value);
    case PLAN_EXTRACT_HEADER:
        ret_value->text = header_of(look, extract->header);
        break;
    case PLAN_EXTRACT_PATTERN:
        if (regex_match(look->script->patterns[extract->pattern], words.text, words.len,
                        extract->group, &span) == 1)
            ret_value->text = span.text;
        ret_value->len = span.len;
        return ret_value->text != NULL;
    case PLAN_EXTRACT_STATUS:
        (void)snprintf(number, 8, "%u", (unsigned)look->attempt->ending.status);
        ret_value->text = look->attempt->ending.status ? number : NULL;
        ret_value->json = true;
        break;
    }
    if (ret_value->text)
        ret_value->len = strlen(ret_value->text);
    return ret_value->text != NULL;
}

/* Nobody answers on paper: what would be found has a name instead. */
static void extract_on_paper(struct attempt *attempt, const struct plan_extract *extract)
{
    struct script *script = &attempt->engine->script;

    buf_clear(&script->value);
    buf_printf(&script->value, "{{vars.%s}}",
               script->plan->variables[extract->variable].name);
    user_script_set(
        attempt->user, extract->variable,
        &(struct variable){.text = buf_str(&script->value), .len = script->value.len});
}

static void take_extract(const struct look *look, const struct plan_extract *extract)
{
    const struct plan *plan = look->script->plan;
    struct variable value;
    char number[8];

    if (look->script->is_on_paper) {
        extract_on_paper(look->attempt, extract);
        return;
    }
    if (look->whole && find(look, extract, number, &value)) {
        user_script_set(look->attempt->user, extract->variable, &value);
        return;
    }
    if (extract->fallback) {
        value = (struct variable){.text = extract->fallback,
                                  .len = strlen(extract->fallback)};
        user_script_set(look->attempt->user, extract->variable, &value);
    }
    if (extract->required)
        refuse(look->attempt, "nothing was found to extract",
               plan->variables[extract->variable].name);
}

static bool is_one_of(uint16_t status, const struct plan_check *check)
{
    for (size_t i = 0; i < check->status_count; i++)
        if (check->statuses[i] == status)
            return true;
    return false;
}

/* The text that a check compares with: rendered where it is a template. */
static struct regex_span text_of(const struct look *look, const struct plan_check *check)
{
    struct buf *out = &look->script->value;
    struct rendering rendering;

    if (!check->text.template)
        return (struct regex_span){check->text.text, check->text.len};
    buf_clear(out);
    rendering_begin(&rendering, look->attempt->user);
    (void)rendering_append(&rendering, &check->text, out);
    return (struct regex_span){buf_str(out), out->len};
}

static bool header_holds(const struct look *look, const struct plan_check *check)
{
    const char *value = header_of(look, check->header);
    struct regex_span wanted;

    if (!value || !check->text.text)
        return value != NULL;
    wanted = text_of(look, check);
    return strlen(value) == wanted.len && memcmp(value, wanted.text, wanted.len) == 0;
}

static bool contains(const struct look *look, const struct plan_check *check)
{
    const struct regex_span words = words_of(look->attempt);
    const struct regex_span wanted = text_of(look, check);

    /* Nothing is in everything: what a template should have said would pass for said. */
    if (wanted.len == 0 && check->text.template)
        return false;
    return memmem(words.text, words.len, wanted.text, wanted.len) != NULL;
}

static bool matches(const struct look *look, const struct plan_check *check)
{
    const struct regex_span words = words_of(look->attempt);
    struct regex_span span;

    return regex_match(look->script->patterns[check->pattern], words.text, words.len, 0,
                       &span) == 1;
}

static bool holds(const struct look *look, const struct plan_check *check)
{
    const struct attempt *attempt = look->attempt;
    struct query_result result;

    switch (check->kind) {
    case PLAN_CHECK_STATUS:
        return is_one_of(attempt->ending.status, check);
    case PLAN_CHECK_LATENCY:
        return look->whole &&
               attempt->sample.end_ns - attempt->sample.sent_ns < check->latency_ns;
    case PLAN_CHECK_HEADER:
        return header_holds(look, check);
    case PLAN_CHECK_QUERY:
        if (!look->whole)
            return false;
        result = ask(look, check->query);
        return query_is_true(&result);
    case PLAN_CHECK_CONTAINS:
        return look->whole && contains(look, check);
    case PLAN_CHECK_MATCHES:
        return look->whole && matches(look, check);
    }
    return false;
}

static void take_check(const struct look *look, const struct plan_check *check)
{
    struct attempt *attempt = look->attempt;
    const struct sample *sample = &attempt->sample;
    const bool passed = look->script->is_on_paper || holds(look, check);

    if (check->expected && !passed)
        refuse(attempt, "the answer is not what was expected",
               check->kind == PLAN_CHECK_QUERY ? look->script->plan->queries[check->query]
                                               : check->name);
    if (check->expected)
        return;
    attempt->findings->checks_failed += !passed;
    if (!attempt->step->unmeasured)
        recorder_checked(attempt->engine->recorder, sample->labels,
                         sample->flags & SAMPLE_IN_WINDOW, check->name, passed);
}

static void take_cookies(const struct attempt *attempt, const struct transfer *transfer)
{
    struct user *user = attempt->user;
    struct world *world = attempt->engine->world;
    const struct cookies_place place = cookies_place_of(attempt->url);
    struct transfer_header header;

    for (size_t i = 0; transport_header_at(transfer, i, &header); i++) {
        if (strcasecmp(header.name, "set-cookie") != 0)
            continue;
        if (cookies_take(&user->knowledge->cookies, header.value, &place,
                         attempt->sample.end_ns, world->ops->wall(world)) < 0)
            user->knowledge->error = -ENOMEM;
    }
}

void findings_take(struct attempt *attempt, const struct transfer *transfer)
{
    const struct plan_step *step = attempt->step;
    const struct look look = {
        .attempt = attempt,
        .transfer = attempt->ending.status ? transfer : NULL,
        .script = &attempt->engine->script,
        .whole = attempt->ending.end == TRANSFER_COMPLETE || attempt->ending.enough,
    };

    if (look.transfer && attempt->user->class->keeps_cookies)
        take_cookies(attempt, transfer);
    if (!attempt->needs)
        return;
    if (look.transfer && attempt->needs & SCRIPT_NEEDS_HEADERS)
        put_headers(&attempt->findings->headers, transfer);
    /* What throng itself or an impatient person ended says nothing about the server. */
    if (ending_is_withdrawn(&attempt->ending))
        return;
    for (size_t i = 0; i < step->extract_count; i++)
        take_extract(&look, &step->extracts[i]);
    for (size_t i = 0; i < step->check_count; i++)
        take_check(&look, &step->checks[i]);
}

void findings_keep(const struct attempt *attempt)
{
    const struct buf *text = attempt->dialect ? &attempt->text : &attempt->answer;
    const struct sample *sample = &attempt->sample;
    struct user *user = attempt->user;

    user->last_status = sample->status;
    user->last_failed = outcome_is_failure(sample->outcome);
    if (attempt->engine->script.remembers)
        knowledge_keep_last(user->knowledge, &attempt->answer, text,
                            &attempt->findings->headers);
}
