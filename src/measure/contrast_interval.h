/*
 * Figures that were drawn again and again → interval and p. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct contrast;

#define CONTRAST_DRAWS 2000

/* The figure of each side in each draw. */
struct contrast_draws {
    double base[CONTRAST_DRAWS];
    double new[CONTRAST_DRAWS];
    size_t base_blocks; /* that they were drawn from */
    size_t new_blocks;
    double base_widening; /* contrast_widening() of the blocks */
    double new_widening;
    bool is_paired; /* both from the same blocks */
};

/* Fills in all that follows from base, new, base_above and new_above of a contrast. */
void contrast_judge(const struct contrast_draws *draws, struct contrast *contrast);

/* The two-sided p of so many standard deviations with so many degrees of freedom of Student's t, from 2 on. */
double contrast_student_p(double t, double degrees);
