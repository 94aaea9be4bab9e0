/*
 * Bodies of plain http steps that are made for each request: texts with templates, forms, and
 * multipart forms.
 */
#pragma once

#include <stdbool.h>

struct buf;
struct plan_http_call;
struct rendering;

/* Whether the body is made for each request; else the plan's is sent as it is. */
bool http_body_is_made(const struct plan_http_call *call);

/* The content type that goes with it, NULL: none. */
const char *http_body_type(const struct plan_http_call *call);

/* Appends the body. Returns as rendering_append(). */
int http_body_write(const struct plan_http_call *call, struct rendering *rendering,
                    struct buf *body);
