/*
 * A request body: one JSON object, written member by member. What the scenario's extra_body says
 * stands last, and in place of members of the same name.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct conversation;

struct body {
    struct buf *text;
    const char *extra; /* extra_body, an object; "{}" without one */
    size_t extra_len;
    const char *members; /* what stands between its braces; NULL: nothing */
    size_t members_len;
    const char
        *moved; /* the member of extra_body that is said by another name; NULL: none */
};

/* Begins the object. extra_body may be NULL. Returns 0; -EINVAL when it is no JSON object. */
int body_begin(struct body *body, const char *extra_body, struct buf *text);

/*
 * Begins a member, whose value the caller appends to body->text: only where this returns true. Else
 * extra_body has one of that name.
 */
bool body_member(struct body *body, const char *key);

/* Whole members. */
void body_string(struct body *body, const char *key, const char *value);
void body_count(struct body *body, const char *key,
                uint64_t count); /* 0: there is none */
void body_number(struct body *body, const char *key, double number); /* NAN: likewise */
void body_true(struct body *body, const char *key);

/*
 * Says a member of extra_body by another name, as a list: one text becomes a list of one. Nothing where
 * it has none, or has the other one. At most once for each body.
 */
void body_move_to_list(struct body *body, const char *key, const char *to);

/* Ends the object with what extra_body holds. Returns 0 or the buffer's error. */
int body_end(struct body *body);

/*
 * Appends messages as a JSON list of {"role", "content"}. Those of the role `system` are left out
 * unless with_system, and where `system` (NULL: none) stands in their place, before all others.
 */
void body_append_messages(struct buf *text, const struct conversation *conversation,
                          const char *system, bool with_system);

/* The system message as a member of its own: the one given, else the conversation's; or none. */
void body_system(struct body *body, const char *key, const char *system,
                 const struct conversation *conversation);

/*
 * Appends what the user says as a JSON value: one text, or of more than one turn a list. Of a turn of
 * several messages it is the user's last.
 */
void body_append_texts(struct buf *text, const struct conversation *conversation);
