/*
 * A ledger that is read again: line after line, organizations and users found by their names.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "platform/ledger.h"

struct reading {
    struct tenants *tenants;
    json_t *organizations; /* name → place */
    json_t *users;         /* "name\nemail" → place */
    size_t organization_room;
    size_t user_room;
};

/* A larger array in place of a full one; the arena keeps the old one too. */
static void *grow(struct arena *arena, void *old, size_t count, size_t *room, size_t size)
{
    const size_t wanted = *room > 0 ? *room * 2 : 64;
    void *grown;

    if (count < *room)
        return old;
    grown = arena_alloc(arena, wanted, size);
    if (grown && count > 0)
        memcpy(grown, old, count * size);
    *room = wanted;
    return grown;
}

/* A text of the line in the arena, in place of one that is not known yet. Returns 0 or -ENOMEM. */
static int take(struct arena *arena, const json_t *line, const char *key,
                const char **text)
{
    const char *value = json_string_value(json_object_get(line, key));

    if (*text || !value)
        return 0;
    *text = arena_copy(arena, value);
    return *text ? 0 : -ENOMEM;
}

static int take_organization(struct reading *reading, const json_t *line, size_t *ret_at)
{
    struct tenants *tenants = reading->tenants;
    const char *name = json_string_value(json_object_get(line, "organization"));
    const json_t *known = name ? json_object_get(reading->organizations, name) : NULL;
    struct tenant_organization *found;
    int r = 0;

    if (!name)
        return -EBADMSG;
    *ret_at = known ? (size_t)json_integer_value(known) : tenants->organization_count;
    if (!known) {
        tenants->organizations =
            grow(tenants->arena, tenants->organizations, tenants->organization_count,
                 &reading->organization_room, sizeof(*tenants->organizations));
        if (!tenants->organizations ||
            json_object_set_new(reading->organizations, name,
                                json_integer((json_int_t)*ret_at)) < 0)
            return -ENOMEM;
        tenants->organization_count++;
    }
    found = &tenants->organizations[*ret_at];
    r = take(tenants->arena, line, "organization", &found->as.org_name);
    if (r == 0)
        r = take(tenants->arena, line, "org_id", &found->as.org_id);
    return r < 0 ? r : take(tenants->arena, line, "org_slug", &found->as.org_slug);
}

static int add_user(struct reading *reading, const char *name, size_t organization)
{
    struct tenants *tenants = reading->tenants;
    size_t room = reading->user_room;

    tenants->users = grow(tenants->arena, tenants->users, tenants->user_count, &room,
                          sizeof(*tenants->users));
    tenants->people = grow(tenants->arena, tenants->people, tenants->user_count,
                           &reading->user_room, sizeof(*tenants->people));
    if (!tenants->users || !tenants->people ||
        json_object_set_new(reading->users, name,
                            json_integer((json_int_t)tenants->user_count)) < 0)
        return -ENOMEM;
    tenants->users[tenants->user_count++].organization = organization;
    return 0;
}

static int take_user(struct reading *reading, const json_t *line, size_t organization,
                     size_t *ret_at)
{
    struct tenants *tenants = reading->tenants;
    const struct roster_user *of = &tenants->organizations[organization].as;
    const char *email = json_string_value(json_object_get(line, "email"));
    struct roster_user *found;
    char *name = NULL;
    const json_t *known;
    int r = 0;

    if (!email)
        return -EBADMSG;
    if (asprintf(&name, "%s\n%s", of->org_name, email) < 0)
        return -ENOMEM;
    known = json_object_get(reading->users, name);
    *ret_at = known ? (size_t)json_integer_value(known) : tenants->user_count;
    if (!known)
        r = add_user(reading, name, organization);
    free(name);
    if (r < 0)
        return r;
    found = &tenants->people[*ret_at];
    r = take(tenants->arena, line, "email", &found->email);
    if (r == 0)
        r = take(tenants->arena, line, "user_id", &found->user_id);
    if (r == 0)
        r = take(tenants->arena, line, "key_id", &found->key_id);
    if (json_integer_value(json_object_get(line, "index")) > 0)
        found->index = (uint64_t)json_integer_value(json_object_get(line, "index"));
    found->org_name = of->org_name;
    found->org_id = of->org_id;
    found->org_slug = of->org_slug;
    return r;
}

static bool state_of(const json_t *line, enum tenant_state *ret_state)
{
    const char *event = json_string_value(json_object_get(line, "event"));

    for (size_t i = 0; event && i < TENANT_STATES; i++) {
        if (strcmp(event, tenant_state_name((enum tenant_state)i)) == 0) {
            *ret_state = (enum tenant_state)i;
            return true;
        }
    }
    return false;
}

static bool is_kind(const json_t *line, enum tenancy_kind kind)
{
    const char *word = json_string_value(json_object_get(line, "kind"));

    return word && strcmp(word, tenancy_kind_name(kind)) == 0;
}

static int take_line(struct reading *reading, const json_t *line)
{
    enum tenant_state state;
    size_t organization = 0;
    size_t user = 0;
    int r;

    if (!state_of(line, &state))
        return -EBADMSG;
    r = take_organization(reading, line, &organization);
    if (r < 0)
        return r;
    if (is_kind(line, TENANCY_ORGANIZATIONS)) {
        reading->tenants->organizations[organization].state = state;
        return 0;
    }
    r = take_user(reading, line, organization, &user);
    if (r < 0)
        return r;
    if (is_kind(line, TENANCY_USERS))
        reading->tenants->users[user].state = state;
    else if (is_kind(line, TENANCY_KEYS))
        reading->tenants->users[user].key_state = state;
    else
        return -EBADMSG;
    return 0;
}

/* What a killed run was writing is no line, and neither is an empty one. */
static int read_lines(struct reading *reading, FILE *file)
{
    char *text = NULL;
    size_t room = 0;
    ssize_t len;
    bool is_ledger = false;
    int r = 0;

    while (r == 0 && (len = getline(&text, &room, file)) > 0) {
        json_t *line = json_loadb(text, (size_t)len, 0, NULL);

        if (line && !is_ledger)
            is_ledger = json_object_get(line, "schema") != NULL;
        else if (line)
            r = take_line(reading, line);
        if (!is_ledger)
            r = -EBADMSG;
        json_decref(line);
    }
    free(text);
    if (r == 0 && ferror(file))
        r = -EIO;
    return r == 0 && !is_ledger ? -EBADMSG : r;
}

/* Says of each organization which users are its own. */
static int gather_users(struct tenants *tenants)
{
    for (size_t i = 0; i < tenants->user_count; i++)
        tenants->organizations[tenants->users[i].organization].user_count++;
    for (size_t i = 0; i < tenants->organization_count; i++) {
        struct tenant_organization *of = &tenants->organizations[i];

        of->users = arena_alloc(tenants->arena, of->user_count + 1, sizeof(*of->users));
        if (!of->users)
            return -ENOMEM;
        of->user_count = 0;
    }
    for (size_t i = 0; i < tenants->user_count; i++) {
        struct tenant_organization *of =
            &tenants->organizations[tenants->users[i].organization];

        of->users[of->user_count++] = i;
    }
    return 0;
}

int ledger_read(const char *path, struct tenants *ret_tenants)
{
    struct tenants tenants = {0};
    struct reading reading = {.tenants = &tenants};
    FILE *file = fopen(path, "re");
    int r;

    if (!file)
        return -errno;
    r = arena_new(&tenants.arena);
    reading.organizations = json_object();
    reading.users = json_object();
    if (r == 0 && (!reading.organizations || !reading.users))
        r = -ENOMEM;
    if (r == 0)
        r = read_lines(&reading, file);
    if (r == 0)
        r = gather_users(&tenants);
    (void)fclose(file);
    json_decref(reading.organizations);
    json_decref(reading.users);
    if (r < 0)
        tenants_deinit(&tenants);
    else
        *ret_tenants = tenants;
    return r;
}
