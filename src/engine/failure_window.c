#include "engine/failure_window.h"

void failure_window_init(struct failure_window *window, uint64_t over_ns)
{
    *window = (struct failure_window){.piece_ns = over_ns / FAILURE_WINDOW_PIECES + 1};
}

void failure_window_add(struct failure_window *window, uint64_t end_ns, bool failed)
{
    const uint64_t number = end_ns / window->piece_ns;
    struct failure_window_piece *piece = &window->pieces[number % FAILURE_WINDOW_PIECES];

    if (piece->number != number)
        *piece = (struct failure_window_piece){.number = number};
    piece->attempts++;
    piece->failed += failed;
}

struct failure_share failure_window_share(const struct failure_window *window,
                                          uint64_t now_ns)
{
    const uint64_t number = now_ns / window->piece_ns;
    struct failure_share share = {0};

    for (int i = 0; i < FAILURE_WINDOW_PIECES; i++) {
        const struct failure_window_piece *piece = &window->pieces[i];

        if (piece->number + FAILURE_WINDOW_PIECES > number) {
            share.attempts += piece->attempts;
            share.failed += piece->failed;
        }
    }
    return share;
}
