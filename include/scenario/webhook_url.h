/*
 * URLs of webhooks: what can be one, and what it may be called, since the URL itself is a secret. Pure.
 */
#pragma once

#define WEBHOOK_HOST_BYTES 256

/* What is wrong with a URL, in words that hold no part of it; NULL: nothing. It may have a query. */
const char *webhook_url_problem(const char *url);

/* Writes "hooks.slack.com" of "https://hooks.slack.com/services/T0/B0/x", which has no problem. */
void webhook_url_host(const char *url, char host[static WEBHOOK_HOST_BYTES]);
