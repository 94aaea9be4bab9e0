/*
 * URLs of targets, cut into what requests are put together from.
 */
#pragma once

/* The longest URL. */
#define URL_MAX_BYTES 2048

struct url {
    char origin[URL_MAX_BYTES];     /* "https://host:8000" */
    char api_prefix[URL_MAX_BYTES]; /* "/v1", "/openai/v1": where the API's paths begin */
};

/* Of a URL that is shown; longer is cut. */
#define URL_MASKED_BYTES 256

/* Writes a URL, good or bad, for people to see: with *** for what stands before an '@'. */
void url_mask(const char *text, char masked[static URL_MASKED_BYTES]);

/*
 * Takes "name:password@" out of a URL: writes what is left, and the credentials decoded, "" where
 * there are none. Returns NULL, or what is wrong in words.
 */
const char *url_take_credentials(const char *text, char ret_url[static URL_MAX_BYTES],
                                 char ret_credentials[static URL_MAX_BYTES]);

/*
 * Cuts a URL. A path that does not end with a version (/v1, /v2, …) gets /v1.
 * Returns NULL, or what is wrong with it in words: "a scheme other than http and https".
 */
const char *url_split(const char *text, struct url *ret_url);
