/*
 * How portraits are made, by whichever file they are made of.
 */
#pragma once

#include "result/portrait.h"

struct survival;

/* Adds a model without figures (name NULL: all together), lent until the next. Returns 0; -ENOMEM. */
int portrait_add_model(struct portrait *portrait, const char *name,
                       struct portrait_model **ret_model);

/* Makes a curve of what was observed; nothing observed is no curve. Returns 0; -ENOMEM. */
int portrait_draw_curve(struct survival *survival, struct portrait_curve *curve);

/* Counts an error status; those that there is no room for are counted as others. */
void portrait_count_status(struct portrait_model *model, int status, uint64_t count);

/* Each fills an empty portrait from its file. Return 0; -ENODATA; -EBADMSG; -ENOMEM; -errno. */
int portrait_of_samples(const char *samples, const char *hlog, struct portrait *portrait);
int portrait_of_summary(const char *path, struct portrait *portrait);
