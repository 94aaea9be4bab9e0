/*
 * An intrusive doubly linked ring: the link is embedded in the element, the head is a bare link.
 * It allocates nothing and owns nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *prev;
    struct list *next;
};

/* The element that embeds `member` as the given link. */
#define LIST_ENTRY(link, type, member)                                                   \
    ((type *)(void *)((char *)(link) - offsetof(type, member)))

/*
 * Walks the elements; the one in hand may be removed.
 *
 * NOLINTBEGIN(bugprone-macro-parentheses): link and next_link are names that it declares
 */
#define LIST_FOR_EACH(link, next_link, head)                                             \
    for (struct list *link = (head)->next, *next_link = link->next; link != (head);      \
         link = next_link, next_link = link->next)
/* NOLINTEND(bugprone-macro-parentheses) */

/* An empty head, or a link that is in no list. */
static inline void list_init(struct list *list)
{
    list->prev = list;
    list->next = list;
}

static inline bool list_is_empty(const struct list *head)
{
    return head->next == head;
}

/* Puts link behind the last element. It must be in no list. */
static inline void list_append(struct list *head, struct list *link)
{
    link->prev = head->prev;
    link->next = head;
    head->prev->next = link;
    head->prev = link;
}

/* Puts all of from, in their order, behind the last of head; from is empty afterwards. */
static inline void list_move_all(struct list *head, struct list *from)
{
    if (list_is_empty(from))
        return;
    from->next->prev = head->prev;
    from->prev->next = head;
    head->prev->next = from->next;
    head->prev = from->prev;
    list_init(from);
}

/* Takes link out of its list; harmless when it is in none (but initialised). */
static inline void list_remove(struct list *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    list_init(link);
}
