/*
 * Forms of the platform, and what it has in common with a target.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "config/field.h"
#include "plan/platform.h"
#include "scenario/people_form.h"

struct secret;

struct timeouts_form {
    struct config_form form;
    uint64_t connect_ns;
    uint64_t first_token_ns;
    uint64_t idle_ns;
    uint64_t total_ns;
};

struct tls_form {
    struct config_form form;
    bool insecure;
    const char *ca_file;
    const char *cert_file;
    const char *key_file;
};

struct organizations_form {
    struct config_form form;
    uint64_t count;
    const char *name;
    const struct config_node *budget;
};

struct head_count_form {
    struct config_form form;
    uint64_t count;
    uint64_t min;
    uint64_t max;
    uint32_t distribution; /* 0: uniform, 1: gaussian */
    const char *email;
    bool share_keys;
};

struct platform_calls_form {
    struct config_form form;
    struct config_items calls[PLAN_PLATFORM_CALLS]; /* struct step_form, each */
};

struct platform_form {
    struct config_form form;
    const char *url;
    const struct secret *token;
    const char *health;
    const struct config_node *headers;
    const char *proxy;
    struct tls_form tls;
    struct timeouts_form timeouts;
    struct retry_form retry;
    struct organizations_form organizations;
    struct head_count_form users;
    uint32_t cleanup; /* enum plan_cleanup */
    uint64_t bootstrap_timeout_ns;
    uint64_t cleanup_timeout_ns;
    uint64_t parallel;
    struct platform_calls_form calls;
};

extern const struct field_table platform_table;
extern const struct field_table platform_calls_table;
