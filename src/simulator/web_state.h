/*
 * What the web API keeps: owned by web.c, filled by web_account.c.
 */
#pragma once

#include <stdint.h>

#include <jansson.h>

#define WEB_ACCOUNTS_MAX 10000
#define WEB_TOKENS_MAX 20000

struct web {
    json_t *accounts;  /* shelf: by e-mail */
    json_t *tokens;    /* shelf: token → account */
    uint64_t id_count; /* made so far */
};
