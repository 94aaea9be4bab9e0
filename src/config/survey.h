/*
 * A first look at a YAML text as a stream of events, which costs no memory: is it YAML, is it one
 * document, and does it keep within the bounds? Only then is it worth loading.
 */
#pragma once

#include <stddef.h>

struct diag_list;

/* Returns 0; -EINVAL with an error added; -ENOMEM. */
int survey_text(const char *name, const char *text, size_t len,
                struct diag_list *reterr_diags);
