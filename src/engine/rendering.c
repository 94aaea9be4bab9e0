#include "engine/rendering.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quantity.h"
#include "engine/feed.h"
#include "engine/parts.h"
#include "engine/user.h"
#include "engine/user_script.h"
#include "engine/variables.h"
#include "engine/world.h"
#include "expr/template.h"
#include "plan/plan.h"
#include "plan/roster.h"

void rendering_begin(struct rendering *rendering, struct user *user)
{
    struct world *world = user->engine->world;

    *rendering = (struct rendering){.user = user, .wall_ns = world->ops->wall(world)};
    rng_init(&rendering->rng, user->engine->plan->seed, user->key,
             rng_mix(user->walks) + user->texts, RNG_TEMPLATE);
}

/* The same words each time: of a person who only exists on paper. */
static int write_person(const struct user *user, const struct template *template,
                        struct buf *out)
{
    struct rng rng;
    const struct template_scope scope = {.rng = &rng};
    uint32_t ref;

    rng_init(&rng, user->engine->plan->seed, user->ordinal, 0, RNG_PERSON);
    return template_render(template, &scope, out, &ref);
}

static int write_email(const struct user *user, struct buf *out)
{
    const struct roster_user *who = engine_roster_user(user);
    int r;

    if (who && who->email)
        return buf_append_str(out, who->email);
    r = write_person(user, user->engine->script.email, out);

    /* .invalid is nobody's (RFC 2606): no letter goes anywhere. */
    return r < 0 ? r : buf_printf(out, "%" PRIu64 "@loadtest.invalid", user->ordinal);
}

static int write_number(struct buf *out, uint64_t number, bool *ret_json)
{
    *ret_json = true;
    return buf_printf(out, "%" PRIu64, number);
}

/* What only the roster knows. */
static int write_membership(const struct user *user, enum plan_name_kind kind,
                            struct buf *out)
{
    static const struct roster_user nobody = {0};
    const struct roster_user *who = engine_roster_user(user);
    const char *text = NULL;

    if (!who)
        who = &nobody;
    if (kind == PLAN_NAME_ORG_SLUG && who->org_slug)
        text = who->org_slug;
    else if (kind == PLAN_NAME_ORG_NAME)
        text = who->org_name;
    else if (kind == PLAN_NAME_KEY_ID)
        text = who->key_id;
    else
        text = who->org_id;
    return text ? buf_append_str(out, text) : -ENOENT;
}

static int write_budget(const struct user *user, struct buf *out, bool *ret_json)
{
    const struct roster_user *who = engine_roster_user(user);
    const int64_t pusd = who ? who->org_budget_pusd : 0;

    *ret_json = true;
    if (pusd == 0)
        return buf_append_str(out, "null");
    return buf_printf(out, "%.15g", (double)pusd / (double)PUSD_PER_USD);
}

static int write_index(const struct user *user, struct buf *out, bool *ret_json)
{
    const struct roster_user *who = engine_roster_user(user);

    return who && who->index > 0 ? write_number(out, who->index, ret_json) : -ENOENT;
}

static int write_variable(const struct user *user, uint32_t index, struct buf *out,
                          bool *ret_json)
{
    const struct script *script = &user->engine->script;
    struct variable value;

    if (!user_script_variable(user, index, &value))
        return -ENOENT;
    if (script->is_on_paper && script->plan->variables[index].secret)
        return buf_printf(out, "{{vars.%s}}", script->plan->variables[index].name);
    *ret_json = value.json;
    return buf_append(out, value.text, value.len);
}

/* On paper nobody knows who will be free to take an arrival: the same is printed for all. */
static bool is_of_whoever_comes(const struct user *user, enum plan_name_kind kind)
{
    static const enum plan_name_kind of_people[] = {
        PLAN_NAME_USER_ID,    PLAN_NAME_USER_ORDINAL, PLAN_NAME_USER_EMAIL,
        PLAN_NAME_USER_NAME,  PLAN_NAME_USER_INDEX,   PLAN_NAME_KEY_ID,
        PLAN_NAME_ORG_ID,     PLAN_NAME_ORG_SLUG,     PLAN_NAME_ORG_NAME,
        PLAN_NAME_ORG_BUDGET,
    };

    for (size_t i = 0; i < COUNT_OF(of_people); i++)
        if (kind == of_people[i])
            return user->engine->script.is_on_paper && user->takes_arrivals;
    return false;
}

static int write_name_of(struct user *user, const struct plan_name *name, struct buf *out,
                         bool *ret_json)
{
    struct engine *engine = user->engine;

    if (is_of_whoever_comes(user, name->kind))
        return buf_printf(out, "{{%s}}", name->written);
    switch (name->kind) {
    case PLAN_NAME_VARIABLE:
        return write_variable(user, name->index, out, ret_json);
    case PLAN_NAME_FEEDER:
        return feed_write(user, name->index, name->column, out, ret_json);
    case PLAN_NAME_USER_ID:
        return user_script_write_id(user, out);
    case PLAN_NAME_USER_ORDINAL:
        return write_number(out, user->ordinal, ret_json);
    case PLAN_NAME_USER_CLASS:
        return buf_append_str(out, user->class->name);
    case PLAN_NAME_USER_EMAIL:
        return write_email(user, out);
    case PLAN_NAME_USER_NAME:
        return write_person(user, engine->script.name, out);
    case PLAN_NAME_ITERATION:
        return write_number(out, user->iteration - 1, ret_json);
    case PLAN_NAME_ROUND:
        return write_number(out, program_round(&user->place), ret_json);
    case PLAN_NAME_USER_INDEX:
        return write_index(user, out, ret_json);
    case PLAN_NAME_ORG_ID:
    case PLAN_NAME_ORG_SLUG:
    case PLAN_NAME_ORG_NAME:
    case PLAN_NAME_KEY_ID:
        return write_membership(user, name->kind, out);
    case PLAN_NAME_ORG_BUDGET:
        return write_budget(user, out, ret_json);
    case PLAN_NAME_RUN_ID:
        return buf_append_str(out, engine->maker.run_id);
    case PLAN_NAME_SCENARIO:
        return buf_append_str(out, engine->plan->name);
    case PLAN_NAME_WORKER:
        return write_number(out, engine->plan->worker_index, ret_json);
    case PLAN_NAME_LAST_STATUS:
        return user->last_status ? write_number(out, user->last_status, ret_json)
                                 : -ENOENT;
    }
    return -ENOENT;
}

static int write_name(void *ctx, uint32_t ref, struct buf *out, bool *ret_json)
{
    const struct rendering *rendering = ctx;

    return write_name_of(rendering->user, &rendering->user->engine->plan->names[ref], out,
                         ret_json);
}

static int render(struct rendering *rendering, const struct template *template,
                  struct buf *out)
{
    const struct template_scope scope = {.write_name = write_name,
                                         .ctx = rendering,
                                         .rng = &rendering->rng,
                                         .wall_ns = rendering->wall_ns};
    uint32_t ref = 0;
    const int r = template_render(template, &scope, out, &ref);

    if (r != -ENOENT)
        return r;
    engine_note_unset(rendering->user->engine, ref);
    return 0;
}

int rendering_append(struct rendering *rendering, const struct plan_text *text,
                     struct buf *out)
{
    if (text->template)
        return render(rendering, text->template, out);
    return text->text ? buf_append(out, text->text, text->len) : 0;
}

int rendering_append_pair(struct rendering *rendering, const struct plan_pair *pair,
                          struct buf *out)
{
    return pair->template ? render(rendering, pair->template, out)
                          : buf_append_str(out, pair->value);
}

static bool has_templates(const struct plan_chat *chat)
{
    if (chat->system.template || chat->prompt.template || chat->extra_body.template)
        return true;
    for (size_t i = 0; i < chat->message_count; i++)
        if (chat->messages[i].content.template)
            return true;
    return false;
}

/*
 * Renders a text into the script's buffer, with a NUL behind it. The buffer moves while it grows, so
 * the text's place is kept as a distance until all are there.
 */
static int render_behind(struct rendering *rendering, struct plan_text *text,
                         size_t *ret_from)
{
    struct buf *out = &rendering->user->engine->script.text;
    int r;

    *ret_from = out->len;
    if (!text->template)
        return 0;
    r = rendering_append(rendering, text, out);
    text->len = out->len - *ret_from;
    return r < 0 ? r : buf_append_char(out, '\0');
}

static void settle(const struct rendering *rendering, struct plan_text *text, size_t from)
{
    if (!text->template)
        return;
    text->text = rendering->user->engine->script.text.bytes + from;
    text->template = NULL;
}

int rendering_chat(struct rendering *rendering, const struct plan_chat *chat,
                   const struct plan_chat **ret_chat)
{
    struct script *script = &rendering->user->engine->script;
    struct plan_text *const texts[] = {&script->chat.system, &script->chat.prompt,
                                       &script->chat.extra_body};
    size_t from[3];
    int r = 0;

    *ret_chat = chat;
    if (!has_templates(chat))
        return 0;
    buf_clear(&script->text);
    script->chat = *chat;
    script->chat.messages = script->messages;
    for (size_t i = 0; r >= 0 && i < 3; i++)
        r = render_behind(rendering, texts[i], &from[i]);
    for (size_t i = 0; r >= 0 && i < chat->message_count; i++) {
        script->messages[i] = chat->messages[i];
        r = render_behind(rendering, &script->messages[i].content,
                          &script->message_from[i]);
    }
    if (r < 0)
        return r;
    for (size_t i = 0; i < 3; i++)
        settle(rendering, texts[i], from[i]);
    for (size_t i = 0; i < chat->message_count; i++)
        settle(rendering, &script->messages[i].content, script->message_from[i]);
    *ret_chat = &script->chat;
    return 0;
}
