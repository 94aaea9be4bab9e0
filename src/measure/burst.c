#include "measure/burst.h"

void burst_add(struct burst *burst, uint64_t due_ns)
{
    const uint64_t number = due_ns / BURST_NS;
    struct burst_slot *slot = &burst->slots[number % BURST_SLOTS];

    if (slot->number != number)
        *slot = (struct burst_slot){.number = number};
    slot->count++;
    if (slot->count > burst->most)
        burst->most = slot->count;
}
