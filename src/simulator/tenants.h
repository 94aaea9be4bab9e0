/*
 * The platform's tenants: organizations, their users, the users' keys. What is made here is found
 * by name in O(log n), listed in the order in which it was made, and kept until it is removed. Pure,
 * but for the clock that dates what is made.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "simulator/name_tree.h"
#include "simulator/quota.h"
#include "simulator/spending.h"

#define TENANT_ID_BYTES 40
#define TENANT_NAME_BYTES_MAX 100
#define TENANT_EMAIL_BYTES_MAX 254
#define TENANT_ROLE_BYTES_MAX 32
#define TENANT_SECRET_BYTES 40

struct tenants;

struct tenant_organization {
    struct name_link by_slug;
    struct name_link by_id;
    struct list place; /* in the order of making */
    char id[TENANT_ID_BYTES];
    char name[TENANT_NAME_BYTES_MAX + 1];
    char slug[TENANT_NAME_BYTES_MAX + 1];
    uint64_t created_s; /* since 1970 */
    struct list users;
    struct name_tree emails;
    uint64_t user_count;
    uint64_t key_count;
    struct spending spending;
    struct quota_bucket bucket;
    uint64_t holders; /* answers in flight that will be charged to it */
    bool is_removed;  /* the last holder releases it */
};

struct tenant_user {
    struct tenant_organization *organization;
    struct name_link by_id;
    struct name_link by_email; /* in the organization */
    struct list place;
    char id[TENANT_ID_BYTES];
    char email[TENANT_EMAIL_BYTES_MAX + 1];
    char role[TENANT_ROLE_BYTES_MAX + 1];
    uint64_t created_s;
    struct list keys;
};

struct tenant_key {
    struct tenant_user *user;
    struct name_link by_id;
    struct name_link by_secret;
    struct list place;
    char id[TENANT_ID_BYTES];
    char name[TENANT_NAME_BYTES_MAX + 1];
    char secret[TENANT_SECRET_BYTES]; /* made up: it opens nothing but this simulator */
    uint64_t created_s;
    struct quota_bucket bucket;
};

/* seed: the same gives the same ids and keys. NULL: no memory. */
struct tenants *tenants_new(uint64_t seed);

/* Nothing may be held any more. NULL is allowed. Returns NULL. */
struct tenants *tenants_free(struct tenants *tenants);

/* All organizations: the head of a list of their places. */
struct list *tenants_organizations(struct tenants *tenants);

/*
 * Each makes one of the given name, which fits, and belongs to the tenants.
 * Return 0; -EEXIST: there is one of this name (users: of this e-mail) already; -ENOMEM.
 */
int tenants_add_organization(struct tenants *tenants, const char *name,
                             struct tenant_organization **ret_organization);
int tenants_add_user(struct tenants *tenants, struct tenant_organization *organization,
                     const char *email, const char *role, struct tenant_user **ret_user);
int tenants_add_key(struct tenants *tenants, struct tenant_user *user, const char *name,
                    struct tenant_key **ret_key);

/* What was asked for, borrowed; NULL: there is none. */
struct tenant_organization *tenants_find_organization(const struct tenants *tenants,
                                                      const char *slug);
struct tenant_organization *tenants_find_organization_by_id(const struct tenants *tenants,
                                                            const char *id);
struct tenant_user *tenants_find_user(const struct tenants *tenants, const char *id);
struct tenant_user *
tenants_find_user_by_email(const struct tenant_organization *organization,
                           const char *email);
struct tenant_key *tenants_find_key(const struct tenants *tenants, const char *id);
struct tenant_key *tenants_find_key_by_secret(const struct tenants *tenants,
                                              const char *secret);

/* Removes it with all that it has. */
void tenants_remove_organization(struct tenants *tenants,
                                 struct tenant_organization *organization);
void tenants_remove_user(struct tenants *tenants, struct tenant_user *user);
void tenants_remove_key(struct tenants *tenants, struct tenant_key *key);

/* An organization that is held stays in memory when it is removed. Returns it. */
struct tenant_organization *tenants_hold(struct tenant_organization *organization);
void tenants_let_go(struct tenant_organization *organization);
