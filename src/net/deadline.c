#include "net/deadline.h"

void deadline_wheel_init(struct deadline_wheel *wheel, uint64_t now_ns)
{
    for (size_t i = 0; i < DEADLINE_SLOTS; i++)
        list_init(&wheel->slots[i]);
    wheel->grain = now_ns / DEADLINE_GRAIN_NS;
    wheel->count = 0;
}

void deadline_init(struct deadline *deadline)
{
    list_init(&deadline->link);
    deadline->due_ns = 0;
}

/* Beyond the wheel's reach a deadline waits in the last slot and is put on again from there. */
static void place(struct deadline_wheel *wheel, struct deadline *deadline)
{
    const uint64_t last = wheel->grain + DEADLINE_SLOTS - 1;
    uint64_t grain = deadline->due_ns / DEADLINE_GRAIN_NS + 1;

    if (grain <= wheel->grain)
        grain = wheel->grain + 1;
    if (grain > last)
        grain = last;
    list_append(&wheel->slots[grain % DEADLINE_SLOTS], &deadline->link);
}

void deadline_set(struct deadline_wheel *wheel, struct deadline *deadline,
                  uint64_t due_ns)
{
    deadline_clear(wheel, deadline);
    deadline->due_ns = due_ns;
    place(wheel, deadline);
    wheel->count++;
}

void deadline_clear(struct deadline_wheel *wheel, struct deadline *deadline)
{
    if (list_is_empty(&deadline->link))
        return;
    list_remove(&deadline->link);
    wheel->count--;
}

void deadline_expire(struct deadline_wheel *wheel, uint64_t now_ns, deadline_fn *fn,
                     void *ctx)
{
    const uint64_t now_grain = now_ns / DEADLINE_GRAIN_NS;

    /* After a long stall one turn of the wheel meets every deadline. */
    if (now_grain > wheel->grain + DEADLINE_SLOTS)
        wheel->grain = now_grain - DEADLINE_SLOTS;
    while (wheel->grain < now_grain) {
        struct list waiting;
        struct list *slot = &wheel->slots[++wheel->grain % DEADLINE_SLOTS];

        /* Moved out first: what is put on again must not be met twice. */
        list_init(&waiting);
        while (!list_is_empty(slot)) {
            struct list *link = slot->next;

            list_remove(link);
            list_append(&waiting, link);
        }
        while (!list_is_empty(&waiting)) {
            struct deadline *deadline = LIST_ENTRY(waiting.next, struct deadline, link);

            if (deadline->due_ns > now_ns) {
                list_remove(&deadline->link);
                place(wheel, deadline);
                continue;
            }
            deadline_clear(wheel, deadline);
            fn(ctx, deadline);
        }
    }
}
