/*
 * How conversations grow: requests, prompt tokens and ttft by turn.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/observe.h"
#include "measure/recorder.h"

struct histogram;
struct sample;

/* Those of one turn. */
struct turn {
    uint64_t requests;
    uint64_t prompts; /* of them: whose prompt tokens are known */
    uint64_t prompt_tokens;
    struct histogram *ttft; /* made at its first observation; 26 KiB */
};

/* All zero: none yet. */
struct turns {
    struct turn each[RECORDER_TURNS]; /* the last for all later ones too */
};

void turns_deinit(struct turns *turns);

/*
 * An attempt is over, with what was observed of it; one outside any conversation is left out.
 * Returns whether there was memory for it.
 */
bool turns_add(struct turns *turns, const struct sample *sample,
               const struct observation *observations, size_t count);
