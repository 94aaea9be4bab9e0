#include "platform/tenants.h"

#include <errno.h>

#include "base/arena.h"
#include "base/buf.h"
#include "measure/tenancy.h"
#include "plan/plan.h"
#include "platform/people.h"

#define MAX_NAME_BYTES 4096

const char *tenant_state_name(enum tenant_state state)
{
    static const char *const names[TENANT_STATES] = {[TENANT_ABSENT] = "absent",
                                                     [TENANT_ASKED] = "asked",
                                                     [TENANT_MADE] = "made",
                                                     [TENANT_REUSED] = "reused",
                                                     [TENANT_REMOVED] = "removed"};

    return names[state];
}

/* A text that a function writes, in the arena; NULL when memory is out. */
static const char *keep(struct arena *arena, struct buf *text)
{
    const char *kept = buf_error(text) == 0 ? arena_copy(arena, buf_str(text)) : NULL;

    buf_clear(text);
    return kept;
}

/* The organizations that this worker takes, and the most users that one of them has. */
static int plan_organizations(const struct plan *plan, struct tenants *tenants,
                              struct buf *text)
{
    const uint64_t all = plan->platform.organization_count;
    struct people_share share;

    tenants->organizations =
        arena_alloc(tenants->arena, all, sizeof(*tenants->organizations));
    if (!tenants->organizations)
        return -ENOMEM;
    for (uint64_t index = 1; index <= all; index++) {
        struct tenant_organization *made =
            &tenants->organizations[tenants->organization_count];
        const uint64_t users = people_in_organization(plan, index);

        if (!people_takes(plan, index, &share))
            continue;
        (void)people_write_organization(plan, index, text);
        made->index = index;
        made->head_count = users;
        made->as.org_name = keep(tenants->arena, text);
        made->users = arena_alloc(tenants->arena, users + 1, sizeof(*made->users));
        if (!made->as.org_name || !made->users)
            return -ENOMEM;
        made->as.org_budget_pusd = people_budget_pusd(plan, made->as.org_name);
        tenants->organization_count++;
    }
    return 0;
}

static int plan_user(const struct plan *plan, struct tenants *tenants, size_t at,
                     uint64_t index, struct buf *text)
{
    struct tenant_organization *organization = &tenants->organizations[at];
    const size_t place = tenants->user_count++;
    struct roster_user *person = &tenants->people[place];

    *person = organization->as;
    person->index = index;
    (void)people_write_email(plan, person->org_name, index, text);
    person->email = keep(tenants->arena, text);
    tenants->users[place] = (struct tenant_user){.organization = at};
    organization->users[organization->user_count++] = place;
    return person->email ? 0 : -ENOMEM;
}

static int plan_users(const struct plan *plan, struct tenants *tenants, struct buf *text)
{
    const uint64_t count = people_count(plan);
    const uint64_t most = plan->platform.users_max;
    struct people_share share;
    int r = 0;

    tenants->users = arena_alloc(tenants->arena, count + 1, sizeof(*tenants->users));
    tenants->people = arena_alloc(tenants->arena, count + 1, sizeof(*tenants->people));
    if (!tenants->users || !tenants->people)
        return -ENOMEM;
    for (uint64_t index = 1; r == 0 && index <= most; index++) {
        for (size_t at = 0; r == 0 && at < tenants->organization_count; at++) {
            const uint64_t of = tenants->organizations[at].index;

            if (index <= tenants->organizations[at].head_count &&
                people_takes(plan, of, &share) && index >= share.first &&
                (index - share.first) % share.step == 0)
                r = plan_user(plan, tenants, at, index, text);
        }
    }
    return r;
}

int tenants_of_plan(const struct plan *plan, struct tenants *ret_tenants)
{
    struct tenants tenants = {0};
    struct buf text = BUF_INIT(MAX_NAME_BYTES);
    int r = arena_new(&tenants.arena);

    if (r == 0)
        r = plan_organizations(plan, &tenants, &text);
    if (r == 0)
        r = plan_users(plan, &tenants, &text);
    buf_deinit(&text);
    if (r < 0)
        tenants_deinit(&tenants);
    else
        *ret_tenants = tenants;
    return r;
}

int tenants_on_paper(const struct plan *plan, struct tenants *ret_tenants)
{
    const int r = tenants_of_plan(plan, ret_tenants);

    for (size_t i = 0; r == 0 && i < ret_tenants->user_count; i++) {
        struct roster_user *person = &ret_tenants->people[i];

        person->org_id = "{{org.id}}";
        person->org_slug = "{{org.slug}}";
        person->user_id = "{{user.id}}";
        person->key_id = "{{key.id}}";
    }
    return r;
}

void tenants_deinit(struct tenants *tenants)
{
    arena_free(tenants->arena);
    *tenants = (struct tenants){0};
}

struct roster tenants_roster(const struct tenants *tenants)
{
    return (struct roster){.users = tenants->people, .user_count = tenants->user_count};
}

static void count(struct tenancy *tenancy, enum tenancy_kind kind,
                  enum tenant_state state)
{
    switch (state) {
    case TENANT_ABSENT:
    case TENANT_STATES:
        break;
    case TENANT_ASKED:
    case TENANT_MADE:
        tenancy->left[kind]++;
        break;
    case TENANT_REUSED:
        tenancy->kept[kind]++;
        break;
    case TENANT_REMOVED:
        tenancy->removed[kind]++;
        break;
    }
}

void tenants_count(const struct tenants *tenants, struct tenancy *tenancy)
{
    for (size_t i = 0; i < TENANCY_KINDS; i++)
        tenancy->removed[i] = tenancy->left[i] = tenancy->kept[i] = 0;
    for (size_t i = 0; i < tenants->organization_count; i++)
        count(tenancy, TENANCY_ORGANIZATIONS, tenants->organizations[i].state);
    for (size_t i = 0; i < tenants->user_count; i++) {
        count(tenancy, TENANCY_USERS, tenants->users[i].state);
        count(tenancy, TENANCY_KEYS, tenants->users[i].key_state);
    }
}
