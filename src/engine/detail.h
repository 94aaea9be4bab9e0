/*
 * What a person should hear of an attempt beside its outcome: of a failed one a printable sentence,
 * and the bodies where they are asked for. No key stands in either, whatever the server echoed
 * (FAULTS rows 23 and 54).
 */
#pragma once

struct attempt;

/* Tells the observer, if the attempt failed and somebody listens. */
void detail_tell(const struct attempt *attempt);

/* Notes it as engine->problem, of a request that is not measured: with step, outcome and status. */
void detail_note(const struct attempt *attempt);

/* Tells the observer what was sent and answered, stars over all secrets. It must have on_bodies. */
void detail_tell_bodies(const struct attempt *attempt);
