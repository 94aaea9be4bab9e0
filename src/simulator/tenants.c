#include "simulator/tenants.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"

struct tenants {
    uint64_t seed;
    uint64_t made; /* ids and keys so far */
    struct list organizations;
    struct name_tree slugs;
    struct name_tree organization_ids;
    struct name_tree user_ids;
    struct name_tree key_ids;
    struct name_tree secrets;
};

struct tenants *tenants_new(uint64_t seed)
{
    struct tenants *tenants = calloc(1, sizeof(*tenants));

    if (!tenants)
        return NULL;
    tenants->seed = seed;
    list_init(&tenants->organizations);
    return tenants;
}

struct tenants *tenants_free(struct tenants *tenants)
{
    if (!tenants)
        return NULL;
    LIST_FOR_EACH(place, next, &tenants->organizations)
    {
        tenants_remove_organization(tenants,
                                    LIST_ENTRY(place, struct tenant_organization, place));
    }
    free(tenants);
    return NULL;
}

struct list *tenants_organizations(struct tenants *tenants)
{
    return &tenants->organizations;
}

static uint64_t next_number(struct tenants *tenants)
{
    return rng_mix(tenants->seed ^ rng_mix(++tenants->made));
}

static void make_id(struct tenants *tenants, const char *prefix,
                    char ret_id[static TENANT_ID_BYTES])
{
    (void)snprintf(ret_id, TENANT_ID_BYTES, "%.16s-%016" PRIx64, prefix,
                   next_number(tenants));
}

static void copy_text(char *out, size_t cap, const char *text)
{
    const size_t len = strlen(text);

    assert(len < cap);
    memcpy(out, text, len + 1);
}

static uint64_t second_of_now(void)
{
    return clock_wall_ns() / NS_PER_S;
}

/* Puts two links into their trees, or neither. */
static int add_links(struct name_tree *first_tree, struct name_link *first,
                     struct name_tree *second_tree, struct name_link *second)
{
    int r = name_tree_add(first_tree, first);

    if (r < 0)
        return r;
    r = name_tree_add(second_tree, second);
    if (r < 0)
        name_tree_remove(first_tree, first);
    return r;
}

/* --- Organizations. --- */

/* Lower case; what is neither letter, digit nor '-' is '-'. */
static void make_slug(const char *name, char *slug)
{
    for (; *name; name++) {
        char c = *name;

        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        *slug++ = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
    }
    *slug = '\0';
}

int tenants_add_organization(struct tenants *tenants, const char *name,
                             struct tenant_organization **ret_organization)
{
    struct tenant_organization *organization = calloc(1, sizeof(*organization));
    int r;

    if (!organization)
        return -ENOMEM;
    make_id(tenants, "org", organization->id);
    copy_text(organization->name, sizeof(organization->name), name);
    make_slug(organization->name, organization->slug);
    organization->by_slug.name = organization->slug;
    organization->by_id.name = organization->id;
    organization->created_s = second_of_now();
    organization->spending.budget_pusd = SPENDING_UNLIMITED;
    list_init(&organization->users);
    r = add_links(&tenants->slugs, &organization->by_slug, &tenants->organization_ids,
                  &organization->by_id);
    if (r < 0) {
        free(organization);
        return r;
    }
    list_append(&tenants->organizations, &organization->place);
    *ret_organization = organization;
    return 0;
}

struct tenant_organization *tenants_find_organization(const struct tenants *tenants,
                                                      const char *slug)
{
    struct name_link *link = name_tree_find(&tenants->slugs, slug);

    return link ? LIST_ENTRY(link, struct tenant_organization, by_slug) : NULL;
}

struct tenant_organization *tenants_find_organization_by_id(const struct tenants *tenants,
                                                            const char *id)
{
    struct name_link *link = name_tree_find(&tenants->organization_ids, id);

    return link ? LIST_ENTRY(link, struct tenant_organization, by_id) : NULL;
}

void tenants_remove_organization(struct tenants *tenants,
                                 struct tenant_organization *organization)
{
    LIST_FOR_EACH(place, next, &organization->users)
    {
        tenants_remove_user(tenants, LIST_ENTRY(place, struct tenant_user, place));
    }
    name_tree_remove(&tenants->slugs, &organization->by_slug);
    name_tree_remove(&tenants->organization_ids, &organization->by_id);
    list_remove(&organization->place);
    organization->is_removed = true;
    tenants_let_go(tenants_hold(organization));
}

struct tenant_organization *tenants_hold(struct tenant_organization *organization)
{
    organization->holders++;
    return organization;
}

void tenants_let_go(struct tenant_organization *organization)
{
    if (--organization->holders == 0 && organization->is_removed)
        free(organization);
}

/* --- Users. --- */

int tenants_add_user(struct tenants *tenants, struct tenant_organization *organization,
                     const char *email, const char *role, struct tenant_user **ret_user)
{
    struct tenant_user *user = calloc(1, sizeof(*user));
    int r;

    if (!user)
        return -ENOMEM;
    user->organization = organization;
    make_id(tenants, "user", user->id);
    copy_text(user->email, sizeof(user->email), email);
    copy_text(user->role, sizeof(user->role), role);
    user->by_id.name = user->id;
    user->by_email.name = user->email;
    user->created_s = second_of_now();
    list_init(&user->keys);
    r = add_links(&organization->emails, &user->by_email, &tenants->user_ids,
                  &user->by_id);
    if (r < 0) {
        free(user);
        return r;
    }
    list_append(&organization->users, &user->place);
    organization->user_count++;
    *ret_user = user;
    return 0;
}

struct tenant_user *tenants_find_user(const struct tenants *tenants, const char *id)
{
    struct name_link *link = name_tree_find(&tenants->user_ids, id);

    return link ? LIST_ENTRY(link, struct tenant_user, by_id) : NULL;
}

struct tenant_user *
tenants_find_user_by_email(const struct tenant_organization *organization,
                           const char *email)
{
    struct name_link *link = name_tree_find(&organization->emails, email);

    return link ? LIST_ENTRY(link, struct tenant_user, by_email) : NULL;
}

void tenants_remove_user(struct tenants *tenants, struct tenant_user *user)
{
    LIST_FOR_EACH(place, next, &user->keys)
    {
        tenants_remove_key(tenants, LIST_ENTRY(place, struct tenant_key, place));
    }
    name_tree_remove(&user->organization->emails, &user->by_email);
    name_tree_remove(&tenants->user_ids, &user->by_id);
    list_remove(&user->place);
    user->organization->user_count--;
    free(user);
}

/* --- Keys. --- */

int tenants_add_key(struct tenants *tenants, struct tenant_user *user, const char *name,
                    struct tenant_key **ret_key)
{
    struct tenant_key *key = calloc(1, sizeof(*key));
    uint64_t first;
    int r;

    if (!key)
        return -ENOMEM;
    key->user = user;
    make_id(tenants, "key", key->id);
    copy_text(key->name, sizeof(key->name), name);
    first = next_number(tenants); /* the order of two calls as arguments is open */
    (void)snprintf(key->secret, sizeof(key->secret), "sk-%016" PRIx64 "%016" PRIx64,
                   first, next_number(tenants));
    key->by_id.name = key->id;
    key->by_secret.name = key->secret;
    key->created_s = second_of_now();
    r = add_links(&tenants->key_ids, &key->by_id, &tenants->secrets, &key->by_secret);
    if (r < 0) {
        free(key);
        return r;
    }
    list_append(&user->keys, &key->place);
    user->organization->key_count++;
    *ret_key = key;
    return 0;
}

struct tenant_key *tenants_find_key(const struct tenants *tenants, const char *id)
{
    struct name_link *link = name_tree_find(&tenants->key_ids, id);

    return link ? LIST_ENTRY(link, struct tenant_key, by_id) : NULL;
}

struct tenant_key *tenants_find_key_by_secret(const struct tenants *tenants,
                                              const char *secret)
{
    struct name_link *link = name_tree_find(&tenants->secrets, secret);

    return link ? LIST_ENTRY(link, struct tenant_key, by_secret) : NULL;
}

void tenants_remove_key(struct tenants *tenants, struct tenant_key *key)
{
    name_tree_remove(&tenants->key_ids, &key->by_id);
    name_tree_remove(&tenants->secrets, &key->by_secret);
    list_remove(&key->place);
    key->user->organization->key_count--;
    free(key);
}
