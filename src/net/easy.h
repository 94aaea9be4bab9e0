/*
 * What those who drive a curl handle of their own, beside the load, have in common: headers, certificates,
 * and how an end is told.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

/* Which certificates are trusted; NULL: the system's, and no client's. Borrowed. */
struct easy_tls {
    bool insecure; /* the server's certificate is not verified */
    const char *ca_file;
    const char *cert_file; /* of the client */
    const char *key_file;
};

/* Adds a header to a list, which may be NULL. Returns 0; -EMSGSIZE; -ENOMEM. */
int easy_add_header(struct curl_slist **headers, const char *name, const char *value);

void easy_set_tls(CURL *easy, const struct easy_tls *tls);

/* 0; -ETIMEDOUT; -ENOMEM; -EINVAL: no such URL; -EIO: no connection, or it broke. */
int easy_error_of(CURLcode code);

/* Writes what can be printed of a text, cut to size bytes, its NUL included. */
void easy_write_detail(const char *text, size_t len, char *detail, size_t size);
