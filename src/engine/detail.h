/*
 * What a person should hear of a failed attempt beside its outcome: one printable sentence in
 * which the key does not stand, whatever the server echoed (FAULTS rows 23 and 54).
 */
#pragma once

struct attempt;

/* Tells the observer, if the attempt failed and somebody listens. */
void detail_tell(const struct attempt *attempt);
